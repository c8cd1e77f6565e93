"""Extremes: comparisons choose what min and max chose, the same object of equal ones included."""

from __future__ import annotations

import pytest

APPLIES = {
    "two and three plain values": (
        """
        def f(rows):
            found = []
            for a, b, c in rows:
                # smallest
                found.append((min(a, b), max(a, b), min(a, b, c), max(a, b, c)))  # all
            return found
        """,
        (
            "f([(1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 2, 2), (1, 1.0, True), (1.0, True, 1)])",
            "f([(float('nan'), 1, 2), (1, float('nan'), 2), (1, 2, float('nan'))])",
        ),
    ),
    "three plain values that a statement takes": (
        """
        def f(rows):
            least = []
            for a, b, c in rows:
                least.append(min(a, b, c))  # the cheapest
                least[-1] = least[-1], max(a, b, c)
                least[-1] = max(c, a, b)
            return least
        """,
        (
            "f([(1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 2, 2), (1, 1.0, True), (1.0, True, 1)])",
            "f([(float('nan'), 1, 2), (1, float('nan'), 2), (1, 2, float('nan'))])",
        ),
    ),
    "a running extreme": (
        """
        def f(values):
            low, high = 9, 0
            for value in values:
                low = min(low, value)
                high = max(high, value)  # so far
            return low, high
        """,
        ("f([3, 1, 4])", "f([])", "f([9.0, True])"),
    ),
    "values that are worked out": (
        """
        def f(a, b):
            above = list(range(len(b) + 1))
            for i, x in enumerate(a, 1):
                row = [i]
                for j, y in enumerate(b, 1):
                    # the cheapest step
                    row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
                above = row
            return above[-1]
        """,
        ("f('kitten', 'sitting')", "f('', 'ab')", "f('ab', 'ab')"),
    ),
    "a cell, and a sum": (
        """
        def f(costs):
            sums = [[0] * len(costs[0]) for _ in costs]
            for i in range(1, len(costs)):
                for j in range(1, len(costs[0])):
                    sums[i][j] = costs[i][j] + min((sums[i - 1][j], sums[i][j - 1], j))
            return sums
        """,
        ("f([[1, 2, 3], [4, 1, 1], [9, 2, 0]])",),
    ),
    "called by a loop": (
        """
        def f(a, b, c, d):
            return min(a, b, c, d)

        def g(xs):
            return [f(*x, 9) for x in xs]
        """,
        ("g([(3, 2, 1), (1, 2, 3), (2, 2, 2)])",),
    ),
    "a limit": (
        "def f(xs):\n    found = []\n    for x in xs:\n        y = max(0, x)\n"
        "        found.append(y)\n    return found\n",
        ("f([-1, 2, 0.0])",),
    ),
}

REFUSES = {
    "not in a loop": "def f(a, b):\n    return min(a, b)\n",
    "a key": "def f(xs, a, b):\n    for _ in xs:\n        min(a, b, key=len)\n",
    "a container": "def f(xs):\n    for x in xs:\n        y = min(x)\n    return y\n",
    "a star": "def f(xs, a):\n    for x in xs:\n        y = min(a, *x)\n    return y\n",
    "a call that may do something": (
        "def f(xs, g):\n    for x in xs:\n        y = min(g(x), 1)\n    return y\n"
    ),
    "worked out only sometimes": (
        "def f(xs):\n    for x in xs:\n        y = x and min(x + 1, 3)\n    return y\n"
    ),
    "behind something that may do something": (
        "def f(xs, g):\n    for x in xs:\n        y = g(x) + min(x + 1, 3)\n    return y\n"
    ),
    "inside a comprehension": "def f(xs):\n    return [min(x + 1, 3) for x in xs]\n",
    "its own min": (
        "def min(a, b):\n    return a\ndef f(xs):\n    for x in xs:\n        min(x, 1)\n"
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_comparisons_choose_the_same_value(applies, case):
    source, expressions = case
    applies("compare-on-the-spot", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_call_stays_that_comparisons_could_not_stand_for(refuses, source):
    refuses("compare-on-the-spot", source, "f")


def test_of_equal_values_the_same_object_is_chosen(propose):
    source = "def f(xs):\n    for a, b, c in xs:\n        return min(a, b, c), max(a, b, c)\n"
    found = propose(source, "f", "compare-on-the-spot")
    equal = (1, 1.0, True)
    for rewriting in found:
        space: dict[str, object] = {}
        exec(rewriting.new_source, space)
        function = space["f"]
        assert callable(function)
        assert all(each is equal[0] for each in function([equal]))
    assert len(found) == 2


def test_known_numbers_are_less_risky_than_unknown_values(propose):
    known = "def f(a: int, b: int):\n    while a:\n        a = min(a, b)\n"
    unknown = "def f(a, b):\n    while a:\n        a = min(a, b)\n"
    assert propose(known, "f", "compare-on-the-spot")[0].risk == "low"
    assert propose(unknown, "f", "compare-on-the-spot")[0].risk == "medium"
