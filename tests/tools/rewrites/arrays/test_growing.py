"""Growing: pieces joined once make the array or frame that joining them one by one made."""

from __future__ import annotations

import pytest

APPLIES = {
    "numbers": (
        """
        import numpy as np

        def f(n, start):
            a = np.array(start)
            for i in range(n):
                x = i * 2
                a = np.append(a, x)  # one more
            return a
        """,
        [
            "f(3, [])",
            "f(3, [1, 2])",
            "f(0, [])",
            "f(0, [1])",
            "f(2, [1.5])",
            "f(2, [[1, 2], [3, 4]])",
            "f(2, [True])",
        ],
    ),
    "a list at first": (
        """
        import numpy as np

        def f(xs):
            a = []
            for x in xs:
                if x is None:
                    break
                a = np.append(a, [x, x])
            return a
        """,
        ["f([1, 2])", "f([])", "f([1, None, 2])", "f([np.float32(1.5)])"],
    ),
    "rows": (
        """
        import numpy as np

        def f(n):
            m = np.empty((0, 2))
            k = np.zeros((2, 1), dtype=int)
            for i in range(n):
                row = np.zeros(2)
                row[0] = i
                # below
                m = np.vstack((m, row))
                k = np.concatenate([k, [[i], [i]]], axis=1)
            return m, k, np.hstack([m, m])
        """,
        ["f(3)", "f(0)", "f(1)"],
    ),
    "either way": (
        """
        import numpy as np

        def f(groups):
            a = np.zeros(1)
            for group in groups:
                for x in group:
                    if x > 2:
                        a = np.hstack([a, x, x])
                    else:
                        a = np.hstack([a, -x])
            return a
        """,
        ["f([[1, 3], [], [5]])", "f([])"],
    ),
    "frames": (
        """
        import pandas as pd

        def f(n, start):
            df = start
            for i in range(n):
                part = pd.DataFrame({"i": [i, -i]})
                part["s"] = "x"
                df = pd.concat([df, part], ignore_index=True)
            return df
        """,
        [
            "f(3, pd.DataFrame())",
            "f(0, pd.DataFrame({'i': [9]}))",
            "f(2, pd.DataFrame({'i': [9.5], 'z': [True]}, index=[4]))",
        ],
    ),
}

REFUSES = {
    "what is there is read": """
        import numpy as np

        def f(xs):
            a = np.array([0])
            for x in xs:
                a = np.append(a, x + a[-1])
            return a
        """,
    "its length is asked": """
        import numpy as np

        def f(xs):
            a = np.array([0])
            for x in xs:
                a = np.append(a, x)
                if len(a) > 3:
                    break
            return a
        """,
    "put before": """
        import numpy as np

        def f(xs):
            a = np.array([0])
            for x in xs:
                a = np.concatenate([x, a])
            return a
        """,
    "a piece that changes afterwards": """
        import numpy as np

        def f(n):
            a = np.zeros(0)
            row = np.zeros(2)
            for i in range(n):
                row[0] = i
                a = np.append(a, row)
            return a
        """,
    "a view of what changes": """
        import numpy as np

        def f(m, n):
            a = np.zeros(0)
            for i in range(n):
                row = m[0]
                a = np.append(a, row)
                m += 1
            return a
        """,
    "a piece that changes later in the iteration": """
        import numpy as np

        def f(n):
            a = np.zeros(0)
            for i in range(n):
                row = np.zeros(2)
                a = np.append(a, row)
                row[0] = i
            return a
        """,
    "different joins": """
        import numpy as np

        def f(n):
            a = np.zeros(0)
            for i in range(n):
                a = np.append(a, i)
                a = np.concatenate([a, [i]])
            return a
        """,
    "seen by a handler": """
        import numpy as np

        def f(xs):
            a = np.zeros(0)
            try:
                for x in xs:
                    a = np.append(a, 1 / x)
            except ZeroDivisionError:
                return a
            return a
        """,
    "no loop": """
        import numpy as np

        def f(a, x):
            a = np.append(a, x)
            return a
        """,
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_pieces_joined_once_make_the_same_whole(array_applies, case):
    source, expressions = case
    array_applies("grow-array-once", source, "f", expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_whole_that_is_needed_meanwhile_is_made_each_time(refuses, source):
    refuses("grow-array-once", source, "f")
