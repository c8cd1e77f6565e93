"""Slices: a part of a string looked at in place starts with, ends with and holds the same."""

from __future__ import annotations

import pytest

TRIED = tuple(
    f"f({text!r}, {i}, {j})"
    for text in ("", "ab", "xabxab", "aab")
    for i in (-3, -1, 0, 1, 2, 7)
    for j in (0, 2, 5)
)

APPLIES = {
    "prefix": "def f(s: str, i, j):\n    return s[i:].startswith('ab'), s[i:j].startswith('a')\n",
    "suffix": (
        """
        ENDS = ("b", "ab")

        def f(s: str, i, j):
            # ends
            return s[:j].endswith(ENDS) or s[i:].endswith("ab")  # two
        """
    ),
    "contained": (
        """
        def f(s: str, i, j):
            return "ab" in s[i:], "b" not in s[i + 1 : j], not "a" in s[:j]
        """
    ),
    "bytes": (
        "def f(s: str, i, j):\n    b = s.encode()\n    return b[i:].startswith((b'a', b'xa'))\n"
    ),
}

REFUSES = {
    "perhaps nothing": "def f(s: str, i, p):\n    return s[i:].startswith(p)\n",
    "nothing": "def f(s: str, i):\n    return s[i:].startswith(''), '' in s[i:]\n",
    "nothing among others": "def f(s: str, i):\n    return s[i:].startswith(('a', ''))\n",
    "every second": "def f(s: str, i):\n    return s[i::2].startswith('a')\n",
    "perhaps a list": "def f(s, i):\n    return 'a' in s[i:]\n",
    "bounds already": "def f(s: str, i):\n    return s[i:].startswith('a', 1)\n",
    "where it is": "def f(s: str, i):\n    return s[i:].find('a')\n",
}


@pytest.mark.parametrize("source", APPLIES.values(), ids=APPLIES)
def test_what_is_seen_is_the_same(applies, source):
    applies("prefix-at-position", source, "f", *TRIED)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_part_that_may_look_different_in_place_stays(refuses, source):
    refuses("prefix-at-position", source, "f")
