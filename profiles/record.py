"""Recording: runs a workload under a profiler until there are samples enough to trust."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from sys import executable
from typing import Protocol

from ..errors import InfrastructureError
from ..workloads.failure import WorkloadFailed
from ..workloads.launch import TIMED_REGION, Launch, LaunchPlan, launch
from ..workloads.target import Target
from .ownership import Ownership
from .profile import Profile, Recorder, merge_stacks
from .pyspy import find_pyspy, pyspy_errors, pyspy_problem, pyspy_wrapper
from .stacks import (
    RawStack,
    below_root,
    inside_region,
    parse_pyinstrument,
    parse_pyspy,
)

_PYINSTRUMENT_HZ = 1000
"""The driver's sampling interval is a millisecond."""
_REPEAT_COMMAND = Path(__file__).parent / "inside" / "repeat_command.py"
_SHORT_CALL_S = 0.01
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
    options = _Options(target=target, tree=tree, rate_hz=rate_hz, native=native)
    try:
        with _scratch_file(work_dir, "pyspy.raw") as output:
            seen = _collect(_PySpy(options, output), goal)
            if seen.waits:
                goal = replace(goal, ask_whether_it_waits=False)
                seen = _collect(_PySpy(options, output, idle=True), goal)
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
            seen = _collect(_Pyinstrument(options, output, environment_side_packages()), goal)
    except _CannotLook as problem:
        raise InfrastructureError(f"py-spy cannot look ({reason}), and {problem}") from problem
    seen.notes.append(
        f"py-spy cannot look into the process ({reason}), so pyinstrument did: it sees one thread,"
        " and its lines are those of calls and returns"
    )
    return _profile(replace(options, native=False), seen, "pyinstrument", _PYINSTRUMENT_HZ)


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
class _Options:
    """What every look has in common."""

    target: Target
    tree: Path
    rate_hz: int
    native: bool


@dataclass(frozen=True, kw_only=True)
class _Goal:
    """When to stop looking."""

    min_samples: int
    max_s: float
    ask_whether_it_waits: bool


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What one launch under a profiler showed."""

    launch: Launch
    stacks: list[RawStack]
    errors: int = 0

    @property
    def samples(self) -> int:
        return sum(stack.samples for stack in self.stacks)


@dataclass(kw_only=True)
class _Seen:
    """What all looks together showed."""

    stacks: list[RawStack] = field(default_factory=list)
    samples: int = 0
    errors: int = 0
    duration_s: float = 0.0
    waits: bool = False
    notes: list[str] = field(default_factory=list)

    def add(self, look: _Look) -> None:
        self.stacks += look.stacks
        self.samples += look.samples
        self.errors += look.errors
        self.duration_s += look.launch.duration_s


class _CannotLook(Exception):
    """The profiler sees nothing here, for the reason given."""


class _Profiler(Protocol):
    """A way to look at one launch."""

    rate_hz: int

    def problem(self) -> str | None:
        """Return why no launch can be looked at here, None when it was that launch."""
        ...

    def look(self, *, loops: int, repeat_for_s: float) -> _Look | None:
        """Launch once; None when the profiler could not look."""
        ...


class _PySpy:
    """py-spy around the launch."""

    def __init__(self, options: _Options, output: Path, *, idle: bool = False) -> None:
        self._options = options
        self._output = output
        self._idle = idle
        self.rate_hz = options.rate_hz

    def problem(self) -> str | None:
        return pyspy_problem()

    def look(self, *, loops: int, repeat_for_s: float) -> _Look | None:
        """Launch once under py-spy.

        Raises:
            WorkloadFailed: the workload failed while py-spy was looking, or ran past its time.
        """
        options = self._options
        self._output.unlink(missing_ok=True)
        wrapper = pyspy_wrapper(
            self._output, rate_hz=options.rate_hz, native=options.native, idle=self._idle
        )
        target = options.target
        is_command = target.workload.kind == "command"
        if is_command:
            wrapper += (executable, "-I", "-S", str(_REPEAT_COMMAND), f"{repeat_for_s:.3f}")
            target = _as_children(target)
        plan = LaunchPlan(loops=loops, repeat_for_s=repeat_for_s, wrapper=wrapper, pinned=False)
        try:
            done = launch(target, options.tree, plan)
        except WorkloadFailed as failure:
            if failure.kind == "timed_out" or self._output.exists():
                raise
            return None
        if not self._output.exists():
            return None
        stacks = parse_pyspy(self._output.read_text(encoding="utf-8", errors="replace"))
        if is_command:
            stacks = below_root(stacks)
        else:
            stacks = inside_region(stacks, TIMED_REGION, others=not self._idle)
        return _Look(launch=done, stacks=stacks, errors=pyspy_errors(done.stdout))


def _as_children(target: Target) -> Target:
    """Return the target with a command whose shell stays, and starts its parts as children.

    A shell replaces itself by the last command it is given. py-spy would have given up on the
    process by then, because a shell is no Python.
    """
    text = f"{target.workload.text}\nexit $?"
    return replace(target, workload=replace(target.workload, text=text))


class _Pyinstrument:
    """pyinstrument inside the target."""

    rate_hz = _PYINSTRUMENT_HZ

    def __init__(self, options: _Options, output: Path, side_packages: Path) -> None:
        self._options = options
        self._output = output
        self._side_packages = side_packages

    def problem(self) -> str | None:
        return "pyinstrument left no session"

    def look(self, *, loops: int, repeat_for_s: float) -> _Look | None:
        """Launch once under pyinstrument.

        Raises:
            WorkloadFailed: the workload failed.
        """
        self._output.unlink(missing_ok=True)
        plan = LaunchPlan(
            loops=loops,
            repeat_for_s=repeat_for_s,
            side_packages=self._side_packages,
            pyinstrument=self._output,
            pinned=False,
        )
        done = launch(self._options.target, self._options.tree, plan)
        if not self._output.exists():
            return None
        session = json.loads(self._output.read_text(encoding="utf-8"))
        stacks = inside_region(parse_pyinstrument(session, self.rate_hz), TIMED_REGION)
        return _Look(launch=done, stacks=stacks)


def _collect(profiler: _Profiler, goal: _Goal) -> _Seen:
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
            loops = int(look.launch.cold_s >= _SHORT_CALL_S)
            repeat_for_s = min(max(1.5 * missing / profiler.rate_hz, _SHORTEST_REPEAT_S), left_s)


def _repeats_alike(done: Launch) -> bool:
    """Whether a later call in the same process costs at least half of what the first one did."""
    return not done.warm_s or done.warm_s[0] >= done.cold_s / 2


def _waits(look: _Look, repeat_for_s: float, rate_hz: int) -> bool:
    """Whether the workload neither computes nor has anybody compute for more than half its time."""
    called_s = look.launch.cold_s + repeat_for_s
    cpu_s = look.launch.cold_cpu_s
    return (
        called_s >= _JUDGED_FROM_S
        and cpu_s is not None
        and cpu_s < look.launch.cold_s / 2
        and look.samples / rate_hz < called_s / 2
    )


def _profile(options: _Options, seen: _Seen, recorder: Recorder, rate_hz: int) -> Profile:
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


def _workload_files(options: _Options) -> list[Path]:
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
    """Yield a path in `work_dir` and remove what is there afterwards.

    Raises:
        InfrastructureError: the folder cannot be made.
    """
    try:
        work_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InfrastructureError(f"cannot write profiles to {work_dir}: {error}") from error
    path = (work_dir / name).absolute()
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
