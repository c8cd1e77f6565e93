"""The report's first table: every bar that was set, the figure, and whether it is met."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .rates import rate
from .records import Record, Store
from .report_times import time_ratios
from .tables import table

_AT_LEAST = 300


def summary(store: Store) -> str:
    """Return one row a bar; a bar is met when the figure itself meets it, not its interval."""
    resampled, simulated = store.read("resampled"), store.read("simulated")
    by = {what: [each for each in resampled if each["what"] == what] for what in _WHATS}
    rows = [
        *_of_identical(store.read("aa"), by["best"]),
        *_of_planted(store.read("planted"), by["power"]),
        *_of_times(store.read("verdict-time"), resampled),
        *_of_wald([each for each in simulated if each["what"] == "wald"]),
    ]
    text = "## The bars\n\nA bar is met when the figure itself meets it; its interval may not.\n\n"
    return text + table(["bar", "from", "figure", "met"], rows)


_WHATS = ("best", "power")
_Row = list[str]


def _of_identical(records: Sequence[Record], best: Sequence[Record]) -> list[_Row]:
    false = sum(each["accepted"] for each in records)
    rows = [
        _row(
            f"at least {_AT_LEAST} comparisons of identical code",
            "measured",
            str(len(records)),
            len(records) >= _AT_LEAST,
        ),
        _share("identical code: false accepts at most 1 %", "measured", false, len(records), _rare),
    ]
    candidates = sum(each["candidates"] for each in best)
    false = sum(each["confirmed"] for each in best)
    rows.append(
        _share("identical code: false accepts at most 1 %", "resampled", false, candidates, _rare)
    )
    groups = sum(each["groups"] for each in best)
    false = sum(each["groups_with_one"] for each in best)
    rows.append(_share("best of 15 identical: at most 1 %", "resampled", false, groups, _rare))
    return rows


def _of_planted(records: Sequence[Record], powers: Sequence[Record]) -> list[_Row]:
    rows = []
    for words, gains, bar in (
        ("gain of 5 %: accepted in at least 90 %", (0.05,), 0.90),
        ("gains from 10 % on: accepted in at least 99 %", (0.10, 0.50), 0.99),
    ):
        measured = [each for each in records if each["gain"] in gains]
        hits = sum(each["accepted"] for each in measured)
        rows.append(_share(words, "measured", hits, len(measured), lambda share, b=bar: share >= b))
        drawn = [each for each in powers if each["gain"] in gains]
        hits, runs = (sum(each[name] for each in drawn) for name in ("confirmed", "runs"))
        rows.append(_share(words, "resampled", hits, runs, lambda share, b=bar: share >= b))
    again = [(each["confirmation"], each["truth"]) for each in records]
    known = [(one, truth) for one, truth in again if one["ci_low"] is not None]
    hits = sum(one["ci_low"] <= truth <= one["ci_high"] for one, truth in known)
    words = "the 95 % interval covers the truth in 93 to 97 %"
    rows.append(_share(words, "measured", hits, len(known), _covers))
    hits, count = (sum(each[name] for each in powers) for name in ("covered", "confirmations"))
    rows.append(_share(words, "resampled", hits, count, _covers))
    for source, ratios in (("measured", _measured_gains(records)), ("resampled", _gains(powers))):
        words = "mean reported gain of winners within 2 % of the true gain"
        figure = ", ".join(f"{gain:.0%}: {ratio:.3f}" for gain, ratio in ratios)
        met = all(abs(ratio - 1) <= 0.02 for _, ratio in ratios) if ratios else None
        rows.append(_row(words, source, figure, met))
        words = "mean reported speedup of winners within 2 % of the true speedup"
        ratios = [(gain, (1 + gain * ratio) / (1 + gain)) for gain, ratio in ratios]
        figure = ", ".join(f"{gain:.0%}: {ratio:.4f}" for gain, ratio in ratios)
        met = all(abs(ratio - 1) <= 0.02 for _, ratio in ratios) if ratios else None
        rows.append(_row(words, source, figure, met))
    return rows


def _measured_gains(records: Sequence[Record]) -> list[tuple[float, float]]:
    found = []
    for gain in sorted({each["gain"] for each in records}):
        ratios = [
            (each["confirmation"]["speedup"] - 1) / (each["truth"] - 1)
            for each in records
            if each["gain"] == gain and each["accepted"]
        ]
        if ratios:
            found.append((gain, sum(ratios) / len(ratios)))
    return found


def _gains(powers: Sequence[Record]) -> list[tuple[float, float]]:
    found = []
    for gain in sorted({each["gain"] for each in powers}):
        drawn = [each for each in powers if each["gain"] == gain and each["confirmed"]]
        count = sum(each["confirmed"] for each in drawn)
        if count:
            total = sum(each["mean_reported_gain"] * each["confirmed"] for each in drawn)
            found.append((gain, total / count / gain))
    return found


def _of_times(records: Sequence[Record], resampled: Sequence[Record]) -> list[_Row]:
    words = "seconds to a verdict: ours at most half of SWE-fficiency's at the same error rate"
    ratios = time_ratios(records, resampled)
    rows = []
    for source, place in (("gate alone", 0), ("with confirmation", 1)):
        figures = {name: both[place] for name, both in ratios.items()}
        figure = ", ".join(f"{name}: {ratio:.2f}" for name, ratio in figures.items())
        met = all(ratio <= 0.5 for ratio in figures.values()) if figures else None
        rows.append(_row(words, source, figure, met))
    return rows


def _of_wald(records: Sequence[Record]) -> list[_Row]:
    words = "expected pairs within 2 times Wald's test on normal noise"
    ratios = [each["ours"] / each["wald"] for each in records]
    figure = f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else ""
    return [_row(words, "simulated", figure, max(ratios) <= 2 if ratios else None)]


def _rare(share: float) -> bool:
    return share <= 0.01


def _covers(share: float) -> bool:
    return 0.93 <= share <= 0.97


def _share(words: str, source: str, hits: int, count: int, met: Callable[[float], bool]) -> _Row:
    return _row(words, source, rate(hits, count), met(hits / count) if count else None)


def _row(words: str, source: str, figure: str, met: bool | None) -> _Row:
    answer = "not measured" if met is None else "yes" if met else "no"
    return [words, source, figure, answer]
