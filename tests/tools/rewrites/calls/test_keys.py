"""Keys: elements are ordered and reduced as the lambdas ordered and reduced them."""

from __future__ import annotations

import pytest

APPLIES = {
    "item": (
        """
        def f(rows):
            # by the second
            return sorted(rows, key=lambda row: row[1])  # stable
        """,
        ("f([(1, 'b'), (2, 'a'), (3, 'b')])", "f([])"),
    ),
    "item by name, and from the end": (
        """
        import operator

        def f(rows):
            rows.sort(key=lambda row: row[-1])
            return rows, max({"a": 1}, {"a": 2}, key=lambda x: x["a"])
        """,
        ("f([(1, 2), (2, 1)])",),
    ),
    "item at a variable": (
        """
        def f(rows, column):
            return min(rows, key=lambda row: row[column])
        """,
        ("f([(1, 2), (2, 1)], 1)", "f([(1, 2), (2, 1)], 0)"),
    ),
    "attributes": (
        """
        import heapq
        from types import SimpleNamespace as N

        def f(xs):
            things = [N(a=N(b=x), c=-x) for x in xs]
            first = heapq.nsmallest(1, things, key=lambda t: t.a.b)
            return first[0].c, max(things, key=lambda t: t.c).c
        """,
        ("f([3, 1, 2])",),
    ),
    "grouped": (
        """
        from itertools import groupby

        def f(rows):
            return [(k, list(g)) for k, g in groupby(rows, lambda row: row[0])]
        """,
        ("f([(1, 2), (1, 3), (2, 1)])",),
    ),
    "a function": (
        """
        def weight(word):
            return -len(word)

        def f(words):
            return sorted(words, key=lambda w: len(w)), sorted(words, key=lambda w: weight(w))
        """,
        ("f(['aa', 'b', 'ccc'])",),
    ),
    "lower": (
        "def f(words: list[str]):\n    return sorted(words, key=lambda w: w.lower())\n",
        ("f(['b', 'A', 'c'])",),
    ),
    "by value": (
        """
        def f(counts: dict[str, int]):
            best = max(counts, key=lambda name: counts[name])
            return best, sorted(counts, key=lambda name: counts.get(name))
        """,
        ("f({'a': 1, 'b': 3, 'c': 2})",),
    ),
    "product": (
        """
        from functools import reduce

        def f(xs):
            return reduce(lambda a, b: a * b, xs, 1), reduce(lambda a, b: max(a, b), xs, 0)
        """,
        ("f([2, 3, 4])", "f([])"),
    ),
}

REFUSES = {
    "the variable of a lazy key may change": (
        """
        from itertools import groupby

        def f(rows, column):
            groups = groupby(rows, key=lambda row: row[column])
            column = 1
            return [k for k, _ in groups]
        """
    ),
    "a private name": (
        """
        class A:
            def f(self, xs):
                return sorted(xs, key=lambda x: x.__rank)
        """
    ),
    "a default": "def f(xs):\n    return sorted(xs, key=lambda x, n=0: x[n])\n",
    "more than the item": "def f(xs):\n    return sorted(xs, key=lambda x: -x[0])\n",
    "no key": "def f(run):\n    return run(key=lambda x: x[0])\n",
    "another function's key": ("def f(xs, sorted):\n    return sorted(xs, key=lambda x: x[0])\n"),
    "operands change places": (
        "from functools import reduce\ndef f(xs):\n    return reduce(lambda a, b: b + a, xs)\n"
    ),
    "a function that may change": (
        """
        def weight(x):
            return x
        def swap(other):
            global weight
            weight = other
        def f(xs):
            return sorted(xs, key=lambda x: weight(x))
        """
    ),
    "a method of something unknown": (
        "def f(xs):\n    return sorted(xs, key=lambda x: x.lower())\n"
    ),
    "looked up in something unknown": (
        "def f(xs, table):\n    return sorted(xs, key=lambda x: table[x])\n"
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_elements_come_in_the_same_order(applies, case):
    source, expressions = case
    applies("getter-for-lambda", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_lambda_that_does_more_stays(refuses, source):
    function = "A.f" if "class A" in source else "f"
    refuses("getter-for-lambda", source, function)


def test_an_operator_that_is_imported_already_is_used(propose):
    source = "from operator import itemgetter\n\n\ndef f(xs):\n    xs.sort(key=lambda x: x[0])\n"
    new = propose(source, "f", "getter-for-lambda")[0].new_source
    assert new == source.replace("lambda x: x[0]", "itemgetter(0)")
