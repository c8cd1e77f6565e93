"""Selections, groups and dates of frames: fewer copies and calls, the same answers."""

from __future__ import annotations

import pytest

FRAME = (
    "pd.DataFrame({'a': [1, 5, 3, 5], 'b': ['x', 'y', None, 'x'], 'c': [0.5, np.nan, 2, -0.0],"
    " 'd': [True, False, True, True]}, index=[4, 4, 2, 9])"
)
REPEATED = "pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=['a', 'b', 'b'])"

GROUPS = """
    import pandas as pd

    def f(df):
        # by key
        found = [df.groupby("b")["c"].apply(lambda g: g.{0}())]
        found.append(df.groupby(["b", "d"], sort=False)["a"].agg(lambda s: s.{0}()))  # both
        found.append(df.groupby("d").apply(lambda part: part["c"].{0}()))
        return found
    """


def test_one_column_of_the_rows_is_selected(array_applies):
    source = """
    import pandas as pd

    def f(df, k):
        one = df[df.a > k]["b"]  # one
        two = df[(df["a"] > k) & ~(df["b"] == "x")][["c", "d"]]
        return one, two, df[df["a"] == k]["c"].sum()
    """
    array_applies(
        "select-column-first",
        source,
        "f",
        [f"f({FRAME}, 2)", f"f({FRAME}, 9)", f"f({FRAME}.iloc[:0], 2)"],
        [f"f({REPEATED}, 2)", "f(pd.DataFrame(), 1)"],
    )


@pytest.mark.parametrize("function", ["min", "max", "count", "nunique", "any", "all", "median"])
def test_pandas_reduces_groups_alike(array_applies, function):
    source = GROUPS.format(function)
    slow = [
        f"f({FRAME}.iloc[:0])",
        f"f({FRAME}.astype({{'b': 'category'}}))",
        f"f({FRAME}.astype({{'c': 'f4'}}))",
    ]
    array_applies("named-aggregation", source, "f", [f"f({FRAME})", f"f({FRAME}[1:3])"], slow)


def test_sums_of_floats_are_not_promised_to_the_last_bit(propose, array_applies):
    source = GROUPS.format("sum")
    assert {each.risk for each in propose(source, "f", "named-aggregation")} == {"high"}
    array_applies("named-aggregation", source, "f", [f"f({FRAME})"])


@pytest.mark.parametrize("options", ["", ', errors="coerce"'])
def test_a_column_of_dates_is_parsed_alike(array_applies, options):
    source = f"""
    import pandas as pd

    def f(df):
        # day first
        return df["t"].apply(lambda x: pd.to_datetime(x, format="%d/%m/%Y"{options}))
    """
    texts = ["['01/02/2020', None, '31/12/1999']", "['01/02/2020']"]
    fast = [f"f(pd.DataFrame({{'t': {each}}}, index=list('abc')[:len({each})]))" for each in texts]
    slow = ["['x', '01/02/2020']", "[]", "[1, 2]", "[None, 5, '01/02/2020']"]
    array_applies(
        "dates-at-once", source, "f", fast, [f"f(pd.DataFrame({{'t': {each}}}))" for each in slow]
    )


REFUSES = {
    "a write": (
        "select-column-first",
        "import pandas as pd\n\ndef f(df):\n    df[df.a > 1]['b'] = 0\n",
    ),
    "a mask of something else": (
        "select-column-first",
        "import pandas as pd\n\ndef f(df, m):\n    return df[m]['b'], df[m > 1]['b']\n",
    ),
    "no frame": (
        "select-column-first",
        "def f(table):\n    return table[table['a'] > 1]['b']\n",
    ),
    "a reduction pandas has not": (
        "named-aggregation",
        """
        import pandas as pd

        def f(df):
            return df.groupby("k")["a"].apply(lambda g: g.iloc[0])
        """,
    ),
    "a reduction with options": (
        "named-aggregation",
        """
        import pandas as pd

        def f(df):
            return df.groupby("k")["a"].agg(lambda g: g.max(skipna=False))
        """,
    ),
    "groups that are not named": (
        "named-aggregation",
        """
        import pandas as pd

        def f(df, by):
            return df.groupby(by)["a"].agg(lambda g: g.max())
        """,
    ),
    "the key itself": (
        "named-aggregation",
        """
        import pandas as pd

        def f(df):
            return df.groupby("k").apply(lambda g: g["k"].max())
        """,
    ),
    "a format that is guessed": (
        "dates-at-once",
        """
        import pandas as pd

        def f(s: pd.Series):
            return s.map(lambda x: pd.to_datetime(x))
        """,
    ),
    "columns of a frame": (
        "dates-at-once",
        """
        import pandas as pd

        def f(df):
            return df.apply(lambda x: pd.to_datetime(x, format="%Y"))
        """,
    ),
    "zones": (
        "dates-at-once",
        """
        import pandas as pd

        def f(df):
            return df["t"].apply(lambda x: pd.to_datetime(x, format="%Y %z"))
        """,
    ),
}


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_what_could_answer_differently_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
