"""Ordering: ends, slices, insertions and heaps give what sorting gave, ties included."""

from __future__ import annotations

import pytest

APPLIES = {
    "first of sorted": (
        "ends-of-sorted",
        """
        def f(xs):
            # least
            return sorted(xs)[0]
        """,
        "f",
        ("f([3, 1, 2])", "f('ba')"),
    ),
    "first with key": (
        "ends-of-sorted",
        """
        def f(xs):
            return sorted(xs, key=lambda x: x[0])[0]
        """,
        "f",
        ("f([(2, 'a'), (1, 'b'), (1, 'c')])",),
    ),
    "last with key": (
        "ends-of-sorted",
        """
        def f(xs: list[tuple[int, str]]):
            return sorted(xs, key=lambda x: x[0])[-1]
        """,
        "f",
        ("f([(2, 'a'), (1, 'b'), (2, 'c')])",),
    ),
    "first of reverse": (
        "ends-of-sorted",
        """
        def f(xs):
            return sorted(xs, key=lambda x: x[0], reverse=True)[0]
        """,
        "f",
        ("f([(2, 'a'), (1, 'b'), (2, 'c')])",),
    ),
    "first three": (
        "ends-of-sorted",
        """
        def f(xs, k: int):
            return sorted(xs, key=lambda x: x[0])[:3] + sorted(xs)[:k]
        """,
        "f",
        ("f([(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'a')], 2)", "f([], 0)"),
    ),
    "largest by a variable": (
        "ends-of-sorted",
        """
        def f(xs, k: int):
            # rank them
            ranked = sorted(xs, key=len, reverse=True)
            return [x.upper() for x in ranked[:k]]
        """,
        "f",
        ("f(['a', 'bb', 'c', 'dd'], 3)",),
    ),
    "sorted insert": (
        "sorted-insert",
        """
        def medians(xs):
            window = []
            out = []
            for x in xs:
                window.append(x)  # new
                window.sort()
                out.append(window[len(window) // 2])
            return out
        """,
        "medians",
        ("medians([5, 1, 4, 2, 2])", "medians([(1, 'b'), (1, 'a')])"),
    ),
    "priority queue": (
        "heap-for-sorted-queue",
        """
        def shortest(graph, start):
            queue = [(0, start)]
            done = {}
            while queue:
                # nearest
                queue.sort()
                cost, node = queue.pop(0)
                if node in done:
                    continue
                done[node] = cost
                for other, step in graph[node]:
                    queue.append((cost + step, other))
            return done
        """,
        "shortest",
        ("shortest({'a': [('b', 4), ('c', 1)], 'c': [('b', 1)], 'b': []}, 'a')",),
    ),
}

REFUSES = {
    "middle": ("ends-of-sorted", "def f(xs):\n    return sorted(xs)[1]\n", "f"),
    "negative slice": ("ends-of-sorted", "def f(xs):\n    return sorted(xs)[:-1]\n", "f"),
    "last of unknown with key": (
        "ends-of-sorted",
        "def f(xs):\n    return sorted(xs, key=len)[-1]\n",
        "f",
    ),
    "sorted is shadowed": (
        "ends-of-sorted",
        "def sorted(x):\n    return x\ndef f(xs):\n    return sorted(xs)[0]\n",
        "f",
    ),
    "ranking used again": (
        "ends-of-sorted",
        "def f(xs):\n    ranked = sorted(xs)\n    return ranked[:3], len(ranked)\n",
        "f",
    ),
    "changed before it is ranked": (
        "ends-of-sorted",
        "def f(xs):\n    ranked = sorted(xs)\n    xs.clear()\n    return ranked[:3]\n",
        "f",
    ),
    "unsorted start": (
        "sorted-insert",
        """
        def f(xs):
            window = [3, 1]
            for x in xs:
                window.append(x)
                window.sort()
            return window
        """,
        "f",
    ),
    "also inserted elsewhere": (
        "sorted-insert",
        """
        def f(xs):
            window = []
            for x in xs:
                window.insert(0, x)
                window.append(x)
                window.sort()
            return window
        """,
        "f",
    ),
    "sorted by key": (
        "sorted-insert",
        """
        def f(xs):
            window = []
            for x in xs:
                window.append(x)
                window.sort(key=abs)
            return window
        """,
        "f",
    ),
    "queue that is looked into": (
        "heap-for-sorted-queue",
        """
        def f(xs):
            queue = []
            for x in xs:
                queue.append(x)
            while queue:
                queue.sort()
                x = queue.pop(0)
                print(queue[-1])
        """,
        "f",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_order_and_ties_are_kept(applies, case):
    rewrite, source, function, expressions = case
    applies(rewrite, source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_sorting_that_is_needed_stays(refuses, case):
    refuses(*case)
