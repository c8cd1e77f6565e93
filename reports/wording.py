"""How numbers and other people's words are written in every report."""

from __future__ import annotations

import math
import re

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_COUNTS = ((1e9, " billion"), (1e6, " million"), (1.0, ""))
METRIC_NAMES = {
    "wall": "time",
    "cpu": "CPU time",
    "instructions": "instructions",
    "rss": "peak memory",
    "energy": "energy",
}
"""How reports call what was measured."""

_MINUTE_S = 60
_HOUR_S = 3600


def duration_text(seconds: float) -> str:
    """Return a duration of 0 or more seconds in its natural unit: `7.3 s`, `850 µs`, `2 min 5 s`.

    Three significant digits below a minute, whole seconds above, whole minutes above an hour.
    """
    if seconds >= _HOUR_S:
        hours, rest = divmod(round(seconds / _MINUTE_S), 60)
        return f"{hours} h {rest} min"
    if round(seconds) >= _MINUTE_S:
        minutes, rest = divmod(round(seconds), _MINUTE_S)
        return f"{minutes} min {rest} s"
    if seconds <= 0:
        return "0 s"
    scale, unit = next(
        (pair for pair in _UNITS if float(f"{seconds / pair[0]:.3g}") >= 1), _UNITS[-1]
    )
    return f"{seconds / scale:.3g} {unit}"


def amount_text(value: float, metric: str) -> str:
    """Return an amount of what a metric measures: `7.3 s`, `156 MB`, `1.2 billion`, `3.1 J`."""
    if metric == "rss":
        return f"{value / 1e6:.3g} MB"
    if metric == "energy":
        return f"{value:.3g} J"
    if metric == "instructions":
        scale, word = next((pair for pair in _COUNTS if value >= pair[0]), _COUNTS[-1])
        return f"{value / scale:.3g}{word}"
    return duration_text(value)


def amounts_text(before: float, after: float, metric: str) -> str:
    """Return two amounts: `7.3 s -> 4.2 s`."""
    return f"{amount_text(before, metric)} -> {amount_text(after, metric)}"


def times_text(factor: float) -> str:
    """Return a speedup's number with the digits that mean something: `1.74`, `12.3`, `153`."""
    if math.isinf(factor):
        return "∞"
    if factor >= 100:
        return f"{factor:.0f}"
    return f"{factor:.1f}" if factor >= 10 else f"{factor:.2f}"


def share_text(share: float) -> str:
    """Return a share (0 to 1) as a percentage: `41 %`, `0.4 %`."""
    percent = 100 * share
    if 0 < percent < 0.05:
        return "under 0.1 %"
    return f"{percent:.1f} %" if percent < 10 and round(percent, 1) % 1 else f"{percent:.0f} %"


def interval_text(low: float, high: float, confidence: float) -> str:
    """Return a confidence interval: `95% CI 1.69-1.79`."""
    return f"{100 * confidence:g}% CI {times_text(low)}-{times_text(high)}"


def change_text(
    speedup: float,
    low: float | None,
    high: float | None,
    confidence: float | None,
    metric: str = "wall",
) -> str:
    """Return what a speedup (baseline / candidate) means: `1.74x faster (95% CI …)`.

    One below 1 is turned round: `1.15x slower`. Of other metrics than time: `1.74x less CPU time`.
    """
    better, worse = "faster", "slower"
    if metric != "wall":
        better, worse = (f"{word} {METRIC_NAMES[metric]}" for word in ("less", "more"))
    word = better
    if speedup < 1:
        word, speedup = worse, 1 / speedup if speedup else math.inf
        low, high = _inverse(high), _inverse(low)
    interval = ""
    if low is not None and high is not None:
        interval = f" ({interval_text(low, high, confidence or 0.95)})"
    return f"{times_text(speedup)}x {word}{interval}"


def _inverse(factor: float | None) -> float | None:
    if factor is None:
        return None
    return 1 / factor if factor else math.inf


def plural(count: int, noun: str) -> str:
    """Return `1 candidate`, `3 candidates`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def one_line(text: str) -> str:
    """Return text with every run of whitespace and control characters made one space."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()


def shorten(text: str, most: int) -> str:
    """Return one line of at most `most` characters, an ellipsis where it was cut."""
    line = one_line(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def markdown_text(text: str, most: int = 400) -> str:
    """Return somebody else's words (a model's, a tool's) safe to stand in Markdown.

    On one line, without markup, table bars or mentions that would notify a stranger. Inline code
    stays code.
    """
    parts = re.split(r"(`[^`]+`)", shorten(text, most))
    return "".join(
        markdown_code(part[1:-1]) if index % 2 else _plain_words(part)
        for index, part in enumerate(parts)
    )


def _plain_words(text: str) -> str:
    safe = re.sub(r"([\\`*_{}\[\]|~#])", r"\\\1", text)
    return safe.replace("&", "&amp;").replace("<", "&lt;").replace("@", "@\u200b")


def markdown_code(text: str, most: int = 200) -> str:
    """Return text as inline code that also fits into a table cell; a dash when it is empty."""
    line = shorten(text, most)
    if not line:
        return "-"
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    # In a GitHub table a bar ends the cell even inside code, unless it is escaped.
    return f"{fence}{padding}{line.replace('|', chr(92) + '|')}{padding}{fence}"


def code_fence(text: str) -> str:
    """Return a fence for a block of code that nothing in it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(3, longest + 1)
