"""Accumulations and extremes: numpy ends up with the number the loop ended up with."""

from __future__ import annotations

import pytest

A = "np.array([0.1] * 40 + [1e16, 1.0, -1e16, -0.0, 0.3])"
B = "np.linspace(-3, 2, 45)"
N = "np.arange(45) - 20"

APPLIES = {
    "sums and counts": (
        "accumulating-loop",
        """
        import numpy as np

        def f(a: np.ndarray, b, t: float):
            plain = product = 0.0
            chosen = above = 0
            count = 0
            # one pass
            for x, y in zip(a, b):
                d = x - y  # apart
                plain += x
                product += d * d
                above += x > t
                if x > t and y < t:
                    count += 1
                if d > 0:
                    chosen += d
            return plain, product, chosen, count, above
        """,
        [f"f({A}, {B}, 0.05)", f"f({N}, {B}, 0)", f"f({N}, {N}, 3)", f"f({A}, {N}, 9e99)"],
        [f"f({A}, {B}[:5], 0.05)", f"f({A}, list({B}), 0.05)", "f(np.array([]), np.array([]), 1)"],
    ),
    "two dimensions": (
        "accumulating-loop",
        """
        import numpy as np

        def f(m: np.ndarray, w: np.ndarray):
            n, k = m.shape
            s = 0.0
            for i in range(n):
                for j in range(1, k):
                    s += m[i, j] * w[j] / (i + 1.5)
            return s
        """,
        [
            "f(np.arange(12.0).reshape(3, 4) / 7, np.array([0.3, 0.1, 1e10, 7]))",
            "f(np.arange(12.0).reshape(4, 3).T, np.array([3, 1, 2, 7]))",
        ],
        [
            "f(np.zeros((0, 4)), np.zeros(4))",
            "f(np.zeros((3, 1)), np.zeros(4))",
            "f(np.ones((3, 4)), np.ones(2))",
        ],
    ),
    "any start": (
        "accumulating-loop",
        """
        import numpy as np

        def f(a: np.ndarray, start):
            s = start
            for i, x in enumerate(a):
                s += x * i
            return s
        """,
        [
            f"f({A}, 0)",
            f"f({N}, 5)",
            f"f({N}, 0.5)",
            f"f({N}, np.int64(7))",
            "f(np.array([-0.0]), -0.0)",
            "f(np.array([2**62] * 4), 1)",
            "f(np.array([np.nan, 1]), 1)",
        ],
        [
            "f(np.array([]), 3)",
            f"f({N}, 2**70)",
            f"f({A}, np.zeros(2))",
            f"f({A}.astype('f4'), 0)",
            "f([1, 2], 0)",
        ],
    ),
    "largest": (
        "extreme-loop",
        """
        import numpy as np

        def f(a: np.ndarray, floor):
            best = floor
            for x in a:
                if x > best:
                    best = x  # larger
            return best
        """,
        [
            f"f({A}, 0)",
            f"f({N}, -99)",
            f"f({N}, 99.5)",
            "f(np.array([-0.0, 0.0]), -1)",
            "f(np.array([0.0, -0.0]), np.float64(-1))",
            "f(np.array([0.0, -0.0]), 0)",
        ],
        [
            "f(np.array([]), 3)",
            "f(np.array([1, np.nan, 5]), 3)",
            f"f({A}, np.nan)",
            "f(np.ones((2, 2)), 0)",
            "f([1, 2], 0)",
        ],
    ),
    "where the smallest is": (
        "extreme-loop",
        """
        import numpy as np

        def f(a: np.ndarray, b: np.ndarray):
            nearest = float("inf")
            at = -1
            for i in range(2, len(a)):
                if nearest > abs(a[i] - b[i]):
                    nearest = abs(a[i] - b[i])
                    at = i
            return nearest, at
        """,
        [f"f({A}, {B})", f"f({N}, {B})", "f(np.array([9, 9, 1, 3, 1]), np.zeros(5))"],
        ["f(np.array([1.0, 2]), np.ones(2))", f"f({A}, {B}[:9])"],
    ),
    "where the largest is": (
        "extreme-loop",
        """
        import numpy as np

        def f(a: np.ndarray):
            best = 0
            at = None
            for i, x in enumerate(a):
                if x > best:
                    best = x
                    at = i
            return best, at
        """,
        [f"f({A})", f"f({N})", "f(np.array([-5, -7]))"],
        ["f(np.array([]))"],
    ),
}

REFUSES = {
    "the total is looked at": (
        "accumulating-loop",
        """
        import numpy as np

        def f(a: np.ndarray):
            s = 0
            for x in a:
                s += x
                if s > 3:
                    s = 0
            return s
        """,
    ),
    "Python's own numbers are added": (
        "accumulating-loop",
        """
        import numpy as np

        def f(a: np.ndarray):
            s = 0.0
            for x in a:
                s += max(x, 0.0)
            return s
        """,
    ),
    "the type of the total depends on the values": (
        "accumulating-loop",
        """
        import numpy as np

        def f(a: np.ndarray, k):
            s = 0
            for x in a:
                s += x if x > 3 else x * k
            return s
        """,
    ),
    "part of the nest only": (
        "accumulating-loop",
        """
        import numpy as np

        def f(a: np.ndarray, m):
            s = 0.0
            for i in range(3):
                for j in range(m):
                    s += a[i]
            return s
        """,
    ),
    "a list": (
        "accumulating-loop",
        "def f(a: list):\n    s = 0\n    for x in a:\n        s += x\n    return s\n",
    ),
    "division where it is not wanted": (
        "accumulating-loop",
        """
        import numpy as np

        def f(a: np.ndarray):
            s = 0.0
            for x in a:
                if x != 0:
                    s += 1 / x
            return s
        """,
    ),
    "the last of equals": (
        "extreme-loop",
        """
        import numpy as np

        def f(a: np.ndarray):
            best = 0
            for x in a:
                if x >= best:
                    best = x
            return best
        """,
    ),
    "another value is kept": (
        "extreme-loop",
        """
        import numpy as np

        def f(a: np.ndarray):
            best = 0
            for x in a:
                if x > best:
                    best = x + 1
            return best
        """,
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_numpy_ends_up_where_the_loop_did(array_applies, case):
    rewrite, source, fast, slow = case
    array_applies(rewrite, source, "f", fast, slow)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_loop_whose_order_matters_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
