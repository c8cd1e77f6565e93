"""Lookups: a name for an attribute holds what the attribute holds, for as long as it is used."""

from __future__ import annotations

import pytest

APPLIES = {
    "attributes and functions in a loop": (
        """
        import math

        class A:
            def __init__(self):
                self.limit = 3
                self.scale = 2.0

            def f(self, xs):
                out = []
                # each
                for x in xs:
                    y = math.sqrt(x) * self.scale + math.sqrt(self.scale)  # roots
                    if y < self.limit or y > self.limit * self.scale or math.sqrt(y) > 7:
                        out.append(y)
                return out
        """,
        "A.f",
        ("A().f([1, 2, 100])",),
    ),
    "a chain that a function repeats": (
        """
        from types import SimpleNamespace as Box

        def f(box):
            x = box.inner.size + 1
            if box.inner.size > 2:
                x += box.inner.size  # more
            return x * box.inner.size
        """,
        "f",
        ("f(Box(inner=Box(size=3)))", "f(Box(inner=Box(size=1)))"),
    ),
}

LOOP = """
import math

class A:
    def other(self):
        self.limit = 1

    def f(self, xs, unknown):
        out = []
        for x in xs:
            out.append(x + self.limit + self.limit - self.limit)
            {change}
        return out
"""

CHAIN = """
def f(box, other, g):
    x = 0
    {first}
    {change}
    return box.inner.size + box.inner.size + box.inner.size
"""


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_named_value_is_the_attributes(applies, case):
    source, function, expressions = case
    applies("local-name", source, function, *expressions)


@pytest.mark.parametrize(
    "change",
    ["self.limit += 1", "self.other()", "unknown(self)", "self = xs[0]", "x.limit = 3", "yield x"],
)
def test_an_attribute_that_may_change_in_the_loop_is_looked_up(refuses, change):
    refuses("local-name", LOOP.format(change=change), "A.f")


def test_an_attribute_that_need_not_be_there_is_looked_up(refuses):
    source = LOOP.format(change="pass").replace("out.append", "if x: out.append")
    refuses("local-name", source, "A.f")


@pytest.mark.parametrize(
    "change",
    [
        "box.inner = other",
        "other.size = 2",
        "g(box)",
        "box = other",
        "part = box.inner; part.size = 1",
    ],
)
def test_a_chain_that_may_change_is_looked_up(refuses, change):
    source = CHAIN.format(first="x = box.inner.size", change=change)
    refuses("local-name", source, "f")


def test_a_chain_that_is_first_read_under_a_condition_is_looked_up(refuses):
    refuses("local-name", CHAIN.format(first="x = x and box.inner.size", change="pass"), "f")


def test_bound_methods_are_left_alone(refuses):
    source = "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n" + (
        "        out.append(x)\n        out.append(x)\n    return out\n"
    )
    refuses("local-name", source, "f")
