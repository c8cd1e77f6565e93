"""The status page in Chromium, and a pull request's description as people see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from perfagent.app.jobs.publishing import FOOT
from perfagent.app.store.database import Database
from perfagent.app.store.orders import Order
from perfagent.app.store.queue import Queue
from perfagent.app.web.pages import Pages
from perfagent.app.web.server import make_app
from perfagent.reports.html.page import render_html
from perfagent.reports.pull_request import pull_request_body
from perfagent.tests.app.planted import measured
from perfagent.tests.app.records import DIFF, record
from perfagent.tests.app.served import Served
from perfagent.tests.reports.browsing import (
    SIZES,
    UNFOLD,
    barriers,
    chromium,
    fits,
    needs_chromium,
    opened,
)
from perfagent.tests.reports.records import DIFF as REPORT_DIFF
from perfagent.tests.reports.records import make_record

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_chromium
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>" + "w" * 80


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def order(number: int, kind: str, **request: Any) -> Order:
    return Order(
        kind=kind,
        lane="bench",
        key=f"k{number}",
        repo=f"acme/shop{number}",
        installation=f"{number}",
        requester="ada",
        request={"number": 10 + number, **request},
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The pages of a busy server: one job in each state, names as bad as they come."""
    folder = tmp_path_factory.mktemp("site")
    database = Database(str(folder / "app.sqlite"))
    queue, jobs = Queue(database), {}

    def begun(number: int, kind: str, **request: Any) -> Any:
        queue.put("forge", order(number, kind, **request))
        job = queue.claim("bench")
        assert job
        return job

    done = begun(1, "optimize", workload="compare")
    pulls = [{"number": 14, "name": "#14", "url": "", "sentence": "3.10x faster"}]
    report = {"sentence": "3.10x faster", "pulls": pulls, "notes": [], "base": "c" * 40}
    queue.finish(done, "done", "compare:", report)
    (folder / done.id / "run").mkdir(parents=True)
    page = render_html(make_record(7), REPORT_DIFF)
    (folder / done.id / "run" / "report.html").write_text(page, encoding="utf-8")
    jobs["done"] = done.id
    slow = begun(2, "check", sha="d" * 40)
    found = {**measured("slower", 2.0), "name": EVIL, "spot": {
        "path": f"{EVIL}.py", "line": 3, "function": EVIL}}  # fmt: skip
    queue.finish(slow, "done", f"failure: {EVIL}", {"results": [found], "notes": [EVIL]})
    jobs["slower"] = slow.id
    failed = begun(3, "optimize", workload=EVIL)
    queue.finish(failed, "failed", f"there is no script {EVIL}")
    jobs["failed"] = failed.id
    running = begun(4, "optimize", workload="render")
    queue.heartbeat(running, progress="validate: measuring candidate 3 of 7")
    jobs["running"] = running.id
    jobs["queued"] = queue.put("forge", order(5, "check", sha="e" * 40)) or ""
    with Served(make_app(None, database, Pages(queue, folder=folder).routes())) as server:
        yield server.url, jobs
    database.close()


PAGES = ("overview", "done", "slower", "failed", "running", "queued")


def address(site: tuple[str, dict[str, str]], name: str) -> str:
    url, jobs = site
    return f"{url}/" if name == "overview" else f"{url}/jobs/{jobs[name]}"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_screen_and_runs_nothing_of_others(
    browser: Browser, site: tuple[str, dict[str, str]], name: str, size: str
):
    page, complaints = opened(browser, address(site, name), size)
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    assert fits(page)
    assert complaints == said == []
    assert page.locator("main img, main script").count() == 0
    assert not barriers(page)
    page.close()


def test_the_overview_shows_what_runs_and_leads_to_each_job(
    browser: Browser, site: tuple[str, dict[str, str]]
):
    page, _ = opened(browser, address(site, "overview"), "desktop")
    text = page.inner_text("main")
    assert text.index("running") < text.index("queued") < text.index("done")
    assert "validate: measuring candidate 3 of 7" in text
    page.click(f"a[href='/jobs/{site[1]['running']}']")
    assert "acme/shop4#14" in page.inner_text("h1")
    page.close()


def test_a_runs_report_draws_its_charts_and_is_cut_off_from_the_server(
    browser: Browser, site: tuple[str, dict[str, str]]
):
    page, complaints = opened(browser, address(site, "done"), "desktop")
    page.click("text=The run's report")
    charts = page.locator(".chart svg, .flame-chart svg")
    charts.nth(5).wait_for(state="attached")  # they are drawn after the page has come
    assert charts.count() == 6
    assert page.evaluate("window.origin") == "null"
    assert complaints == []
    page.close()


def shown(browser: Browser, folder: Path, body: str) -> Any:
    """Return a page with a description, as wide as the forge shows it."""
    html = MarkdownIt("commonmark").enable("table").render(body)
    file = folder / "body.html"
    style = "body { font: 16px/1.5 sans-serif; max-width: 850px } td, th { border: 1px solid }"
    file.write_text(f"<meta charset=utf-8><style>{style}</style>{html}", encoding="utf-8")
    page, complaints = opened(browser, file, "desktop")
    assert complaints == []
    return page


def test_a_description_shows_number_and_diff_without_scrolling(browser: Browser, tmp_path: Path):
    body = pull_request_body(
        record(),
        branch="perfagent/optimize/shared-0a1b2c3d-c0ffee",
        workload_word="bench/compare.py",
        diff=DIFF,
        more={"asked": "Asked for by `ada` in #12.", "foot": FOOT},
    )
    page = shown(browser, tmp_path, body)
    height = SIZES["desktop"][1]

    def bottom(selector: str) -> float:
        box = page.locator(selector).first.bounding_box()
        assert box
        return box["y"] + box["height"]

    assert "3.10x faster (95% CI 3.00-3.20)" in page.inner_text("p:first-of-type strong")
    assert bottom("p:first-of-type") < height / 4
    assert "+    known = set(second)" in page.inner_text("pre >> nth=0")
    assert bottom("pre >> nth=0") < height / 2
    assert page.evaluate("document.body.scrollHeight") < 1.5 * height, "the rest is folded"
    assert "the answer differs" not in page.inner_text("body")
    page.evaluate(UNFOLD)
    assert "the answer differs" in page.inner_text("body")
    page.close()


def test_a_long_diff_is_left_to_the_forges_own_page():
    long = DIFF.replace("+    known = set(second)\n", "+    known = set(second)\n" * 60)
    options: dict[str, Any] = {"workload_word": "bench/compare.py", "diff": long}
    assert "```diff" not in pull_request_body(record(), branch="perfagent/x", **options)
    assert "```diff" in pull_request_body(record(), branch=None, **options)
