"""A record that ended early still reads; one from the future is refused."""

from __future__ import annotations

import pytest

from perfagent.reports.record import RunRecord


def test_an_empty_record_reads_as_nothing_known() -> None:
    run = RunRecord({"schema_version": 1})
    assert (run.outcome, run.gain, run.expert, run.suite) == ("unknown", None, None, None)
    assert (run.candidates, run.hotspots, run.doubts, run.seconds) == ([], [], [], {})
    assert run.patch_size is None


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema version 3"):
        RunRecord({"schema_version": 3})
