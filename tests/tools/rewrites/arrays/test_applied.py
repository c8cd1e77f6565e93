"""Applied functions: rows and columns give what apply gave, with its types, index and name."""

from __future__ import annotations

import pytest

INTEGERS = "pd.DataFrame({'a': [1, -2, 0], 'b': [3, 4, 7]}, index=[7, 7, 8])"
FLOATS = "pd.DataFrame({'a': [1.5, np.nan, -0.0], 'b': [0.5, 2.0, np.inf]})"
BOTH = "pd.DataFrame({'a': [1, 2, 3], 'b': [0.5, np.nan, 2.0]})"
MIXED = "pd.DataFrame({'s': ['x', 'y', 'z'], 'a': [1, 2, 3], 'b': [1.5, np.nan, 2.0]})"
MIXED_INTEGERS = "pd.DataFrame({'s': ['x', 'y', 'z'], 'a': [1, 2, 3], 'b': [4, 5, 6]})"
TEXT = "pd.DataFrame({'s': ['x', 'yy', ''], 'a': [1, 2, 0], 'b': [True, False, True]})"
DATES = "pd.DataFrame({'a': pd.to_datetime(['2020-01-01', None]), 'b': pd.to_datetime(0)})"
NULLABLE = "pd.DataFrame({'a': pd.array([1, 2], dtype='Int64'), 'b': pd.array([3, 4], 'Int64')})"
EMPTY = "pd.DataFrame({'a': [], 'b': []})"
LARGE = "pd.DataFrame({'a': [2**62, 5], 'b': [4, 7]})"

APPLIES = {
    "arithmetic": (
        "apply-to-numbers",
        """
        import numpy as np
        import pandas as pd

        def f(df, k=3):
            # each row
            return df.apply(lambda row: row["a"] * row["b"] - row.a / 4 + k, axis=1)  # sum
        """,
        [f"f({each})" for each in (INTEGERS, FLOATS, MIXED, MIXED_INTEGERS)],
        [f"f({each})" for each in (BOTH, EMPTY, LARGE, NULLABLE)] + [f"f({FLOATS}, k=None)"],
    ),
    "comparisons and choices": (
        "apply-to-numbers",
        """
        import numpy as np
        import pandas as pd

        def f(df):
            df = df.copy()
            df["c"] = df.apply(lambda r: 1 if r["a"] > 1 and not r["b"] < 2 else 0, axis=1)
            df["d"] = df.apply(lambda r: 0 < r["a"] <= 2, axis="columns")
            df["e"] = df["a"].apply(lambda v: max(v, 2) if v < 3 else 4)
            return df
        """,
        [f"f({each})" for each in (INTEGERS, MIXED_INTEGERS)],
        [f"f({each})" for each in (FLOATS, BOTH, MIXED, EMPTY, TEXT)],
    ),
    "division": (
        "apply-to-numbers",
        """
        import numpy as np
        import pandas as pd

        def f(df):
            return df.apply(lambda r: r["a"] / r["b"] % 7, axis=1)
        """,
        [f"f({each})" for each in (INTEGERS, FLOATS, MIXED)],
        ["f(pd.DataFrame({'a': [1.5, 2], 'b': [0, 1.0]}))", f"f({BOTH})"],
    ),
    "values of a series": (
        "apply-to-numbers",
        """
        import numpy as np
        import pandas as pd

        def f(df, s: pd.Series):
            return df["a"].apply(lambda v: v * 2 + 1), s.map(lambda v: np.sqrt(abs(v)) > 1)
        """,
        [
            f"f({INTEGERS}, pd.Series([1, -5], name='n', index=list('xy')))",
            f"f({FLOATS}, pd.Series([0.5, np.nan, -3]))",
        ],
        [
            f"f({EMPTY}, pd.Series([], dtype=float))",
            f"f({TEXT}, pd.Series([1, 2], dtype='i4'))",
            f"f({LARGE}, pd.Series([True, False]))",
        ],
    ),
    "anything from rows": (
        "apply-to-rows",
        """
        import pandas as pd

        def size(value):
            if value > 1:
                return "large"
            return "small"

        def f(df, names):
            # by row
            df = df.copy()
            df["c"] = df.apply(lambda r: f"{r['a']}/{r.b}" + "!", axis=1)
            df["d"] = df.apply(lambda r: size(r["a"]), axis=1)
            df["e"] = df.apply(
                lambda r: r["b"] if r["a"] == 1 else names.get(r["a"], r["a"]) * 2, axis=1
            )
            df["g"] = df.apply(lambda r: r["b"] if r["a"] == 1 else None, axis=1)
            return df
        """,
        [f"f({each}, {{2: 5}})" for each in (INTEGERS, FLOATS, BOTH, MIXED, TEXT)],
        [f"f({each}, {{}})" for each in (EMPTY, DATES, NULLABLE)],
    ),
}

REFUSES = {
    "the row is handed on": (
        "apply-to-rows",
        """
        import pandas as pd

        def f(df, g):
            return df.apply(lambda r: g(r) + r["a"], axis=1)
        """,
    ),
    "along the columns": (
        "apply-to-rows",
        "import pandas as pd\n\ndef f(df):\n    return df.apply(lambda c: c['x'] * 2)\n",
    ),
    "an answer that may be a Series": (
        "apply-to-rows",
        """
        import pandas as pd

        def f(df):
            return df.apply(lambda r: pd.Series([r["a"], r["b"]]), axis=1)
        """,
    ),
    "told to expand": (
        "apply-to-rows",
        """
        import pandas as pd

        def f(df):
            return df.apply(lambda r: r["a"] + 1, axis=1, result_type="expand")
        """,
    ),
    "columns of a frame": (
        "apply-to-numbers",
        "import pandas as pd\n\ndef f(df: pd.DataFrame):\n    return df.apply(lambda c: c * 2)\n",
    ),
    "an unknown function": (
        "apply-to-numbers",
        "import pandas as pd\n\ndef f(df, g):\n    return df['a'].apply(lambda v: g(v) + 1)\n",
    ),
    "rounding of decimals": (
        "apply-to-numbers",
        "import pandas as pd\n\ndef f(df):\n    return df['a'].apply(lambda v: round(v, 2))\n",
    ),
    "a type that depends on the values": (
        "apply-to-numbers",
        """
        import pandas as pd

        def f(df):
            return df["a"].apply(lambda v: v * 1.5 if v > 2 else 0)
        """,
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_answer_is_the_one_of_apply(array_applies, case):
    rewrite, source, fast, slow = case
    array_applies(rewrite, source, "f", fast, slow)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_other_functions_are_still_applied(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
