"""Mappings: the values that come with the keys are those the keys were looked up for."""

from __future__ import annotations

import pytest

APPLIES = {
    "keys and values": (
        """
        def f(counts: dict[str, int]):
            out = []
            # all
            for name in counts:
                if counts[name] > 1:  # often
                    out.append((name, counts[name]))
            return out
        """,
        ("f({'a': 1, 'b': 2})", "f({})"),
    ),
    "values alone": (
        """
        def f(prices: dict[str, int]):
            return sum(prices[each] for each in prices.keys() if prices[each]), len(prices)
        """,
        ("f({'a': 1, 'b': 0})",),
    ),
    "the key is needed after": (
        """
        def f(d: dict[str, int]):
            n = 0
            for k in d:
                n += d[k]
            return n, k
        """,
        ("f({'a': 1, 'b': 2})",),
    ),
    "a function sees the key later": (
        """
        def f(d: dict[str, int]):
            made = []
            for k in d:
                made.append((d[k], lambda: d[k]))
            d["b"] = 9
            return [(value, later()) for value, later in made]
        """,
        ("f({'a': 1, 'b': 2})",),
    ),
}

REFUSES = {
    "perhaps no dict": "def f(d):\n    return [d[k] for k in d]\n",
    "another dict": (
        "def f(d: dict[str, int], e: dict[str, int]):\n    return [e[k] for k in d]\n"
    ),
    "values that change": """
    def f(d: dict[str, int]):
        for k in d:
            d[k] = d[k] + 1
    """,
    "the dict is replaced": """
    def f(d: dict[str, int]):
        for k in d:
            print(d[k])
            d = {k: 1}
    """,
    "the key is replaced": """
    def f(d: dict[str, int]):
        for k in d:
            k = "a"
            print(d[k])
    """,
    "another key by the same name": """
    def f(d: dict[str, int]):
        return [[d[k] for k in "ab"] for k in d]
    """,
    "given to something unknown": """
    def f(d: dict[str, int], show):
        for k in d:
            show(d)
            print(d[k])
    """,
    "only keys": "def f(d: dict[str, int]):\n    return [k for k in d]\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_values_are_the_same(applies, case):
    source, expressions = case
    applies("items-for-keys", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_value_that_may_be_another_is_looked_up(refuses, source):
    refuses("items-for-keys", source, "f")


def test_keys_that_only_led_to_values_are_gone(propose):
    source = "def f(d: dict[str, int]):\n    return [d[k] for k in d]\n"
    new = propose(source, "f", "items-for-keys")[0].new_source
    assert "[d_value for d_value in d.values()]" in new
