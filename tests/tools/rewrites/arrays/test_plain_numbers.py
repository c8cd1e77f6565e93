"""Plain numbers: lists, sets and math's functions answer what arrays and numpy answered."""

from __future__ import annotations

import pytest

GRAPH = "np.array([0, 2, 3, 3]), np.array([1, 2, 2])"

APPLIES = {
    "a graph's rows": (
        "array-as-list",
        """
        import numpy as np

        def f(starts: np.ndarray, ends: np.ndarray, seen: set):
            degree = np.zeros(4)
            # each edge
            for i in range(len(starts) - 1):
                for k in range(starts[i], starts[i + 1]):
                    j = ends[k]  # end
                    if j not in seen and j > 0:
                        degree[j] += 1
            return degree
        """,
        [f"f({GRAPH}, {{1}})", f"f({GRAPH}, set())"],
        [f"f(*(each.astype('i4') for each in ({GRAPH})), set())"],
    ),
    "each from the one before": (
        "array-as-list",
        """
        import numpy as np

        def f(x: np.ndarray, decay: float):
            out = np.zeros(len(x))
            for t in range(1, len(x)):
                out[t] = decay * out[t - 1] + x[t] / 3 - abs(x[t - 1])
            return out
        """,
        ["f(np.array([0.1, -0.3, np.nan, 1e300]), 0.9)", "f(np.array([1, -2, 3]), 0.9)"],
        ["f([1, 2], 0.5)", "f(np.array([0.1, 0.2], 'f4'), 0.5)", "f(np.array([]), 0.5)"],
    ),
    "counts": (
        "array-as-list",
        """
        import numpy as np

        def f(labels: np.ndarray, flags: np.ndarray):
            counts = np.zeros(9)
            for label in labels:
                counts[label] += 1
            kept = [1 for flag in flags if flag]
            return counts, kept
        """,
        [
            "f(np.array([3, 1, -1, 3]), np.array([True, False]))",
            "f(np.arange(0), np.array([0, 2]))",
        ],
        ["f([3, 1], [])", "f(np.array([1], 'u1'), np.array([0.5, np.nan]))"],
    ),
    "searched in a loop": (
        "array-members",
        """
        import numpy as np

        def f(xs: list[float], known: np.ndarray):
            # those that are known
            return [x for x in xs if x in known]  # all
        """,
        [
            "f([1, 2.0, 2.5, True, np.nan, np.float64(3)], np.array([1, 2, 3]))",
            "f([0.1, -0.0, np.nan, np.inf], np.array([0.1, 0.0, np.nan]))",
            "f([1], np.array([[1, 2], [3, 4]]))",
            "f([1], np.array([]))",
        ],
        ["f([0.1], np.array([0.1], 'f4'))", "f([1], [1, 2])"],
    ),
    "texts of a column": (
        "array-members",
        """
        import pandas as pd

        def f(words: list[str], df: pd.DataFrame):
            found = []
            for word in words:
                if word not in df["w"].values:
                    found.append(word)
            return found
        """,
        ["f(['a', 'b'], pd.DataFrame({'w': ['b', 'c']}, dtype=object))"],
        [
            "f(['a', 'b'], pd.DataFrame({'w': ['b', None]}, dtype=object))",
            "f(['a', 'b'], pd.DataFrame({'w': ['b', 'c']}))",
            "f([], pd.DataFrame({'w': []}))",
        ],
    ),
    "one number": (
        "scalar-math",
        """
        import numpy as np

        def f(x: float, y: float, limit: float):
            if np.isnan(x) or not np.isfinite(y):  # neither
                return 0
            return 1 if np.sqrt(x * x + y * y) < limit and np.abs(x - y) > 0.1 else 2
        """,
        ["f(0.3, 0.4, 0.5)", "f(0.3, 0.4, 0.51)", "f(float('nan'), 1.0, 1)", "f(1.0, np.inf, 1)"],
        [],
    ),
}

REFUSES = {
    "elements that are kept": (
        "array-as-list",
        """
        import numpy as np

        def f(a: np.ndarray):
            kept = []
            for x in a:
                if x > 1:
                    kept.append(x)
            return kept
        """,
    ),
    "a sum that is returned": (
        "array-as-list",
        """
        import numpy as np

        def f(a: np.ndarray, n: int):
            total = 0
            for i in range(n):
                total += a[i]
            return total
        """,
    ),
    "the array changes": (
        "array-as-list",
        """
        import numpy as np

        def f(a: np.ndarray):
            for i in range(1, len(a)):
                if a[i - 1] > 1:
                    a[i] = 0
        """,
    ),
    "a division by what may be zero": (
        "array-as-list",
        """
        import numpy as np

        def f(a: np.ndarray, out: np.ndarray):
            for i in range(1, len(a)):
                out[i] = 1 / a[i] + out[i - 1]
        """,
    ),
    "a key that a dict keeps": (
        "array-as-list",
        """
        import numpy as np

        def f(a: np.ndarray):
            counts = {}
            for x in a:
                counts[x] = 1
            return counts
        """,
    ),
    "a list": (
        "array-members",
        "def f(xs, known: list):\n    return [x for x in xs if x in known]\n",
    ),
    "an array that changes": (
        "array-members",
        """
        import numpy as np

        def f(xs, known: np.ndarray):
            for i, x in enumerate(xs):
                if x in known:
                    known[i] = 0
        """,
    ),
    "rows that are searched for": (
        "array-members",
        """
        import numpy as np

        def f(rows: list[list[int]], known: np.ndarray):
            return [row for row in rows if row in known]
        """,
    ),
    "what may be an array": (
        "scalar-math",
        "import numpy as np\n\ndef f(x):\n    return 1 if np.isnan(x) else 2\n",
    ),
    "a truth value that is returned": (
        "scalar-math",
        "import numpy as np\n\ndef f(x: float):\n    return np.isnan(x)\n",
    ),
    "a root that may fail": (
        "scalar-math",
        "import numpy as np\n\ndef f(x: float):\n    return 1 if np.sqrt(x) > 2 else 2\n",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_plain_numbers_lead_to_the_same_answer(array_applies, case):
    rewrite, source, fast, slow = case
    array_applies(rewrite, source, "f", fast, slow)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_numbers_whose_type_is_seen_stay_numpys(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
