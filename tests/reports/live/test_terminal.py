"""The live view: calm on a terminal, plain lines elsewhere, nothing when asked to be quiet."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from perfagent.reports.live.terminal import LiveView, budget_parts

EVENTS: list[dict[str, Any]] = [
    {"event": "stage", "stage": "prepare", "text": "cloning"},
    {
        "event": "candidate",
        "candidate_id": "c1",
        "origin": "rewrites/hoist",
        "hotspot": "lib.py:slow",
        "hypothesis": "a [bold]loop[/bold] invariant",
        "state": "proposed",
    },
    {"event": "candidate", "candidate_id": "c1", "state": "validating", "stage": "quick timing"},
    {
        "event": "candidate",
        "candidate_id": "c1",
        "state": "accepted",
        "stage": "full suite",
        "speedup": 1.3,
        "ci_low": 1.2,
        "ci_high": 1.4,
    },
    {
        "event": "candidate",
        "candidate_id": "c2",
        "origin": "llm/x",
        "state": "rejected",
        "stage": "same answer",
        "reason": "rows[0]:\nbase 1, candidate 2",
    },
    {"event": "spend", "rounds": 2, "usd": 0.1, "limits": {"max_rounds": 6, "max_usd": 1.0}},
    {"event": "note", "text": "no key: the built-in rewrites run"},
    {"event": "something new"},
]


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def show(*, terminal: bool, quiet: bool = False) -> str:
    stream, clock = io.StringIO(), Clock()
    console = Console(file=stream, force_terminal=terminal, width=100)
    with LiveView(console, quiet=quiet, clock=clock) as view:
        for event in EVENTS:
            clock.now += 1.0
            view.on_event(event)
    return stream.getvalue()


def test_a_pipe_gets_one_plain_line_for_each_event_that_matters() -> None:
    assert show(terminal=False).splitlines() == [
        "[1 s] prepare: cloning",
        "[4 s] candidate c1 (rewrites/hoist lib.py:slow): accepted 1.30x faster (95% CI 1.20-1.40)",
        "[5 s] candidate c2 (llm/x): rejected at same answer: rows[0]: base 1, candidate 2",
        "[7 s] no key: the built-in rewrites run",
    ]


@pytest.mark.parametrize("name", ["CI", "NO_COLOR"])
def test_ci_and_no_color_get_plain_lines_even_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    assert show(terminal=True).startswith("[1 s] prepare: cloning\n")


def test_verbose_tells_every_step_in_full_even_on_a_terminal() -> None:
    stream, clock = io.StringIO(), Clock()
    console = Console(file=stream, force_terminal=True, width=100)
    with LiveView(console, verbose=True, clock=clock) as view:
        for event in [*EVENTS, {"event": "stage", "stage": "prepare", "text": "w" * 500}]:
            view.on_event(event)
    lines = stream.getvalue().splitlines()
    assert "[0 s] candidate c1 (rewrites/hoist lib.py:slow): validating quick timing" in lines
    assert any(line.endswith("a [bold]loop[/bold] invariant") for line in lines)
    assert lines[-1] == f"[0 s] prepare: {'w' * 500}"
    assert "\x1b" not in stream.getvalue()


def test_a_plain_line_is_shortened_and_says_how_long_a_step_takes() -> None:
    stream = io.StringIO()
    with LiveView(Console(file=stream), clock=Clock()) as view:
        view.on_event({"event": "stage", "stage": "prepare", "text": "w" * 500, "about_s": 12})
    (line,) = stream.getvalue().splitlines()
    assert line.endswith("w… (about 12 s)")
    assert len(line) < 280


def test_quiet_shows_nothing() -> None:
    assert show(terminal=False, quiet=True) == ""
    assert show(terminal=True, quiet=True) == ""


def test_a_terminal_shows_the_stage_the_budget_and_each_fate() -> None:
    stream, clock = io.StringIO(), Clock()
    console = Console(file=stream, force_terminal=True, width=100, color_system=None)
    with LiveView(console, clock=clock) as view:
        for event in EVENTS:
            view.on_event(event)
        clock.now = 65.0
        with console.capture() as capture:
            console.print(view._render())
    block = capture.get()
    assert "prepare  cloning" in block
    assert "1 min 5 s  round 2/6  $0.10 of $1.00" in block
    assert "+ c1  lib.py:slow  accepted 1.30x faster" in block
    assert "- c2  llm/x  rejected at same answer: rows[0]: base 1, candidate 2" in block


def test_the_block_is_gone_when_the_run_ends_or_fails() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100)
    view = LiveView(console)

    def run() -> None:
        with view:
            view.on_event(EVENTS[0])
            raise RuntimeError("the run failed")

    with pytest.raises(RuntimeError):
        run()
    assert "\x1b[?25h" in stream.getvalue(), "the cursor must come back"
    assert stream.getvalue().rstrip("\n").endswith("\x1b[2K"), "the block must be erased"


def test_budget_without_limits_shows_what_was_spent() -> None:
    assert budget_parts({"rounds": 1, "tokens": 12000}) == ["round 1", "12,000 tokens"]
    assert budget_parts({}) == []
    assert budget_parts({"limits": {"max_wall_s": 600}}) == ["of 10 min 0 s at most"]
