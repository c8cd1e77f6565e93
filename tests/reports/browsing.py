"""Pages in Chromium: the sizes of screens, and what a page complains of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH")
SIZES = {"phone": (375, 812), "desktop": (1280, 900)}
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
_WIDEST = "[document.documentElement.scrollWidth, window.innerWidth]"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium."""
    playwright: Any = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


def opened(browser: Browser, place: Path | str, size: str) -> tuple[Page, list[str]]:
    """Return a page and the list that its complaints go to.

    Args:
        browser: Of the tests.
        place: A file, or the address of a server's page, which may load what is that server's.
        size: Of SIZES.
    """
    url = place.as_uri() if isinstance(place, Path) else place
    own = ("data:", "file:" if isinstance(place, Path) else "/".join(url.split("/")[:3]) + "/")
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(own) else complaints.append(asked.url),
    )
    page.goto(url)
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
