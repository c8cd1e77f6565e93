"""Conditions: they hold for what they held for, in whichever order they are asked."""

from __future__ import annotations

import pytest

APPLIES = {
    "and": (
        """
        def is_prime(n: int) -> bool:
            return all(n % k for k in range(2, n))

        def f(xs: list[int], mode: str):
            out = []
            for x in xs:
                # wanted
                if is_prime(x) and mode == "all":  # both
                    out.append(x)
            return out
        """,
        ("f([2, 4, 5], 'all')", "f([2], '')"),
    ),
    "or, in between and negated": (
        """
        def slow(x):
            return sum(range(x)) > 3

        def f(x: int, y, on: bool):
            return [1] if on or slow(x) or x > 5 or (y is None) or not on else [0]
        """,
        ("f(1, 2, True)", "f(1, None, False)", "f(9, 1, False)"),
    ),
    "a value that is only true or false": (
        """
        def f(xs: list[int], x: int):
            return all(each > 0 for each in xs) and x in (1, 2)
        """,
        ("f([1], 1)", "f([1], 3)", "f([0], 1)"),
    ),
}

REFUSES = {
    "the cheap one is first": """
    def slow(x):
        return sum(range(x)) > 3
    def f(x: int):
        if x == 1 and slow(x):
            return x
    """,
    "the second may fail": """
    def known(x):
        return any(x is each for each in (1, 2))
    def f(x: int):
        if known(x) and x > 3:
            return x
    """,
    "the second may be a property": """
    class A:
        @property
        def on(self) -> bool:
            return bool(print())
        def slow(self):
            return sum(range(9)) > 3
        def f(self):
            if self.slow() and self.on is True:
                return 1
    """,
    "the first changes something": """
    def slow(xs):
        xs.append(1)
        return sum(xs) > 3
    def f(xs: list, mode: str):
        if slow(xs) and mode == "a":
            return xs
    """,
    "the value is used": """
    def slow(x):
        return sum(range(x))
    def f(x: int, mode: str):
        return slow(x) and mode == "a"
    """,
    "an exception is an answer": """
    def slow(x):
        return sum(range(x)) > 3
    def f(x: int, mode: str):
        try:
            if slow(x) and mode == "a":
                return 1
        except TypeError:
            return 2
    """,
    "both are cheap": """
    def f(x: int, mode: str):
        if x > 1 and mode == "a":
            return x
    """,
    "something in between changes": """
    def slow(x):
        return sum(range(x)) > 3
    def f(x: int, xs: list, mode: str):
        if slow(x) and xs.pop() and mode == "a":
            return x
    """,
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_condition_is_the_same(applies, case):
    source, expressions = case
    applies("cheap-test-first", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_an_order_that_may_matter_stays(refuses, source):
    refuses("cheap-test-first", source, "A.f" if "class A" in source else "f")


def test_a_long_condition_stays_on_its_lines(propose):
    source = """
    def slow(x):
        return sum(range(x)) > 3

    def f(x, mode: str):
        return (
            slow(x)
            and mode == "a"
        )
    """
    (found,) = propose(source.replace("slow(x)\n ", "slow(x) is True\n "), "f", "cheap-test-first")
    assert found.new_source.endswith(
        '    return (\n        mode == "a"\n        and slow(x) is True\n    )\n'
    )


def test_the_comparison_is_asked_before_the_call(propose):
    source = """
    def slow(x):
        return sum(range(x)) > 3

    def f(x, mode: str):
        if slow(x) and (mode == "a" or x) and mode != "b":
            return x
    """
    new = propose(source, "f", "cheap-test-first")[0].new_source
    assert 'if mode != "b" and slow(x) and (mode == "a" or x):' in new
