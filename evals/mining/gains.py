"""Which calls gain by a change: each is timed apart, in fresh processes of both versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...workloads.script import parse_script
from ..official.commands import asked
from ..running.ground import Ground

LEAST_S = 0.0003
"""A call that is shorter says little."""

LEAST_GAIN = 1.1
MOST_CALLS = 5
_MOST_LOOKED_AT = 20
_ROUNDS = 6
_CALL_S = 60.0

Script = Callable[[Sequence[str]], str]
"""Makes the script that calls the tests or benchmarks it is given the names of."""


@dataclass(frozen=True, kw_only=True)
class Called:
    """What became of one call in a process of its own.

    Attributes:
        seconds: Of the call alone; None where it failed.
        reached: Whether it called a function that changes; None where nobody looked.
        problem: Why it failed; "" where it did not.
    """

    seconds: float | None = None
    reached: bool | None = None
    problem: str = ""


@dataclass(kw_only=True)
class Times:
    """The seconds of each call, on the base and after the change, a value a process."""

    base: dict[str, list[float]] = field(default_factory=dict)
    expert: dict[str, list[float]] = field(default_factory=dict)

    def gain(self, name: str) -> float:
        """Return how many times as fast a call is after the change; 0 where one side has none."""
        before, after = self.base.get(name), self.expert.get(name)
        return min(before) / max(min(after), 1e-9) if before and after else 0.0


def call(
    ground: Ground, tree: Path, script: str, lines: Mapping[str, Sequence[int]] | None = None
) -> dict[str, Called]:
    """Make each call of a script once, in a process of its own; the caller has the lane.

    Args:
        ground: The instance.
        tree: The version.
        script: The script; one that does not list what it calls is one call, named "".
        lines: By file, lines of changed functions: says which calls reach them, and is slower.

    Raises:
        BlockFailed: The script fails before it can call anything.
        InfrastructureError: It could not be run.
    """
    limit_s = ground.settings.suite_timeout_s
    job = {
        "text": parse_script(script, "the mined workload").text,
        "within_s": 0.9 * limit_s,
        "call_s": min(_CALL_S, limit_s),
        "lines": {path: list(numbers) for path, numbers in (lines or {}).items()},
    }
    found = asked(ground, tree, "perfagent_calls_times.py", job, limit_s)
    return {name: Called(**told) for name, told in found.items()}


def measured(
    ground: Ground, base: Path, expert: Path, script: str, rounds: int, times: Times
) -> dict[str, str]:
    """Add the times of some rounds; return the problem of each call that failed.

    Raises:
        BlockFailed: The script fails before it can call anything.
        InfrastructureError: It could not be run.
    """
    problems: dict[str, str] = {}
    with ground.lane.turn():
        for _ in range(rounds):
            for tree, kept, version in (
                (base, times.base, "before the change"),
                (expert, times.expert, "after the change"),
            ):
                for name, told in call(ground, tree, script).items():
                    if told.seconds is None:
                        problems[name] = f"{version} it fails: {told.problem}"
                    else:
                        kept.setdefault(name, []).append(told.seconds)
    return problems


def reaching(
    ground: Ground, tree: Path, script: str, lines: Mapping[str, Sequence[int]]
) -> list[str]:
    """Return the calls of a script that succeed and reach changed lines.

    Raises:
        BlockFailed: The script fails before it can call anything.
        InfrastructureError: It could not be run.
    """
    with ground.lane.turn():
        found = call(ground, tree, script, lines)
    return [name for name, told in found.items() if told.reached]


def gaining(
    ground: Ground, base: Path, expert: Path, names: Sequence[str], script: Script
) -> list[str]:
    """Return the calls that gain: one look at each, and some more at those that may.

    Raises:
        BlockFailed: The script fails before it can call anything.
        InfrastructureError: It could not be run.
    """
    first = Times()
    measured(ground, base, expert, script(names), 1, first)
    likely = sorted(
        (name for name, s in first.base.items() if first.gain(name) > 1 and min(s) >= LEAST_S),
        key=lambda name: -(min(first.base[name]) - min(first.expert[name])),
    )[:_MOST_LOOKED_AT]
    if not likely:
        return []
    times = Times()
    measured(ground, base, expert, script(likely), _ROUNDS, times)
    return chosen(times)


def chosen(times: Times) -> list[str]:
    """Return the calls that make the workload: those that gain about as much as the best does."""
    gains = {
        name: times.gain(name)
        for name, seconds in times.base.items()
        if min(seconds) >= LEAST_S and times.gain(name) >= LEAST_GAIN
    }
    least = max(gains.values(), default=0.0) ** 0.5
    saved = {n: min(times.base[n]) - min(times.expert[n]) for n in gains if gains[n] >= least}
    return sorted(saved, key=lambda name: -saved[name])[:MOST_CALLS]
