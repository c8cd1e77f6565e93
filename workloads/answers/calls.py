"""Recorded calls of some functions, and what comes of making them again.

`record_calls` runs the workload once and keeps the arguments with which the functions were called
(`inside/perfagent_calls.py`); `replay_calls` makes those calls in a fresh process against any
version of the code (`inside/perfagent_replay.py`). The copies of the arguments are pickles; they
are only ever read in the target's interpreter. `call_outcomes` compares.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..failure import WorkloadFailed
from ..launch import Launch, LaunchPlan, launch
from ..target import Target

RECORDING_S = 150.0
"""Longest time that the launch that records may take, in seconds."""
REPLAYING_S = 20.0
"""Seconds after which a bounded replay makes no further call."""
_MOST_BYTES = 16_000_000


@dataclass(frozen=True, kw_only=True)
class RecordedFunction:
    """One function whose calls were to be recorded.

    Attributes:
        module: Its module's full name.
        qualname: Its name there, such as "Orders.total".
        style: "function", "method", "static", "class" or "property"; None when it was not wrapped.
        problem: Why it was not, None when it was.
        calls: How often the workload called it.
        failed: Of how many calls the arguments could not be copied.
        why: What stood in the way the first time; None when nothing did.
        too_long: Calls left out because they take too long to be made again.
    """

    module: str
    qualname: str
    style: str | None
    problem: str | None
    calls: int
    failed: int
    why: str | None
    too_long: int

    @property
    def name(self) -> str:
        """Module and name together."""
        return f"{self.module}.{self.qualname}"

    @property
    def is_private(self) -> bool:
        """Whether an underscore says that only the repository itself calls it."""
        parts = self.name.split(".")
        return any(part.startswith("_") and not part.endswith("__") for part in parts)


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """One call, as it began.

    Attributes:
        function: Index into `Recording.functions`.
        arguments: Pickle of (args, kwargs), in base64.
        by_state: Watched classes of which it holds instances copied with their state.
        raised: Whether it ended with an exception.
    """

    function: int
    arguments: str
    by_state: tuple[str, ...]
    raised: bool


@dataclass(frozen=True, kw_only=True)
class Recording:
    """The calls of one run of the workload; a call's number is its place in `calls`."""

    functions: tuple[RecordedFunction, ...]
    calls: tuple[RecordedCall, ...]

    def doubts(self) -> tuple[str, ...]:
        """Return what was not recorded, and why, a line each."""
        never = [f.name for f in self.functions if not (f.problem or f.calls)]
        found = [f"the workload never calls {listed(never)}: no call is replayed"] if never else []
        for function in self.functions:
            if function.problem:
                found.append(f"calls of {function.name} are not recorded: {function.problem}")
            if function.failed:
                found.append(
                    f"{function.failed} of {function.calls} calls of {function.name} could not be "
                    f"recorded ({function.why})"
                )
            if function.too_long:
                found.append(
                    f"{function.too_long} recorded calls of {function.name} take too long to be "
                    "replayed"
                )
        return tuple(found)

    def name_of(self, number: int) -> str:
        """Return the name of the function that the call of that number is of."""
        return self.functions[self.calls[number].function].name


@dataclass(frozen=True, kw_only=True)
class CallOutcome:
    """What came of one call.

    Attributes:
        kind: "returned" or "raised"; "missing" (there is no such function), "unloadable" (its
            arguments cannot be made) or "unbindable" (it does not take them).
        words: The exception, "" for none.
        value: The outcome, the arguments afterwards and the output, as `perfagent_answer` encodes
            them; None when it neither returned nor raised.
    """

    kind: str
    words: str
    value: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of the recorded calls against one version.

    Attributes:
        outcomes: By the call's number; a call that gave none is not in it.
        over: How many calls were over when the process ended.
        signatures: The functions' parameters as that version has them; None where unknown.
        variables: Full names of the public variables of the repository's modules that a call could
            change.
        ended: How the process ended before it could report, None when it did report.
        duration_s: Seconds it took in all.
    """

    outcomes: dict[int, CallOutcome]
    over: int
    signatures: tuple[tuple[str, ...] | None, ...]
    variables: frozenset[str]
    ended: str | None
    duration_s: float


def record_calls(
    target: Target,
    tree: Path,
    functions: Sequence[tuple[str, str]],
    classes: Sequence[tuple[str, str]] = (),
) -> Recording:
    """Run the workload once and record the calls of some functions; at most 200 are kept.

    Args:
        target: The workload, not a command.
        tree: The version that runs.
        functions: What to record, as (module, qualname).
        classes: Whose objects are kept as the call that made them, where that is all there is to
            know of them, as (module, qualname).

    Raises:
        WorkloadFailed: It failed, or took longer than RECORDING_S.
        UserError: The interpreter does not exist.
        InfrastructureError: The process could not be run.
    """
    job = {"do": "calls", "functions": _lists(functions), "classes": _lists(classes)}
    found = _calls_part(_launch(target, tree, job, RECORDING_S))
    return Recording(
        functions=tuple(RecordedFunction(**function) for function in found["functions"]),
        calls=tuple(
            RecordedCall(**(call | {"by_state": tuple(call["by_state"])}))
            for call in found["calls"]
        ),
    )


def replay_calls(
    target: Target,
    tree: Path,
    recording: Recording,
    *,
    numbers: Collection[int] | None = None,
    seed: int = 0,
    wall_s: float | None = None,
) -> Replay:
    """Make recorded calls in a fresh process; a process that ends early loses their outcomes.

    Args:
        target: The workload's target.
        tree: The version that runs.
        recording: The calls.
        numbers: Which of them; None for as many as fit into REPLAYING_S seconds.
        seed: Of random numbers, anew for each call.
        wall_s: Seconds after which the process is ended; None for the target's own limit.

    Raises:
        UserError: The interpreter does not exist.
        InfrastructureError: The process could not be run.
    """
    job = {
        "do": "replay",
        "functions": [[f.module, f.qualname, f.style or ""] for f in recording.functions],
        "calls": [
            [number, call.function, base64.b64decode(call.arguments)]
            for number, call in enumerate(recording.calls)
            if numbers is None or number in numbers
        ],
        "seed": seed,
        "longest_s": REPLAYING_S if numbers is None else None,
        "most_bytes": _MOST_BYTES if numbers is None else None,
    }
    try:
        done = _launch(target, tree, job, wall_s)
    except WorkloadFailed as failure:
        return _early_end(failure)
    found = _calls_part(done)
    return Replay(
        outcomes={
            number: CallOutcome(kind=kind, words=words, value=value)
            for number, kind, words, value in found["outcomes"]
        },
        over=len(found["outcomes"]),
        signatures=tuple(None if s is None else tuple(s) for s in found["signatures"]),
        variables=frozenset(found["variables"]),
        ended=None,
        duration_s=done.duration_s,
    )


def _launch(target: Target, tree: Path, job: dict[str, Any], wall_s: float | None) -> Launch:
    if wall_s is not None:
        target = target.within(wall_s)
    return launch(target, tree, LaunchPlan(capture_answer=True, calls=job, pinned=False))


def _calls_part(done: Launch) -> dict[str, Any]:
    return (done.answer or {})["parts"]["calls"]


def _early_end(failure: WorkloadFailed) -> Replay:
    """Return the replay of a process that gave no report: how far it came is all that is known."""
    command = failure.command
    cut_off = failure.kind == "unparsable" and command is not None and command.ok
    over = 0
    for line in command.channel.splitlines() if command else ():
        try:
            over += "over" in json.loads(line)
        except (ValueError, TypeError):
            continue
    return Replay(
        outcomes={},
        over=over,
        signatures=(),
        variables=frozenset(),
        # What the channel holds then is too little, not something else.
        ended="the process ended with status 0" if cut_off else failure.summary,
        duration_s=command.duration_s if command else 0.0,
    )


def listed(names: Sequence[str]) -> str:
    """Return names in a sentence: two at most, and how many more there are."""
    if len(names) < 3:
        return " and ".join(names)
    return f"{names[0]} and {len(names) - 1} more functions"


def _lists(names: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [list(name) for name in names]
