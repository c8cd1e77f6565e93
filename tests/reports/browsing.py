"""Pages in Chromium: the sizes of screens, and what a page complains of."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH")
SIZES = {"phone": (375, 812), "desktop": (1280, 900)}
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
_WIDEST = "[document.documentElement.scrollWidth, window.innerWidth]"


def opened(browser: Browser, path: Path, size: str) -> tuple[Page, list[str]]:
    """Return a page and the list that its complaints go to."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url) if asked.url[:4] != "file" and
            asked.url[:4] != "data" else None)  # fmt: skip
    page.goto(path.as_uri())
    return page, complaints


def fits(page: Page) -> bool:
    """Return whether nothing of a page is wider than the screen."""
    content, screen = page.evaluate(_WIDEST)
    return content <= screen


def barriers(page: Page) -> str:
    """Return what axe finds to keep people out; "" when nothing."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page)
    return found.generate_report() if found.violations_count else ""
