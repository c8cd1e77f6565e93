"""Prefixes: running values are what the slices gave."""

from __future__ import annotations

import pytest

APPLIES = {
    "sum": (
        """
        def f(xs: list[int]):
            out = []
            for i in range(len(xs)):
                out.append(sum(xs[:i]))  # before
                out.append(sum(xs[: i + 1]))
            return out
        """,
        ("f([3, 1, 2])", "f([])"),
    ),
    "max": (
        "def f(xs: list[int]):\n    return [max(xs[: i + 1]) for i in range(len(xs))]\n",
        ("f([1, 3, 2])", "f([])"),
    ),
    "min from one": (
        """
        def f(xs: list[int]):
            n = len(xs)
            return [min(xs[:i]) for i in range(1, n + 1)]
        """,
        ("f([2, 3, 1])", "f([])"),
    ),
    "distinct": (
        "def f(xs: list[str]):\n    return [len(set(xs[:i])) for i, x in enumerate(xs)]\n",
        ("f(['a', 'b', 'a', 'c'])",),
    ),
    "suffix": (
        """
        def f(xs: list[int]):
            out = []
            for i in range(len(xs)):
                out.append((sum(xs[i:]), max(xs[i:])))
            return out
        """,
        ("f([1, 5, 2])", "f([])"),
    ),
    "water": (
        """
        def f(heights: list[int]):
            total = 0
            for i in range(1, len(heights) - 1):
                left = max(heights[: i + 1])
                right = max(heights[i:])
                total += min(left, right) - heights[i]
            return total
        """,
        ("f([3, 0, 2, 0, 4])", "f([1])"),
    ),
}

REFUSES = {
    "list changes": (
        """
        def f(xs: list[int]):
            for i in range(len(xs)):
                xs[i] = sum(xs[: i + 1])
            return xs
        """
    ),
    "empty slice has no maximum": (
        "def f(xs: list[int]):\n    return [max(xs[:i]) for i in range(len(xs))]\n"
    ),
    "other length": (
        "def f(xs: list[int], ys: list[int]):\n    return [sum(xs[:i]) for i in range(len(ys))]\n"
    ),
    "free bound": "def f(xs: list[int], n):\n    return [sum(xs[:n]) for x in xs]\n",
    "past the end": (
        "def f(xs: list[int]):\n    return [sum(xs[: i + 2]) for i in range(len(xs))]\n"
    ),
    "negative": "def f(xs: list[int]):\n    return [sum(xs[: i - 1]) for i in range(len(xs))]\n",
    "step": "def f(xs: list[int]):\n    return [sum(xs[:i:2]) for i in range(len(xs))]\n",
    "index changes": (
        """
        def f(xs: list[int]):
            out = 0
            for i in range(len(xs)):
                i = i // 2
                out += sum(xs[:i])
            return out
        """
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_running_values_are_the_slices_values(applies, case):
    source, expressions = case
    applies("running-value", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_slice_that_is_no_prefix_of_something_fixed_stays(refuses, source):
    refuses("running-value", source, "f")
