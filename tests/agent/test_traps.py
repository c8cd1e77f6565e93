"""Patches of the built-in rewrites that are wrong in a way that their source cannot tell.

Each rewrite has a trap in its corpus: a module where it applies and changes what the program does.
All traps are modules of one repository, prepared once; then each one's patch is judged, without
the stages that time, and must be refused for what it does wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from perfagent.tests.court import Court, open_court
from perfagent.tests.shop import PYTEST_INI
from perfagent.tests.tools.rewrites.specimens import Trap, rewritten, traps

TRAPS = traps()
TIMED = ("first call too", "quick timing", "full timing", "unannounced answer")
"""The stages that time, or make as many calls as are timed."""

_TEST_FAILS = r"\d+ test\(s\) no longer pass: tests/test_{name}\.py::"
_OTHER_ANSWER = r"the workload's answer changed: return value\['{name}'\]"
SAID = {
    "covering tests": _TEST_FAILS,
    "same answer": _OTHER_ANSWER,
    "same calls": r"\d+ of \d+ recorded calls of traps\.{name}\.\S+ changed: ",
    "perturbed input": _OTHER_ANSWER,
    "full suite": _TEST_FAILS,
}
"""How the stages begin to say that a patch is wrong, by the name of the trap's module."""


def workload_of(found: Sequence[Trap]) -> str:
    """Return a script that runs the workloads of all traps."""
    lines = [f"        {trap.name!r}: {trap.name}.workload(),\n" for trap in found]
    return (
        f"from traps import {', '.join(trap.name for trap in found)}\n\n\n"
        f"def workload():\n    return {{\n{''.join(lines)}    }}\n"
    )


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    """The gate of a repository that is made of all traps, prepared with its suite."""
    files = {"pytest.ini": PYTEST_INI, "traps/__init__.py": ""}
    for trap in TRAPS:
        files |= trap.files
    folder = tmp_path_factory.mktemp("court")
    return open_court(folder, files, workload_of(TRAPS), no_tests=False)


def test_the_base_itself_passes_all_its_tests_and_knows_what_they_cover(court: Court):
    baseline = court.run.prepared.baseline
    assert baseline is not None
    assert len(baseline.stable) >= sum(trap.test is not None for trap in TRAPS)
    assert (baseline.failing, baseline.flaky) == ((), ())
    assert court.run.coverage is not None, baseline.report.notes


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_a_patch_that_is_wrong_in_a_corner_is_refused_for_being_wrong(court: Court, trap: Trap):
    wrong = rewritten(trap.text, trap.rewrite)
    verdict = court.judge(without=TIMED, **{f"traps__{trap.name}": wrong})
    assert (verdict.outcome, verdict.stage) == ("rejected", trap.stage), verdict.reason
    assert re.match(SAID[trap.stage].format(name=trap.name), verdict.reason), verdict.reason
