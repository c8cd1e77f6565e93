"""Powers: the remainder is that of the whole power."""

from __future__ import annotations

import pytest

APPLIES = {
    "operator": (
        """
        def f(base: int, exponent: int, modulus: int):
            # remainder
            return base ** exponent % modulus, pow(base, exponent) % (modulus + 1)
        """,
        ("f(3, 200, 7)", "f(-3, 5, 7)", "f(2, 0, 1)", "f(2, 10, -7)"),
    ),
    "counted": (
        """
        def f(n: int):
            return [2 ** k % n for k in range(n)]
        """,
        ("f(9)",),
    ),
}

REFUSES = {
    "fractions": "def f(a: float, b: int, m: int):\n    return a ** b % m\n",
    "anything": "def f(a, b, m):\n    return a ** b % m\n",
    "a small power": "def f(a: int, m: int):\n    return a ** 2 % m\n",
    "a power of a remainder": "def f(a: int, b: int, m: int):\n    return a ** (b % m)\n",
    "another pow": "def f(a: int, b: int, m: int, pow):\n    return pow(a, b) % m\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_remainder_is_the_same(applies, case):
    source, expressions = case
    applies("modular-power", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_other_powers_stay(refuses, source):
    refuses("modular-power", source, "f")


def test_an_exponent_that_may_be_negative_is_more_of_a_risk(propose):
    counted = "def f(n: int):\n    return [2 ** k % n for k in range(n)]\n"
    given = "def f(k: int, n: int):\n    return 2 ** k % n\n"
    assert propose(counted, "f", "modular-power")[0].risk == "medium"
    assert propose(given, "f", "modular-power")[0].risk == "high"
