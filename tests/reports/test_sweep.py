"""Sizes and guard tests in words."""

from __future__ import annotations

from typing import Any

import pytest

from perfagent.reports.markdown import render_markdown
from perfagent.reports.printed.tables import print_result
from perfagent.reports.record import RunRecord
from perfagent.reports.sweep import guard_text, read_sweep, size_text

from .records import make_guard, make_record, make_sweep


def sentences(**changes: Any) -> list[str]:
    swept = read_sweep(make_sweep() | changes, "wall", 0.95)
    assert swept is not None
    return swept.sentences()


def test_a_sweep_says_how_both_grow_and_where_they_cross() -> None:
    growth, crossing, note = sentences()
    assert growth == (
        "The base grows as size^1.02 (95% CI 0.97 to 1.07), "
        "the patched version as size^0.47 (95% CI 0.38 to 0.56)."
    )
    assert crossing == (
        "The patch is slower below a size of about 316 (surely at 100, surely faster at 1,000)."
    )
    assert note.startswith("Not measured: size 1,000,000: it was")


def test_without_a_crossover_it_says_where_the_patch_is_slower() -> None:
    points = make_sweep()["points"]
    assert "The patch is slower at 100." in sentences(crossover=None)
    assert "The patch is slower at no measured size." in sentences(
        crossover=None, points=points[1:]
    )
    beyond = {"size": None, "low": 100, "high": None}
    assert "The patch is slower up to size 100, and faster at none." in sentences(
        crossover=beyond, points=points[:1]
    )


@pytest.mark.parametrize(
    ("size", "text"), [(1000, "1,000"), (0.25, "0.25"), (3, "3"), (316.23, "316"), (2.5, "2.5")]
)
def test_sizes_keep_the_digits_that_mean_something(size: float, text: str) -> None:
    assert size_text(size) == text


def test_a_guard_says_what_it_counts_or_why_there_is_none() -> None:
    assert guard_text(make_guard()) == (
        "test_guard.py passed 5 times with the patch and failed 5 times without it; it counts "
        "lines of tables.layout (31,412 -> 1,204, at most 6,149)"
    )
    none = {"file": None, "problem": "its gain is in C code", "limits": []}
    assert guard_text(none) == "none: its gain is in C code"
    assert guard_text({}) == ""


def test_reports_show_both(capsys: pytest.CaptureFixture[str]) -> None:
    record = make_record(2)
    text = render_markdown(record)
    assert "## By size of input" in text
    assert "| 1,000 | 20 ms | 10 ms | 2.00x faster (95% CI 1.94-2.06) |" in text
    assert "| guard test | test\\_guard.py passed 5 times" in text
    print_result(record | {"sentence": "1.7x faster", "directory": "run"})
    shown = capsys.readouterr().out
    assert "2.00x faster (95% CI 1.94-2.06)" in shown
    assert "about 316" in shown
    assert "guard:  run/test_guard.py" in shown


def test_a_record_without_them_says_nothing_of_them() -> None:
    record = make_record(2, outcome="no_improvement")
    assert RunRecord(record).sweep is None
    assert "By size" not in render_markdown(record)
    assert "guard" not in render_markdown(record)
