"""Lifted: what is defined once for the module does what it did when it was defined in each call."""

from __future__ import annotations

import pytest

APPLIES = {
    "function in a loop": (
        """
        SCALE = 2


        def f(rows):
            out = []
            for row in rows:
                # how
                def scaled(x, by=SCALE and 1):
                    \"\"\"Scale.\"\"\"
                    return x * by  # done
                def plain(x, by=3):
                    \"\"\"Scale.\"\"\"
                    return x * by * SCALE  # plainly
                out.append(plain(row))
                out.extend(map(plain, [row, scaled(row)]))
            return sorted(out, key=plain)
        """,
        "f",
        ("f([1, 2])",),
    ),
    "a name that the module has": (
        """
        def weight(x):
            return -x


        class A:
            # of a method
            def f(self, xs):
                def weight(x) -> int:
                    return weight(x - 1) + 1 if x else 0
                return [weight(x) for x in xs]
        """,
        "A.f",
        ("A().f([1, 2, 3])", "weight(3)"),
    ),
    "class": (
        """
        from dataclasses import dataclass


        def f(xs):
            @dataclass(frozen=True)
            class Point:
                \"\"\"Where.\"\"\"

                x: int
                y: int = 2  # up

                def moved(self, by):
                    return Point(self.x + by, self.y)

            return [Point(x).moved(1) for x in xs], isinstance(xs, Point), Point(1).__doc__
        """,
        "f",
        ("f([1, 2])",),
    ),
    "named tuple": (
        """
        import collections


        def f(xs):
            Point = collections.namedtuple("Point", ["x", "y"])
            return [Point(x, y=1) for x in xs]
        """,
        "f",
        ("f([1, 2])",),
    ),
}

BODY = "def f(xs, n):\n    {definition}\n    return {use}\n"


def body(definition: str, use: str = "[g(x) for x in xs]") -> str:
    return BODY.format(definition=definition, use=use)


REFUSES = {
    "reads a variable around it": body("def g(x):\n        return x + n"),
    "reads a default around it": body("def g(x, y=n):\n        return x + y"),
    "default that grows": body("def g(x, y=[]):\n        return y"),
    "is handed out": body("def g(x):\n        return x", "g"),
    "is kept": body("def g(x):\n        return x", "[g]"),
    "something is set on it": body("def g(x):\n        return x\n    g.known = 1"),
    "decorated": "import functools\n"
    + body("@functools.lru_cache\n    def g(x):\n        return x"),
    "defined twice": body("def g(x):\n        return x\n    def g(x):\n        return 1"),
    "class that grows": body("class g:\n        seen = []"),
    "class of a registering base": "from base import Base\n" + body("class g(Base):\n        pass"),
    "class whose name is taken": "g = 1\n" + body("class g:\n        pass"),
    "class that is handed out": body("class g:\n        pass", "g"),
    "annotation that comes later": body("def g(x: Later):\n        return x") + "\nLater = int\n",
    "named tuple of something": "from collections import namedtuple\n"
    + body("g = namedtuple('g', xs)"),
    "private to a class": "class A:\n    def f(self, xs):\n        def g(x):\n"
    "            return x.__y\n        return [g(x) for x in xs]\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_it_does_the_same_when_defined_once(applies, case):
    source, function, expressions = case
    applies("lift-definition", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_what_belongs_to_one_call_is_defined_in_it(refuses, source):
    refuses("lift-definition", source, "A.f" if "class A" in source else "f")


def test_it_stands_above_the_function_with_its_comments(applies):
    source, function, expressions = APPLIES["function in a loop"]
    new = applies("lift-definition", source, function, *expressions).new_source
    assert new.index("def _plain") < new.index("def f(")
    assert "\n\n\ndef _plain(x, by=3):\n    " in new
    assert "# plainly\n\n\ndef f(" in new
