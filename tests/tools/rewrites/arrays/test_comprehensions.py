"""Comprehensions and vectorized functions: whole arrays give what the elements gave."""

from __future__ import annotations

import pytest

A = "np.array([0.5, -1.5, np.nan, 3e300, -0.0, np.inf])"
B = "np.array([2.0, -0.0, 1.0, 7e200, -3.25, 0.1])"
N = "np.array([1, -2, 3, 2**62, 5, 6])"

APPLIES = {
    "array of an expression": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray, k):
            # all of them
            return np.array([x * k + 1 for x in a])  # shifted
        """,
        [f"f({A}, 2.5)", f"f({N}, 3)", f"f({N}, 0.1)", f"f({A}[::-1], -1)"],
        ["f(np.array([]), 2)", f"f(list({A}), 2)", f"f({A}.astype('f4'), 2)", f"f({A}, {A})"],
    ),
    "a list keeps numpy's numbers": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray):
            return [x / 3 for x in a], [abs(x) > 1 for x in a]
        """,
        [f"f({A})", f"f({N})"],
        ["f(np.array([]))", "f(np.arange(4).reshape(2, 2))", "f([1, 2])"],
    ),
    "two arrays": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray, b: np.ndarray):
            return np.array([max(x, y) for x, y in zip(a, b)])
        """,
        [f"f({A}, {B})", f"f({N}, {N})", f"f({B}, {A})"],
        [f"f({A}, {N})", f"f({A}, {B}[:3])", f"f({A}[:0], {B})"],
    ),
    "a copy stays a copy": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray):
            copy = np.array([x for x in a])
            copy[0] = 9
            return copy, a
        """,
        [f"f({A})", f"f({N})"],
        ["f([1.0, 2.0])"],
    ),
    "picked by index": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray, order):
            return np.array([a[i] for i in order])
        """,
        [f"f({A}, [0, -1, 2, 2])", f"f({N}, np.array([3, 1]))"],
        [
            f"f({A}, [])",
            f"f({A}, [True, False])",
            f"f({A}, [9])",
            f"f({A}, [[0, 1], [1, 2]])",
            "f(np.arange(6.0).reshape(3, 2), [0, 2])",
        ],
    ),
    "neighbours": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray, b: np.ndarray):
            return np.array([a[i] - b[i + 1] for i in range(len(a) - 1)])
        """,
        [f"f({A}, {B})", f"f({A}[:4], {N})"],
        [f"f({A}[:1], {B})", f"f({A}, {B}[:2])", f"f({A}[:0], {B})"],
    ),
    "columns of rows": (
        "array-of-elements",
        """
        import numpy as np

        def f(points: np.ndarray):
            return np.array([p[0] * p[0] + p[1] * p[1] for p in points])
        """,
        ["f(np.arange(8.0).reshape(4, 2) / 3)", "f(np.arange(9).reshape(3, 3).T)"],
        ["f(np.zeros((0, 2)))", "f(np.zeros((2, 1)))"],
    ),
    "told its type": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray):
            return np.array([x if x > 0 else 0 for x in a], dtype=float)
        """,
        [f"f({A})", f"f({N})", "f(np.array([-1.5]))"],
        ["f(np.array([]))"],
    ),
    "vectorized function": (
        "expression-for-vectorize",
        """
        import numpy as np

        def piece(x):
            # by size
            if x < 0:
                return -x
            elif x < 1:
                return x * x / 4
            return 1.0

        smooth = np.vectorize(piece)

        def f(a):
            return smooth(a)
        """,
        [f"f({A})", f"f({B}.reshape(2, 3))"],
        [f"f({N})", "f(1.5)", "f(np.array([]))", f"f(list({A}))", f"f({A}.astype('f4'))"],
    ),
    "vectorized lambda": (
        "expression-for-vectorize",
        """
        import numpy as np

        def f(a, b, k):
            return np.vectorize(lambda x, y: x if y > k else 0, otypes=[float])(a, b)
        """,
        [f"f({A}, {B}, 1)", f"f({A}.reshape(3, 2), {B}[:2], 0.5)"],
        [f"f({A}, {B}, np.ones(2))", f"f({A}, 1.0, 1)"],
    ),
}

REFUSES = {
    "a list's numbers are Python's": (
        "array-of-elements",
        "def f(a: list):\n    return [x * 2 for x in a]\n",
    ),
    "a list of chosen types": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray):
            return [1 if x > 0 else 0 for x in a]
        """,
    ),
    "the type depends on the values": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray):
            return np.array([x if x > 0 else 0 for x in a])
        """,
    ),
    "a filter": (
        "array-of-elements",
        """
        import numpy as np

        def f(a: np.ndarray):
            return np.array([x * 2 for x in a if x > 0])
        """,
    ),
    "the first answer decides the type of all": (
        "expression-for-vectorize",
        """
        import numpy as np

        def f(a):
            return np.vectorize(lambda x: x if x > 0 else 0)(a)
        """,
    ),
    "division of Python's floats": (
        "expression-for-vectorize",
        """
        import numpy as np

        def f(a):
            return np.vectorize(lambda x: 1 / x)(a)
        """,
    ),
    "another effect": (
        "expression-for-vectorize",
        """
        import numpy as np

        def show(x):
            print(x)
            return x

        def f(a):
            return np.vectorize(show)(a)
        """,
    ),
    "a name that means something else inside": (
        "expression-for-vectorize",
        """
        import numpy as np

        K = 3

        def scaled(x):
            return x * K

        def f(a):
            K = 5
            return np.vectorize(scaled)(a) + K
        """,
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_whole_array_gives_the_same_elements(array_applies, case):
    rewrite, source, fast, slow = case
    array_applies(rewrite, source, "f", fast, slow)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_elements_that_could_differ_stay_as_they_are(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
