"""Lookups: one lookup gives what two, or an exception, gave."""

from __future__ import annotations

import pytest

APPLIES = {
    "expression": (
        "get-for-test",
        """
        def f(d: dict[str, int], k):
            return d[k] if k in d else None, -1 if k not in d else d[k]  # both
        """,
        ("f({'a': 0}, 'a')", "f({'a': 0}, 'b')"),
    ),
    "assignment": (
        "get-for-test",
        """
        class A:
            def __init__(self):
                self.table: dict[tuple[int, int], int] = {(1, 2): 3}

            def f(self, x, y):
                # look
                if (x, y) in self.table:
                    n = self.table[x, y] if False else self.table[(x, y)]
                else:
                    n = 0
                if (x, y) not in self.table:
                    m = []  # none
                else:
                    m = self.table[(x, y)]
                return n, m

        def f(x, y):
            return A().f(x, y)
        """,
        ("f(1, 2)", "f(2, 1)"),
    ),
    "return": (
        "get-for-test",
        """
        def f(d: dict[str, int], k: str, default):
            if k in d:
                return d[k]  # known
            # unknown
            return default
        """,
        ("f({'a': 1}, 'a', 2)", "f({}, 'a', 2)"),
    ),
    "exception": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int], ks):
            out = []
            for k in ks:
                try:
                    n = d[k]
                except KeyError:  # unknown
                    n = 0
                out.append(n)
            return out
        """,
        ("f({'a': 1}, 'ab')",),
    ),
    "exception and return": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int], k):
            try:
                return d[k, 1]
            except LookupError:
                return None
        """,
        ("f({('a', 1): 1}, 'a')", "f({}, 'a')"),
    ),
    "exception passed over": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int], k):
            found = {}
            try:
                found = d[k]
            except KeyError:
                pass
            return found
        """,
        ("f({'a': 1}, 'a')", "f({}, 'a')"),
    ),
}

REFUSES = {
    "perhaps no dict": ("get-for-test", "def f(d, k):\n    return d[k] if k in d else 0\n"),
    "another key": (
        "get-for-test",
        "def f(d: dict[str, int], k, j):\n    return d[j] if k in d else 0\n",
    ),
    "a default that is worked out": (
        "get-for-test",
        "def f(d: dict[str, int], k, make):\n    return d[k] if k in d else make()\n",
    ),
    "a default that may have no value yet": (
        "get-for-test",
        """
        def f(d: dict[str, int], k):
            if not d:
                other = 1
            return d[k] if k in d else other
        """,
    ),
    "a key that is worked out": (
        "get-for-test",
        "def f(d: dict[str, int], k):\n    return d[k()] if k() in d else 0\n",
    ),
    "more than the lookup": (
        "get-for-test",
        "def f(d: dict[str, int], k):\n    return d[k] + 1 if k in d else 0\n",
    ),
    "different variables": (
        "get-for-test",
        """
        def f(d: dict[str, int], k):
            a = b = 0
            if k in d:
                a = d[k]
            else:
                b = 0
            return a, b
        """,
    ),
    "makes its own entries": (
        "get-for-keyerror",
        """
        from collections import defaultdict
        def f(k):
            d = defaultdict(int)
            try:
                n = d[k]
            except KeyError:
                n = 1
            return n
        """,
    ),
    "an exception from elsewhere": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int], e, k):
            try:
                n = d[e[k]]
            except KeyError:
                n = 0
            return n
        """,
    ),
    "another exception": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int], k):
            try:
                n = d[k]
            except TypeError:
                n = 0
            return n
        """,
    ),
    "the exception is used": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int], k):
            try:
                n = d[k]
            except KeyError as error:
                n = error
            return n
        """,
    ),
    "cleans up": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int], k):
            try:
                n = d[k]
            except KeyError:
                n = 0
            finally:
                print(k)
            return n
        """,
    ),
    "passed over with the key's own name": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int]):
            k = "a"
            try:
                k = d[k]
            except KeyError:
                pass
            return k
        """,
    ),
    "nothing before it is passed over": (
        "get-for-keyerror",
        """
        def f(d: dict[str, int], k, n):
            try:
                n = d[k]
            except KeyError:
                pass
            return n
        """,
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_value_is_the_same(applies, case):
    rewrite, source, expressions = case
    function = "A.f" if "class A" in source else "f"
    applies(rewrite, source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_lookup_that_is_more_than_one_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
