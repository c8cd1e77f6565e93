"""Elementwise loops: whole arrays hold what the loops put into them, to the last bit."""

from __future__ import annotations

import pytest

NUMBERS = "np.array([0.5, -1.5, np.nan, 3e300, -0.0, np.inf])"
OTHERS = "np.array([2.0, -0.0, 1.0, 7e200, -3.25, 0.1])"
INTEGERS = "np.array([1, -2, 3, 2**62, 5, 6])"

APPLIES = {
    "one axis": (
        """
        import numpy as np

        def blend(a: np.ndarray, b, k):
            out = np.zeros(len(a))
            # each
            for i in range(len(a)):
                out[i] = a[i] * k + b[i] / 2.0 - np.sqrt(b[i])  # mix
            return out
        """,
        "blend",
        [
            f"blend({NUMBERS}, {OTHERS}, 3.7)",
            f"blend({NUMBERS}, {INTEGERS}, 3)",
            f"blend({INTEGERS}, {OTHERS}, np.float64(0.1))",
            f"blend({NUMBERS}[::-1], {OTHERS}, 3.7)",
        ],
        [
            "blend(np.array([]), np.array([]), 1)",
            f"blend({NUMBERS}, {OTHERS}[:3], 3.7)",
            f"blend({NUMBERS}, {OTHERS}.astype('f4'), 3.7)",
            f"blend({NUMBERS}, list({OTHERS}), 3.7)",
            f"blend({NUMBERS}, {OTHERS}, np.ones(6))",
            f"blend(np.ma.masked_invalid({NUMBERS}), {OTHERS}, 1)",
        ],
    ),
    "differences of neighbours": (
        """
        import numpy as np

        def slope(x, n):
            d = np.zeros(n)
            for i in range(1, n - 1):
                d[i] = (x[i + 1] - x[i - 1]) * 0.5
            return d
        """,
        "slope",
        [f"slope({NUMBERS}, 6)", f"slope({NUMBERS}, 4)", f"slope({INTEGERS}, 6)"],
        [f"slope({NUMBERS}, 2)", f"slope({NUMBERS}, 1)", f"slope({NUMBERS}, 7)"],
    ),
    "grid of neighbours": (
        """
        import numpy as np

        def spread(a: np.ndarray, out: np.ndarray):
            n, m = a.shape
            for i in range(1, n - 1):
                for j in range(1, m - 1):
                    out[i, j] = (a[i - 1, j] + a[i + 1][j] + a[i, j - 1] + a[i, j + 1]) / 4
            return out
        """,
        "spread",
        [
            "spread(np.arange(20.0).reshape(4, 5) ** 3, np.zeros((4, 5)))",
            "spread(np.asfortranarray(np.arange(20.0).reshape(4, 5)), np.ones((6, 6))[::-1])",
        ],
        [
            "(lambda a: spread(a, a))(np.arange(20.0).reshape(4, 5))",
            "(lambda a: spread(a[:-1], a[1:]))(np.arange(20.0).reshape(4, 5))",
            "spread(np.zeros((2, 2)), np.zeros((2, 2)))",
            "spread(np.zeros((4, 5)), np.zeros((4, 3)))",
        ],
    ),
    "choices and truth values": (
        """
        import numpy as np

        def relu(x):
            return max(x, 0.0)

        def act(x: np.ndarray, w, mask: np.ndarray):
            n = x.shape[0]
            y = np.empty(n)
            big = np.zeros(n, dtype=bool)
            for i in range(n):
                t = x[i] * w
                if mask[i]:
                    y[i] = relu(t)
                else:
                    y[i] = min(t, x[i])
                big[i] = 1 < t <= 5 and not mask[i] or np.isnan(t)
            return y, big
        """,
        "act",
        [
            f"act({NUMBERS}, 2, np.array([True, False, True, False, True, False]))",
            f"act({OTHERS}, -1.5, np.array([False, False, True, True, True, False]))",
        ],
        [
            f"act({NUMBERS}, 2, np.array([1, 0, 1, 0, 2, 0]))",
            f"act({NUMBERS}, 2, np.array([True, False]))",
        ],
    ),
    "distances of points": (
        """
        import math
        import numpy as np

        def distances(p: np.ndarray, q: np.ndarray):
            out = np.zeros((len(p), len(q)))
            for i in range(len(p)):
                for j in range(len(q)):
                    dx = p[i, 0] - q[j, 0]
                    dy = p[i][1] - q[j][1]
                    out[i, j] = math.sqrt(dx * dx + dy * dy)
            return out
        """,
        "distances",
        [
            "distances(np.arange(8.0).reshape(4, 2) / 3, np.arange(6.0).reshape(3, 2) / 7)",
            "distances(np.arange(8).reshape(4, 2), np.arange(6.0).reshape(3, 2) / 7)",
        ],
        [
            "distances(np.zeros((0, 2)), np.zeros((3, 2)))",
            "distances(np.zeros((2, 1)), np.zeros((3, 2)))",
            "distances(np.array([[1, np.nan]]), np.zeros((3, 2)))",
        ],
    ),
    "numbers counted through": (
        """
        import numpy as np

        def image(h: int, w: int, r: float):
            out = np.zeros((h, w))
            for i in range(h):
                for j in range(2, w):
                    out[i, j] += i * w + j - (i - h // 2) ** 2
                    out[i, j] -= i * r
            return out
        """,
        "image",
        ["image(3, 4, 0.5)", "image(7, 3, 1)"],
        ["image(0, 4, 0.5)", "image(3, 2, 0.5)", "image(3, 4, 2**70)"],
    ),
    "integers stay integers": (
        """
        import numpy as np

        def scaled(a: np.ndarray, b: np.ndarray):
            out = np.zeros_like(a)
            for i in range(len(a)):
                out[i] = a[i] * 3 + (b[i] if b[i] > 0 else 0) - abs(a[i]) % 7
            return out
        """,
        "scaled",
        [
            f"scaled({INTEGERS}, {INTEGERS})",
            f"scaled({INTEGERS}.astype(float), {INTEGERS})",
            f"scaled({NUMBERS}, {OTHERS})",
        ],
        [f"scaled({INTEGERS}, {NUMBERS})", f"scaled({INTEGERS}.astype('i4'), {INTEGERS})"],
    ),
    "row of an outer loop": (
        """
        import numpy as np

        def table(x: np.ndarray, n):
            out = np.zeros((n, len(x)))
            for k in range(n):
                print(end="")
                weights = [0.5, 2]
                for j in range(len(x)):
                    out[k, j] = x[j] * weights[1] + x[k]
            return out
        """,
        "table",
        [f"table({NUMBERS}, 3)"],
        [f"table({NUMBERS}, 9)"],
    ),
    "inner loop of other length each time": (
        """
        import numpy as np

        def lower(a: np.ndarray, b: np.ndarray):
            for i in range(len(a)):
                for j in range(i):
                    a[i, j] = b[j, i]
            return a
        """,
        "lower",
        [],
        ["lower(np.arange(16.0).reshape(4, 4), np.ones((4, 4)))", "lower(np.zeros((2, 1)))"],
    ),
}

REFUSES = {
    "what is filled may be a list": """
        import numpy as np

        def f(a: np.ndarray, out):
            for i in range(len(a)):
                out[i] = a[i] * 2
        """,
    "each element needs the one before": """
        import numpy as np

        def f(a: np.ndarray):
            out = np.zeros(len(a))
            for i in range(1, len(a)):
                out[i] = out[i - 1] + a[i]
            return out
        """,
    "negative index": """
        import numpy as np

        def f(a: np.ndarray):
            out = np.zeros(len(a))
            for i in range(len(a)):
                out[i] = a[i - 1]
            return out
        """,
    "loop variable used afterwards": """
        import numpy as np

        def f(a: np.ndarray):
            for i in range(len(a)):
                a[i] = a[i] * 2
            return i
        """,
    "temporary used afterwards": """
        import numpy as np

        def f(a: np.ndarray):
            for i in range(len(a)):
                t = a[i] * 2
                a[i] = t
            return t
        """,
    "another effect": """
        import numpy as np

        def f(a: np.ndarray, log):
            for i in range(len(a)):
                a[i] = a[i] * 2
                log.append(i)
        """,
    "unknown function": """
        import numpy as np

        def f(a: np.ndarray, g):
            for i in range(len(a)):
                a[i] = g(a[i])
        """,
    "exponential that numpy computes another way": """
        import math
        import numpy as np

        def f(a: np.ndarray):
            for i in range(len(a)):
                a[i] = math.exp(a[i])
        """,
    "root that may fail": """
        import math
        import numpy as np

        def f(a: np.ndarray):
            for i in range(len(a)):
                a[i] = math.sqrt(a[i])
        """,
    "division that is not wanted everywhere": """
        import numpy as np

        def f(a: np.ndarray, b: np.ndarray):
            for i in range(len(a)):
                a[i] = 1 / b[i] if b[i] != 0 else 0
        """,
    "division of Python's numbers": """
        import numpy as np

        def f(a: np.ndarray, k):
            for i in range(len(a)):
                a[i] = i / k
        """,
    "number of any size": """
        import numpy as np

        def f(a: np.ndarray):
            for i in range(len(a)):
                a[i] = i * 6364136223846793005 % 1000
        """,
    "one element at two places": """
        import numpy as np

        def f(a: np.ndarray):
            n = len(a)
            for i in range(n):
                for j in range(n):
                    a[i, j] = a[j, i]
        """,
    "several additions to one element": """
        import numpy as np

        def f(a: np.ndarray, b: np.ndarray):
            for i in range(len(a)):
                for j in range(len(b)):
                    a[i] += b[j]
        """,
    "item of the array that changes": """
        import numpy as np

        def f(a: np.ndarray):
            for i in range(len(a)):
                a[i] = a[i] - a[0]
        """,
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_whole_arrays_hold_what_the_loop_put_there(array_applies, case):
    source, function, fast, slow = case
    array_applies("elementwise-loop", source, function, fast, slow)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_loop_that_does_anything_else_stays(refuses, source):
    refuses("elementwise-loop", source, "f")


def test_a_power_of_floats_is_not_promised_to_the_last_bit(propose):
    source = """
    import numpy as np

    def f(a: np.ndarray):
        out = np.zeros(len(a))
        for i in range(len(a)):
            out[i] = a[i] ** 2
        return out
    """
    assert [each.risk for each in propose(source, "f", "elementwise-loop")] == ["high"]


def test_an_array_that_only_calls_showed_is_enough(with_facts):
    source = """
    import numpy as np

    def f(a, out):
        for i in range(len(a)):
            out[i] = a[i] * 2
    """
    seen = {"a": ("numpy.ndarray", "float64"), "out": ("numpy.ndarray", "float64")}
    new = with_facts("elementwise-loop", source, "f", seen)
    assert len(new) == 1
    assert "out[:len(a)] = a * 2" in new[0]
    assert with_facts("elementwise-loop", source, "f", {"out": ("list", "float")}) == []
