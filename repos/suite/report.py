"""Says how one run of a suite went, from what the plugin told up to wherever it stopped.

What the plugin tells is described in `inside/suite_plugin.py`.
"""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..commands.process import CommandResult


@dataclass(frozen=True, kw_only=True)
class SuiteReport:
    """How one run of a suite went.

    Attributes:
        passed: Node ids, in the order in which they ran; an unexpected success counts.
        failed: Those whose test, or a subtest of it, failed.
        errored: Those whose fixtures failed, files that could not be collected, and the test in
            which the process died.
        skipped: Those skipped, expected failures among them.
        duration_s: Seconds from start to exit.
        command: The command in short, for people.
        problem: Why the suite did not run to its end; None when it did. What ran before is
            listed all the same. No test at all is no problem here: `passed` is empty then.
        reasons: For each failed or errored id the end of its message.
        notes: What went wrong beside the tests.
        durations: Seconds of the tests that passed, fixtures apart; those under 10 ms are left out.
    """

    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    errored: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    duration_s: float
    command: str
    problem: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    durations: Mapping[str, float] = field(default_factory=dict)

    def outcomes(self) -> dict[str, str]:
        """Return each node id's outcome: passed, failed, errored or skipped."""
        return {
            node_id: outcome
            for outcome in ("passed", "skipped", "failed", "errored")
            for node_id in getattr(self, outcome)
        }


@dataclass(kw_only=True)
class Heard:
    """What one run of the plugin told.

    Attributes:
        collected: Node ids in the order in which they were to run; None when it never got there.
        outcomes: Outcome by node id, in the order in which they came.
        reasons: Why, for what failed or errored.
        running: The test that had begun when the plugin fell silent; None when none had.
        problems: Why the suite could not run.
        notes: What went wrong beside.
        durations: Seconds of each test that passed and was not short.
        exit_status: pytest's, when it came to its end; else None.
    """

    collected: list[str] | None = None
    outcomes: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    running: str | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    durations: dict[str, float] = field(default_factory=dict)
    exit_status: int | None = None


def listen(channel: bytes, nonce: str) -> Heard:
    """Read the lines that begin with the nonce; anything else was not written by the plugin."""
    heard = Heard()
    prefix = f"{nonce} ".encode()
    for line in channel.split(b"\n"):
        if not line.startswith(prefix):
            continue
        try:
            kind, *words = json.loads(line[len(prefix) :])
        except ValueError:
            # The last line, cut where the process died.
            continue
        _take(heard, kind, words)
    return heard


def _take(heard: Heard, kind: str, words: list) -> None:
    if kind == "collected":
        heard.collected = words[0]
    elif kind == "not_collected":
        _note_outcome(heard, *words)
    elif kind == "start":
        heard.running = _name(heard, words[0])
    elif kind == "outcome":
        heard.running = None
        _note_outcome(heard, _name(heard, words[0]), *words[1:])
    elif kind == "took":
        heard.durations[_name(heard, words[0])] = words[1]
    elif kind == "note":
        heard.notes.append(words[0])
    elif kind == "problem":
        heard.problems.append(words[0])
    elif kind == "finish":
        heard.exit_status = words[0]


def _name(heard: Heard, place: int) -> str:
    return (heard.collected or [])[place]


def _note_outcome(heard: Heard, node_id: str, outcome: str, reason: str | None) -> None:
    heard.outcomes[node_id] = outcome
    if reason is not None:
        heard.reasons[node_id] = reason


def make_report(
    result: CommandResult, heard: Heard, arguments: Sequence[str], timeout_s: float
) -> SuiteReport:
    """Put together how a run went.

    Args:
        result: The process.
        heard: What the plugin told.
        arguments: pytest's arguments.
        timeout_s: The limit the process had.
    """
    outcomes = dict(heard.outcomes)
    reasons = dict(heard.reasons)
    problem = _problem(result, heard, timeout_s)
    if heard.exit_status is None and heard.running is not None:
        outcomes[heard.running] = "errored"
        reasons[heard.running] = problem or ""

    def having(outcome: str) -> tuple[str, ...]:
        return tuple(node_id for node_id, its in outcomes.items() if its == outcome)

    return SuiteReport(
        passed=having("passed"),
        failed=having("failed"),
        errored=having("errored"),
        skipped=having("skipped"),
        duration_s=result.duration_s,
        command=shlex.join(["python", "-m", "pytest", *arguments]),
        problem=problem,
        reasons=reasons,
        notes=tuple(heard.notes),
        durations={
            name: seconds
            for name, seconds in heard.durations.items()
            if outcomes.get(name) == "passed"
        },
    )


def _problem(result: CommandResult, heard: Heard, timeout_s: float) -> str | None:
    """Say why a suite did not run to its end; None when it did, whatever its tests said."""
    if heard.problems:
        return heard.problems[0]
    if heard.exit_status in (0, 1, 5):
        return None
    if heard.exit_status == 2:
        return f"the suite was interrupted: {_last_words(result)}"
    if heard.exit_status is not None or result.returncode in (3, 4):
        return f"pytest could not run: {_last_words(result)}"
    if result.timed_out:
        ended = f"the suite took longer than {timeout_s:.0f} s and was ended"
    elif result.returncode is not None and result.returncode < 0:
        ended = f"the suite died of {_signal_name(-result.returncode)}"
    else:
        ended = f"the suite's process ended early with status {result.returncode}"
    if heard.collected is None:
        return f"{ended} while collecting: {_last_words(result)}"
    where = f" in {heard.running}" if heard.running else ""
    return f"{ended}{where}, after {len(heard.outcomes)} of {len(heard.collected)} tests"


def _last_words(result: CommandResult) -> str:
    return " ".join(line.strip() for line in result.tail(3).splitlines())[:600]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
