"""Rows: loops over frames meet the same objects without a Series or a named tuple of each row."""

from __future__ import annotations

import pytest

FRAMES = {
    "integers": "pd.DataFrame({'a': [1, -2], 'b': [3, 4]}, index=[7, 7])",
    "integers and floats": "pd.DataFrame({'a': [1, 2], 'b': [0.5, np.nan]})",
    "truth values": "pd.DataFrame({'a': [True, False], 'b': [False, True]})",
    "mixed": "pd.DataFrame({'a': [1, 2], 's': ['x', None], 'b': [1.5, np.nan]}, index=list('pq'))",
    "text": "pd.DataFrame({'a': ['x', 'y'], 'b': ['p', 'q']})",
    "dates": "pd.DataFrame({'a': pd.to_datetime(['2020-01-01', None]), 'b': pd.to_datetime(0)})",
    "dates and numbers": "pd.DataFrame({'a': pd.to_datetime(['2020-01-01', None]), 'b': [1, 2]})",
    "durations": "pd.DataFrame({'a': pd.to_timedelta([1, 2]), 'b': pd.to_timedelta([3, None])})",
    "zones": "pd.DataFrame({'a': pd.to_datetime(['2020-01-01', None], utc=True), 'b': [1, 2]})",
    "categories": "pd.DataFrame({'a': pd.Categorical(['x', 'y']), 'b': [1, 2]})",
    "nullable": "pd.DataFrame({'a': pd.array([1, None], dtype='Int64'), 'b': [1.5, 2]})",
    "small numbers": "pd.DataFrame({'a': np.array([1, 2], 'f4'), 'b': np.array([1, 2], 'i4')})",
    "no rows": "pd.DataFrame({'a': [], 'b': []})",
    "nothing": "pd.DataFrame()",
}

ROWS = """
    import pandas as pd

    def f(df, log):
        # each row
        for index, row in df.iterrows():
            log.append((index, row["a"], row.b, [row['a']]))  # seen
        return log
    """


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_rows_hold_the_same_objects(array_applies, frame):
    array_applies("rows-as-arrays", ROWS, "f", [f"f({frame}, [])"])


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_columns_hold_the_same_objects(array_applies, frame):
    source = """
    import pandas as pd

    def f(df, log):
        for t in df.itertuples():
            log.append((t.Index, t.b, t.a, t.b))  # seen
        for t in df.itertuples(index=False):
            log.append(t.b)
        return log
    """
    array_applies("columns-together", source, "f", [f"f({frame}, [])"])


def test_a_missing_column_is_missed_where_it_was(array_applies):
    source = """
    import pandas as pd

    def f(df):
        seen = []
        for _, row in df.iterrows():
            seen.append(row["a"] and row["b"])
        return seen
    """
    frames = ["pd.DataFrame({'a': [0]})", "pd.DataFrame({'a': [1]})"]
    array_applies(
        "rows-as-arrays", source, "f", [f"f({frames[0]})"], [f"f({each})" for each in frames]
    )


def test_a_frame_that_is_worked_out_is_worked_out_once(array_applies):
    source = """
    import pandas as pd

    def f(df, log):
        found = [row["a"] * 2 for _, row in df[log.append(1) or df.b > 1].iterrows() if row.b]
        return found, log
    """
    frames = [FRAMES["integers"], FRAMES["small numbers"], FRAMES["dates and numbers"]]
    array_applies("rows-as-arrays", source, "f", [f"f({each}, [])" for each in frames[:2]])


def test_rows_are_as_they_were_when_the_loop_writes_to_the_frame(array_applies):
    source = """
    import pandas as pd

    def f(df):
        seen = []
        for i, row in df.iterrows():
            seen.append(row["a"])
            df.loc[df.index > i, "a"] = 9
            df.loc[i, "c"] = row["b"]
        return seen, df
    """
    new = array_applies(
        "rows-as-arrays",
        source,
        "f",
        [
            "f(pd.DataFrame({'a': [1, 2, 3], 'b': [4, 5, 6]}))",
            f"f({FRAMES['mixed']}.reset_index())",
        ],
    ).new_source
    assert "to_numpy(copy=True)" in new


REFUSES = {
    "the row is handed on": (
        "rows-as-arrays",
        "import pandas as pd\n\ndef f(df, g):\n    for i, row in df.iterrows():\n        g(row)\n",
    ),
    "the row is written to": (
        "rows-as-arrays",
        """
        import pandas as pd

        def f(df, g):
            for i, row in df.iterrows():
                row["a"] = g(row["a"])
        """,
    ),
    "a method of the row": (
        "rows-as-arrays",
        """
        import pandas as pd

        def f(df, g):
            for i, row in df.iterrows():
                g(row["a"], row.sum())
        """,
    ),
    "the row's own label": (
        "rows-as-arrays",
        """
        import pandas as pd

        def f(df, g):
            for i, row in df.iterrows():
                g(row["a"], row.name)
        """,
    ),
    "the last row is used afterwards": (
        "rows-as-arrays",
        """
        import pandas as pd

        def f(df, g):
            for i, row in df.iterrows():
                g(row["a"])
            return row
        """,
    ),
    "a row kept in a closure": (
        "rows-as-arrays",
        """
        import pandas as pd

        def f(df, g):
            for i, row in df.iterrows():
                g(lambda: row["a"])
        """,
    ),
    "a column by number": (
        "rows-as-arrays",
        """
        import pandas as pd

        def f(df, g):
            for i, row in df.iterrows():
                g(row[0])
        """,
    ),
    "the whole tuple": (
        "columns-together",
        """
        import pandas as pd

        def f(df, g):
            for row in df.itertuples():
                g(row.a, row)
        """,
    ),
    "a renamed column": (
        "columns-together",
        """
        import pandas as pd

        def f(df, g):
            for row in df.itertuples():
                g(row._1)
        """,
    ),
    "a plain tuple": (
        "columns-together",
        """
        import pandas as pd

        def f(df, g):
            for row in df.itertuples(name=None):
                g(row.count)
        """,
    ),
}


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_row_that_is_more_than_read_stays_a_row(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
