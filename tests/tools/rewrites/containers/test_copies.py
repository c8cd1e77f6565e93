"""Copies: a cheaper copy, or none, leaves originals and answers as they were."""

from __future__ import annotations

import pytest

APPLIES = {
    "flat list": (
        "shallower-copy",
        """
        import copy
        def f(xs: list[int]):
            # mine
            ys = copy.deepcopy(xs)
            ys.append(1)
            return xs, ys
        """,
        ("f([1, 2])",),
    ),
    "rows": (
        "shallower-copy",
        """
        from copy import deepcopy
        def f(rows: list[list[int]]):
            new = deepcopy(rows)
            new[0].append(9)
            return rows, new
        """,
        ("f([[1], [2]])",),
    ),
    "dict of lists": (
        "shallower-copy",
        """
        import copy
        def f(d: dict[str, list[str]]):
            new = copy.deepcopy(d)
            new['a'].append('z')
            return d, new
        """,
        ("f({'a': ['b']})",),
    ),
    "immutable": (
        "shallower-copy",
        "import copy\ndef f(x: str):\n    return copy.deepcopy(x) + 'a'\n",
        ("f('b')",),
    ),
    "iterated copy": (
        "uncopied-iterable",
        """
        def f(xs: list[int]):
            n = 0
            for x in xs[:]:
                n += x
            for x in list(xs):
                n += x
            return n
        """,
        ("f([1, 2])",),
    ),
    "read copy": (
        "uncopied-variable",
        "def f(xs: list[int]):\n    ys = list(xs)  # safe\n    return sum(y for y in ys) + ys[0]\n",
        ("f([1, 2])",),
    ),
}

REFUSES = {
    "unknown contents": (
        "shallower-copy",
        "import copy\ndef f(xs):\n    return copy.deepcopy(xs)\n",
    ),
    "list of lists of unknown": (
        "shallower-copy",
        "import copy\ndef f(xs: list[list]):\n    return copy.deepcopy(xs)\n",
    ),
    "other deepcopy": (
        "shallower-copy",
        "def deepcopy(x):\n    return x\ndef f(xs: list[int]):\n    return deepcopy(xs)\n",
    ),
    "changed in the loop": (
        "uncopied-iterable",
        """
        def f(xs: list[int]):
            for x in xs[:]:
                if x:
                    xs.remove(x)
            return xs
        """,
    ),
    "changed by something unknown": (
        "uncopied-iterable",
        "def f(xs: list, g):\n    for x in list(xs):\n        g(x)\n",
    ),
    "drained iterator": (
        "uncopied-iterable",
        "def f(xs):\n    for x in list(xs):\n        print(x)\n",
    ),
    "changed by what a subclass makes of a method": (
        "uncopied-iterable",
        """
        class Base:
            def __init__(self):
                self.names: list[str] = []
            def close(self):
                for name in list(self.names):
                    self.drop(name)
            def drop(self, name):
                raise NotImplementedError
        class Real(Base):
            def drop(self, name):
                self.names.remove(name)
        """,
    ),
    "copy is changed": (
        "uncopied-variable",
        "def f(xs: list[int]):\n    ys = list(xs)\n    ys.sort()\n    return xs, ys\n",
    ),
    "copy is returned": (
        "uncopied-variable",
        "def f(xs: list[int]):\n    ys = list(xs)\n    return ys\n",
    ),
    "original changes": (
        "uncopied-variable",
        "def f(xs: list[int]):\n    ys = list(xs)\n    xs.clear()\n    return len(ys)\n",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_originals_and_answers_stay(applies, case):
    rewrite, source, expressions = case
    applies(rewrite, source, "f", *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_copy_that_is_needed_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "Base.close" if "class Base" in source else "f")
