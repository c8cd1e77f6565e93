"""The stages that run the candidate for its behaviour: imports, tests, the workload's answer."""

from __future__ import annotations

from ...repos.suite.suite import SuiteReport, broken
from ...workloads.answers.loosening import Loosening
from ...workloads.launch import LaunchPlan, WorkloadFailed, launch
from ..steps.reference import Reference, captured, difference_from, lost_files, reference
from .case import Case, Rejection
from .covering import covering_node_ids
from .events import new_events

SHOWN = 20  # lines of evidence kept in a verdict


def imports(case: Case) -> Rejection | None:
    """Run the workload once: it must import, finish, and use the patched tree."""
    run = case.run
    try:
        with run.stopwatch.waiting_for("workload"):
            launch(run.target, case.checkout, LaunchPlan(pinned=False))
    except WorkloadFailed as error:
        return workload_rejection(error)
    return None


def covering_tests(case: Case) -> Rejection | None:
    """Run the tests that cover the change; none that passed on the base may do otherwise."""
    baseline = case.run.prepared.baseline
    if baseline is None:
        return None
    if case.run.coverage is None:
        return None  # the stage "full suite" runs every test
    wanted = covering_node_ids(baseline, case.run.coverage, case)
    if not wanted:
        case.doubts.append("no test of the suite covers the change")
        return None
    return _run_tests(case, wanted)


def full_suite(case: Case) -> Rejection | None:
    """Run the whole suite; no test may vanish, be skipped or otherwise change for the worse."""
    if case.run.prepared.baseline is None:
        case.doubts.append("no suite was run (--no-tests)")
        return None
    return _run_tests(case, ())


def _run_tests(case: Case, node_ids: tuple[str, ...]) -> Rejection | None:
    run = case.run
    baseline = run.prepared.baseline
    if baseline is None:
        return None
    with run.stopwatch.waiting_for("tests"):
        report = run.suite.run(case.checkout, node_ids=node_ids, cpus=run.prepared.other_cpus)
    case.suite = report
    return suite_rejection(report, broken(baseline, report, node_ids or None))


def suite_rejection(report: SuiteReport, lost: tuple[str, ...]) -> Rejection | None:
    """Return why a suite run does not let a candidate pass, or None when it does."""
    if report.problem:
        return Rejection(reason=f"the suite did not run to its end: {report.problem}")
    if lost:
        return Rejection(
            reason=f"{len(lost)} test(s) no longer do as before: {lost[0]}",
            evidence=(*lost[:SHOWN], *_message(report, lost[0])),
        )
    return None


def _message(report: SuiteReport, lost: str) -> tuple[str, ...]:
    """Return the end of what a test that no longer passes said; what is one line is in `lost`."""
    said = (text for name, text in report.reasons.items() if lost.startswith(f"{name}: "))
    lines = next(said, "").strip().splitlines()
    return tuple(lines[-SHOWN:]) if len(lines) > 1 else ()


def workload_rejection(error: WorkloadFailed) -> Rejection:
    """Return the rejection of a candidate with which the workload fails."""
    evidence = tuple(error.detail.splitlines()[-SHOWN:]) if error.detail else ()
    return Rejection(
        reason=f"the workload fails with the patch: {error.summary}", evidence=evidence
    )


def same_answer(case: Case) -> Rejection | None:
    """Compare the workload's answer with the base's, structurally."""
    return _answers_equal(case, reference(case.run, hash_seed=0))


def perturbed(case: Case) -> Rejection | None:
    """Compare the answer again in another process, under another hash seed."""
    return _answers_equal(case, reference(case.run, hash_seed=1))


def _answers_equal(case: Case, expected: Reference) -> Rejection | None:
    run = case.run
    loosening = Loosening.parse(run.settings.loosen)
    try:
        answer = captured(run, case.checkout, expected.hash_seed)
    except WorkloadFailed as error:
        return workload_rejection(error)
    if (dishonest := new_events(expected.answer, answer)) is not None:
        return dishonest
    expected, difference = difference_from(run, expected, answer)
    if difference is None and run.target.workload.kind == "command" and not loosening.files:
        difference = _deleted(case)
    case.doubts += [doubt for doubt in expected.doubts if doubt not in case.doubts]
    if difference is None:
        return None
    return Rejection(reason=f"the workload's answer changed: {difference}", evidence=(difference,))


def _deleted(case: Case) -> str | None:
    """Name a file of the repository that the command deletes with the patch alone.

    An earlier launch may have deleted it, so that this one's files do not show it.
    """
    changed = case.candidate.patch.files
    lost = [path for path in lost_files(case.run, case.checkout) if path not in changed]
    return f"file {lost[0]}: only the candidate deletes it" if lost else None
