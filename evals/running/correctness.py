"""Whether a patch leaves the tests and the workload's answer as they were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...agent.gate.events import new_events
from ...repos.suite.suite import BaselineSuite, broken
from ...workloads.answers.answer import doubts_of
from ...workloads.answers.capture import capture_answer
from ...workloads.failure import WorkloadFailed
from .ground import Ground
from .outcome import Outcome

_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What speaks against a patch.

    Attributes:
        outcome: What it makes of the patch.
        reason: One sentence.
        evidence: Lines that show it.
        lost: Tests that no longer pass.
    """

    outcome: Outcome
    reason: str
    evidence: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def required(ground: Ground) -> tuple[str, ...]:
    """Return the node ids of the tests that have to pass.

    They pass on the base here, twice, and the benchmark names them: by node id, by file or folder,
    or by the bare name of a function (then in every file that has one). Where it names none that
    passes here, all that pass here are required.
    """
    suite = ground.known.suite
    if suite is None:
        return ()
    wanted = [test for test in suite.stable if _is_named(test, ground.instance.must_pass)]
    return tuple(wanted or suite.stable)


def _is_named(node_id: str, names: Iterable[str]) -> bool:
    path, _, test = node_id.partition("::")
    for name in names:
        if name == node_id or ("::" not in name and "/" not in name and name == test):
            return True
        if "::" not in name and PurePosixPath(path).is_relative_to(name):
            return True
    return False


def check_tests(ground: Ground, tree: Path, doubts: list[str]) -> Finding | None:
    """Run the covering tests; return what is wrong, or None.

    Tests that fail are run once more by themselves: what passes then is flaky, which is a doubt.

    Args:
        ground: The base.
        tree: The tree with the patch.
        doubts: Gets what is worth knowing.
    """
    suite: BaselineSuite | None = ground.known.suite
    if suite is None:
        doubts.append("no covering tests: only the answer was compared")
        return None
    wanted = required(ground)
    report = ground.suite.run(tree, cpus=ground.lane.other_cpus)
    if report.problem and "took longer than" in report.problem:
        return Finding(outcome="timeout", reason=report.problem)
    lost = broken(suite, report, wanted)
    if lost and report.problem is None:
        names = tuple(each.split(": ", 1)[0] for each in lost)
        again = ground.suite.run(tree, node_ids=names, cpus=ground.lane.other_cpus)
        still = broken(suite, again, names) if again.problem is None else lost
        if len(still) < len(lost):
            doubts.append(f"{len(lost) - len(still)} test(s) failed once and passed when run again")
        lost = still
    if not lost:
        return None
    shown = report.problem or lost[0]
    return Finding(
        outcome="wrong_tests",
        reason=f"{len(lost)} of {len(wanted)} tests no longer pass: {shown}",
        evidence=lost[:_SHOWN],
        lost=tuple(each.split(": ", 1)[0] for each in lost),
    )


def check_answers(ground: Ground, tree: Path, doubts: list[str]) -> Finding | None:
    """Compare the workloads' answers with the base's; return the first difference, or None.

    Args:
        ground: The base.
        tree: The tree with the patch.
        doubts: Gets what is not compared.
    """
    for number, workload in enumerate(ground.workloads):
        if workload.kind == "pytest":
            continue  # a test compares by itself
        expected = ground.answer(number)
        try:
            answer = capture_answer(ground.target(workload), tree)
        except WorkloadFailed as error:
            return failure(error)
        odd = new_events(expected, answer)
        if odd is not None:
            return Finding(outcome="wrong_answer", reason=odd.reason, evidence=odd.evidence)
        expected, difference = ground.difference_from(number, expected, answer)
        if difference is not None:
            about = f" of {workload.name}" if len(ground.workloads) > 1 else ""
            return Finding(
                outcome="wrong_answer", reason=f"the answer{about} changed: {difference}"
            )
        doubts += [doubt for doubt in doubts_of(expected) if doubt not in doubts]
    return None


def failure(error: WorkloadFailed) -> Finding:
    """Return what a workload that fails with the patch says of it."""
    return Finding(
        outcome="timeout" if error.kind == "timed_out" else "fails",
        reason=f"the workload fails with the patch: {error.summary}",
        evidence=tuple(error.detail.splitlines()[-_SHOWN:]),
    )
