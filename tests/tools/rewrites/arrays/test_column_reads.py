"""Column reads: single values come out of an array, or through `at`, as they came out of loc."""

from __future__ import annotations

import pytest

MIXED = "pd.DataFrame({'a': [1, 5, 3], 'b': [0.5, np.nan, 2], 's': ['x', None, 'z']})"
FRAMES = {
    "mixed": MIXED,
    "numbers": "pd.DataFrame({'a': [1, 5, 3], 'b': [0.5, 2, 1], 's': [7, 8, 9]})",
    "integers": "pd.DataFrame({'a': [1, 5, 3], 'b': [4, 2, 1], 's': [7, 8, 9]})",
    "truth values": "pd.DataFrame({'a': [True, False], 'b': [1, 2], 's': [None, 'y']})",
    "dates": "pd.DataFrame({c: pd.to_datetime(['2020-01-01', None]) for c in 'abs'})",
    "nullable": "pd.DataFrame({c: pd.array([1, 2], dtype='Int64') for c in 'abs'})",
    "small": "pd.DataFrame({c: np.array([1, 2], 'f4') for c in 'abs'})",
    "no rows": f"{MIXED}.iloc[:0]",
    "no columns": "pd.DataFrame()",
    "other labels": f"{MIXED}.set_index(pd.Index([2, 0, 1]))",
    "column names repeat": f"pd.concat([{MIXED}, {MIXED}], axis=1)",
}

READS = """
    import pandas as pd

    def f(df, n):
        seen = []
        for i in range(n):
            # one value at a time
            seen.append((df.loc[i, "a"], df.at[i, "b"], df["s"].iloc[i], df["a"].values[i]))
            seen.append(df["b"][i])  # again
            seen.append(df.iloc[i]["a"])
        return [repr(each) for each in seen]
    """


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_the_same_objects_are_read(array_applies, frame):
    slow = [f"f({frame}, len({frame}))"]
    array_applies("column-reads", READS, "f", [f"f({MIXED}, 3)", f"f({MIXED}, 0)"], slow)


def test_columns_that_are_written_meanwhile_are_read_as_before(array_applies):
    source = """
    import pandas as pd

    def f(df):
        total = 0
        for i in range(1, len(df)):
            for k in range(2):
                total += df.loc[i - 1, "a"] * k
            df.loc[i, "b"] = total
            df.loc[i, "new"] = df.loc[i - 1, "b"]
        return total, df
    """
    new = array_applies("column-reads", source, "f", [f"f({MIXED})"]).new_source
    assert "a_at(i - 1)" in new
    assert 'df.loc[i - 1, "b"]' in new


REFUSES = {
    "a label that may be negative": """
        import pandas as pd

        def g(df):
            for i in range(3):
                print(df.loc[i - 1, "a"])
        """,
    "a label that may be missing": """
        import pandas as pd

        def g(df):
            for i in range(3):
                try:
                    print(df.loc[i + 1, "a"])
                except KeyError:
                    break
        """,
    "the frame is handed on": """
        import pandas as pd

        def g(df, h):
            for i in range(len(df)):
                h(df, df.loc[i, "a"])
        """,
    "the frame is bound again": """
        import pandas as pd

        def g(df):
            for i in range(len(df)):
                df = df.loc[i, "a"]
        """,
    "rows are dropped": """
        import pandas as pd

        def g(df):
            for i in range(len(df)):
                if df.loc[i, "a"] > 1:
                    df.drop(i, inplace=True)
        """,
    "labels of anything": """
        import pandas as pd

        def g(df, labels):
            for i in labels:
                print(df.loc[i, "a"])
        """,
    "a dictionary of lists": """
        import pandas as pd

        def g(data, n):
            for i in range(n):
                print(data["a"][i])
        """,
}


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_other_reads_stay(refuses, source):
    refuses("column-reads", source, "g")


AT = """
    import pandas as pd

    def f(df):
        for i in df.index:
            df.loc[i, "b"] = df.loc[i, "a"] * 2  # twice
        for n, (i, row) in enumerate(df.iterrows()):
            pass
        for i, row in df.iterrows():
            df.loc[i, "new"] = str(row["a"])
            df.loc[i, "a"] += 1
        return df
    """


@pytest.mark.parametrize(
    "frame", [each for name, each in FRAMES.items() if name not in ("dates", "truth values")]
)
def test_at_writes_what_loc_writes(array_applies, frame):
    array_applies("scalar-access", AT, "f", [f"f({MIXED})"], [f"f({frame})"])


AT_REFUSES = {
    "several columns": """
        import pandas as pd

        def g(df):
            for i in df.index:
                df.loc[i, ["a", "b"]] = 0
        """,
    "a label of anything": """
        import pandas as pd

        def g(df, masks):
            for m in masks:
                df.loc[m, "a"] = 0
        """,
    "several values": """
        import pandas as pd

        def g(df):
            for i in df.index:
                df.loc[i, "a"] = [1, 2]
        """,
    "a label that is bound again": """
        import pandas as pd

        def g(df):
            for i in df.index:
                i = slice(i)
                df.loc[i, "a"] = 0
        """,
}


@pytest.mark.parametrize("source", AT_REFUSES.values(), ids=AT_REFUSES)
def test_selections_of_more_than_one_value_stay(refuses, source):
    refuses("scalar-access", source, "g")
