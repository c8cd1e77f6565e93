"""The page of an evaluation of 500 instances in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from perfagent.api import export_evaluations
from perfagent.tests.reports.browsing import SIZES, barriers, fits, needs_chromium, opened
from perfagent.tests.reports.evaluations import write_evaluation

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_chromium
INSTANCES = 500
MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as `perfagent eval export` writes it."""
    folder = tmp_path_factory.mktemp("evaluation")
    evaluation = write_evaluation(folder / "run", INSTANCES)
    return export_evaluations([evaluation], folder / "out")[-1]


def test_it_is_small_enough_to_be_sent(page_file: Path) -> None:
    assert page_file.name == "index.html"
    assert page_file.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_its_screen_and_says_no_error(browser: Browser, page_file: Path, size: str) -> None:
    page, complaints = opened(browser, page_file, size)
    assert page.locator("#instances tbody").count() == INSTANCES
    for details in page.locator("#instances details").all()[:8]:
        details.locator("summary").click()
    page.wait_for_selector("#instances pre .added")
    assert fits(page)
    assert complaints == []
    page.close()


def test_it_keeps_nobody_out(browser: Browser, page_file: Path) -> None:
    page, _ = opened(browser, page_file, "phone")
    page.locator("#instances summary").first.click()
    page.wait_for_selector("#instances pre .added")
    assert not barriers(page)
    page.close()


def test_instances_are_found_sorted_and_shown_with_their_patches(
    browser: Browser, page_file: Path
) -> None:
    page, complaints = opened(browser, page_file, "desktop")
    page.select_option("#outcome", "wrong_tests")
    page.fill("#text", "numpy")
    shown = page.locator("#instances tbody:visible")
    assert 0 < shown.count() < 50
    assert page.text_content("#shown") == f"{shown.count()} of {INSTANCES}"
    page.fill("#text", "")
    page.select_option("#outcome", "")
    page.click("button[data-key=sort]")
    ratios = page.evaluate(
        "[...document.querySelectorAll('#instances tbody')].map((row) => +row.dataset.sort)"
    )
    assert ratios == sorted(ratios, reverse=True)
    first = shown.first
    first.locator("summary").click()
    first.locator("pre .hunk").first.wait_for()
    assert "@@" in (first.locator("pre .hunk").first.text_content() or "")
    assert complaints == []
    page.close()
