"""What the commands print on stdout."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from perfagent.reports.markdown import render_markdown
from perfagent.reports.printed.tables import (
    print_markdown,
    print_profile,
    print_runs,
    tables_as_lists,
)


def test_a_profile_says_how_each_hotspot_is_called(
    record: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    spots = [dict(spot, facts_text=None) for spot in record["hotspots"]]
    spots[0]["facts_text"] = "called 1.2 M times with 214 distinct arguments, no writes seen"
    print_profile(
        {
            "samples": 400,
            "recorder": "py-spy",
            "note": None,
            "hotspots": spots,
            "functions": [],
            "directory": "/runs/1",
        }
    )
    out = capsys.readouterr().out
    assert "Layout.widths: called 1.2 M times with 214 distinct arguments, no writes seen\n" in out
    assert out.count("trim: ") == 1


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "dumb")


@pytest.mark.usefixtures("narrow")
def test_ids_of_runs_are_whole_on_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    run_id = "20260301-101500-4afc"
    run = {
        "run_id": run_id,
        "outcome": "no_improvement",
        "speedup": None,
        "workload": "tests/test_something_rather_long.py::test_of_it",
        "repo": "/home/somebody/projects/a-library-with-a-long-name",
    }
    print_runs([run])
    shown = capsys.readouterr().out
    assert run_id in shown
    assert max(map(cell_len, shown.splitlines())) <= 80
    assert "…" not in shown


def test_wide_tables_become_lists_and_narrow_ones_stay() -> None:
    wide = "| a | b | c | d | e |\n|---|---|---|---|---|\n| 1 | x \\| y | - | 4 | 5-6 |\n"
    narrow = "| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert tables_as_lists(f"{wide}\n{narrow}") == f"- 1: b x \\| y; d 4; e 5-6\n\n{narrow}"


@pytest.mark.usefixtures("narrow")
def test_a_report_on_a_narrow_terminal_names_every_candidate(
    record: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_markdown(render_markdown(record, "--- a/x\n+++ b/x\n"))
    shown = capsys.readouterr().out
    assert max(map(cell_len, shown.splitlines())) <= 80
    assert "1 candidate not in the patch" in shown
    assert "c2: hotspot tables/parse.py:trim" in shown
    assert "<summary>" not in shown
