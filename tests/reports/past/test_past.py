"""Runs that ended: why, and how they went over time."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from perfagent.agent.gate.judge import STAGES as GATE
from perfagent.errors import UserError
from perfagent.reports.past.history import history, history_lines
from perfagent.reports.past.stages import STAGES
from perfagent.reports.past.why import why_candidate, why_run
from perfagent.tests.reports.records import make_record


def test_every_stage_of_the_gate_has_its_words():
    assert set(STAGES) == {name for name, _ in GATE}


def test_a_refusal_is_told_with_stage_evidence_and_change():
    told = why_candidate(make_record(6), "c000000001")
    assert "Decided at the stage **same answer**: does the workload give the same answer" in told
    assert "> result\\[3\\]: base 'a' candidate 'b'" in told
    assert "It was not timed" in told
    assert "line 1:" in told
    assert "`--loosen NAME`" in told
    assert "3 stages not reached" in told
    assert "+    for row in rows:" in told


def test_an_undecided_trial_says_what_was_measured_and_what_to_try():
    record = make_record(6)
    record["settings"]["min_effect"] = 0.02
    told = why_candidate(record, "c000000002")
    assert "14 pairs; noise floor 1.3 %; the lower bound has to clear 1.02." in told
    assert "more pairs (`--max-pairs`" in told


def test_an_accepted_candidate_needs_nothing_done():
    assert "What to do" not in why_candidate(make_record(6), "c000000000")


@pytest.mark.parametrize(("name", "message"), [("zz", "no candidate 'zz'"), ("c", "more than one")])
def test_a_name_that_says_nothing_is_refused(name: str, message: str):
    with pytest.raises(UserError, match=message):
        why_candidate(make_record(6), name)


def test_a_run_tells_every_candidates_fate():
    told = why_run(make_record(6, outcome="no_improvement"))
    assert told.startswith("**no improvement")
    assert "- `c000000003` rejected at honest: reads a clock" in told


def past(day: int, **parts: dict[str, Any]) -> dict[str, Any]:
    record = copy.deepcopy(make_record(1))
    record["run_id"], record["started_at"] = f"run-{day}", f"2026-03-0{day}T10:00:00+00:00"
    for name, values in parts.items():
        record[name] |= values
    return record


def test_a_base_that_moved_beyond_the_noise_drifted():
    runs = history([
        past(3, workload={"baseline_s": 8.8}),
        past(1),
        past(2, workload={"baseline_s": 7.35}),
    ])  # fmt: skip
    assert [run.run_id for run in runs] == ["run-1", "run-2", "run-3"]
    assert [run.drifted for run in runs] == [False, False, True]
    lines = history_lines(runs)
    assert lines[0] == "render_report of acme/tables"
    assert "1.20x slower" in lines[-1]
    assert "steady" in lines[-2]


def test_another_machine_is_marked_and_its_times_not_compared():
    other = {"processor": "Other CPU"}
    runs = history([past(1), past(2, machine=other, workload={"baseline_s": 3.0})])
    assert runs[1].drift is None
    assert runs[1].marks == ("processor: Example CPU -> Other CPU",)
    assert "-- processor: Example CPU -> Other CPU" in history_lines(runs)


def test_noise_of_both_runs_widens_what_counts_as_steady():
    loud = {"noise_floor": 0.2, "baseline_s": 9.5}
    assert not history([past(1, workload={"noise_floor": 0.2}), past(2, workload=loud)])[1].drifted
