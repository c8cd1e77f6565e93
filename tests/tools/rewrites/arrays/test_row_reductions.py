"""Row reductions: what is taken of all rows at once is what each row gave, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

WIDE = "((np.arange(3000.0).reshape(3, 1000) % 7 - 3) / 7 * 1e5)"
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


def test_what_is_computed_of_each_row(array_applies):
    source = """
    import numpy as np

    def f(m: np.ndarray, center: np.ndarray):
        out = np.zeros(len(m))
        for i in range(len(m)):
            out[i] = np.sqrt(np.sum((m[i] - center) ** 2)) + np.abs(m[i]).max()
        return out, [(row * center / 2).mean() for row in m]
    """
    slow = [f"f({each}, np.ones(3))" for each in (NARROW, INTEGERS, TURNED)]
    for rewrite in ("elementwise-loop", "array-of-elements"):
        array_applies(rewrite, source, "f", [f"f({WIDE}, {WIDE}[1])"], slow)


def test_distances_of_a_point_to_all_others(array_applies):
    source = """
    import numpy as np

    def f(p: np.ndarray, q: np.ndarray):
        out = np.zeros((len(p), len(q)))
        for i in range(len(p)):
            for j in range(len(q)):
                out[i, j] = np.sum((p[i] - q[j]) ** 2)
        return out
    """
    slow = [f"f({NARROW}, {WIDE})", f"f({INTEGERS}, {INTEGERS})", f"f({NARROW}[:0], {NARROW})"]
    array_applies("elementwise-loop", source, "f", [f"f({WIDE}, {WIDE}[1:])"], slow)


@pytest.mark.parametrize("term", ["np.linalg.norm(row)", "np.dot(row, w)", "row @ w", "row.dot(w)"])
def test_products_of_rows_are_not_promised_to_the_last_bit(propose, term):
    source = f"""
    import numpy as np

    def f(m: np.ndarray, w: np.ndarray):
        return [{term} for row in m]
    """
    found = propose(source, "f", "array-of-elements")
    assert [each.risk for each in found] == ["high"]
    scope: dict = {}
    exec(found[0].new_source, scope)
    m = np.arange(12.0).reshape(4, 3)
    w = np.array([1.0, 2.0, 4.0])
    wanted = [eval(term, {"np": np, "row": row, "w": w}) for row in m]
    assert np.allclose(scope["f"](m, w), wanted, rtol=1e-14)


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
    "rows of two arrays": """
        import numpy as np

        def f(m: np.ndarray, k: np.ndarray):
            return np.array([(m[i] - k[i]).sum() for i in range(3)])
        """,
    "a vector that may be a list": """
        import numpy as np

        def f(m: np.ndarray, w):
            return np.array([(row - w).sum() for row in m])
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
