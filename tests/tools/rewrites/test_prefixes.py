"""Prefixes: running values are what the slices gave."""

from __future__ import annotations

import pytest

APPLIES = {
    "sum": (
        "def f(xs: list[int]):\n    out = []\n    for i in range(len(xs)):\n        out.append(sum(xs[:i]))  # before\n        out.append(sum(xs[: i + 1]))\n    return out\n",
        ("f([3, 1, 2])", "f([])"),
    ),
    "max": (
        "def f(xs: list[int]):\n    return [max(xs[: i + 1]) for i in range(len(xs))]\n",
        ("f([1, 3, 2])", "f([])"),
    ),
    "min from one": (
        "def f(xs: list[int]):\n    n = len(xs)\n    return [min(xs[:i]) for i in range(1, n + 1)]\n",
        ("f([2, 3, 1])", "f([])"),
    ),
    "distinct": (
        "def f(xs: list[str]):\n    return [len(set(xs[:i])) for i, x in enumerate(xs)]\n",
        ("f(['a', 'b', 'a', 'c'])",),
    ),
    "suffix": (
        "def f(xs: list[int]):\n    out = []\n    for i in range(len(xs)):\n        out.append((sum(xs[i:]), max(xs[i:])))\n    return out\n",
        ("f([1, 5, 2])", "f([])"),
    ),
    "water": (
        "def f(heights: list[int]):\n    total = 0\n    for i in range(1, len(heights) - 1):\n        left = max(heights[: i + 1])\n        right = max(heights[i:])\n        total += min(left, right) - heights[i]\n    return total\n",
        ("f([3, 0, 2, 0, 4])", "f([1])"),
    ),
}

REFUSES = {
    "list changes": (
        "def f(xs: list[int]):\n    for i in range(len(xs)):\n        xs[i] = sum(xs[: i + 1])\n    return xs\n"
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
        "def f(xs: list[int]):\n    out = 0\n    for i in range(len(xs)):\n        i = i // 2\n        out += sum(xs[:i])\n    return out\n"
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_running_values_are_the_slices_values(applies, case):
    source, expressions = case
    applies("running-value", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_slice_that_is_no_prefix_of_something_fixed_stays(refuses, source):
    refuses("running-value", source, "f")
