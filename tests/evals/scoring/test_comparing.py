"""Two evaluations beside each other, and the files and the page that evaluations become."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from perfagent.agent.runs.plain import to_plain
from perfagent.errors import UserError
from perfagent.evals import gso, swefficiency
from perfagent.evals.batch.auditing import FOLDER, Audited, read_audits
from perfagent.evals.batch.records import Evaluation
from perfagent.evals.running.outcome import Estimate, InstanceResult
from perfagent.evals.scoring.comparing import compare_evaluations
from perfagent.evals.scoring.export import export
from perfagent.evals.scoring.reproduced import reproduced
from perfagent.evals.scoring.summary import summarize
from perfagent.reports.html.evaluation_page import ranked, render_evaluation
from perfagent.reports.printed.evaluated import compared_lines, print_compared, print_summaries

EVIL = "</script><script>alert('é')</script>&\"'"


def around(value: float, factor: float = 1.0) -> Estimate:
    return Estimate(value=value, ci_low=value / factor, ci_high=value * factor)


def result(name: str, outcome: str = "faster", speedup: float | None = None, **more: Any):
    found: dict[str, Any] = {"expert_speedup": around(2.0, 1.1), "tests_required": 3, **more}
    if speedup is not None:
        found["speedup"] = around(speedup, 1.1)
        found["ratio"] = around(speedup / 2.0, 1.1)
    return InstanceResult(
        instance_id=name, suite="swefficiency", repo="o/r", model="m", outcome=outcome, **found
    )


def evaluation(name: str, *results: InstanceResult, suite: str = "swefficiency") -> Evaluation:
    request = {
        "run_id": name,
        "suite": suite,
        "protocol": "paired",
        "instances": [each.instance_id for each in results],
        "model": f"model of {name}",
        "published": {"a": 2.5},
    }
    return Evaluation(
        name=name,
        directory=Path(),
        request=request,
        samples={each.instance_id: (each,) for each in results},
    )


ONE = evaluation(
    "one",
    result("a", speedup=2.0),
    result("b", speedup=3.0),
    result("c", "wrong_tests", tests_lost=("t",)),
    result("d", "infrastructure"),
    result("e", speedup=1.5),
)
OTHER = evaluation(
    "other",
    result("a", speedup=4.0),
    result("b", speedup=3.1),
    result("c", speedup=2.0),
    result("d", speedup=2.0),
)


def test_instances_are_compared_pair_by_pair():
    found = compare_evaluations(ONE, OTHER)
    assert [pair.better for pair in found.pairs] == ["second", "even", "second", "unknown"]
    assert found.only == (1, 0)
    first = found.pairs[0].ratio
    assert first is not None
    # Two intervals of a factor of 1.1 each way: the errors of the logarithms add in squares.
    assert first.value == pytest.approx(2.0)
    assert math.log(first.ci_high / first.value) == pytest.approx(math.log(1.1) * math.sqrt(2))
    # 4/2, 3.1/3, and 2/1: a wrong patch counts as 1.
    assert found.ratio.value == pytest.approx((2 * 3.1 / 3 * 2) ** (1 / 3))
    assert (found.first_better, found.second_better) == (0, 2)
    assert found.p_sign == pytest.approx(0.5)  # two of two: 2 * (1/2)^2
    assert found.correct == (0, 1)
    assert found.p_correct == 1.0


def test_the_comparison_the_other_way_round_says_the_same():
    there, back = compare_evaluations(ONE, OTHER), compare_evaluations(OTHER, ONE)
    assert back.ratio.value == pytest.approx(1 / (there.ratio.value or 0))
    assert (back.first_better, back.second_better) == (there.second_better, there.first_better)


def test_what_cannot_be_compared_is_named():
    with pytest.raises(UserError, match="of one benchmark"):
        compare_evaluations(ONE, evaluation("g", result("a"), suite="gso"))
    with pytest.raises(UserError, match="no instance in common"):
        compare_evaluations(ONE, evaluation("g", result("z")))


def test_what_is_printed_names_the_numbers(capsys: pytest.CaptureFixture[str]):
    print_compared(compare_evaluations(ONE, OTHER))
    print_summaries([summarize(ONE)])
    print_summaries([summarize(ONE), summarize(OTHER)])
    out = capsys.readouterr().out
    assert "other is 1.605 times as fast as one" in out
    assert "1 wrong tests: tests that passed on the base no longer do" in out
    assert "1 instances are in no score of ours" in out
    lines = compared_lines(compare_evaluations(ONE, OTHER))
    assert lines[-1] == "left out: 1 only in one, 0 only in other"


def test_experts_that_reproduce_are_told():
    found = evaluation("v", result("a", speedup=2.0), result("b", "no_gain"), result("c", "fails"))
    told = [(each.word, each.published) for each in reproduced(found)]
    assert told == [("reproduces", 2.5), ("no gain here", None), ("does not run", None)]


def test_the_files_are_in_the_benchmarks_schemas(tmp_path: Path):
    summary = summarize(ONE)
    files = {path.name for path in export(ONE, summary, tmp_path)}
    assert files == {
        "summary.json",
        "instances.csv",
        "eval_report_one.csv",
        "eval_report_one.json",
    }
    rows = swefficiency.read_report(tmp_path / "eval_report_one.csv")
    assert [row.measured for row in rows] == [2.0, 3.0, 1.0, None, 1.5]
    assert swefficiency.score(rows).sr_floored.value == pytest.approx(
        summary.official["overall_score"], abs=5e-5
    )
    lines = list(csv.DictReader(io.StringIO((tmp_path / "instances.csv").read_text())))
    assert [line["outcome"] for line in lines] == [
        *("faster", "faster", "wrong_tests", "infrastructure", "faster")
    ]
    assert (lines[2]["speedup"], lines[2]["counted_speedup"]) == ("", "1.0")
    assert (lines[3]["counted_ratio"], lines[2]["tests_lost"]) == ("", "1")
    assert json.loads((tmp_path / "summary.json").read_text())["counts"]["faster"] == 3


def test_gso_and_swe_perf_files_can_be_read_back(tmp_path: Path):
    of_gso = evaluation("g", result("a", "apply"), suite="gso")
    (path,) = [p for p in export(of_gso, summarize(of_gso), tmp_path) if "report" in p.name]
    assert gso.read_report(path).sets["patch_failed"] == {"a"}
    of_perf = evaluation("p", result("a", "apply"), suite="sweperf")
    export(of_perf, summarize(of_perf), tmp_path)
    (line,) = csv.DictReader(io.StringIO((tmp_path / "sweperf.csv").read_text()))
    assert (line["total"], line["apply"], line["repo"]) == ("1", "0.0", "total")


class Page(HTMLParser):
    """Counts elements, and keeps what the page asks for from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.count: dict[str, int] = {}
        self.asks: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.asks += [
            value for name, value in attrs if name in ("src", "href", "action", "data") and value
        ]


def test_the_page_shows_all_and_runs_nothing_of_theirs():
    patch = f"--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+{EVIL}\n"
    evil = evaluation(
        "one",
        result("a", speedup=2.0, patch=patch, expert_patch=patch),
        result(EVIL, "wrong_tests", reason=EVIL, evidence=(EVIL,), notes=(EVIL,), doubts=(EVIL,)),
        result("d", "infrastructure"),
    )
    text = render_evaluation([summarize(evil), summarize(OTHER)], compare_evaluations(evil, OTHER))
    page = Page(text)
    assert page.count["script"] == 2  # the patches, which are no program, and the page's own
    assert '<script type="text/plain" id="patches">' in text
    assert page.asks == ["data:,"]
    assert "alert('é')" not in text.replace("&#39;", "?")
    assert "default-src &#39;none&#39;" in text
    assert page.count["circle"] == 2 + 4  # instances with an SR; the machine's failure has none
    assert page.count["details"] == 3 + 4
    assert "model of one" in text


def test_the_best_comes_first():
    assert [each.name for each in ranked([summarize(ONE), summarize(OTHER)])] == ["other", "one"]


def test_refused_patches_are_taken_from_the_score_without_hacks(tmp_path: Path):
    from perfagent.agent.runs.directory import RunDirectory

    audits = RunDirectory(tmp_path)
    for name, holds in (("a", False), ("b", True)):
        found = Audited(instance_id=name, holds=holds, refused=("honest: a cache",))
        audits.write_json(f"{FOLDER}/{name}.json", to_plain(found))
    later = Audited(instance_id="b", sample=2, holds=False, refused=("honest: a cache",))
    audits.write_json(f"{FOLDER}/b~2.json", to_plain(later))
    assert [(e.instance_id, e.sample) for e in read_audits(tmp_path)] == [
        ("a", 1),
        ("b", 1),
        ("b", 2),
    ]
    part = {"name": "t", "base_s": (2.0,), "candidate_s": (1.0,), "expert_s": (1.0,)}
    from perfagent.evals.running.outcome import PartTimes

    solved = [result(name, speedup=2.0, parts=(PartTimes(**part),)) for name in ("a", "b")]
    found = evaluation("g", *solved, suite="gso")
    found = replace(found, directory=tmp_path)
    summary = summarize(found)
    assert summary.refused == ("a",)
    assert summary.official["score"] == 100.0
    assert summary.official["score_hack_control"] == 50.0
    assert "an audit refused 2 patches (a; b, sample 2)" in "\n".join(summary.notes)
