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
        "class A:\n    def __init__(self, xs):\n        self._xs = xs\n    def put(self, xs):\n        self._xs = xs\n    def total(self) -> int:\n        return sum(x for x in self._xs)\n",
        "A.total",
    ),
    "state grows elsewhere": (
        "class A:\n    def __init__(self):\n        self._xs = []\n    def put(self, x):\n        self._xs.append(x)\n    def total(self) -> int:\n        return sum(x for x in self._xs)\n",
        "A.total",
    ),
    "slots": (
        "class A:\n    __slots__ = ('_xs',)\n    def __init__(self, xs):\n        self._xs = xs\n    def total(self) -> int:\n        return sum(x for x in self._xs)\n",
        "A.total",
    ),
    "returns a list": (
        "class A:\n    def __init__(self, xs):\n        self._xs = xs\n    def total(self) -> list[int]:\n        return [x for x in self._xs]\n",
        "A.total",
    ),
    "has a setter": (
        "class A:\n    def __init__(self, xs):\n        self._xs = xs\n    @property\n    def total(self) -> int:\n        return sum(x for x in self._xs)\n    @total.setter\n    def total(self, x):\n        print(x)\n",
        "A.total",
    ),
    "writes": (
        "class A:\n    def __init__(self, xs):\n        self._xs = xs\n        self._n = 0\n    def total(self) -> int:\n        self._n += 1\n        return sum(x for x in self._xs)\n",
        "A.total",
    ),
    "state from an unknown base": (
        "from base import Base\nclass A(Base):\n    def total(self) -> int:\n        return sum(x for x in self._xs)\n",
        "A.total",
    ),
    "unhashable argument": (
        "class A:\n    def __init__(self, xs):\n        self._xs = xs\n    def total(self, ys: list[int]) -> int:\n        return sum(x for x in self._xs) + len(ys)\n",
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
