"""Branches: the table chooses what the chain of comparisons chose."""

from __future__ import annotations

import pytest

RETURNS = """
def f(x: str):
    # which
    if x == "a":
        return 1
    elif x == "b":  # second
        return 2
    elif x in ("c", "d", "a"):
        return (3, "c")
    elif x == "e":
        return None
    elif x == "it's":
        return -5
    {last}
"""

APPLIES = {
    "falls through": (RETURNS.format(last="return 0"), "str"),
    "else": (RETURNS.format(last="else:\n        return 'other'"), "str"),
    "else with more": (
        RETURNS.format(last="else:\n        x = x * 2\n        return x  # twice"),
        "str",
    ),
    "nothing": (RETURNS.format(last="elif x == 'g':\n        return False"), "str"),
    "one after the other": (
        """
        def f(x: int):
            if x == 1:
                return "one"
            if x == 2:
                return "two"
            if x == 3:
                return "three"
            if x == 4:
                return "four"
            # more
            if x == 5:
                return "five"
            elif x == 6:
                return "six"
            if x == 2:
                return "again"
            x += 1
            return x
        """,
        "int",
    ),
    "assigned": (
        """
        def f(x: str):
            kind = "?"
            if x == "a":
                kind = 1
            elif x == "b":
                kind = 2
            elif x == "c":
                kind = 3
            elif x == "d":
                kind = 4
            elif x == "e":
                kind = 5
            elif x == "f":
                kind = 6
            return kind
        """,
        "str",
    ),
}

LONG = "".join(f"    if x == '{each}':\n        return {at}\n" for at, each in enumerate("abcdefg"))

REFUSES = {
    "few": "def f(x: str):\n" + "\n".join(LONG.split("\n")[:8]),
    "a list": "def f(x: list):\n" + LONG,
    "a result that is worked out": "def f(x: str):\n" + LONG.replace("return 3", "return x"),
    "another variable": "def f(x: str, y: str):\n" + LONG.replace("x == 'd'", "y == 'd'"),
    "another comparison": "def f(x: str):\n" + LONG.replace("x == 'd'", "x != 'd'"),
    "different constants": "def f(x):\n" + LONG.replace("'d'", "4"),
    "true and one": "def f(x):\n" + LONG.replace("'d'", "True"),
    "the variable itself": "def f(x: str):\n"
    + LONG.replace("return", "x =").replace("    if", "    elif").replace("elif", "if", 1)
    + "    return x\n",
    "more than one statement": "def f(x: str):\n" + LONG.replace("return 3", "x += '-'; return 3"),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_what_is_chosen_is_the_same(applies, case):
    source, kind = case
    tried = range(8) if kind == "int" else [*"abcdefgh", "it's", "", "aa"]
    applies("table-for-chain", source, "f", *(f"f({each!r})" for each in tried))


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_chain_that_does_more_than_choose_stays(refuses, source):
    refuses("table-for-chain", source, "f")


def test_a_value_of_unknown_kind_is_more_of_a_risk(propose):
    assert propose("def f(x: str):\n" + LONG, "f", "table-for-chain")[0].risk == "low"
    assert propose("def f(x):\n" + LONG, "f", "table-for-chain")[0].risk == "medium"
