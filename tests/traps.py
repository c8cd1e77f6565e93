"""One repository that is made of the traps of all rewrites, and the gate before which they come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perfagent.agent.verdict import Verdict

from .court import Court, open_court
from .shop import PYTEST_INI
from .tools.rewrites.specimens import Trap, rewritten

TIMED = ("first call too", "quick timing", "full timing", "unannounced answer")
"""The stages that time, or make as many calls as are timed."""


def open_trap_court(folder: Path, traps: Sequence[Trap]) -> Court:
    """Lay out a package with a module for each trap, and prepare a run on it.

    The one workload runs those of all traps; there is a suite when one of them has a test.
    """
    files = {"pytest.ini": PYTEST_INI, "traps/__init__.py": ""}
    for trap in traps:
        files |= trap.files
    no_tests = all(trap.test is None for trap in traps)
    return open_court(folder, files, _workload(traps), no_tests=no_tests)


def judge_trap(court: Court, trap: Trap) -> Verdict:
    """Return the verdict on what the trap's rewrite makes of it, without the stages that time."""
    new = rewritten(trap.text, trap.rewrite, beside=trap.beside)
    return court.judge(without=TIMED, **{f"traps__{trap.name}": new})


def _workload(traps: Sequence[Trap]) -> str:
    lines = [f"        {trap.name!r}: {trap.name}.workload(),\n" for trap in traps]
    return (
        f"from traps import {', '.join(trap.name for trap in traps)}\n\n\n"
        f"def workload():\n    return {{\n{''.join(lines)}    }}\n"
    )
