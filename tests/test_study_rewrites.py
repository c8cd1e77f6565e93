"""The study of the rewrites: what its report says of the records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from perfagent.benchmarks.rewrites.report import write_report
from perfagent.benchmarks.study.records import Store
from perfagent.tools.rewrites.catalogue import ALL

FIRST, SECOND, THIRD = (each.name for each in ALL[:3])


def win(rewrite: str, speedup: float, *, machine: str = "here", accepted: bool = True) -> Any:
    gate = {"speedup": speedup, "ci_low": speedup - 0.1, "ci_high": speedup + 0.1, "pairs": 6}
    gate["reason"] = "a gain is excluded"
    confirmation = {**gate, "speedup": speedup - 0.05, "pairs": 12} if accepted else None
    return {
        "rewrite": rewrite,
        "machine": machine,
        "call_s": 0.0125,
        "gate": gate,
        "confirmation": confirmation,
        "accepted": accepted,
    }


def lines_of(store: Store, rewrite: str) -> list[str]:
    return [line for line in write_report(store).splitlines() if line.startswith(f"| {rewrite} |")]


def test_a_gain_is_told_from_fresh_samples_and_a_refusal_with_its_reason(tmp_path: Path):
    store = Store(folder=tmp_path)
    store.append("sessions", {"at": "2026-01-01", "machine": "here"})
    store.append("wins", win(FIRST, 9.0))
    store.append("wins", win(FIRST, 3.0))
    store.append("wins", win(SECOND, 1.0, accepted=False))
    store.append("wins", win(THIRD, 4.0, machine="elsewhere"))
    assert lines_of(store, FIRST)[0] == f"| {FIRST} | 12.5 ms | 2.95 | 2.90 to 3.10 | 12 | yes |"
    assert lines_of(store, SECOND)[0].endswith(
        "| 1.00 | 0.90 to 1.10 | 6 | no: a gain is excluded |"
    )
    assert "not measured" in lines_of(store, THIRD)[0]


def test_a_trap_is_told_with_the_stage_that_refuses_it_or_that_none_did(tmp_path: Path):
    store = Store(folder=tmp_path)
    store.append("sessions", {"at": "2026-01-01", "machine": "here"})
    for rewrite, outcome in ((FIRST, "rejected"), (SECOND, "accepted"), (THIRD, None)):
        record = {"rewrite": rewrite, "why": "a corner", "outcome": outcome, "stage": "same calls"}
        store.append("traps", record)
    assert lines_of(store, FIRST)[1] == f"| {FIRST} | a corner | same calls |"
    assert lines_of(store, SECOND)[1] == f"| {SECOND} | a corner | **accepted** |"
    assert lines_of(store, THIRD)[1] == f"| {THIRD} | no trap: a corner |  |"
