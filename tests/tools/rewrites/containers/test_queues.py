"""Queues: deques and reversed lists hold what the lists held."""

from __future__ import annotations

import pytest

APPLIES = {
    "breadth first": (
        "deque-for-list",
        """
        def reach(graph, start):
            # to do
            queue: list = [start]
            seen = {start}
            order = []
            while queue:
                node = queue.pop(0)  # oldest
                order.append(node)
                for other in graph[node]:
                    if other not in seen:
                        seen.add(other)
                        queue.append(other)
            return order
        """,
        "reach",
        ("reach({1: [2, 3], 2: [4], 3: [4], 4: []}, 1)",),
    ),
    "front insert and pop": (
        "deque-for-list",
        """
        import collections

        def f(xs):
            q = list(xs)
            out = []
            while len(q) > 1:
                a = q.pop(0)
                b = q.pop()
                q.insert(0, b)
                out.append((a, b))
            return out, list(q)
        """,
        "f",
        ("f([1, 2, 3, 4])", "f([])"),
    ),
    "deleted in front": (
        "deque-for-list",
        """
        def f(xs, most):
            window = []
            out = []
            for x in xs:
                window.append(x)
                if len(window) > most:
                    del window[0]  # oldest
                out.append(sum(window))
            return out
        """,
        "f",
        ("f([1, 2, 3, 4], 2)", "f([1], 0)"),
    ),
    "built backwards": (
        "append-then-reverse",
        """
        def digits(n: int) -> list:
            out = []
            while n:
                out.insert(0, n % 10)  # front
                n //= 10
            return out
        """,
        "digits",
        ("digits(1234)", "digits(0)"),
    ),
}

REFUSES = {
    "sliced": (
        "deque-for-list",
        "def f(xs):\n    q = list(xs)\n    while q:\n        q.pop(0)\n        print(q[1:])\n",
        "f",
    ),
    "returned": (
        "deque-for-list",
        "def f(xs):\n    q = list(xs)\n    while q[0] < 3:\n        q.pop(0)\n    return q\n",
        "f",
    ),
    "parameter": (
        "deque-for-list",
        "def f(q: list):\n    while q:\n        q.pop(0)\n",
        "f",
    ),
    "handed on": (
        "deque-for-list",
        "def f(xs, show):\n    q = list(xs)\n    while q:\n        q.pop(0)\n        show(q)\n",
        "f",
    ),
    "changed while iterated over": (
        "deque-for-list",
        "def f(xs):\n    q = list(xs)\n    for x in q:\n        q.pop(0)\n    return len(q)\n",
        "f",
    ),
    "several deleted at once": (
        "deque-for-list",
        "def f(xs):\n    q = list(xs)\n    while q:\n        del q[0], q[-1]\n",
        "f",
    ),
    "captured": (
        "deque-for-list",
        "def f(xs):\n    q = list(xs)\n    while q:\n        q.pop(0)\n    return lambda: q\n",
        "f",
    ),
    "read while built": (
        "append-then-reverse",
        """
        def f(n):
            out = []
            while n:
                out.insert(0, n + len(out))
                n -= 1
            return out
        """,
        "f",
    ),
    "not empty before": (
        "append-then-reverse",
        """
        def f(n):
            out = [9]
            while n:
                out.insert(0, n)
                n -= 1
            return out
        """,
        "f",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_same_elements_come_in_the_same_order(applies, case):
    rewrite, source, function, expressions = case
    applies(rewrite, source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_list_used_as_a_list_stays_one(refuses, case):
    refuses(*case)
