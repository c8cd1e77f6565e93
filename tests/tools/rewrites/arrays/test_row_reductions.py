"""Row reductions: what is taken of all rows at once is what each row gave, to the last bit."""

from __future__ import annotations

import pytest

WIDE = "(np.arange(3000.0).reshape(3, 1000) % 7 - 3) / 7 * 1e5"
NARROW = "np.array([[0.1, -0.0, 1e16], [np.nan, 0.0, 2], [1.5, np.inf, -0.0]])"
TURNED = "np.asfortranarray(np.arange(60.0).reshape(3, 20) / 7)"
INTEGERS = "np.arange(12).reshape(3, 4)"
NUMBERS = [f"f({WIDE})", f"f({NARROW})", f"f({NARROW}[:, :1].copy())"]
ODD = [
    f"f({TURNED})",
    f"f({WIDE}[:, ::2])",
    f"f({INTEGERS}.astype('f4'))",
    "f(np.zeros((0, 3)))",
    "f(np.zeros(3))",
    "f([[1, 2], [3, 4]])",
]


@pytest.mark.parametrize("name", ["sum", "mean", "std", "var", "min", "max", "any", "argmin"])
def test_rows_are_reduced_alike(array_applies, name):
    source = f"""
    import numpy as np

    def f(m: np.ndarray):
        # of each row
        first = np.array([row.{name}() for row in m])
        second = [np.{name}(m[i]) for i in range(len(m))]  # by number
        return first, second
    """
    array_applies("array-of-elements", source, "f", NUMBERS, ODD)


def test_a_loop_that_stores_what_rows_give(array_applies):
    source = """
    import numpy as np

    def f(m: np.ndarray):
        n = len(m) - 1
        out = np.zeros(n)
        for i in range(n):
            out[i] = m[i + 1].sum() / m[i, :].max() - np.median(m[i])
        return out
    """
    array_applies("elementwise-loop", source, "f", NUMBERS[:1], [*NUMBERS[1:], *ODD])


def test_a_total_of_what_rows_give(array_applies):
    source = """
    import numpy as np

    def f(m: np.ndarray):
        total = 0.0
        for row in m:
            total += row.sum() * row[0]
        return total
    """
    fast = [*NUMBERS, f"f({INTEGERS})"]
    array_applies("accumulating-loop", source, "f", fast, ODD)


REFUSES = {
    "along another axis": """
        import numpy as np

        def f(m: np.ndarray):
            return np.array([m[:, j].sum() for j in range(3)])
        """,
    "part of a row": """
        import numpy as np

        def f(m: np.ndarray):
            return np.array([m[i, 1:].sum() for i in range(3)])
        """,
    "a norm, which numpy computes another way": """
        import numpy as np

        def f(m: np.ndarray):
            return np.array([np.linalg.norm(row) for row in m])
        """,
    "with options": """
        import numpy as np

        def f(m: np.ndarray):
            return np.array([row.sum(dtype=float) for row in m])
        """,
}


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_other_reductions_stay(refuses, source):
    refuses("array-of-elements", source, "f")
