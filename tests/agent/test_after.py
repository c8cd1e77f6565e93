"""What is made of an accepted patch: a test that guards it, and both versions over sizes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.agent.gate.case import Case
from perfagent.agent.gate.files import unchanged_files
from perfagent.agent.gate.static import applies
from perfagent.agent.steps.collect import write_candidate
from perfagent.agent.steps.guard import (
    GUARD,
    TIMES,
    about_speedup,
    guard_again,
    make_guard,
    patch_of,
)
from perfagent.agent.steps.sweep import sweep
from perfagent.agent.steps.tip import tip_tree, version_tree
from perfagent.errors import UserError
from perfagent.tests.court import Court, open_court
from perfagent.workloads.counting import callgrind_problem
from perfagent.workloads.guard import LEAST_RATIO

SLOW = '''"""Numbers."""


def kept(numbers):
    """Return each number once, in order."""
    found = []
    for number in numbers:
        for other in found:
            if other == number:
                break
        else:
            found.append(number)
    return found
'''
FAST = '''"""Numbers."""


def kept(numbers):
    """Return each number once, in order."""
    return list(dict.fromkeys(numbers))
'''
WRONG = FAST.replace("    return list(", "    if len(numbers) < 100: return []\n    return list(")
IN_C = '''"""Numbers."""


def kept(numbers):
    """Return which numbers come in the first half, too."""
    early = numbers[: len(numbers) // 2]
    return [number for number in numbers if number in early]
'''
WORKLOAD = """from numbers_of.core import kept

COUNT = 150
SIZES = (50, 200, 600)


def resize(size):
    global COUNT
    COUNT = size


def setup():
    return list(range(COUNT))


def workload(numbers):
    return kept(numbers)
"""


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    files = {"numbers_of/__init__.py": "", "numbers_of/core.py": SLOW}
    return open_court(tmp_path_factory.mktemp("court"), files, WORKLOAD)


def tree_of(court: Court, text: str) -> Path:
    candidate = court.candidate(numbers_of__core=text)
    return version_tree(court.run, candidate.candidate_id, candidate.patch)


def test_the_guard_passes_with_the_patch_and_fails_without_it(court: Court) -> None:
    about = about_speedup(court.run, 12.3, 12.0, 12.6)
    made = make_guard(court.run, tree_of(court, FAST), about)
    assert (made.file, made.problem, made.passed, made.failed) == (GUARD, None, TIMES, TIMES)
    (limit,) = made.limits
    assert limit.module == "numbers_of.core"
    assert limit.patched < limit.allowed < limit.base
    text = (court.run.directory.path / GUARD).read_text()
    assert "speedup of 12.30x (12.00-12.60)" in text
    compile(text, GUARD, "exec")


def court_in_c(folder: Path, count: int) -> tuple[Court, Path]:
    """Return a gate whose base searches a list, and the tree of a patch that searches a set."""
    files = {"numbers_of/__init__.py": "", "numbers_of/core.py": IN_C}
    court = open_court(folder, files, WORKLOAD.replace("COUNT = 150", f"COUNT = {count}"))
    return court, tree_of(court, IN_C.replace("early = ", "early = set(").replace("2]", "2])"))


def test_a_gain_in_c_code_has_no_guard_without_valgrind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    court, patched = court_in_c(tmp_path, 150)
    monkeypatch.setattr("perfagent.agent.steps.guard.callgrind_problem", lambda: "no valgrind")
    made = make_guard(court.run, patched, "")
    assert made.file is None
    assert "its instructions cannot be counted here (no valgrind)" in (made.problem or "")
    assert not court.run.directory.has(GUARD)


@pytest.mark.long
@pytest.mark.skipif(callgrind_problem() is not None, reason="needs valgrind")
def test_a_gain_in_c_code_is_guarded_by_instructions(tmp_path: Path) -> None:
    court, patched = court_in_c(tmp_path, 8000)
    made = make_guard(court.run, patched, "")
    assert made.problem is None
    (limit,) = made.limits
    assert (limit.module, limit.what) == ("the whole process", "instructions")
    assert limit.base > LEAST_RATIO * limit.patched


def test_an_ended_run_can_be_guarded(court: Court) -> None:
    candidate = court.candidate(numbers_of__core=FAST)
    with pytest.raises(UserError, match="accepted no patch"):
        patch_of(court.run)
    court.run.directory.write_text("patch.diff", candidate.patch.diff)
    made = guard_again(court.run, patch_of(court.run), "Says why.")
    assert made.problem is None


@pytest.mark.long
def test_a_sweep_finds_the_exponents(court: Court) -> None:
    found = sweep(court.run, tip_tree(court.run, None), tree_of(court, FAST))
    assert found.difference is None
    assert [point.size for point in found.points] == [50, 200, 600]
    assert found.baseline_exponent is not None
    assert found.candidate_exponent is not None
    assert found.baseline_exponent.value > 1.5 > found.candidate_exponent.value
    assert found.points[-1].speedup is not None
    assert found.points[-1].speedup > 5


def test_a_patch_that_is_wrong_at_another_size_is_found(court: Court) -> None:
    found = sweep(court.run, tip_tree(court.run, None), tree_of(court, WRONG))
    assert found.difference is not None
    assert found.difference.startswith("at size 50 the workload's answer changed")


def test_a_smaller_patch_of_a_stack_is_held_against_the_base(court: Court) -> None:
    first = court.candidate(numbers_of__core=FAST)
    write_candidate(court.run, first)
    smaller = replace(court.candidate(numbers_of__core=IN_C), parent_id=first.candidate_id)
    case = Case(run=court.run, candidate=smaller, parent=tip_tree(court.run, None))
    assert applies(case) is None
    assert unchanged_files(case) is None
