"""Numbers as a person reads them, and other people's words made harmless."""

from __future__ import annotations

import math

import pytest

from perfagent.reports.wording import (
    change_text,
    duration_text,
    markdown_code,
    markdown_text,
    share_text,
    shorten,
    times_text,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (2.5e-9, "2.5 ns"),
        (4.21e-7, "421 ns"),
        (1.5e-6, "1.5 µs"),
        (0.0009999, "1 ms"),
        (0.85, "850 ms"),
        (0.9999, "1 s"),
        (7.3, "7.3 s"),
        (12.34, "12.3 s"),
        (59.7, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3600, "1 h 0 min"),
        (9000, "2 h 30 min"),
    ],
)
def test_a_duration_has_its_natural_unit(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_a_speedup_shows_only_digits_that_mean_something() -> None:
    assert [times_text(value) for value in (1.738, 12.34, 153.2)] == ["1.74", "12.3", "153"]
    assert times_text(math.inf) == "∞"


def test_a_slowdown_is_called_one_with_its_interval_turned_round() -> None:
    assert change_text(1.74, 1.69, 1.79, 0.95) == "1.74x faster (95% CI 1.69-1.79)"
    assert change_text(0.8, 0.5, 1.0, 0.9) == "1.25x slower (90% CI 1.00-2.00)"
    assert change_text(1.2, None, None, None) == "1.20x faster"


def test_small_shares_do_not_become_nothing() -> None:
    texts = [share_text(share) for share in (0.41, 0.004, 0.05, 0.0001, 0.0, 1.0)]
    assert texts == ["41 %", "0.4 %", "5 %", "under 0.1 %", "0 %", "100 %"]


def test_words_of_a_model_cannot_break_a_table_inject_markup_or_call_strangers() -> None:
    text = markdown_text("a | b\n\n# <script> [x](y) @someone &lt; `c | @d`")
    assert "\n" not in text
    assert "<" not in text
    assert "@someone" not in text
    assert "\\|" in text
    assert "\\[x\\]" in text
    assert "&amp;lt;" in text
    assert text.endswith("`c \\| @d`")


def test_code_in_a_cell_keeps_backticks_and_bars() -> None:
    assert markdown_code("a.py:f") == "`a.py:f`"
    assert markdown_code("a | b") == "`a \\| b`"
    assert markdown_code("x`y") == "``x`y``"
    assert markdown_code("") == "-"


def test_long_text_is_cut_with_a_sign() -> None:
    assert shorten("one  two\nthree", 40) == "one two three"
    assert shorten("abcdefgh", 5) == "abcd…"
