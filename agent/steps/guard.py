"""Makes the guard test of an accepted patch, and sees that it passes and fails when it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import UserError
from ...repos.patch import Patch
from ...workloads.counting import callgrind_problem
from ...workloads.guard import LEAST_RATIO, Guarded, Limit, guard_text, limits_between
from ...workloads.launch import WorkloadFailed
from ..runs.run import Run
from .prepare import checkout_base, environment_for
from .tip import version_tree

GUARD = "test_guard.py"
TIMES = 5
"""How often the test has to pass with the patch, and to fail without it."""
TIMES_IN_C = 2
"""The same of a test that counts instructions, which takes as long as 50 launches."""
_COUNTED = 3


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What became of the guard test.

    Attributes:
        file: Its name in the run's directory; None when there is none.
        problem: Why there is none, in words; None when there is one.
        limits: What it checks.
        passed: How often it passed with the patch, each time in a fresh process.
        failed: How often it failed without it.
    """

    file: str | None
    problem: str | None
    limits: tuple[Limit, ...] = ()
    passed: int = 0
    failed: int = 0


def make_guard(run: Run, patched: Path, about: str) -> Guard:
    """Write the guard test into the run's directory, once it was seen to tell the versions apart.

    Args:
        run: The run.
        patched: A built tree with the patch.
        about: Sentences for the first lines of the file.

    Raises:
        InfrastructureError: The machine failed.
    """
    if run.target.workload.kind == "command":
        return _none("what a shell command does is not counted; make the workload a script")
    base = version_tree(run, "base", None)
    try:
        with run.stopwatch.waiting_for("workload"):
            limits = _limits(run, base, patched) or _limits_in_c(run, base, patched)
            if not limits:
                return _none(
                    "no module runs clearly fewer lines or makes clearly fewer calls with the "
                    f"patch: its gain is in C code, and {_not_in_c()}"
                )
            text = _text(run, limits, about)
            return _tried(run, Guarded(target=run.target, text=text), limits, base, patched)
    except WorkloadFailed as error:
        return _none(f"{error.summary}: {error.detail.splitlines()[-1] if error.detail else ''}")


def guard_again(run: Run, patch: Patch, about: str) -> Guard:
    """Make the guard test of a run that ended: its versions are checked out and built again.

    Raises:
        UserError: The base cannot be built as it was.
        InfrastructureError: The machine failed.
    """
    tree = checkout_base(run)
    run.use(replace(run.prepared, environment=environment_for(run, tree)))
    return make_guard(run, version_tree(run, "guarded", patch), about)


def about_speedup(run: Run, speedup: float | None, low: float | None, high: float | None) -> str:
    """Return what a guard test says of itself in its first lines."""
    gain = f" of {speedup:.2f}x ({low:.2f}-{high:.2f})" if speedup and low and high else ""
    name = " ".join(run.request.workload.name.split())
    return (
        f"Fails when the speedup{gain} of the workload {name} is lost.\n\n"
        "Counted is work, not time: lines of Python that run in a module of the repository,\n"
        "and calls made from it, or instructions below valgrind (without it they are skipped),\n"
        "while the workload runs once in a process of its own. Run it with pytest, or as a\n"
        "script. Where a change is meant to do more, raise the limit below.\n"
        "\n"
        f"Written by perfagent, run {run.request.run_id}.\n"
    )


def _none(problem: str) -> Guard:
    return Guard(file=None, problem=problem)


def _limits(run: Run, base: Path, patched: Path) -> tuple[Limit, ...]:
    run.stage("guard", "counting lines and calls, without the patch and with it")
    counting = Guarded(target=run.target, text=_text(run, (), ""))
    counts = [[counting.count(tree) for _ in range(_COUNTED)] for tree in (base, patched)]
    return limits_between(*counts)


def _limits_in_c(run: Run, base: Path, patched: Path) -> tuple[Limit, ...]:
    """Return a limit for the instructions of the process; none where they cannot be counted."""
    if callgrind_problem() is not None:
        return ()
    run.stage("guard", "counting instructions, without the patch and with it")
    counting = Guarded(target=run.target, text=_text(run, (), ""))
    counts = [[counting.instructions(tree) for _ in range(2)] for tree in (base, patched)]
    return limits_between(*counts)


def _not_in_c() -> str:
    problem = callgrind_problem()
    if problem is not None:
        return f"its instructions cannot be counted here ({problem})"
    return f"the whole process runs less than {LEAST_RATIO} times the instructions without it"


def _text(run: Run, limits: Sequence[Limit], about: str) -> str:
    return guard_text(run.target.workload, run.target.environment.packages, limits, about)


def _tried(
    run: Run, guarded: Guarded, limits: tuple[Limit, ...], base: Path, patched: Path
) -> Guard:
    times = TIMES_IN_C if limits[0].what == "instructions" else TIMES
    run.stage("guard", f"the guard test: {times} times with the patch, {times} times without")
    passed = sum(guarded.passes(patched)[0] for _ in range(times))
    failed = sum(not guarded.passes(base)[0] for _ in range(times))
    if (passed, failed) != (times, times):
        return _none(
            f"it passed {passed} of {times} times with the patch and failed {failed} of {times} "
            "times without: the workload does not do the same each time"
        )
    run.directory.write_text(GUARD, guarded.text)
    return Guard(file=GUARD, problem=None, limits=limits, passed=passed, failed=failed)


def patch_of(run: Run) -> Patch:
    """Return the patch that an ended run accepted.

    Raises:
        UserError: It accepted none.
    """
    if not run.directory.has("patch.diff"):
        name = run.request.run_id
        raise UserError(f"run {name} accepted no patch to guard: `perfagent why {name}`")
    diff = (run.directory.path / "patch.diff").read_bytes().decode("utf-8", "surrogateescape")
    return Patch.parse(diff, run.request.repo.commit)
