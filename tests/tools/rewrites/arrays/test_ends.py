"""Ends of sorted arrays, and columns gone through: the same values come out."""

from __future__ import annotations

import pytest

ARRAYS = [
    "np.array([5, 3, 9, 3, 7, 1])",
    "np.array([250, 3, 9, 3, 7, 1], dtype='u1')",
    "np.array([0.5, -1.5, np.nan, 3.0, np.inf, -2.0])",
    "np.array([0.5, -1.5, 7.25, 3.0, 1e-30, 4.0], dtype='f4')",
    "np.arange(6)[::-1]",
]
ODD = [
    "np.array([0.0, -0.0, 1.0, -0.0, 2.0, 3.0])",
    "np.array([1, 2])",
    "np.array([])",
    "np.arange(12).reshape(6, 2)",
    "np.array([True, False] * 3)",
    "np.array(list('fedcba'))",
    "[5, 3, 9, 3, 7, 1]",
]


@pytest.mark.parametrize("index", ["0", "-1", "2", "-3", ":3", "-2:", ":1"])
def test_the_same_elements_are_at_the_ends(array_applies, index):
    source = f"""
    import numpy as np

    def f(a):
        return np.sort(a)[{index}]  # an end
    """
    fast = [f"f({each})" for each in ARRAYS]
    array_applies("ends-of-sorted-array", source, "f", fast, [f"f({each})" for each in ODD])


def test_columns_are_gone_through_alike(array_applies):
    source = """
    import pandas as pd

    def f(df: pd.DataFrame, s: pd.Series):
        seen = []
        # both
        for x, y in zip(df["a"], df.b):
            seen.append((x, y))  # seen
        for n, x in enumerate(s):
            seen.append((n, x))
        return seen, [x for x in df["b"]]
    """
    frames = [
        "pd.DataFrame({'a': [1, 2], 'b': [0.5, np.nan]})",
        "pd.DataFrame({'a': ['x', None], 'b': [True, False]}, index=[3, 3])",
        "pd.DataFrame({'a': pd.to_datetime(['2020', None]), 'b': pd.Categorical(['x', 'y'])})",
        "pd.DataFrame({'a': [1, None], 'b': [[1], 'x']}, dtype=object)",
        "pd.DataFrame({'a': [], 'b': []})",
    ]
    fast = [f"f({each}, {each}['a'])" for each in frames]
    array_applies("column-as-list", source, "f", fast)


REFUSES = {
    "most of the elements": (
        "ends-of-sorted-array",
        "import numpy as np\n\ndef f(a):\n    return np.sort(a)[1:], np.sort(a)[:-1]\n",
    ),
    "sorted along an axis": (
        "ends-of-sorted-array",
        "import numpy as np\n\ndef f(a):\n    return np.sort(a, axis=0)[0]\n",
    ),
    "indices, whose order among equals is seen": (
        "ends-of-sorted-array",
        "import numpy as np\n\ndef f(a):\n    return np.argsort(a)[:3]\n",
    ),
    "the names of columns": (
        "column-as-list",
        "import pandas as pd\n\ndef f(df: pd.DataFrame):\n    return [c for c in df]\n",
    ),
    "a list": (
        "column-as-list",
        "import pandas as pd\n\ndef f(xs: list):\n    return [x for x in xs]\n",
    ),
}


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_what_is_not_known_as_such_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
