"""A text that is too long for a model says how much of it is missing, and how to see the rest."""

from __future__ import annotations

from perfagent.tools.sources.capped import capped, ending, fitting, short

LINES = "\n".join(f"line {number}" for number in range(100))


def test_what_fits_is_left_as_it_is():
    assert capped("a\nb", 3, "ask") == "a\nb"
    assert ending("a\nb", 3) == "a\nb"
    assert short("abc", 3) == "abc"


def test_whole_lines_are_kept_and_the_others_counted():
    cut = capped(LINES, 30, "ask for less")
    assert cut == "line 0\nline 1\nline 2\nline 3\n… 96 more lines; ask for less"
    assert ending(LINES, 30) == "… 97 earlier lines are left out\nline 97\nline 98\nline 99"


def test_a_single_endless_line_is_cut_within():
    assert capped("x" * 5000, 10, "ask for less") == (
        "xxxxxxxxxx\n… 4,990 more characters; ask for less"
    )
    assert ending("x" * 5000, 10) == "… 4,990 earlier characters are left out\nxxxxxxxxxx"
    assert short("x" * 50, 10) == "xxxxxxxxx…"
    assert fitting(["x" * 50, "y"], 10) == ["x" * 50]
