"""Matches: masks are counted, asked and searched to the same answer, of the same type."""

from __future__ import annotations

import pytest

A = "np.array([0.5, -1.5, np.nan, 3.0, -0.0])"
MANY = [f"f({A}, 0)", f"f({A}, 9)", "f(np.arange(6).reshape(2, 3), 2)", "f(np.array([]), 1)"]
FRAME = "pd.DataFrame({'a': [1, 5, 3], 'b': ['x', 'y', 'x']})"
FRAMES = [f"f({FRAME}, 2)", f"f({FRAME}, 9)", f"f({FRAME}.iloc[:0], 2)"]

APPLIES = {
    "lengths": (
        "count-matches",
        """
        import numpy as np

        def f(a: np.ndarray, k):
            return len(a[a > k]), a[(a > k) & (a < 5)].shape[0], len(np.where(a > k)[0])  # all
        """,
        MANY,
    ),
    "places": (
        "count-matches",
        """
        import numpy as np

        def f(m, k):
            return np.nonzero(m)[0].size, len(np.argwhere(m)), np.flatnonzero(m).shape[0] + k
        """,
        [*MANY, "f([0, 2, 1], 0)"],
    ),
    "sums": (
        "count-matches",
        """
        import numpy as np

        def f(a: np.ndarray, k):
            return (a > k).sum(), np.sum(~(a == k)), np.isnan(a).sum() / 3
        """,
        MANY,
    ),
    "rows of a frame": (
        "count-matches",
        """
        import pandas as pd

        def f(df: pd.DataFrame, k):
            return len(df[df.a > k]), df[(df["a"] > k) & (df["b"] == "x")].shape[0]
        """,
        FRAMES,
    ),
    "values of a series": (
        "count-matches",
        """
        import pandas as pd

        def f(s: pd.Series, k):
            return len(s[s > k])
        """,
        ["f(pd.Series([1, 5, 3]), 2)", "f(pd.Series([], dtype=float), 2)"],
    ),
    "some or none": (
        "any-match",
        """
        import numpy as np

        def f(a: np.ndarray, k):
            found = (a > k).sum() > 0, len(a[a > k]) > 0, len(np.where(a > k)[0]) == 0
            if np.sum(a == k) == 0 and not np.count_nonzero(a > k) >= 1:
                return found, 1
            return found
        """,
        MANY,
    ),
    "empty frames": (
        "any-match",
        """
        import pandas as pd

        def f(df: pd.DataFrame, k):
            return df[df["a"] > k].empty, len(df[df.a == k]) != 0, (df.a > k).sum() > 0
        """,
        FRAMES,
    ),
}

REFUSES = {
    "a list": ("count-matches", "def f(xs: list, k):\n    return len(xs[xs == k])\n"),
    "cells of a frame": (
        "count-matches",
        """
        import pandas as pd

        def f(df: pd.DataFrame):
            return len(df[df > 0])
        """,
    ),
    "what may be a frame": (
        "count-matches",
        "import numpy as np\n\ndef f(x):\n    return np.isnan(x).sum()\n",
    ),
    "sum of numbers": (
        "count-matches",
        "import numpy as np\n\ndef f(a: np.ndarray):\n    return a.sum(), (a * 2).sum()\n",
    ),
    "sum along an axis": (
        "count-matches",
        "import numpy as np\n\ndef f(a: np.ndarray):\n    return (a > 0).sum(axis=0)\n",
    ),
    "another number": (
        "any-match",
        "import numpy as np\n\ndef f(a: np.ndarray):\n    return (a > 0).sum() > 1\n",
    ),
    "what may be sparse": (
        "any-match",
        "import numpy as np\n\ndef f(a):\n    return (a > 0).sum() > 0\n",
    ),
    "the type of none": (
        "any-match",
        "import numpy as np\n\ndef f(a: np.ndarray):\n    return (a > 0).sum() == 0\n",
    ),
    "the second match": (
        "first-match",
        "import numpy as np\n\ndef f(a):\n    return np.where(a > 0)[0][1]\n",
    ),
    "inside a comprehension": (
        "first-match",
        "import numpy as np\n\ndef f(xs):\n    return [np.where(a > 0)[0][0] for a in xs]\n",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_counts_and_questions_are_answered_alike(array_applies, case):
    rewrite, source, fast = case
    array_applies(rewrite, source, "f", fast)


def test_the_first_match_is_found(array_applies):
    source = """
    import numpy as np

    def f(a, mask, k):
        return np.where(a > k)[0][0], np.flatnonzero(mask)[0], np.argwhere(a == a)[0][0]  # first
    """
    mask = "np.array([False, True, True])"
    array_applies(
        "first-match",
        source,
        "f",
        [f"f({A}, {mask}, 0)", f"f({A}, {mask}, -1)"],
        [
            f"f({A}, {mask}, 9)",
            f"f({A}, {mask}[:1], 0)",
            f"f({A}, [0, 1], 0)",
            f"f({A}, np.array([0, 3]), 0)",
            f"f(np.arange(6).reshape(2, 3), {mask}, 3)",
            f"f(pd.Series([1, 2]), {mask}, 1)",
        ],
    )


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_what_could_be_anything_else_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
