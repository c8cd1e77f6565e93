"""Remainders: what is taken off the front comes in the same order, and what is left is the same."""

from __future__ import annotations

import pytest

APPLIES = {
    "characters": (
        """
        def f(s: str):
            out = []
            # to the end
            while s:
                if s.startswith("ab"):
                    out.append(s[:2])
                    s = s[2:]  # two
                elif s[0] == "x" and not s[1:3] == "y":
                    s = s[1:]
                else:
                    out.append(s[0])
                    s = s[1:]
            return out, s
        """,
        ("f('abxxc')", "f('')", "f('xy')"),
    ),
    "words": (
        """
        def f(words: list[str]):
            words = words[1:]
            out = []
            while len(words) > 0:
                word = words[0]
                words = words[len(word):]
                out.append(word)
                if len(words) < 2 and word == "stop":
                    return words
            return out
        """,
        ("f(['', 'a', 'bb', 'c', 'd'])", "f(['x', 'stop', 'y'])", "f(['x', 'long'])"),
    ),
    "what is left": (
        """
        def f(text: str):
            n = 0
            for k in range(3):
                if not text:
                    break
                n += ord(text[0])
                text = text[1:]
            return n, text
        """,
        ("f('abcde')", "f('a')", "f('')"),
    ),
    "inside another loop": (
        """
        def f(rows):
            out = []
            for row in rows:
                rest = tuple(row)
                while rest:
                    out.append(rest[0])
                    rest = rest[2:]
            return out
        """,
        ("f(['abc', '', 'de'])",),
    ),
}

LOOP = """
def f({given}):
    out = []
    while s:
        out.append(s[0])
        s = s[1:]
        {body}
    return out
"""

REFUSES = {
    "gone through": LOOP.format(given="s: str", body="out.extend(s)"),
    "given away": LOOP.format(given="s: str, show", body="show(s)"),
    "looked at from its end": LOOP.format(given="s: str", body="out.append(s[-1])"),
    "searched": LOOP.format(given="s: str", body="out.append('a' in s)"),
    "replaced": LOOP.format(given="s: str", body="s = s.strip()"),
    "a list that changes": LOOP.format(given="s: list", body="s.append(1)"),
    "a list that others may change": LOOP.format(given="s: list, show", body="show()"),
    "measured exactly": LOOP.format(given="s: str", body="out.append(len(s))"),
    "perhaps anything": LOOP.format(given="s", body="out.append(1)"),
    "in a closure": LOOP.format(given="s: str", body="out.append(lambda: s)"),
    "perhaps from the end": LOOP.format(given="s: str, n: int", body="s = s[n:]"),
    "an end that would come too late": LOOP.format(
        given="s: str", body="if len(s) == 0: out.append(0)"
    ),
    "seen by a handler": """
    def f(s: str):
        try:
            while s:
                print(s[0])
                s = s[1:]
        except ValueError:
            return s
    """,
    "not in a loop": "def f(s: str):\n    s = s[1:]\n    return s[0]\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_what_is_taken_is_the_same(applies, case):
    source, expressions = case
    applies("position-for-remainder", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_rest_that_is_needed_as_such_stays(refuses, source):
    refuses("position-for-remainder", source, "f")


def test_a_rest_that_is_replaced_in_an_outer_loop_is_not_made(propose):
    source = APPLIES["inside another loop"][0]
    new = propose(source, "f", "position-for-remainder")[0].new_source
    assert "rest = rest[rest_position:]" not in new


def test_a_rest_that_an_outer_loop_starts_from_is_made(applies):
    source = """
    def f(s: str):
        out = []
        for n in range(3):
            s = s[:3]
            while s:
                out.append(s[0])
                s = s[1:]
        return out
    """
    applies("position-for-remainder", source, "f", "f('abcd')", "f('')")


def test_a_rest_that_an_outer_loop_looks_at_is_made(applies):
    source = """
    def f(s: str):
        out = []
        for n in (2, 1):
            out.append(s)
            while s and n:
                out.append(s[0])
                s = s[1:]
                n -= 1
        return out
    """
    new = applies("position-for-remainder", source, "f", "f('abcd')", "f('')").new_source
    assert "s = s[s_position:]" in new


def test_a_rest_that_nobody_needs_is_not_made(propose):
    source = LOOP.format(given="s: str", body="pass")
    new = propose(source, "f", "position-for-remainder")[0].new_source
    assert "s = s[s_position:]" not in new
    assert "while s_position < len(s):" in new
