"""Pages as Chromium shows them: no error, nothing wider than the screen, everything that works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from perfagent.reports.html.page import render_html
from perfagent.tests.reports.browsing import SIZES, UNFOLD, barriers, fits, needs_chromium, opened
from perfagent.tests.reports.records import DIFF, make_record

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    records: dict[str, tuple[dict[str, Any], str]] = {
        "accepted": (make_record(7), DIFF),
        "nothing": (make_record(6, outcome="no_improvement"), ""),
        "sixty": (make_record(60, words="w" * 120), DIFF * 5),
    }
    for name, (record, diff) in records.items():
        (folder / f"{name}.html").write_text(render_html(record, diff), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in records}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["accepted", "nothing", "sixty"])
def test_a_page_fits_its_screen_and_says_no_error(
    browser: Browser, pages: dict[str, Path], name: str, size: str
) -> None:
    page, complaints = opened(browser, pages[name], size)
    page.evaluate(UNFOLD)
    assert fits(page)
    assert complaints == []
    drawn = page.locator(".chart svg, .flame-chart svg").count()
    assert drawn == (6 if name != "nothing" else 3)
    page.close()


def test_flame_graphs_change_search_and_zoom(browser: Browser, pages: dict[str, Path]) -> None:
    page, complaints = opened(browser, pages["accepted"], "desktop")
    boxes = page.locator("#chart-flame .frame")
    assert boxes.count() == 5  # the workload and the four functions of the base
    page.fill("#find", "widths")
    assert "50.0 %" in (page.text_content("#flame-told") or "")
    page.click("button[data-version=after]")
    assert page.locator("#chart-flame .frame").count() == 3
    page.click("button[data-version=difference]")
    assert "less time" in (page.text_content("#flame-legend") or "")
    assert complaints == []
    page.close()


def test_candidates_are_found_by_fate_and_words(browser: Browser, pages: dict[str, Path]) -> None:
    page, complaints = opened(browser, pages["sixty"], "desktop")
    page.select_option("#fate", "accepted")
    assert page.locator(".candidate:visible").count() == 12
    page.fill("#words", "c000000005")
    assert page.locator(".candidate:visible").count() == 2  # itself, and what stands on top of it
    page.goto(f"{pages['sixty'].as_uri()}#candidate-c000000003")
    page.reload()
    assert page.locator("#candidate-c000000003[open]").count() == 1
    assert complaints == []
    page.close()


@pytest.mark.parametrize("name", ["accepted", "nothing"])
def test_axe_finds_no_barrier(browser: Browser, pages: dict[str, Path], name: str) -> None:
    for size in SIZES:
        page, _ = opened(browser, pages[name], size)
        page.evaluate(UNFOLD)
        assert not barriers(page)
        page.close()
