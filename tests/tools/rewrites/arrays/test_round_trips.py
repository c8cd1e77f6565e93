"""Round trips: a copy is what the list of elements would have been made into."""

from __future__ import annotations

import pytest

ARRAYS = [
    "np.array([0.5, np.nan, -0.0])",
    "np.array([[1, 2], [3, 4]])",
    "np.array([True, False])",
    "np.arange(6).reshape(2, 3).T",
]
ODD = [
    "np.array([])",
    "np.zeros((0, 3))",
    "np.array([0.1], 'f4')",
    "np.array([1], 'u1')",
    "np.array(['x'])",
    "np.array(3)",
]


@pytest.mark.parametrize("listed", ["list(a)", "a.tolist()"])
def test_the_copy_is_the_same_array(array_applies, listed):
    source = f"""
    import numpy as np

    def f(a: np.ndarray):
        copy = np.array({listed})  # anew
        if copy.size > 1:
            copy[0] = 1
        return copy, a
    """
    array_applies(
        "round-trip", source, "f", [f"f({each})" for each in ARRAYS], [f"f({each})" for each in ODD]
    )


def test_a_column_is_copied(array_applies):
    source = """
    import numpy as np
    import pandas as pd

    def f(df: pd.DataFrame):
        return np.array(df["a"].tolist()), np.asarray(list(df["a"]))
    """
    columns = ["[1, 2]", "[0.5, np.nan]", "[True, False]"]
    odd = ["['x', 'y']", "[]", "[1, None]", "pd.array([1, 2], dtype='Int64')"]
    array_applies(
        "round-trip",
        source,
        "f",
        [f"f(pd.DataFrame({{'a': {each}}}))" for each in columns],
        [f"f(pd.DataFrame({{'a': {each}}}))" for each in odd],
    )


def test_converting_twice_is_converting_once(array_applies):
    source = """
    import numpy as np

    def f(a: np.ndarray):
        return a.astype(np.float32).astype(np.float32)
    """
    array_applies("round-trip", source, "f", [f"f({each})" for each in ARRAYS])


REFUSES = {
    "two types": (
        "import numpy as np\ndef f(a: np.ndarray):\n    return a.astype(int).astype(float)\n"
    ),
    "a list": "import numpy as np\ndef f(a: list):\n    return np.array(list(a))\n",
    "another type": (
        "import numpy as np\ndef f(a: np.ndarray):\n    return np.array(list(a), dtype=object)\n"
    ),
}


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_way_to_something_else_stays(refuses, source):
    refuses("round-trip", source, "f")
