"""Characters: dropping and replacing them at once gives the string that going over them gave."""

from __future__ import annotations

import pytest

TEXTS = ("''", "'a, b. c'", "'...'", "'é,\\U0001f600.'", "'x\\\\y\"z'")

APPLIES = {
    "dropped": 'def f(s: str):\n    return "".join(c for c in s if c not in ",.")  # clean\n',
    "dropped from a list": 'def f(s: str):\n    return "".join([c for c in s if c != "."])\n',
    "dropped by a constant": (
        """
        STOP = {",", ".", "ab"}

        def f(s: str):
            return "".join(c for c in s.strip() if not c in STOP)
        """
    ),
    "many dropped": (
        """
        import string

        def f(s: str):
            return "".join(c for c in s if c not in string.punctuation)
        """
    ),
    "replaced": 'def f(s: str):\n    return "".join("__" if c in " ," else c for c in s)\n',
    "several ways": (
        """
        def f(s: str):
            return "".join("1" if c == "a" else "2" if c in "ab" else c for c in s)
        """
    ),
    "quotes and backslashes": (
        """
        ESCAPES = {"\\\\": "\\\\\\\\", '"': "'", "x": "y"}

        def f(s: str):
            return "".join(ESCAPES.get(c, c) for c in s)
        """
    ),
    "in a loop": (
        """
        def f(s: str) -> str:
            out = ""
            # one by one
            for c in s:
                if c in ",.":
                    continue  # not these
                out += c
            return out
        """
    ),
    "replaced in a loop": (
        """
        def f(s: str) -> str:
            out = ""
            for c in s:
                if c == " ":
                    out += "_"
                elif c == ",":
                    out += ""
                else:
                    out += c
            return out
        """
    ),
}

REFUSES = {
    "a list of strings": 'def f(s):\n    return "".join(c for c in s if c not in ",.")\n',
    "kept": 'def f(s: str):\n    return "".join(c for c in s if c in ",.")\n',
    "another separator": 'def f(s: str):\n    return "-".join(c for c in s if c not in ",.")\n',
    "replacements feed each other": (
        'def f(s: str):\n    return "".join({"a": "b", "b": "a"}.get(c, c) for c in s)\n'
    ),
    "another character is tested": (
        'def f(s: str, d):\n    return "".join(c for c in s if d not in ",.")\n'
    ),
    "characters known later": (
        'def f(s: str, stop):\n    return "".join(c for c in s if c not in stop)\n'
    ),
    "a constant that grows": (
        """
        STOP = [","]
        def add(c):
            STOP.append(c)
        def f(s: str):
            return "".join(c for c in s if c not in STOP)
        """
    ),
    "the last character is used": (
        """
        def f(s: str):
            out = ""
            for c in s:
                if c != ",":
                    out += c
            return out, c
        """
    ),
    "something before": (
        """
        def f(s: str):
            out = "<"
            for c in s:
                if c != ",":
                    out += c
            return out
        """
    ),
    "read in the loop": (
        """
        def f(s: str):
            out = ""
            for c in s:
                if c not in out:
                    out += c
            return out
        """
    ),
    "many with long replacements": (
        'def f(s: str):\n    return "".join("--" if c in "abcdefghij" else c for c in s)\n'
    ),
}


@pytest.mark.parametrize("source", APPLIES.values(), ids=APPLIES)
def test_the_string_is_the_same(applies, source):
    applies("replaced-characters", source, "f", *(f"f({text})" for text in TEXTS))


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_what_depends_on_more_than_the_character_stays(refuses, source):
    refuses("replaced-characters", source, "f")


def test_a_few_characters_are_replaced_and_many_translated(propose):
    few = 'def f(s: str):\n    return "".join(c for c in s if c not in ",.")\n'
    many = 'def f(s: str):\n    return "".join(c for c in s if c not in "0123456789")\n'
    assert 's.replace(",", "").replace(".", "")' in propose(few, "f")[0].new_source
    new = propose(many, "f", "replaced-characters")[0].new_source
    assert '_F_TRANSLATION = str.maketrans("", "", "0123456789")' in new
    assert "return s.translate(_F_TRANSLATION)" in new
