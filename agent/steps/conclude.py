"""The step `conclude`: minimize, measure the winner on fresh samples, run the whole suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...repos.suite.suite import SuiteReport, broken
from ...workloads.launch import WorkloadFailed
from ...workloads.timing.compare import Trial, compare
from ...workloads.timing.comparison import Comparison
from ...workloads.timing.confirm import confirmation_plan
from ..candidate import Candidate
from ..evidence.assemble import write_evidence
from ..gate.behaviour import suite_rejection
from ..memory import ledger
from ..memory.experience import learn
from ..proposers.pairs import PAIR
from ..runs.plain import from_plain, to_plain
from ..runs.record import write_record
from ..runs.run import Run
from ..runs.samples import gate_comparisons
from ..search.simplify import simplified
from ..verdict import Verdict
from .calibrations import calibration_of
from .guard import Guard, about_speedup, make_guard
from .localize import export_profile, find_hotspots, read_profile, take_profile
from .minimize import hunk_key, minimize
from .sweep import Sweep, sweep
from .tip import lineage, load_candidate, tip_tree, version_tree


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """The final measurement, on samples that took no part in choosing the patch.

    Attributes:
        trial: Base against the final patch, and the expert beside them where there is one.
        suite: The whole suite on the final patch; None with `--no-tests` or without a patch.
        refused: Why the final patch does not stand after all; None when it does.
        inconclusive: Whether `refused` means that this machine could not tell.
        expert_alone: Base against the expert, where no patch was measured beside them; else None.
        sweep: Base and final patch over sizes, where that was asked for.
        guard: The test that guards the final patch, where that was asked for.
    """

    trial: Trial | None
    suite: SuiteReport | None
    refused: str | None
    inconclusive: bool = False
    expert_alone: Comparison | None = None
    sweep: Sweep | None = None
    guard: Guard | None = None


def conclude(run: Run, tip: str | None, stopped: str) -> None:
    """Write the run's record for the final patch, or for none."""
    final = _minimized(run, tip) if tip else None
    stack = lineage(run, tip)
    confirmation = Confirmation(trial=None, suite=None, refused=None)
    while final is not None:
        confirmation = confirm(run, final, gate_comparisons(run, stack))
        write_evidence(run, final, confirmation, stack)
        if confirmation.refused is None:
            break
        run.note(f"the final patch does not stand: {confirmation.refused}")
        final, stack = _before(run, final), stack[:-1]
    if final is not None:
        confirmation = _guarded(run, final, confirmation)
        _profile_after(run, final)
    first = read_profile(run, "round-01")
    if first:
        export_profile(run, first, "before")
    learn(run)
    if confirmation.trial is None:
        confirmation = replace(confirmation, expert_alone=_expert_alone(run))
    write_record(run, final, confirmation, stopped)


def conclude_measured(run: Run, candidate: Candidate, verdict: Verdict) -> None:
    """Write the record of a single patch that was put through the gate."""
    final = candidate if verdict.outcome == "accepted" else None
    confirmation = Confirmation(trial=None, suite=None, refused=None)
    if final is not None:
        confirmation = confirm(run, final, gate_comparisons(run, [final]))
        confirmation = _guarded(run, final, confirmation)
    write_evidence(run, candidate, confirmation, [candidate], verdict)
    if confirmation.trial is None:
        confirmation = replace(confirmation, expert_alone=_expert_alone(run))
    write_record(run, final, confirmation, f"{verdict.outcome} at {verdict.stage}")


def _minimized(run: Run, tip: str) -> Candidate:
    proven: set[str] = set()
    for entry in ledger.entries(run):
        if entry.verdict.outcome == "accepted":
            proven |= _proven_hunks(run, entry.candidate)
    last_round = run.directory.count("queue") + 1
    return minimize(run, simplified(run, load_candidate(run, tip), last_round), proven)


def _proven_hunks(run: Run, accepted: Candidate) -> set[str]:
    """Return the hunks that have shown their gain: one on its own, or those of a sum together.

    Each hunk of a sum gains too little to show it alone, which is why it was tried in a sum.
    """
    parent = load_candidate(run, accepted.parent_id).patch.hunks() if accepted.parent_id else ()
    hunks = {hunk_key(hunk) for hunk in accepted.patch.hunks()}
    if accepted.origin.removeprefix("stack/") == PAIR:
        return hunks - {hunk_key(hunk) for hunk in parent}
    return hunks if len(hunks) == 1 and not parent else set()


def _before(run: Run, final: Candidate) -> Candidate | None:
    """Return the stack without its last addition, or None when nothing is left."""
    chain = lineage(run, final.parent_id)
    return chain[-1] if chain else None


def confirm(run: Run, final: Candidate, gate: Sequence[Comparison]) -> Confirmation:
    """Measure base, final patch and expert on fresh samples, and run the whole suite.

    Args:
        run: The run.
        final: The patch on trial.
        gate: How what it stacks compared in the gate; decides how many pairs are taken now.

    Raises:
        WorkloadFailed: The workload fails on a version that passed the gate before.
        InfrastructureError: The machine failed.
    """
    name = f"confirmations/{final.candidate_id}.json"
    if run.directory.has(name):
        return from_plain(Confirmation, run.directory.read_json(name))
    tree = version_tree(run, f"tip-{final.candidate_id}", final.patch)
    suite, refused = _final_suite(run, final)
    trial, inconclusive = None, False
    if refused is None:
        expert = run.expert_tree
        plan = confirmation_plan(run.plan(), gate)
        calibration = calibration_of(run, None, tip_tree(run, None))
        run.stage(
            "conclude",
            "measuring the winner on fresh samples",
            about_s=calibration.rounds_s(plan.max_pairs, 3 if expert else 2),
        )
        with run.timing_lane, run.stopwatch.waiting_for("workload"):
            trial = compare(
                run.target,
                tip_tree(run, None),
                tree,
                plan=plan,
                seed=run.seed_for(final.candidate_id, "final"),
                expert=expert,
                calibration=calibration,
            )
        if trial.comparison.decision != "faster":
            refused = f"on fresh samples: {trial.comparison.reason}"
            inconclusive = trial.comparison.decision == "inconclusive"
    swept = None
    if refused is None and run.settings.sweep:
        swept = sweep(run, tip_tree(run, None), tree)
        refused = swept.difference
    made = Confirmation(
        trial=trial, suite=suite, refused=refused, inconclusive=inconclusive, sweep=swept
    )
    run.keep(name, to_plain(made))
    return made


def _guarded(run: Run, final: Candidate, confirmation: Confirmation) -> Confirmation:
    """Return the confirmation with the guard test of the final patch, where one was asked for."""
    if not run.settings.guard or confirmation.refused is not None or confirmation.trial is None:
        return confirmation
    name = "confirmations/guard.json"
    if not run.directory.has(name):
        tree = version_tree(run, f"tip-{final.candidate_id}", final.patch)
        compared = confirmation.trial.comparison
        about = about_speedup(run, compared.speedup, compared.ci_low, compared.ci_high)
        run.keep(name, to_plain(make_guard(run, tree, about)))
    return replace(confirmation, guard=from_plain(Guard, run.directory.read_json(name)))


def _expert_alone(run: Run) -> Comparison | None:
    """Compare the expert's version with the base; None without one, or when it cannot be."""
    expert = run.expert_tree
    if expert is None:
        return None
    name = "confirmations/expert.json"
    if run.directory.has(name):
        return from_plain(Comparison, run.directory.read_json(name))
    run.stage("conclude", "measuring the expert commit")
    base = tip_tree(run, None)
    calibration = calibration_of(run, None, base)
    try:
        with run.timing_lane, run.stopwatch.waiting_for("workload"):
            trial = compare(
                run.target,
                base,
                expert,
                plan=run.plan(),
                seed=run.seed_for("expert"),
                calibration=calibration,
            )
    except WorkloadFailed as error:
        run.note(f"the expert commit was not measured: {error}")
        return None
    run.keep(name, to_plain(trial.comparison))
    return trial.comparison


def _final_suite(run: Run, final: Candidate) -> tuple[SuiteReport | None, str | None]:
    baseline = run.prepared.baseline
    if baseline is None:
        return None, None
    run.stage(
        "conclude",
        "running the whole suite on the final patch",
        about_s=baseline.report.duration_s,
    )
    tree = version_tree(run, f"tip-{final.candidate_id}", final.patch)
    with run.stopwatch.waiting_for("tests"):
        report = run.suite.run(tree)
    rejection = suite_rejection(report, broken(baseline, report))
    return report, rejection.reason if rejection else None


def _profile_after(run: Run, final: Candidate) -> None:
    run.stage("conclude", "profiling the final version")
    tree = version_tree(run, f"tip-{final.candidate_id}", final.patch)
    after = take_profile(run, "after", tree)
    find_hotspots(run, "after", after, tree)
    export_profile(run, after, "after")
