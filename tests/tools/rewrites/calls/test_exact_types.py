"""Exact types: quick tests of a value's type answer as the slow ones behind them would."""

from __future__ import annotations

import collections.abc
import importlib
import typing

import pytest

from perfagent.tools.rewrites.kinds.abstracts import ABSTRACTS, BUILTIN_TYPES, instances_of

APPLIES = {
    "mapping": (
        "exact-type-first",
        """
        from collections import OrderedDict
        from collections.abc import Mapping

        def flat(node, prefix=""):
            # leaves and branches
            if isinstance(node, Mapping):  # a branch
                out = []
                for key, value in node.items():
                    out += flat(value, prefix + key)
                return out
            return [(prefix, node)]
        """,
        "flat",
        ("flat({'a': {'b': 1}, 'c': OrderedDict(d=2)})", "flat(3)", "flat(None)"),
    ),
    "number in a comprehension, negated": (
        "exact-type-first",
        """
        import numbers
        from fractions import Fraction

        def rest(xs):
            return [x for x in xs if not isinstance(x, numbers.Number)]
        """,
        "rest",
        ("rest([1, 2.5, 'a', None, True, Fraction(1, 2), [1]])",),
    ),
    "several classes, some of them builtin": (
        "exact-type-first",
        """
        from numbers import Number
        KINDS = (Number, str)

        def f(x, y):
            return isinstance(x, KINDS) or isinstance(y, (str, Number)) and y
        """,
        "f",
        ("[f(x, y) for x in (1, 'a', None, 2.5) for y in (1, 'a', None, 0)]",),
    ),
    "typing protocols": (
        "exact-type-first",
        """
        import typing

        def f(x):
            return 1 if isinstance(x, typing.SupportsFloat) else 2
        """,
        "f",
        ("[f(x) for x in (1, 'a', None, 2.5, True)]",),
    ),
    "parts that may be atoms": (
        "uncopied-atom",
        """
        import copy

        def snapshot(table):
            # each
            return {key: copy.deepcopy(value) for key, value in table.items()}

        def f():
            table = {"a": [1], "b": 2, "c": "x"}
            taken = snapshot(table)
            table["a"].append(2)
            return taken
        """,
        "snapshot",
        ("f()",),
    ),
}

REFUSES = {
    "only builtin classes": (
        "exact-type-first",
        "def f(x):\n    return isinstance(x, (dict, list))\n",
        "f",
    ),
    "asked for the exact type already": (
        "exact-type-first",
        """
        from collections.abc import Mapping

        def f(x):
            return type(x) is dict or isinstance(x, Mapping)
        """,
        "f",
    ),
    "the value is worked out": (
        "exact-type-first",
        """
        from collections.abc import Mapping

        def f(xs):
            return isinstance(xs.pop(), Mapping)
        """,
        "f",
    ),
    "a builtin name means something else": (
        "exact-type-first",
        """
        from collections.abc import Mapping

        def f(x, dict):
            return isinstance(x, Mapping)
        """,
        "f",
    ),
    "builtin classes before the abstract one": (
        "exact-type-first",
        """
        from collections.abc import Mapping

        def f(x):
            return isinstance(x, (dict, Mapping))
        """,
        "f",
    ),
    "a copy of something known": (
        "uncopied-atom",
        """
        import copy

        def f(rows: list[list[int]]):
            return [copy.deepcopy(row) for row in rows]
        """,
        "f",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_every_value_gets_the_answer_it_got(applies, case):
    rewrite, source, function, expressions = case
    applies(rewrite, source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_test_that_is_quick_or_not_certain_stays(refuses, case):
    refuses(*case)


WALK = """
from collections.abc import Mapping, Sequence

def size(x):
    if isinstance(x, Mapping):
        return sum(size(y) for y in x.values())
    return len(x) if isinstance(x, Sequence) else 1
"""


@pytest.mark.parametrize(
    ("seen", "test"),
    [
        ({"str": 0.9, "dict": 0.1}, "type(x) is not str and (type(x) is dict or isinstance("),
        ({"dict": 0.7, "str": 0.3}, "type(x) is dict or (type(x) is not str and isinstance("),
        ({"NoneType": 1.0}, "if x is not None and isinstance("),
    ],
)
def test_the_types_that_were_seen_come_first(applies_seen, seen, test):
    values = "[size(x) for x in ({'a': 'bc'}, 'abc', 3, [1, 2])]"
    assert test in applies_seen("exact-type-first", WALK, "size", values, x=seen)


@pytest.mark.parametrize("name", ABSTRACTS)
def test_the_table_of_abstract_classes_is_right(name):
    module, _, attribute = name.rpartition(".")
    asked = getattr(importlib.import_module(module), attribute)
    known = ABSTRACTS[name]
    values = [
        type(None)() if each == "NoneType" else eval(each)() for each in BUILTIN_TYPES - {"range"}
    ]
    values.append(range(1))
    assert set(known.usual) <= known.members
    for value in values:
        is_member = isinstance(value, asked)
        assert is_member or type(value).__name__ not in known.members
        assert not (is_member and known.is_complete) or type(value).__name__ in known.members


def test_the_table_of_builtin_types_is_right():
    assert isinstance(True, int)
    assert instances_of("int") == {"int", "bool"}
    assert instances_of("object") == BUILTIN_TYPES
    assert instances_of("Fraction") is None
    assert typing.Mapping is not collections.abc.Mapping


CHAIN = """
from collections.abc import Mapping

class Node:
    pass

def show(x):
    # by type
    if x is None:
        return "none"
    elif isinstance(x, Mapping):  # slow
        return "map"
    elif isinstance(x, (list, tuple)):
        return "items"
    elif isinstance(x, str):
        return repr(
            x
        )
    return "other"

class Text(str):
    pass
"""

ROW = """
from numbers import Number

def show(x, out):
    if isinstance(x, Number):
        return "number"
    if isinstance(x, (bytes, str)):
        out.append(x)
        return "text"
    return "other"
"""

ELSE = """
from numbers import Number
from collections.abc import Mapping

def show(x):
    if isinstance(x, Number):
        y = 1
    elif isinstance(x, Mapping):
        y = 2
    else:
        y = 3
    return y
"""


def test_the_hot_branch_of_a_chain_comes_first(applies_seen):
    values = "[show(x) for x in (None, {}, [], 'a', Text('b'), 3)]"
    new = applies_seen("specialize", CHAIN, "show", values, x={"str": 0.95, "dict": 0.05})
    assert "if type(x) is str:" in new


def test_the_hot_one_of_several_tests_in_a_row_comes_first(applies_seen):
    values = "[(show(x, out), out) for x in (3, 'a', b'b', None) for out in [[]]]"
    applies_seen("specialize", ROW, "show", values, x={"str": 1.0})


def test_what_fails_every_test_goes_to_the_else_at_once(applies_seen):
    values = "[show(x) for x in (3, 'a', {}, None)]"
    applies_seen("specialize", ELSE, "show", values, x={"str": 1.0})


def test_without_facts_no_branch_is_preferred(refuses):
    refuses("specialize", CHAIN, "show")


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("", "", {"str": 0.6, "dict": 0.4}),
        ("isinstance(x, Mapping)", "isinstance(x, (Mapping, Unknown))", {"str": 1.0}),
        ("isinstance(x, Mapping)", "x.is_empty() and isinstance(x, Mapping)", {"str": 1.0}),
        ("            x\n", "            x  # text\n", {"str": 1.0}),
        ("    # by type", "    x = x or None", {"str": 1.0}),
    ],
    ids=["several types", "unknown class", "asks something else", "comment", "changed before"],
)
def test_a_chain_stays_where_its_branch_is_not_certain(refuses_seen, old, new, seen):
    assert old in CHAIN
    refuses_seen("specialize", CHAIN.replace(old, new) if old else CHAIN, "show", x=seen)
