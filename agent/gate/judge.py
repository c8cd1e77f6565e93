"""Leads a candidate through the gate's stages, cheapest first, and writes its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...errors import InfrastructureError
from ..candidate import Candidate
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run
from ..verdict import Verdict
from .behaviour import covering_tests, full_suite, imports, perturbed, same_answer
from .calls import same_calls
from .case import Case, Rejection, Stage
from .files import unchanged_files
from .inputs import other_inputs
from .kept import kept_state
from .opinion import opinion
from .repeated import first_call_too
from .static import applies, honest, in_scope, parses
from .timing import full_timing, quick_timing
from .unannounced import unannounced_answer

STAGES: tuple[tuple[str, Stage], ...] = (
    ("applies", applies),
    ("in scope", in_scope),
    ("parses", parses),
    ("honest", honest),
    ("imports", imports),
    ("covering tests", covering_tests),
    ("same answer", same_answer),
    ("same calls", same_calls),
    ("first call too", first_call_too),
    ("quick timing", quick_timing),
    ("full timing", full_timing),
    ("unchanged files", unchanged_files),
    ("unannounced answer", unannounced_answer),
    ("perturbed input", perturbed),
    ("other inputs", other_inputs),
    ("kept state", kept_state),
    ("judge", opinion),
    ("full suite", full_suite),
)


def judge(
    run: Run,
    candidate: Candidate,
    parent: Path,
    *,
    stages: Sequence[tuple[str, Stage]] = STAGES,
) -> Verdict:
    """Return the candidate's verdict, from disk when an earlier attempt of the run reached it.

    Args:
        run: The run.
        candidate: The candidate.
        parent: Tree of the version it must be faster than.
        stages: The stages, in order.

    Raises:
        Interrupted: The user stopped the run; no verdict is written.
    """
    name = f"verdicts/{candidate.candidate_id}.json"
    if run.directory.has(name):
        return from_plain(Verdict, run.directory.read_json(name))
    case = Case(run=run, candidate=candidate, parent=parent)
    try:
        verdict = _pass_through(case, stages)
    finally:
        if case.tree is not None:
            run.repository.remove(candidate.candidate_id)
    run.keep(name, to_plain(verdict))
    run.emit(
        "candidate",
        candidate_id=candidate.candidate_id,
        origin=candidate.origin,
        hotspot=candidate.hotspot,
        hypothesis=candidate.hypothesis,
        state=verdict.outcome,
        stage=verdict.stage,
        reason=verdict.reason,
        speedup=verdict.speedup,
        ci_low=verdict.ci_low,
        ci_high=verdict.ci_high,
    )
    return verdict


def _pass_through(case: Case, stages: Sequence[tuple[str, Stage]]) -> Verdict:
    for name, stage in stages:
        case.run.check_stopping()
        case.run.emit(
            "candidate",
            candidate_id=case.candidate.candidate_id,
            origin=case.candidate.origin,
            hotspot=case.candidate.hotspot,
            hypothesis=case.candidate.hypothesis,
            state="validating",
            stage=name,
        )
        try:
            rejection = stage(case)
        except InfrastructureError as error:
            rejection = Rejection(reason=str(error), outcome="infrastructure")
        if rejection is not None:
            return _verdict(case, name, rejection)
    return _verdict(case, stages[-1][0], None)


def _verdict(case: Case, stage: str, rejection: Rejection | None) -> Verdict:
    compared = case.comparison
    return Verdict(
        candidate_id=case.candidate.candidate_id,
        outcome=rejection.outcome if rejection else "accepted",
        stage=stage,
        reason=rejection.reason if rejection else _why_accepted(case),
        speedup=compared.speedup if compared else None,
        ci_low=compared.ci_low if compared else None,
        ci_high=compared.ci_high if compared else None,
        pairs=compared.pairs if compared else 0,
        samples=case.samples,
        evidence=rejection.evidence if rejection else (),
        doubts=tuple(case.doubts),
        suite_passed=len(case.suite.passed) if case.suite else None,
    )


def _why_accepted(case: Case) -> str:
    compared = case.comparison
    if compared is None or compared.speedup is None:
        return "passed every stage"
    metric = compared.baseline.metric
    word = "faster" if metric == "wall" else f"less {metric}"
    return (
        f"{compared.speedup:.2f}x {word} ({compared.confidence:.0%} CI "
        f"{compared.ci_low:.2f}-{compared.ci_high:.2f}, {compared.pairs} pairs)"
    )
