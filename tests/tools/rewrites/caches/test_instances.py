"""Instances: answers are remembered only where state cannot change."""

from __future__ import annotations

import pytest

APPLIES = {
    "property": (
        """
        class A:
            def __init__(self, xs):
                self._xs = xs

            # how much
            @property
            def total(self) -> int:
                \"\"\"Sum.\"\"\"
                return sum(x for x in self._xs)  # all

        def f(xs):
            a = A(xs)
            return a.total + a.total
        """,
        "A.total",
        ("f([1, 2])",),
    ),
    "method": (
        """
        from dataclasses import dataclass

        @dataclass(frozen=True)
        class A:
            xs: tuple[int, ...]

            def total(self) -> int:
                \"\"\"Sum.\"\"\"
                return sum(x for x in self.xs)

            def other(self):
                return 1

        def f(xs):
            a = A(xs)
            return a.total() + a.total(), A.total.__doc__, a == A(xs)
        """,
        "A.total",
        ("f((1, 2))",),
    ),
    "method with arguments": (
        """
        class A:
            def __init__(self, table: dict[str, int]):
                self._table = table

            def cost(self, first: str, second: str = "b") -> int:
                n = 0
                for name in (first, second):
                    n += self._table.get(name, 0)
                return n

        def f():
            a = A({"a": 1, "b": 2})
            return a.cost("a"), a.cost("a"), a.cost(first="b", second="a"), A({}).cost("a")
        """,
        "A.cost",
        ("f()",),
    ),
}

REFUSES = {
    "state is set elsewhere": (
        """
        class A:
            def __init__(self, xs):
                self._xs = xs
            def put(self, xs):
                self._xs = xs
            def total(self) -> int:
                return sum(x for x in self._xs)
        """,
        "A.total",
    ),
    "state grows elsewhere": (
        """
        class A:
            def __init__(self):
                self._xs = []
            def put(self, x):
                self._xs.append(x)
            def total(self) -> int:
                return sum(x for x in self._xs)
        """,
        "A.total",
    ),
    "slots": (
        """
        class A:
            __slots__ = ('_xs',)
            def __init__(self, xs):
                self._xs = xs
            def total(self) -> int:
                return sum(x for x in self._xs)
        """,
        "A.total",
    ),
    "returns a list": (
        """
        class A:
            def __init__(self, xs):
                self._xs = xs
            def total(self) -> list[int]:
                return [x for x in self._xs]
        """,
        "A.total",
    ),
    "has a setter": (
        """
        class A:
            def __init__(self, xs):
                self._xs = xs
            @property
            def total(self) -> int:
                return sum(x for x in self._xs)
            @total.setter
            def total(self, x):
                print(x)
        """,
        "A.total",
    ),
    "writes": (
        """
        class A:
            def __init__(self, xs):
                self._xs = xs
                self._n = 0
            def total(self) -> int:
                self._n += 1
                return sum(x for x in self._xs)
        """,
        "A.total",
    ),
    "state from an unknown base": (
        """
        from base import Base
        class A(Base):
            def total(self) -> int:
                return sum(x for x in self._xs)
        """,
        "A.total",
    ),
    "no method of an instance": (
        """
        class A:
            def weight(text: str) -> int:
                return sum(1 for letter in text if letter == "a")
        """,
        "A.weight",
    ),
    "the instance is a container": (
        """
        class A(list):
            def total(self) -> int:
                return sum(x for x in self)
        """,
        "A.total",
    ),
    "hands the question on to something unknown": (
        """
        class A:
            def __init__(self, inner):
                self._inner = inner
            def total(self) -> int:
                return sum([self._inner.total(), 1])
        """,
        "A.total",
    ),
    "unhashable argument": (
        """
        class A:
            def __init__(self, xs):
                self._xs = xs
            def total(self, ys: list[int]) -> int:
                return sum(x for x in self._xs) + len(ys)
        """,
        "A.total",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_a_remembered_answer_is_the_same(applies, case):
    source, function, expressions = case
    applies("cache-on-instance", source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_an_answer_that_may_change_is_worked_out_again(refuses, case):
    refuses("cache-on-instance", *case)
