"""Patches of the built-in rewrites that are wrong in a way that their source cannot tell.

Each rewrite has a trap in its corpus: a module where it applies and changes what the program does.
All traps are modules of one repository, prepared once; then each one's patch is judged, without
the stages that time, and must be refused for what it does wrong.
"""

from __future__ import annotations

import re

import pytest

from perfagent.tests.court import Court
from perfagent.tests.tools.rewrites.specimens import Trap, traps
from perfagent.tests.traps import judge_trap, open_trap_court

TRAPS = traps()

_TEST_FAILS = r"\d+ test\(s\) no longer do as before: tests/test_{name}\.py::"
_OTHER_ANSWER = r"the workload's answer changed: return value\['{name}'\]"
SAID = {
    "covering tests": _TEST_FAILS,
    "same answer": _OTHER_ANSWER,
    "same calls": r"\d+ of \d+ recorded calls of traps\.{name}\.\S+ changed: ",
    "perturbed input": _OTHER_ANSWER,
    "full suite": _TEST_FAILS,
}
"""How the stages begin to say that a patch is wrong, by the name of the trap's module."""


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    return open_trap_court(tmp_path_factory.mktemp("court"), TRAPS)


def test_the_base_itself_passes_all_its_tests_and_knows_what_they_cover(court: Court):
    baseline = court.run.prepared.baseline
    assert baseline is not None
    assert len(baseline.stable) >= sum(trap.test is not None for trap in TRAPS)
    assert (baseline.failing, baseline.flaky) == ((), ())
    assert court.run.coverage is not None, baseline.report.notes


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_a_patch_that_is_wrong_in_a_corner_is_refused_for_being_wrong(court: Court, trap: Trap):
    verdict = judge_trap(court, trap)
    assert (verdict.outcome, verdict.stage) == ("rejected", trap.stage), verdict.reason
    assert re.match(SAID[trap.stage].format(name=trap.name), verdict.reason), verdict.reason
