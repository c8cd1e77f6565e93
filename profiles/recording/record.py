"""Recording: runs a workload under a profiler until there are samples enough to trust."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...errors import InfrastructureError
from ...workloads.launch import Launch
from ...workloads.target import Target
from ...workloads.timing.calibration import SHORT_CALL_S
from ..ownership import Ownership
from ..profile import Profile, Recorder, merge_stacks
from .looks import PYINSTRUMENT_HZ, Look, LookOptions, Profiler, Pyinstrument, PySpy
from .pyspy import find_pyspy, pyspy_problem
from .stacks import RawStack

_SHORTEST_REPEAT_S = 0.5
_SURELY_FOUND_S = 2.0
"""Seconds after which py-spy has given up on a process it cannot look into (it takes about one)."""
_FEW_SAMPLES = 100
_MOST_BLIND_LOOKS = 2
_JUDGED_FROM_S = 0.2
"""Seconds a look must have lasted to say whether its workload waits."""
_WAITS = "the workload waits for most of its time: shares are of elapsed time in its main thread"

SidePackages = Callable[[], Path]


def record(
    target: Target,
    tree: Path,
    *,
    work_dir: Path,
    environment_side_packages: SidePackages,
    native: bool = False,
    rate_hz: int = 250,
    min_samples: int = 400,
    max_s: float = 30.0,
) -> Profile:
    """Return where the workload spends its time in `tree`.

    py-spy looks, from outside. A workload too short for `min_samples` is run again: by repeated
    calls in one process where they are microseconds or cost what the first one costs, else by
    repeated launches, so that a cache filled by the first call does not hide it. Where py-spy may
    not look, pyinstrument takes over inside the target, and the profile's note says so.

    Args:
        target: the workload and where it runs.
        tree: a checkout, prepared for the environment.
        work_dir: a folder for the profilers' files, made when missing; they are removed again.
        environment_side_packages: returns a folder with pyinstrument for the target's interpreter;
            called only when it is needed.
        native: record frames of compiled code too (py-spy only).
        rate_hz: samples a second.
        min_samples: samples that are enough.
        max_s: after so many seconds no new launch is begun; at least one is made.

    Raises:
        WorkloadFailed: the workload itself failed or ran past its time.
        InfrastructureError: no profiler can look, py-spy is missing, or a file cannot be written.
    """
    may_wait = target.workload.kind != "command"
    goal = _Goal(min_samples=min_samples, max_s=max_s, ask_whether_it_waits=may_wait)
    options = LookOptions(target=target, tree=tree, rate_hz=rate_hz, native=native)
    try:
        with _scratch_file(work_dir, "pyspy.raw") as output:
            seen = _collect(PySpy(options, output), goal)
            if seen.waits:
                goal = replace(goal, ask_whether_it_waits=False)
                seen = _collect(PySpy(options, output, idle=True), goal)
                seen.notes.append(_WAITS)
        return _profile(options, seen, "py-spy", rate_hz)
    except _CannotLook as problem:
        reason = str(problem)
    if target.workload.kind == "command":
        raise InfrastructureError(
            f"py-spy cannot look into the command's processes ({reason}), and no other profiler"
            " can; allow ptrace (in docker: --cap-add SYS_PTRACE) or give a script as workload"
        )
    goal = replace(goal, ask_whether_it_waits=False)
    try:
        with _scratch_file(work_dir, "pyinstrument.json") as output:
            seen = _collect(Pyinstrument(options, output, environment_side_packages()), goal)
    except _CannotLook as problem:
        raise InfrastructureError(f"py-spy cannot look ({reason}), and {problem}") from problem
    seen.notes.append(
        f"py-spy cannot look into the process ({reason}), so pyinstrument did: it sees one thread,"
        " and its lines are those of calls and returns"
    )
    return _profile(replace(options, native=False), seen, "pyinstrument", PYINSTRUMENT_HZ)


def can_sample() -> str | None:
    """Return None when py-spy works here, else why it does not; takes about a second.

    Raises:
        InfrastructureError: no process could be run.
    """
    try:
        find_pyspy()
    except InfrastructureError as error:
        return str(error)
    return pyspy_problem()


@dataclass(frozen=True, kw_only=True)
class _Goal:
    """When to stop looking."""

    min_samples: int
    max_s: float
    ask_whether_it_waits: bool


@dataclass(kw_only=True)
class _Seen:
    """What all looks together showed."""

    stacks: list[RawStack] = field(default_factory=list)
    samples: int = 0
    errors: int = 0
    duration_s: float = 0.0
    waits: bool = False
    notes: list[str] = field(default_factory=list)

    def add(self, look: Look) -> None:
        self.stacks += look.stacks
        self.samples += look.samples
        self.errors += look.errors
        self.duration_s += look.launch.duration_s


class _CannotLook(Exception):
    """The profiler sees nothing here, for the reason given."""


def _collect(profiler: Profiler, goal: _Goal) -> _Seen:
    """Look until there are enough samples or the time is up.

    The first look is at one call, as a user would make it. One that waits for most of its time is
    left at that, for the caller to look at otherwise.

    Raises:
        _CannotLook: the profiler sees nothing here.
    """
    stop = time.monotonic() + goal.max_s
    seen = _Seen()
    repeats_alike = True
    loops, repeat_for_s, blind = 0, 0.0, 0
    while True:
        look = profiler.look(loops=loops, repeat_for_s=repeat_for_s)
        left_s = stop - time.monotonic()
        if look is None:
            if not seen.duration_s:
                blind += 1
                if reason := profiler.problem():
                    raise _CannotLook(reason)
                if blind == _MOST_BLIND_LOOKS:
                    raise _CannotLook("it found no interpreter that it knows")
            elif left_s <= 0:
                return seen
            # The call may have been over before py-spy had found the interpreter.
            loops, repeat_for_s = 0, _SURELY_FOUND_S if repeats_alike else 0.0
            continue
        if loops and not _repeats_alike(look.launch):
            repeats_alike = False
        else:
            seen.add(look)
        if goal.ask_whether_it_waits and _waits(look, repeat_for_s, profiler.rate_hz):
            seen.waits = True
            return seen
        missing = goal.min_samples - seen.samples
        if missing <= 0 or left_s <= 0:
            return seen
        loops, repeat_for_s = 0, 0.0
        if repeats_alike:
            loops = int(look.launch.cold_s >= SHORT_CALL_S)
            repeat_for_s = min(max(1.5 * missing / profiler.rate_hz, _SHORTEST_REPEAT_S), left_s)


def _repeats_alike(done: Launch) -> bool:
    """Whether a later call in the same process costs at least half of what the first one did."""
    return not done.warm_s or done.warm_s[0] >= done.cold_s / 2


def _waits(look: Look, repeat_for_s: float, rate_hz: int) -> bool:
    """Whether the workload neither computes nor has anybody compute for more than half its time."""
    called_s = look.launch.cold_s + repeat_for_s
    cpu_s = look.launch.cold_cpu_s
    return (
        called_s >= _JUDGED_FROM_S
        and cpu_s is not None
        and cpu_s < look.launch.cold_s / 2
        and look.samples / rate_hz < called_s / 2
    )


def _profile(options: LookOptions, seen: _Seen, recorder: Recorder, rate_hz: int) -> Profile:
    owners = Ownership(options.tree, workload_files=_workload_files(options))
    stacks = merge_stacks(
        (tuple(owners.frame(frame) for frame in stack.frames), stack.samples)
        for stack in seen.stacks
    )
    notes = list(seen.notes)
    if not seen.samples:
        notes.append("no sample fell into the workload")
    elif seen.samples < _FEW_SAMPLES:
        notes.append(f"only {seen.samples} samples: the shares are rough")
    return Profile(
        stacks=stacks,
        samples=seen.samples,
        rate_hz=rate_hz,
        recorder=recorder,
        native=options.native,
        errors=seen.errors,
        duration_s=seen.duration_s,
        note="; ".join(notes) or None,
    )


def _workload_files(options: LookOptions) -> list[Path]:
    workload = options.target.workload
    files: list[Path] = []
    if workload.origin is not None:
        files.append(Path(workload.origin))
    if workload.in_repo is not None:
        files.append(options.tree / workload.in_repo)
    if workload.kind == "pytest":
        test_file = workload.text.partition("::")[0]
        files.append(options.tree / options.target.environment.subdir / test_file)
    return files


@contextmanager
def _scratch_file(work_dir: Path, name: str) -> Iterator[Path]:
    """Yield a path in a new folder of `work_dir` and remove the folder afterwards.

    Raises:
        InfrastructureError: the folder cannot be made.
    """
    try:
        work_dir.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=work_dir.absolute(), prefix="profiler-"))
    except OSError as error:
        raise InfrastructureError(f"cannot write profiles to {work_dir}: {error}") from error
    try:
        yield folder / name
    finally:
        shutil.rmtree(folder, ignore_errors=True)
