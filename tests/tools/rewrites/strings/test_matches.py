"""Matches: a pattern tried in place matches what it matched on a copy, and says so."""

from __future__ import annotations

import pytest

APPLIES = {
    "tokens": (
        r"""
        import re

        TOKENS = [
            ("number", re.compile(r"[0-9]+")),
            ("name", re.compile(r"[^\W\d]\w*")),
            ("space", re.compile(r"\s+")),
            ("other", re.compile(r".")),
        ]

        def f(text: str):
            pos = 0
            out = []
            while pos < len(text):
                for kind, pattern in TOKENS:
                    m = pattern.match(text[pos:])  # rest
                    if m:
                        out.append((kind, m.group(), m[0]))
                        pos += m.end()
                        break
            return out
        """,
        ("f('ab 12+c')", "f('')"),
    ),
    "places": (
        """
        import re

        WORD = re.compile("(a)(b+)?$")

        def f(text: str):
            found = []
            for i in range(len(text)):
                if (m := WORD.search(text[i:])) is not None:
                    found.append((i, m.start(), m.end(0) * 2, m.groups()))
            return found
        """,
        ("f('xabab')", "f('a')"),
    ),
    "only whether": (
        """
        import re

        WORD = re.compile("ab*")

        def f(text: str):
            n = at = 0
            while at < len(text):
                if WORD.match(text[at:]):
                    n += 1
                if not WORD.fullmatch(text[at:]):
                    n += 10
                at += 1
            return n
        """,
        ("f('abxab')", "f('')"),
    ),
    "a position that is given": (
        """
        import re

        WORD = re.compile("ab*")

        def f(text: str, at: int):
            return WORD.match(text[at:]).group()
        """,
        ("f('abxab', 3)",),
    ),
}

LEXER = r"""
import re

WORD = re.compile(r"{pattern}")

def f(text: str, xs):
    pos = 0
    while pos < len(text):
        m = WORD.match(text[pos:])
        if not m:
            return None
        {body}
    return pos
"""

REFUSES = {
    "bound to the start": LEXER.format(pattern="^a", body="pos += m.end()"),
    "bound to the start by a letter": LEXER.format(pattern=r"\Aa", body="pos += m.end()"),
    "bound to a word's edge": LEXER.format(pattern=r"\ba", body="pos += m.end()"),
    "looks behind": LEXER.format(pattern="(?<!a)b", body="pos += m.end()"),
    "a caret that is none of a class": LEXER.format(pattern=r"\[^a", body="pos += m.end()"),
    "both ends": LEXER.format(pattern="a", body="pos += m.span()[1]"),
    "the match is kept": LEXER.format(pattern="a", body="xs.append(m); pos += m.end()"),
    "the text is asked for": LEXER.format(pattern="a", body="pos += len(m.string)"),
    "an end of a group": LEXER.format(pattern="(a)|b", body="pos += m.end(1)"),
    "moved on before": LEXER.format(pattern="a", body="pos += 1; pos += m.end()"),
    "moved on in a loop": LEXER.format(
        pattern="a", body="for x in xs:\n            pos += m.end()"
    ),
    "may go back": LEXER.format(pattern="a", body="pos -= 1"),
    "flags": LEXER.format(pattern="a", body="pos += m.end()").replace('")', '", re.M)'),
    "a pattern known later": """
    def f(text: str, pattern):
        pos = 0
        return pattern.match(text[pos:])
    """,
    "perhaps no text": """
    import re
    WORD = re.compile("a")
    def f(text):
        pos = 0
        if WORD.match(text[pos:]):
            return 1
    """,
    "perhaps no number": """
    import re
    WORD = re.compile("a")
    def f(text: str, pos):
        if WORD.match(text[pos:]):
            return 1
    """,
    "the match is returned": """
    import re
    WORD = re.compile("a")
    def f(text: str, pos: int):
        return WORD.match(text[pos:])
    """,
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_matches_tell_the_same(applies, case):
    source, expressions = case
    applies("match-at-position", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_match_that_goes_by_its_place_stays(refuses, source):
    refuses("match-at-position", source, "f")


def test_the_end_of_a_match_is_the_next_position(propose):
    source = LEXER.format(pattern="a+", body="pos += m.end()")
    (found,) = propose(source, "f", "match-at-position")
    assert "m = WORD.match(text, pos)" in found.new_source
    assert "        pos = m.end()\n" in found.new_source
    assert found.risk == "medium"


def test_a_position_that_is_given_is_more_of_a_risk(propose):
    source = APPLIES["a position that is given"][0]
    assert propose(source, "f", "match-at-position")[0].risk == "high"
