"""The Markdown report: everything a reviewer asks, nothing that was not measured."""

from __future__ import annotations

from typing import Any

from perfagent.reports.markdown import render_markdown


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row, escaped bars left in their cell."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    hidden = [line.replace("\\|", "\0") for line in lines]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in hidden]


def test_the_report_opens_with_the_sentence_and_shows_the_evidence(record: dict[str, Any]) -> None:
    text = render_markdown(record)
    assert text.startswith("**1.74x faster (95% CI 1.69-1.79), 7.3 s -> 4.2 s, SR 0.93")
    assert "`tables/layout.py:Layout.widths` was 50 % of the workload" in text
    cells = {row[0]: row[1] for row in rows(text) if len(row) == 2}
    assert cells["samples"] == "14 interleaved pairs of fresh process launches"
    assert cells["noise floor, base against base"] == "1.3 %"
    assert cells["expert"] == "1.87x (`fedcba987654`); SR 0.93 (95% CI 0.91-0.95)"
    assert cells["suite on the final patch"] == "412 passed, 0 failed, in 18.4 s"
    assert cells["machine"] == "cpu Example CPU, python 3.11.7"
    assert "covering tests" in cells["what was checked"]
    assert "the load average was 3.1" in text
    assert "perfagent optimize acme/tables render_report.py --expert fedcba9" in text


def test_every_table_row_has_as_many_cells_as_its_header(record: dict[str, Any]) -> None:
    lengths = [len(row) for row in rows(render_markdown(record))]
    assert sorted(set(lengths)) == [2, 5, 6]


def test_rejected_candidates_are_folded_away_with_stage_and_reason(record: dict[str, Any]) -> None:
    text = render_markdown(record)
    folded = text[text.index("<details>") : text.index("</details>")]
    assert "1 candidate not in the patch" in folded
    assert "same answer" in folded
    assert "rows\\[0\\]: base 1 candidate 2" in folded
    assert "<b>" not in folded
    assert "@someone" not in folded


def test_without_a_suite_the_report_claims_no_passing_tests(record: dict[str, Any]) -> None:
    record["suite"] = None
    text = render_markdown(record)
    assert "was not run" in text
    assert "covering tests" not in text
    assert "suite passes" not in text


def test_a_hotspot_says_how_it_is_called(record: dict[str, Any]) -> None:
    assert "Calls in one run" not in render_markdown(record)
    record["hotspots"][0]["facts_text"] = "called 40 times, writes `Layout.<x>`"
    text = render_markdown(record)
    assert "- `tables/layout.py:Layout.widths`: called 40 times, writes `Layout.<x>`\n" in text
    assert "- `tables/parse.py:trim`" not in text


def test_hotspots_are_shown_before_and_after(record: dict[str, Any]) -> None:
    table = {row[0]: row[1:] for row in rows(render_markdown(record)) if len(row) == 5}
    assert table["`tables/layout.py:Layout.widths`"] == ["44 %", "50 %", "2.00x", "6 %"]
    assert table["`tables/parse.py:trim`"] == ["0.4 %", "0.4 %", "too small", "-"]


def test_a_run_that_changed_nothing_claims_nothing(record: dict[str, Any]) -> None:
    record |= {"outcome": "no_improvement", "speedup": None, "patch": None, "suite": None}
    record |= {"expert": None, "hotspots_after": [], "candidates": record["candidates"][1:]}
    text = render_markdown(record)
    assert "What changed" not in text
    cells = {row[0]: row[1] for row in rows(text) if len(row) == 2}
    assert "speedup" not in cells
    assert cells["smallest gain provable here"] == "2.7 %"
    assert "what was checked" not in text
    assert "no improvement" in text


def test_the_expert_is_told_also_where_there_is_no_patch(record: dict[str, Any]) -> None:
    record |= {"outcome": "no_improvement", "speedup": None, "patch": None}
    record["expert"] = {"speedup": 1.87, "speedup_ratio": None}
    cells = {row[0]: row[1] for row in rows(render_markdown(record)) if len(row) == 2}
    assert cells["expert"] == "1.87x (`fedcba987654`)"


def test_a_bare_record_still_renders() -> None:
    assert render_markdown({"schema_version": 1, "outcome": "interrupted"}) == "**interrupted**\n"


def test_only_what_the_final_patch_is_made_of_counts_as_changed(record: dict[str, Any]) -> None:
    loser = {**record["candidates"][0], "candidate_id": "c3", "hypothesis": "lost in the stack"}
    record["candidates"].append(loser)
    record["patch"]["stacked"] = [{"candidate_id": "c1", "origin": "", "hypothesis": ""}]
    text = render_markdown(record)
    assert "lost in the stack" not in text[: text.index("## Evidence")]
    assert "2 candidates not in the patch" in text


def test_the_patch_is_folded_in_and_cannot_break_out_of_its_fence(record: dict[str, Any]) -> None:
    diff = "--- a/x.md\n+++ b/x.md\n@@ -1 +1 @@\n-a\n+```\n"
    text = render_markdown(record, diff)
    assert f"````diff\n{diff}````\n" in text
    assert "````diff" not in render_markdown(record, diff + "+" * 40_000)
    assert "The patch" not in render_markdown(record)
