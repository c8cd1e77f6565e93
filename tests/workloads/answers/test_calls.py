"""Calls recorded on one version are made again on another; real processes throughout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from perfagent.workloads.answers.call_outcomes import (
    CallChange,
    Expectation,
    compare_calls,
    expected_outcomes,
)
from perfagent.workloads.answers.calls import Recording, record_calls, replay_calls
from perfagent.workloads.target import Target

BASE = '''
import contextlib
import functools
import random
import threading
import time


class Markup(str):
    pass


def _marked(text):
    return Markup(text)


@contextlib.contextmanager
def opened(rows):
    rows.append("open")
    yield rows
    rows.clear()


def total(numbers):
    """Return the sum; a rare argument is refused, another one is emptied."""
    if 13 in numbers:
        raise ValueError("unlucky")
    if 7 in numbers:
        numbers.clear()
        return -1
    return sum(numbers)


def upto(count):
    for number in range(count):
        yield number * 2


def stamp(label):
    return {"label": label, "at": time.perf_counter(), "by": random.random()}


def guarded(lock, number):
    with lock:
        return number + 1


def _scan(numbers):
    return [number for number in numbers if number % 3 == 0]


def depth(level):
    return 0 if level == 0 else 1 + depth(level - 1)


class Orders:
    """Rows, held in a list."""

    def __init__(self, rows, *, name="all"):
        self._rows = list(rows)
        self.name = name

    def add(self, row):
        self._rows.append(row)

    def has(self, row):
        return row in self._rows

    @property
    def size(self):
        return len(self._rows)

    @classmethod
    def of(cls, *rows):
        return cls(rows)

    @staticmethod
    def code(row):
        return f"#{row}"
'''

WORKLOAD = """
import threading

from shapes import core
from shapes.core import Orders, total


def workload():
    for number in range(100):
        try:
            total([number % 20, number])
        except ValueError:
            pass
        list(core.upto(number % 5))
        core.stamp(str(number % 3))
        core._scan(list(range(number % 4)))
        core._marked(str(number))
    with core.opened([1]):
        pass
    core.depth(5)
    core.guarded(threading.Lock(), 1)
    orders = Orders(range(50), name="half")
    for row in range(40, 60):
        orders.has(row)
    orders.add(99)
    return orders.has(99), orders.size, Orders.of(1, 2).size, Orders.code(3)
"""


@dataclass(frozen=True)
class Trial:
    """A target with its base, on which calls are recorded once."""

    target: Target
    make_tree: Callable[..., Path]
    functions: tuple[str, ...]
    recording: Recording
    expected: Expectation

    def against(
        self, old: str, new: str, *, reshaped: tuple[str, ...] = ()
    ) -> tuple[CallChange | None, tuple[str, ...]]:
        """Compare with the base's code in which one part is replaced."""
        assert BASE.count(old) == 1
        tree = self.make_tree("candidate", BASE.replace(old, new))
        replay = replay_calls(self.target, tree, self.recording, numbers=self.expected.calls)
        return compare_calls(self.recording, self.expected, replay, reshaped=reshaped)


@pytest.fixture
def trial(make_tree: Callable[..., Path], make_target: Callable[..., Target]):
    """Return a function that records calls of some functions of the base."""

    def record(*functions: str) -> Trial:
        tree = make_tree("base", BASE)
        (tree / "shapes" / "__init__.py").write_text("from .core import total\n")
        target = make_target(script=WORKLOAD)
        named = [("shapes.core", name) for name in functions]
        recording = record_calls(target, tree, named, [("shapes.core", "Orders")])
        replays = [replay_calls(target, tree, recording, seed=seed) for seed in (0, 1)]
        expected = expected_outcomes(recording, *replays)

        def candidate(name: str, code: str) -> Path:
            made = make_tree(name, code)
            (made / "shapes" / "__init__.py").write_text("from .core import total\n")
            return made

        return Trial(target, candidate, functions, recording, expected)

    return record


def test_every_distinct_call_is_recorded_once_with_its_arguments_before_the_call(trial):
    known = trial("total")
    (function,) = known.recording.functions
    assert function.calls == 100
    assert len(known.recording.calls) == 100
    assert sum(call.raised for call in known.recording.calls) == 5
    assert len(known.expected.calls) == 100


def test_a_wrong_result_on_a_rare_argument_is_refused(trial):
    change, _ = trial("total").against(
        "    return sum(numbers)\n", "    return sum(numbers) - (19 in numbers)\n"
    )
    assert change is not None
    assert change.reason.startswith("5 of 100 recorded calls of shapes.core.total changed: call 19")
    assert "outcome: base" in change.reason


def test_an_exception_instead_of_a_value_is_refused(trial):
    change, _ = trial("total").against(
        "    return sum(numbers)\n", "    return sum(numbers) if 19 not in numbers else {}['x']\n"
    )
    assert change is not None
    assert "base returns, candidate raises KeyError: 'x'" in change.reason


def test_a_swallowed_exception_is_refused(trial):
    change, _ = trial("total").against('raise ValueError("unlucky")', "return 0")
    assert change is not None
    assert "base raises ValueError: unlucky, candidate returns" in change.reason


def test_an_argument_that_is_no_longer_changed_is_refused(trial):
    change, _ = trial("total").against("numbers.clear()", "pass")
    assert change is not None
    assert "arguments" in change.reason


def test_a_line_that_is_printed_in_rare_calls_is_refused(trial):
    change, _ = trial("total").against("numbers.clear()", "numbers.clear(); print('seven')")
    assert change is not None
    assert "output" in change.reason


@pytest.mark.parametrize("leave", ["__import__('os')._exit(0)", "__import__('os').abort()"])
def test_a_process_that_ends_in_the_middle_loses_the_calls_that_are_left(trial, leave):
    change, _ = trial("total").against("if 7 in numbers:", f"if 7 in numbers:\n        {leave}")
    assert change is not None
    assert change.reason.startswith(
        "93 of 100 recorded calls of shapes.core.total gave no outcome (the process ended"
    )


def test_an_honest_rewrite_passes(trial):
    change, doubts = trial("total").against(
        "    return sum(numbers)\n", "    return __import__('math').fsum(numbers).__int__()\n"
    )
    assert change is None
    assert doubts == ()


def test_a_function_that_remembers_its_results_passes(trial):
    change, _ = trial("depth").against("def depth(", "@functools.lru_cache(None)\ndef depth(")
    assert change is None


def test_what_a_generator_yields_is_compared(trial):
    known = trial("upto")
    assert known.against("yield number * 2", "yield number + number")[0] is None


def test_a_generator_that_yields_something_else_is_refused(trial):
    change, _ = trial("upto").against("yield number * 2", "yield number * 2 + (number == 3)")
    assert change is not None
    assert "iterator over" in change.reason


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('rows.append("open")', "rows += ['open']", True),
        ('"open"', '"shut"', False),
        ("rows.clear()", "pass", False),
    ],
)
def test_the_body_of_a_context_manager_runs(trial, old: str, new: str, same: bool):
    """Making one does nothing yet."""
    change, _ = trial("opened").against(old, new)
    assert (change is None) == same
    assert change is None or "1 of 1 recorded calls of shapes.core.opened" in change.reason


def test_another_text_is_another_answer_though_its_type_changed_too(trial):
    change, doubts = trial("_marked").against("return Markup(text)", "return text.title() + '!'")
    assert change is not None, doubts
    assert "_marked" in change.reason


def test_private_state_that_is_left_otherwise_is_a_doubt(trial):
    """Work put off shows there, and so does a mistake that nothing has looked at yet."""
    change, doubts = trial("Orders.add").against(
        "self._rows.append(row)", "self._rows.append(-row)"
    )
    assert change is None
    assert len(doubts) == 1
    assert "private state" in doubts[0]
    assert "_rows" in doubts[0]


def test_time_and_chance_are_not_compared_but_the_rest_is(trial):
    known = trial("stamp")
    assert any("vary from run to run" in doubt for doubt in known.expected.doubts)
    assert known.against("time.perf_counter()", "time.time()")[0] is None


def test_a_changed_label_beside_the_time_is_refused(trial):
    change, _ = trial("stamp").against('"label": label', '"label": label + " "')
    assert change is not None
    assert "label" in change.reason


def test_arguments_that_cannot_be_copied_are_counted(trial):
    known = trial("guarded")
    (doubt,) = known.recording.doubts()
    assert doubt.startswith("1 of 1 calls of shapes.core.guarded could not be recorded (TypeError")
    assert known.recording.calls == ()


def test_nested_calls_of_a_recursive_function_are_recorded_too(trial):
    assert len(trial("depth").recording.calls) == 6


METHODS = ("Orders.has", "Orders.add", "Orders.size", "Orders.of", "Orders.code")


def test_methods_properties_class_and_static_methods_are_recorded(trial):
    known = trial(*METHODS)
    styles = [function.style for function in known.recording.functions]
    assert styles == ["method", "method", "property", "class", "static"]
    assert known.recording.doubts() == ()
    assert len(known.expected.calls) == 26
    assert known.against("row in self._rows", "self._rows.count(row) > 0")[0] is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('f"#{row}"', 'f"{row}"'),
        ("return cls(rows)", "return cls(rows[:1])"),
        ("return len(self._rows)", "return len(self._rows) + 1"),
        ("return row in self._rows", "return row in self._rows[1:] or row == 55"),
    ],
)
def test_a_wrong_method_is_refused(trial, old, new):
    assert trial(*METHODS).against(old, new)[0] is not None


def test_a_public_attribute_that_a_method_now_changes_is_refused(trial):
    change, _ = trial(*METHODS).against(
        "self._rows.append(row)", "self._rows.append(row); self.name = 'x'"
    )
    assert change is not None
    assert "self.name" in change.reason


HELD_OTHERWISE = (
    "        self._rows = list(rows)\n",
    "        self._rows = dict.fromkeys(rows)\n        self._found = set(self._rows)\n",
)


def test_a_class_that_holds_its_state_otherwise_passes(trial):
    known = trial("Orders.has")
    # Most calls find an object as its constructor made it, which is made anew; the rest is told.
    assert sum(bool(call.by_state) for call in known.recording.calls) == 1
    change, doubts = known.against(*HELD_OTHERWISE, reshaped=("shapes.core.Orders",))
    assert change is None
    assert doubts == ()  # `in` works on a list as well


def test_a_wrong_answer_of_a_class_that_holds_its_state_otherwise_is_refused(trial):
    old, new = HELD_OTHERWISE
    change, _ = trial("Orders.has").against(
        old,
        new.replace("rows)\n", "list(rows)[1:])\n", 1).replace("[1:]", "[:45]"),
        reshaped=("shapes.core.Orders",),
    )
    assert change is not None
    assert "5 of 21 recorded calls" in change.reason


def test_an_object_in_a_state_that_the_patch_does_not_know_is_a_doubt(trial):
    change, doubts = trial("Orders.size").against(
        "return len(self._rows)",
        "return self._size",
        reshaped=("shapes.core.Orders",),
    )
    assert change is not None  # a constructed object shows that it is wrong
    assert len([doubt for doubt in doubts if "hold their state" in doubt]) == 1


def test_a_public_function_that_is_gone_is_refused(trial):
    change, _ = trial("upto").against("def upto(", "def below(")
    assert change is not None
    assert "has no such function" in change.reason


def test_a_public_function_that_takes_other_arguments_is_refused(trial):
    change, _ = trial("upto").against("def upto(count)", "def upto(count, step)")
    assert change is not None
    assert "does not take its arguments" in change.reason


def test_a_public_function_that_takes_more_may_be_called_as_before(trial):
    assert trial("upto").against("def upto(count)", "def upto(count, step=1)")[0] is None


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("def _scan(", "def _filter(", "removed"),
        ("def _scan(numbers)", "def _scan(numbers, step)", "parameters"),
        ("return [number for number in numbers if number % 3 == 0]", "return set()", "type"),
        ("return [number for number in numbers if number % 3 == 0]", "return numbers.x", "taking"),
    ],
)
def test_a_private_function_with_another_contract_is_a_doubt(trial, old, new, why):
    change, doubts = trial("_scan").against(old, new)
    assert change is None
    assert len(doubts) == 1
    assert why in doubts[0]


def test_a_private_function_that_is_wrong_now_and_then_is_refused(trial):
    change, _ = trial("_scan").against("number % 3 == 0", "number % 3 < 2")
    assert change is not None
    assert change.reason.startswith("2 of 4 recorded calls of shapes.core._scan changed")


def test_a_function_that_the_workload_never_calls_is_told(trial):
    known = trial("total", "Orders.none")
    assert any("Orders.none are not recorded" in doubt for doubt in known.recording.doubts())


@pytest.mark.parametrize("workload", ["python:shapes.core:main", "pytest:test_core.py::test_main"])
def test_calls_under_a_function_and_under_a_test_are_recorded(make_tree, make_target, workload):
    code = (
        "def total(numbers):\n    return sum(numbers)\n\n\ndef main():\n    return total([1, 2])\n"
    )
    test = "from shapes.core import main\n\n\ndef test_main():\n    assert main() == 3\n"
    trees = [
        make_tree(name, code.replace("sum(", function), test_core=test)
        for name, function in (("base", "sum("), ("candidate", "max("))
    ]
    for tree in trees:
        (tree / "shapes" / "__init__.py").write_text("")
    target = make_target(workload)
    recording = record_calls(target, trees[0], [("shapes.core", "total")])
    replays = [replay_calls(target, tree, recording) for tree in (trees[0], *trees)]
    expected = expected_outcomes(recording, *replays[:2])
    change, _ = compare_calls(recording, expected, replays[2])
    assert change is not None
    assert change.reason.startswith("1 of 1 recorded calls of shapes.core.total changed")


def test_names_that_other_modules_imported_are_recorded_too(make_tree, make_target):
    tree = make_tree("base", "def one():\n    return 1\n")
    (tree / "shapes" / "__init__.py").write_text("from .core import one\n")
    target = make_target(script="import shapes\n\n\ndef workload():\n    return shapes.one()\n")
    recording = record_calls(target, tree, [("shapes.core", "one")])
    assert recording.functions[0].calls == 1
