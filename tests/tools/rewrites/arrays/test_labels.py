"""Labels: rows looked up by label are the rows that comparing selects."""

from __future__ import annotations

import pytest

ROWS = "(np.arange(12.0).reshape(6, 2) / 7)"
LABELS = {
    "integers": "np.array([3, 1, 3, 3, 2, 1])",
    "truth values": "np.array([True, False, True, True, False, True])",
    "texts": "np.array(['b', 'a', 'b', 'c', 'a', 'b'])",
    "bytes": "np.array([b'b', b'a', b'b', b'c', b'a', b'b'])",
    "one": "np.array([1, 1, 1, 1, 1, 1], dtype='u1')",
}
ODD = {
    "floats": "np.array([0.5, np.nan, 0.5, -0.0, 0.0, 1])",
    "objects": "np.array([1, None, 'x', 1, 'x', 2], dtype=object)",
}

ARRAYS = """
    import numpy as np

    def f(X: np.ndarray, y: np.ndarray, classes):
        found = []
        Z = np.zeros(len(y))
        # each class
        for c in classes:
            part = X[y == c]  # its rows
            Z[c == y] += len(part)
            found.append((c, part, X[y == c, 0]))
        return found, Z
    """


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_rows_are_looked_up_by_label(array_applies, labels):
    classes = [f"np.unique({labels})", "[7, 1]", "['b', b'b', 1.0, np.nan]", "[]"]
    array_applies(
        "rows-by-label", ARRAYS, "f", [f"f({ROWS}, {labels}, {each})" for each in classes]
    )


@pytest.mark.parametrize("labels", ODD.values(), ids=ODD)
def test_other_labels_are_compared(array_applies, labels):
    array_applies(
        "rows-by-label",
        ARRAYS,
        "f",
        [f"f({ROWS}[:0], np.array([], dtype=int), [1])"],
        [f"f({ROWS}, {labels}, [0.5, np.nan, 0.0, 1, 'x'])", f"f({ROWS}, np.eye(2), [1])"],
    )


COLUMNS = {
    "integers": "[3, 1, 3, 3, 2, 1]",
    "truth values": "[True, False, True, True, False, True]",
    "texts": "['b', 'a', 'b', 'c', 'a', 'b']",
    "some missing": "['b', None, 'b', 'c', None, 'b']",
    "floats": "[0.5, np.nan, 0.5, -0.0, 0.0, 1]",
    "dates": "pd.to_datetime(['2020-01-01', '2021-01-01', None] * 2)",
    "categories": "pd.Categorical(['b', 'a', 'b', 'c', 'a', 'b'])",
}


@pytest.mark.parametrize("index", ["None", "list('xxyyzz')", "[5, 3, 1, 2, 4, 0]"])
@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_rows_of_a_frame_are_looked_up_by_label(array_applies, column, index):
    source = """
    import pandas as pd

    def f(df, more):
        found = []
        for k in [*df["k"].unique(), *more]:
            # its rows
            found.append((k, df[df["k"] == k], df[df["k"] == k]["v"]))
        return found
    """
    known = "pd.DataFrame({'k': [1, 2, 1], 'v': [0.5, 1, 2]})"
    frame = f"pd.DataFrame({{'k': {column}, 'v': range(6)}}, index={index})"
    slow = [f"f({frame}, ['b', 9, None])", f"f({frame}.astype(object), [])", f"f({frame}[:0], [1])"]
    array_applies("rows-by-label", source, "f", [f"f({known}, [7, 'x'])"], slow)


REFUSES = {
    "labels that change": """
        import numpy as np

        def f(X: np.ndarray, y: np.ndarray):
            for c in range(3):
                X[y == c] = 0
                y[c] = 0
        """,
    "a mask that is counted": """
        import numpy as np

        def f(X: np.ndarray, y: np.ndarray):
            total = 0
            for c in range(3):
                total += (y == c).sum()
            return total
        """,
    "a list of labels": """
        import numpy as np

        def f(X: np.ndarray, y: list):
            for c in range(3):
                print(X[y == c])
        """,
    "a label that is not the loop's": """
        import numpy as np

        def f(X: np.ndarray, y: np.ndarray, c):
            for i in range(3):
                print(X[y == c])
        """,
    "rows of another frame": """
        import pandas as pd

        def f(df, other):
            for k in df["k"].unique():
                print(other[df["k"] == k])
        """,
    "a frame that changes": """
        import pandas as pd

        def f(df):
            for k in df["k"].unique():
                df.loc[df.index[0], "k"] = df[df["k"] == k]["v"].sum()
        """,
}


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_other_selections_stay(refuses, source):
    refuses("rows-by-label", source, "f")
