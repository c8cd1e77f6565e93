"""Builtins asked about an array: numpy gives the same number, list or truth value."""

from __future__ import annotations

import pytest

ARRAYS = [
    "np.array([3, -1, 2, -1])",
    "np.array([2**62, 2**62, 2**62])",
    "np.array([0.1] * 50 + [1e16, 1.0, -1e16, 0.3])",
    "np.array([-0.0, -0.0])",
    "np.array([1.5, -0.0, 0.0, -0.0, 0.0] * 9)",
    "np.array([0.0, -0.0, 0.0] * 9)",
    "np.array([np.inf, -np.inf])[:1]",
    "np.array([True, False, True])",
    "np.array([False])",
    "np.linspace(-1, 1, 100)[::-3]",
]
ODD = [
    "np.array([])",
    "np.array([], dtype=int)",
    "np.array([1.0, np.nan, 0.5])",
    "np.array([np.nan, 1.0])",
    "np.array([np.nan])",
    "np.array([1, 2], dtype='i4')",
    "np.array([1.5, 0.1], dtype='f4')",
    "np.arange(4).reshape(2, 2)",
    "np.array(['b', 'a'])",
    "np.array([1, None, 'x'], dtype=object)",
    "[3, 1, 2]",
]


@pytest.mark.parametrize("name", ["sum", "min", "max", "any", "all", "sorted"])
def test_numpy_answers_what_the_builtin_answers(array_applies, name):
    source = f"""
    import numpy as np

    def f(a: np.ndarray):
        return {name}(a)  # all of it
    """
    fast = [f"f({each})" for each in ARRAYS]
    array_applies("array-builtin", source, "f", fast, [f"f({each})" for each in ODD])


def test_distinct_elements_are_counted_alike(array_applies):
    source = """
    import numpy as np

    def f(a: np.ndarray):
        return len(set(a))
    """
    fast = [f"f({each})" for each in [*ARRAYS, "np.array([np.nan, np.nan, 1.0])"]]
    array_applies("array-builtin", source, "f", fast, [f"f({each})" for each in ODD[:1]])


def test_an_array_that_is_worked_out_is_worked_out_once(array_applies):
    source = """
    import numpy as np

    def f(a: np.ndarray, b, log):
        return sum(a > 0), max(np.abs(a - b)), any(a[log.append(1) or 1 :] == b)
    """
    slow = ["f(np.array([]), 1, [])", "f(np.ones((2, 2)), 1, [])", "f(np.array([1]), np.nan, [])"]
    fast = ["(lambda log: (f(np.array([1.5, -2, 3]), 1, log), log))([])"]
    array_applies("array-builtin", source, "f", fast, slow)


REFUSES = {
    "a list": "def f(a: list):\n    return sum(a)\n",
    "another start": "import numpy as np\ndef f(a: np.ndarray):\n    return sum(a, 5)\n",
    "a key": "import numpy as np\ndef f(a: np.ndarray):\n    return max(a, key=abs)\n",
    "another sum": (
        "import numpy as np\ndef sum(a):\n    return 1\ndef f(a: np.ndarray):\n    return sum(a)\n"
    ),
}


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_other_calls_stay(refuses, source):
    refuses("array-builtin", source, "f")


def test_what_calls_showed_is_enough(with_facts):
    source = "import numpy as np\ndef f(a):\n    return sum(a)\n"
    new = with_facts("array-builtin", source, "f", {"a": ("numpy.ndarray", "float64")})
    assert ["np.cumsum(a)[-1]" in each for each in new] == [True]
    assert with_facts("array-builtin", source, "f", {"a": ("list", "float")}) == []
