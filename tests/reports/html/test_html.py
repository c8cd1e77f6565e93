"""The HTML report needs nothing but the record, and runs nothing but its own scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib import resources

import pytest

from perfagent.reports.html.diffs import diff_lines
from perfagent.reports.html.flames import differences, flame
from perfagent.reports.html.page import chart_parts, render_html
from perfagent.reports.record import RunRecord
from perfagent.reports.sentence import sentence
from perfagent.tests.reports.records import DIFF, make_record, tree

HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)> {{ 7*7 }} \u2028'


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, the text of scripts, other text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text += data


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_a_page_shows_the_sentence_the_doubts_and_how_to_repeat() -> None:
    record = make_record(6)
    page = Page(render_html(record, DIFF))
    text = words_of(page.text)
    headline, _, rest = sentence(record).partition(", ")
    assert headline in text
    assert rest in text
    assert "the load average was 3.1" in text
    assert record["command"].strip() in text
    assert "perfagent verify 20260301-101500-calm-otter --rerun" in text
    assert "for row in list(rows):" in text
    for candidate in record["candidates"]:
        assert candidate["candidate_id"] in text


def test_a_page_asks_for_nothing_from_elsewhere() -> None:
    page = Page(render_html(make_record(3), DIFF))
    for tag, attributes in page.tags:
        assert tag not in ("iframe", "object", "embed")
        for name in ("src", "href", "action"):
            link = attributes.get(name) or ""
            assert link.startswith(("#", "data:")) or not link, (tag, link)
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert policy
    assert policy.startswith("default-src 'none'")


def test_every_script_that_may_run_is_one_of_ours() -> None:
    page = Page(render_html(make_record(5, words=HOSTILE), DIFF))
    policy = next(a["content"] or "" for _, a in page.tags if a.get("http-equiv"))
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    kinds = [attributes.get("type") for tag, attributes in page.tags if tag == "script"]
    running = [s for s, kind in zip(page.scripts, kinds, strict=True) if kind is None]
    hashes = {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in running}
    assert len(running) == 4
    assert hashes == allowed


@pytest.mark.parametrize("outcome", ["accepted", "no_improvement"])
def test_words_of_others_stay_words(outcome: str) -> None:
    page = Page(render_html(make_record(5, outcome=outcome, words=HOSTILE), HOSTILE))
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert "{{ 7*7 }}" in page.text


def test_a_record_with_nothing_in_it_has_a_page() -> None:
    page = Page(render_html({"schema_version": 1}))
    assert "unknown" in page.text


def test_sixty_candidates_fit_under_three_megabytes() -> None:
    assert len(render_html(make_record(60), DIFF * 40).encode()) < 3_000_000


def test_a_diff_is_cut_with_a_word_on_what_is_left() -> None:
    kinds = [line.kind for line in diff_lines(DIFF)]
    assert kinds == ["file", "hunk", "same", "removed", "added", "same", "same"]
    last = diff_lines(DIFF * 10, most=20)[-1]
    assert last.text == "… 50 more lines"
    sql = "--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1 @@\n--- a comment\n-select\n+select 1\n"
    assert [line.kind for line in diff_lines(sql)] == [
        "file",
        "hunk",
        "removed",
        "removed",
        "added",
    ]


def test_the_function_that_was_mended_tops_the_differences() -> None:
    before = tree(4096, ["render", "slow", "pad"])
    after = tree(2048, ["render", "pad"])
    found = differences(before, after, scale=0.5)
    changes = {each.function: round(each.change, 3) for each in found}
    # render itself took 2048 of 4096 samples, and takes 1024 of 2048 of a version twice as fast.
    assert changes == {"slow": -0.25, "render": -0.25}
    assert {found[0].function, found[1].function} == {"slow", "render"}


def test_a_box_of_the_difference_is_held_against_its_own_callers() -> None:
    shown = flame(tree(100, ["a", "b"]), tree(80, ["a", "b"]), 0.5)
    (a,) = shown["children"]
    assert a["change"] == -0.5
    assert a["children"][0]["change"] == round(40 / 80 * 0.5 - 50 / 100, 5)


def test_charts_get_the_pairs_and_the_interval() -> None:
    record = make_record(4)
    parts = chart_parts(RunRecord(record))
    assert parts["pairs"]["base"] == record["speedup"]["baseline_values"]
    assert parts["gain"] == {"speedup": 1.738, "low": 1.69, "high": 1.79}
    assert [one["id"] for one in parts["candidates"]] == [
        one["candidate_id"] for one in record["candidates"]
    ]


@pytest.mark.parametrize(
    ("name", "sha256"),
    [
        ("d3.min.js", "912111098ea99503a6f4967361d2bbdc9dbf58cf9c678c8e27e5b02d1a07f0c1"),
        ("plot.min.js", "4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb"),
        ("flamegraph.min.js", "5f8d8bc7bf7f8329248d43c1e215431a88f77e17daa217f3c31b019b8b71b3f7"),
    ],
)
def test_libraries_are_as_their_makers_published_them(name: str, sha256: str) -> None:
    """The digests are of the files in the npm packages that LICENSES.txt names."""
    path = resources.files("perfagent.reports.html") / "assets" / name
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
