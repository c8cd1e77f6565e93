"""Evidence: what is an array, a frame or a series, and what changes one, as the source tells."""

from __future__ import annotations

import ast
import textwrap

import pytest

from perfagent.tools.rewrites.places import reading_of

KINDS = {
    "np.zeros(3)": "ndarray",
    "np.zeros(n)[0]": "number",
    "np.zeros((2, 3))[0]": None,
    "np.zeros((2, 3))[:, 0]": "ndarray",
    "np.arange(3) * 2 + 1": "ndarray",
    "np.arange(3) > 1": "ndarray",
    "-np.ones(3)": "ndarray",
    "abs(np.ones(3))": "ndarray",
    "np.sqrt(2.0)": "number",
    "np.sqrt(unknown)": "arraylike",
    "np.sum(a)": "number",
    "np.sum(a, axis=0)": "arraylike",
    "a.mean()": "number",
    "a.mean(axis=1)": "ndarray",
    "a[a > 0]": "ndarray",
    "a.T": "ndarray",
    "a.shape[0]": "int",
    "a.tolist()": "list",
    "a == 3": "ndarray",
    "3 == 3": "bool",
    "np.random.rand(3)": "ndarray",
    "pd.DataFrame()": "dataframe",
    "pd.read_csv('x')": "dataframe",
    "df['c']": "series",
    "df.c": "series",
    "df[['c', 'd']]": "dataframe",
    "df[df.c > 1]": "dataframe",
    "df['c'].values": "ndarray",
    "df['c'] + 1": "series",
    "df.values": "ndarray",
    "df.sum()": "series",
    "df['c'].sum()": "number",
    "df.groupby('c')": "groupby",
    "df.head().fillna(0)": "dataframe",
    "pd.concat([df, df])": "dataframe",
    "grown": "ndarray",
    "used": "dataframe",
}

HEAD = """
    import numpy as np
    import pandas as pd

    def f(a: np.ndarray, df: pd.DataFrame, n: int, unknown, used):
        grown = np.zeros(3)
        grown += 1
        words = used["w"].unique()
        return {0}
    """


@pytest.mark.parametrize(("expression", "kind"), KINDS.items())
def test_kinds_of_array_expressions(expression, kind):
    reading = reading_of("module.py", textwrap.dedent(HEAD.format(expression)))
    assert reading is not None
    returned = next(
        node.value for node in ast.walk(reading.module.tree) if isinstance(node, ast.Return)
    )
    assert returned is not None
    found = reading.kinds.of(returned)
    assert (found.name if found else None) == kind


@pytest.mark.parametrize(
    "annotation",
    ["np.ndarray", "'np.ndarray'", "np.ndarray | None", "npt.NDArray[np.float64]", "Optional[A]"],
)
def test_annotations_of_arrays(annotation):
    source = f"""
    from typing import Optional
    import numpy as np
    import numpy.typing as npt
    from numpy import ndarray as A

    def f(a: {annotation}):
        return a
    """
    reading = reading_of("module.py", textwrap.dedent(source))
    assert reading is not None
    function = reading.module.functions[0][1]
    kind = reading.kinds.of_parameter(function, function.args.args[0])
    assert kind is not None
    assert kind.name == "ndarray"


HOISTED = {
    "an array of a list": """
        import numpy as np

        def f(xs, n):
            total = 0
            for i in range(n):
                total += (np.asarray(xs) * i).sum()  # each
            return total
        """,
    "a reduction": """
        import numpy as np

        def f(xs, n):
            a = np.array(xs, dtype=float)
            b = np.zeros(len(a))
            for i in range(n):
                b[i % len(a)] = a[0] - a.mean() * i
            return b
        """,
}


@pytest.mark.parametrize("source", HOISTED.values(), ids=HOISTED)
def test_calls_of_numpy_are_made_once(array_applies, source):
    array_applies("hoist-call", source, "f", ["f([1.5, 2, 0], 5)", "f([1, 2], 1)"], ["f([1], 0)"])


KEPT = {
    "the array changes": "a[i] = 0",
    "the array changes through a view": "row = a[1:]\n                row += 1",
    "the array changes by another name": "b += 1",
    "the array is written into": "np.sqrt(b, out=b)",
    "the array is sorted": "b.sort()",
    "the array is filled": "np.copyto(a, i)",
}


@pytest.mark.parametrize("statement", KEPT.values(), ids=KEPT)
def test_calls_about_what_changes_are_made_each_time(refuses, statement):
    source = f"""
        import numpy as np

        def f(a: np.ndarray, n):
            total = 0
            b = a
            for i in range(n):
                {statement}
                total += np.linalg.norm(a)
            return total
        """
    refuses("hoist-call", source, "f")


@pytest.mark.parametrize(
    "call", ["np.random.rand(3).sum()", "np.zeros(3)", "np.asarray(xs)"], ids=lambda call: call
)
def test_calls_that_make_something_new_each_time_stay(refuses, call):
    source = f"""
        import numpy as np

        def f(xs, n):
            kept = []
            for i in range(n):
                kept.append({call})
            return kept
        """
    refuses("hoist-call", source, "f")


def test_an_array_of_the_same_arguments_is_not_remembered(refuses):
    source = """
        import numpy as np

        def f(n: int):
            a = np.zeros(n) + 1
            for i in range(n):
                a[i] = i * 2 if i % 2 else i
            return a
        """
    refuses("memoize", source, "f")


COMPILED = {
    "elementwise-loop": "for i in range(len(a)):\n                a[i] = a[i] * 2",
    "array-as-list": "for x in a:\n                b[x] = 0",
    "array-builtin": "return sum(a)",
    "count-matches": "return (a > 0).sum()",
    "scalar-math": "return 1 if np.isnan(x) else 2",
    "ends-of-sorted-array": "return np.sort(a)[0]",
}


@pytest.mark.parametrize(("rewrite", "body"), COMPILED.items())
def test_what_a_compiler_takes_is_left_to_it(propose, rewrite, body):
    source = f"""
        import numba
        import numpy as np

        {{}}
        def f(a: np.ndarray, b: np.ndarray, x: float):
            {body}
        """
    assert propose(source.format(""), "f", rewrite)
    assert not propose(source.format("@numba.njit(cache=True)"), "f", rewrite)
