"""Invariants: what is hoisted is the same in every iteration, and only read."""

from __future__ import annotations

import pytest

APPLIES = {
    "text of what stays": (
        "hoist-text",
        """
        def f(rows: list[dict], name: str, number: int):
            out = []
            for row in rows:
                # by name
                if f"{name}_{number}" in row:
                    out.append(row[f"{name}_{number}"] + len("%s-%s" % (name, number)))
            return out
        """,
        "f",
        ("f([{'a_1': 1}, {}], 'a', 1)", "f([], 'a', 1)"),
    ),
    "sorted in a comprehension's test": (
        "hoist-call",
        """
        def f(xs: list[int], ys: list[int]) -> list[int]:
            # keep
            return [x for x in xs if x in set(ys)]
        """,
        "f",
        ("f([1, 2, 3], [2, 3])", "f([], [1])"),
    ),
    "own pure function": (
        "hoist-call",
        """
        def norm(v):
            return sum(x * x for x in v) ** 0.5

        def scaled(vectors, reference):
            out = []
            for v in vectors:  # each
                # divide
                out.append(v / norm(reference))
            return out
        """,
        "scaled",
        ("scaled([1.0, 2.0], [3.0, 4.0])", "scaled([], [1.0])"),
    ),
    "outer of nested loops": (
        "hoist-call",
        """
        def area(shape):
            total = 0
            for i in range(len(shape)):
                total += shape[i]
            return total

        def pairs(shapes, others):
            out = []
            for a in shapes:
                for b in others:
                    out.append(area(a) - b)
            return out
        """,
        "pairs",
        ("pairs([[1, 2], [3]], [1, 2])", "pairs([], [])"),
    ),
    "method of the class": (
        "hoist-call",
        """
        class Grid:
            def __init__(self, rows):
                self.rows = rows

            def width(self):
                return max(len(row) for row in self.rows)

            def pad(self):
                out = []
                for row in self.rows:
                    out.append(row + [0] * (self.width() - len(row)))
                return out
        """,
        "Grid.pad",
        ("Grid([[1], [1, 2]]).pad()",),
    ),
    "while test": (
        "hoist-call",
        """
        def f(text: str) -> int:
            i = n = 0
            while i < len(text.strip()):
                n += text.strip()[i] == "a"
                i += 1
            return n
        """,
        "f",
        ("f(' banana ')", "f('')"),
    ),
    "attribute chain": (
        "hoist-attribute",
        """
        class Options:
            def __init__(self):
                self.limit = 3

        class Box:
            def __init__(self):
                self.options = Options()

            def count(self, rows: list[list[int]]) -> int:
                n = 0
                for row in rows:
                    for x in row:
                        if x > self.options.limit:
                            n += 1
                return n
        """,
        "Box.count",
        ("Box().count([[1, 5], [4]])",),
    ),
}

REFUSES = {
    "text of what varies": (
        "hoist-text",
        "def f(xs: list[str], y: str):\n    return [f'{x}{y}' for x in xs]\n",
        "f",
    ),
    "text of something that may write itself differently": (
        "hoist-text",
        "def f(xs, y):\n    return [x for x in xs if f'{y}_' in x]\n",
        "f",
    ),
    "text with a format": (
        "hoist-text",
        "def f(xs, y: str):\n    return [x for x in xs if f'{y:>3}_' in x]\n",
        "f",
    ),
    "argument changes": (
        "hoist-call",
        """
        def f(xs: list[int], ys: list[int]):
            out = []
            for x in xs:
                out.append(max(sorted(ys)))
                ys.append(x)
            return out
        """,
        "f",
    ),
    "depends on the loop": (
        "hoist-call",
        """
        def f(xs: list[list[int]]):
            return [x for row in xs for x in sorted(row)]
        """,
        "f",
    ),
    "clock": (
        "hoist-call",
        """
        import time
        def f(xs):
            return [(x, time.time()) for x in xs]
        """,
        "f",
    ),
    "fresh list is kept": (
        "hoist-call",
        """
        def f(xs, keys: list[str]):
            rows = []
            for x in xs:
                rows.append(sorted(keys))
            return rows
        """,
        "f",
    ),
    "attribute written by a called method": (
        "hoist-call",
        """
        class A:
            def __init__(self):
                self.items = [1]
            def total(self):
                return sum(x for x in self.items)
            def grow(self, x):
                self.items.append(x)
            def f(self, xs):
                out = []
                for x in xs:
                    out.append(self.total() + 1)
                    self.grow(x)
                return out
        """,
        "A.f",
    ),
    "caught each time": (
        "hoist-call",
        """
        def f(xs, text):
            n = 0
            for x in xs:
                try:
                    n += int(text.split()[0]) + sorted(text)[0].count(x)
                except ValueError:
                    n += 1
            return n
        """,
        "f",
    ),
    "name bound in the loop": (
        "hoist-call",
        """
        def f(xs, y: str):
            out = []
            for x in xs:
                out.append(y.lower().strip() + "!")
                y = x
            return out
        """,
        "f",
    ),
    "one-shot iterator": (
        "hoist-call",
        """
        def f(xs, lines):
            out = []
            for x in xs:
                out.append(next(lines) + 1)
            return out
        """,
        "f",
    ),
    "iterator that would run dry": (
        "hoist-call",
        """
        import itertools
        def f(xs: list[int]):
            out = []
            for x in xs:
                for n in itertools.count(1):
                    if n % x == 0:
                        out.append(n)
                        break
            return out
        """,
        "f",
    ),
    "takes the next few": (
        "hoist-call",
        """
        from itertools import islice
        def f(xs):
            rest = (x for x in xs)
            chunks = [list(islice(rest, 2))]
            while chunks[-1]:
                chunks.append(list(islice(rest, 2)) + [0])
            return chunks
        """,
        "f",
    ),
    "may take the next few": (
        "hoist-call",
        """
        from itertools import takewhile
        def f(xs, rest):
            n = 0
            for x in xs:
                n += len(list(takewhile(bool, rest)))
            return n
        """,
        "f",
    ),
    "fresh container that is filled": (
        "hoist-call",
        """
        from collections import defaultdict
        def f(rows: list[list[int]]):
            out = []
            for row in rows:
                groups = defaultdict(list)
                for x in row:
                    groups[x % 2].append(x)
                out.append(len(groups[0]))
            return out
        """,
        "f",
    ),
    "fresh rows that are changed": (
        "hoist-call",
        """
        def grid(n: int):
            return [[0] * n for _ in range(n)]
        def f(xs: list[int], n: int):
            out = []
            for x in xs:
                rows = grid(n)
                for row in rows:
                    row.append(x)
                out.append(len(rows[0]))
            return out
        """,
        "f",
    ),
    "attribute assigned in the loop": (
        "hoist-attribute",
        """
        class A:
            def f(self, rows):
                n = 0
                for row in rows:
                    for x in row:
                        n += self.state.count
                        self.state.count += 1
                return n
        """,
        "A.f",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_hoisted_work_gives_the_same_answers(applies, case):
    rewrite, source, function, expressions = case
    applies(rewrite, source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_work_that_may_differ_stays_in_the_loop(refuses, case):
    refuses(*case)


def test_work_goes_out_of_all_loops_it_does_not_depend_on(applies):
    source = """
    def f(a: list[str], b: list[str], c: list[str]) -> list[str]:
        out = []
        for x in a:
            for y in b:
                for z in sorted(c):
                    out.append(x + y + z)
        return out
    """
    new = applies("hoist-call", source, "f", "f(['a'], ['b'], ['d', 'c'])").new_source
    assert new.index("= sorted(c)") < new.index("for x in a")
