"""The Chromium that tests open pages in, and what a page complains of meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH")
SIZES = {"phone": (375, 812), "desktop": (1280, 900)}
WIDEST = "[document.documentElement.scrollWidth, window.innerWidth]"
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium."""
    playwright: Any = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def opened(browser: Browser, url: str, size: str) -> tuple[Page, list[str]]:
    """Return a page and the list that its complaints go to: errors, and requests elsewhere."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    complaints: list[str] = []
    own = (*_origin(url), "data:")
    page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(own) else complaints.append(asked.url),
    )
    page.goto(url)
    return page, complaints


def _origin(url: str) -> tuple[str, ...]:
    return ("file:",) if url.startswith("file:") else ("/".join(url.split("/")[:3]) + "/",)
