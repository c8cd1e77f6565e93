"""One look: a launch of the workload under a profiler, and the stacks that it showed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ...workloads.failure import WorkloadFailed
from ...workloads.launch import TIMED_REGION, Launch, LaunchPlan, launch
from ...workloads.target import Target
from .pyspy import find_pyspy, pyspy_errors, pyspy_problem, pyspy_wrapper
from .stacks import RawStack, below_root, inside_region, parse_pyinstrument, parse_pyspy

PYINSTRUMENT_HZ = 1000
"""The driver lets pyinstrument sample once a millisecond."""
_REPEAT_COMMAND = Path(__file__).parent.parent / "inside" / "repeat_command.py"


@dataclass(frozen=True, kw_only=True)
class LookOptions:
    """What every look has in common.

    Attributes:
        target: The workload and where it runs.
        tree: The checkout that runs.
        rate_hz: Samples a second, for py-spy.
        native: Record frames of compiled code too, where the profiler can.
    """

    target: Target
    tree: Path
    rate_hz: int
    native: bool


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one launch under a profiler showed.

    Attributes:
        launch: Its times, which the profiler makes longer.
        stacks: What ran in the workload, the frames of the driver cut away.
        errors: Samples that could not be taken.
    """

    launch: Launch
    stacks: list[RawStack]
    errors: int = 0

    @property
    def samples(self) -> int:
        """Samples in all stacks."""
        return sum(stack.samples for stack in self.stacks)


class Profiler(Protocol):
    """A way to look at one launch.

    Attributes:
        rate_hz: Samples a second.
    """

    rate_hz: int

    def problem(self) -> str | None:
        """Return why no launch can be looked at here, None when it was that launch."""
        ...

    def look(self, *, loops: int, repeat_for_s: float) -> Look | None:
        """Launch once; None when the profiler could not look."""
        ...


class PySpy:
    """py-spy around the launch.

    Args:
        options: what every look has in common.
        output: a file for py-spy to write.
        idle: count a waiting main thread too, and nothing else, so that shares are of elapsed time.
    """

    def __init__(self, options: LookOptions, output: Path, *, idle: bool = False) -> None:
        self._options = options
        self._output = output
        self._idle = idle
        self.rate_hz = options.rate_hz

    def problem(self) -> str | None:
        """Return why py-spy cannot look into any process here, None when it can."""
        return pyspy_problem()

    def look(self, *, loops: int, repeat_for_s: float) -> Look | None:
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
            python = str(target.environment.python)
            wrapper += (python, "-I", "-S", str(_REPEAT_COMMAND), f"{repeat_for_s:.3f}")
            target = _as_children(target)
        plan = LaunchPlan(
            loops=loops,
            repeat_for_s=repeat_for_s,
            wrapper=wrapper,
            pinned=False,
            readable=(find_pyspy(),),
            writable=(self._output.parent,),
        )
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
        return Look(launch=done, stacks=stacks, errors=pyspy_errors(done.stdout))


def _as_children(target: Target) -> Target:
    """Return the target with a command whose shell stays, and starts its parts as children.

    A shell replaces itself by the last command it is given. py-spy would have given up on the
    process by then, because a shell is no Python.
    """
    text = f"{target.workload.text}\nexit $?"
    return replace(target, workload=replace(target.workload, text=text))


class Pyinstrument:
    """pyinstrument inside the target.

    Args:
        options: what every look has in common.
        output: a file for the session.
        side_packages: a folder with pyinstrument for the target's interpreter.
    """

    rate_hz = PYINSTRUMENT_HZ

    def __init__(self, options: LookOptions, output: Path, side_packages: Path) -> None:
        self._options = options
        self._output = output
        self._side_packages = side_packages

    def problem(self) -> str | None:
        """Return what is wrong when a launch that went well left no session."""
        return "pyinstrument left no session"

    def look(self, *, loops: int, repeat_for_s: float) -> Look | None:
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
            writable=(self._output.parent,),
        )
        done = launch(self._options.target, self._options.tree, plan)
        if not self._output.exists():
            return None
        session = json.loads(self._output.read_text(encoding="utf-8"))
        stacks = inside_region(parse_pyinstrument(session, self.rate_hz), TIMED_REGION)
        return Look(launch=done, stacks=stacks)
