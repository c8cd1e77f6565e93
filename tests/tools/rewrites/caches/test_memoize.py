"""Memoize: answers stay the same, and nothing impure or mutable is remembered."""

from __future__ import annotations

import pytest

APPLIES = {
    "recursion": (
        """
        # head
        def fib(n):
            # base
            if n < 2:
                return n
            return fib(n - 1) + fib(n - 2)  # both
        """,
        "fib",
        ("fib(15)", "fib(0)", "fib(1.0)"),
    ),
    "annotated": (
        '''
        """Doc."""
        from __future__ import annotations

        import os
        from functools import wraps

        COSTS = {"a": 1, "b": 2}

        def distance(first: str, second: str) -> int:
            """Edit distance."""
            row = list(range(len(second) + 1))
            for i, a in enumerate(first, 1):
                previous, row[0] = row[0], i
                for j, b in enumerate(second, 1):
                    cost = COSTS.get(a, 0)
                    changed = previous + (a != b) + cost * 0
                    previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, changed)
            return row[-1]
        ''',
        "distance",
        ("distance('kitten', 'sitting')", "distance('', 'ab')"),
    ),
    "a fresh list is copied": (
        '''
        def tokens(text: str) -> list[str]:
            """Split."""
            found = []
            for word in text.lower().split():
                if len(word) > 2:
                    found.append(word)
            return found

        def use(text):
            first = tokens(text)
            first.append("x")
            return tokens(text), first
        ''',
        "tokens",
        ("tokens('The quick brown fox of it')", "use('one two three')", "tokens.__doc__"),
    ),
    "a text that is made from itself": (
        """
        def stem(word):
            word = word.lower()
            for vowel in "aeiou":
                word = word.replace(vowel, "").replace("  ", " ")
                if word.endswith("s"):
                    word = word[:-1]
            return word
        """,
        "stem",
        ("stem('Grounds as ever')", "stem('')"),
    ),
    "static method": (
        """
        import functools

        class Paths:
            # ways
            @staticmethod
            def count(x: int, y: int) -> int:
                if x == 0 or y == 0:
                    return 1
                return Paths.count(x - 1, y) + Paths.count(x, y - 1)  # both

            def all(self, n):
                return self.count(n, n)
        """,
        "Paths.count",
        ("Paths.count(3, 4)", "Paths().all(2)", "Paths.count(0, 1)"),
    ),
    "nested function": (
        """
        def knapsack(weights, values, capacity):
            def best(i, room):
                if i < 0:
                    return 0
                skip = best(i - 1, room)
                if weights[i] > room:
                    return skip
                return max(skip, best(i - 1, room - weights[i]) + 1)
            return best(len(weights) - 1, capacity)
        """,
        "knapsack.<locals>.best",
        ("knapsack([1, 2, 3], [1, 2, 3], 4)", "knapsack([2, 2], [5, 6], 1)"),
    ),
}

REFUSES = {
    "class method": (
        """
        class A:
            @classmethod
            def f(cls, n: int):
                return sum(i for i in range(n)) + len(cls.__name__)
        """,
        "A.f",
    ),
    "static method that is defined twice": (
        """
        class A:
            @staticmethod
            def f(n: int):
                return sum(i for i in range(n))
            f = property(f)
            def f(self, n: int):
                return n
        """,
        "A.f",
    ),
    "static method that makes a list": (
        """
        class A:
            @staticmethod
            def f(n: int) -> list[int]:
                return [i for i in range(n)]
        """,
        "A.f",
    ),
    "static method of an unknown argument": (
        """
        class A:
            @staticmethod
            def f(xs):
                return sum(x for x in xs)
        """,
        "A.f",
    ),
    "what may be a list, grouped": (
        """
        from itertools import groupby
        def f(word):
            return "".join(x[0] for x in groupby(word))
        """,
        "f",
    ),
    "what may be a list, searched": (
        """
        def f(n: int, known):
            return sum(i in known for i in range(n))
        """,
        "f",
    ),
    "what may be a list, taken apart": (
        """
        def f(n: int, pair):
            low, high = pair
            return sum(low <= i < high for i in range(n))
        """,
        "f",
    ),
    "what may be a list, handed on": (
        """
        def f(n: int, limits):
            return sum(min(*limits, i) for i in range(n))
        """,
        "f",
    ),
    "reads the clock": (
        """
        import time
        def f(n: int):
            return sum(i for i in range(n)) + time.time()
        """,
        "f",
    ),
    "random": (
        """
        import random
        def f(n: int):
            return sum(random.random() for i in range(n))
        """,
        "f",
    ),
    "writes a global": (
        """
        calls = 0
        def f(n: int):
            global calls
            calls += 1
            return sum(i for i in range(n))
        """,
        "f",
    ),
    "reads a global that changes": (
        """
        TABLE = {}
        def add(k, v):
            TABLE[k] = v
        def f(n: int):
            return sum(TABLE[i] for i in range(n))
        """,
        "f",
    ),
    "changes its argument": (
        """
        def f(xs):
            for x in range(3):
                xs.append(x)
            return len(xs)
        """,
        "f",
    ),
    "list argument": (
        """
        def f(xs: list[int]) -> int:
            return sum(x * x for x in xs)
        """,
        "f",
    ),
    "generator": (
        """
        def f(n: int):
            for i in range(n):
                yield i
        """,
        "f",
    ),
    "prints": (
        """
        def f(n: int) -> int:
            print(n)
            return sum(i for i in range(n))
        """,
        "f",
    ),
    "returns a list of lists": (
        """
        def f(n: int) -> list[list[int]]:
            return [[i] for i in range(n)]
        """,
        "f",
    ),
    "method": (
        """
        class A:
            def f(self, n: int) -> int:
                return sum(i for i in range(n))
        """,
        "A.f",
    ),
    "already cached": (
        """
        from functools import lru_cache
        @lru_cache
        def f(n: int) -> int:
            return sum(i for i in range(n))
        """,
        "f",
    ),
    "outer list grows": (
        """
        def outer(n):
            seen = []
            def f(i):
                if i < 2:
                    return i + len(seen)
                return f(i - 1) + f(i - 2)
            a = f(n)
            seen.append(a)
            return f(n)
        """,
        "outer.<locals>.f",
    ),
    "looks attributes up by name": (
        """
        def f(thing):
            return sum(getattr(thing, name) for name in ("a", "b", "c")) + 1
        """,
        "f",
    ),
    "depends on the state of an object": (
        """
        class Item:
            def __init__(self, n: int):
                self.n = n
        def f(item: Item) -> int:
            return sum(item.n for _ in range(3))
        """,
        "f",
    ),
    "a helper reads what changes": (
        """
        def outer(n):
            table = {0: 1, 1: 1}
            def look(i):
                return table.get(i, 0) + sum(range(i))
            def f(i):
                return look(i) * 2
            for step in range(n):
                table = {step: f(step)}
            print(table)
            return table
        """,
        "outer.<locals>.f",
    ),
    "set from inside": (
        """
        def outer(n):
            total = 0
            def f(i: int):
                return sum(range(i)) + total
            def grow():
                nonlocal total
                total += 1
            print(f(n))
            grow()
            return f(n)
        """,
        "outer.<locals>.f",
    ),
    "calls something unknown": (
        """
        def f(n: int, callback) -> int:
            return sum(callback(i) for i in range(n))
        """,
        "f",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_remembered_answers_are_the_same(applies, case):
    source, function, expressions = case
    applies("memoize", source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_nothing_impure_or_mutable_is_remembered(refuses, case):
    refuses("memoize", *case)


def test_an_existing_import_is_extended(applies):
    source, function, expressions = APPLIES["annotated"]
    new = applies("memoize", source, function, *expressions).new_source
    assert "from functools import lru_cache, wraps\n" in new
    assert "@lru_cache(maxsize=65536)\ndef distance" in new
