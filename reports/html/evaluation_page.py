"""An evaluation, or several, as one page that can be opened from a disk."""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ...evals.running.outcome import MEANINGS, NOT_THE_PATCH, Estimate, InstanceResult
from ...evals.scoring.comparing import Compared
from ...evals.scoring.summary import Summary
from ...evals.scoring.weighed import Weighed
from ..printed.evaluated import (
    BESIDE,
    OFFICIAL,
    SAMPLED,
    beside_cells,
    official_figure,
    opt_at_k_text,
    sampled_cells,
)
from .diffs import diff_lines
from .page import asset, digest, environment

_WIDTH, _ROW, _MARGIN = 640, 18, 210
"""Pixels of a plot of intervals: its width, a line of it, and the room for names."""
_MOST_NAMED, _THIN_ROW, _THIN_MARGIN = 60, 5, 20
"""Of more instances than these the plot names none, and a line takes so many pixels."""

_MOST_LINES = 300


def render_evaluation(summaries: Sequence[Summary], compared: Compared | None = None) -> str:
    """Return evaluations as a page: leaderboard, distributions, instances, patches.

    Args:
        summaries: At least one.
        compared: The first two beside each other; None to leave that out.
    """
    script = asset("evaluation.js")
    found = [(each, one) for each in summaries for one in each.results]
    rows = [_row(*pair, str(number)) for number, pair in enumerate(found)]
    return (
        environment()
        .get_template("evaluation.html.j2")
        .render(
            title=", ".join(each.name for each in summaries),
            policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src "
            f"'sha256-{digest(script)}'; img-src data:; base-uri 'none'; form-action 'none'",
            style=asset("report.css") + asset("evaluation.css"),
            script=script,
            board=[_board_line(each) for each in ranked(summaries)],
            official=[_official(each) for each in summaries],
            beside_head=BESIDE,
            beside=[each for each in summaries if each.savings],
            beside_cells=beside_cells,
            sampled_head=SAMPLED,
            sampled=[(each.name, each.sampled) for each in summaries if each.sampled],
            sampled_cells=sampled_cells,
            opt_at_k=opt_at_k_text,
            plots=[_plot(each) for each in summaries],
            rows=rows,
            patches=_packed({row["key"]: row["patches"] for row in rows if row["patches"]}),
            runs=[each.name for each in summaries],
            outcomes=sorted({found.outcome for each in summaries for found in each.results}),
            meanings=MEANINGS,
            notes=[(each.name, note) for each in summaries for note in each.notes],
            compared=compared,
            estimate=estimate_text,
            number=_number,
        )
    )


def ranked(summaries: Sequence[Summary]) -> list[Summary]:
    """Return evaluations with the best first: by the geometric mean of SR, else of speedups."""

    def key(each: Summary) -> tuple[float, float]:
        values = (each.ratios.get("geometric"), each.speedups.get("geometric"))
        first, second = (found.number.value if found else None for found in values)
        return (-(first if first is not None else -1.0), -(second or 0.0))

    return sorted(summaries, key=key)


def estimate_text(found: Estimate | None) -> str:
    """Return a ratio with its interval; "" for none."""
    if found is None:
        return ""
    return f"{_number(found.value)} ({_number(found.ci_low)} to {_number(found.ci_high)})"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _board_line(found: Summary) -> dict[str, Any]:
    return {
        "name": found.name,
        "model": found.model,
        "scored": f"{found.shares.of} of {found.instances}",
        "ratios": {name: _weighed(each) for name, each in found.ratios.items()},
        "noop": _number(found.ratios["geometric"].noop) if found.ratios else "",
        "correct": _share(found.shares.correct.value),
        "faster": _share(found.shares.faster.value),
        "slower": _share(found.shares.slower.value),
        "at_expert": _share(found.shares.at_expert),
        "heavy": [name for name, each in found.ratios.items() if each.heavy],
        "counts": found.counts,
    }


def _weighed(found: Weighed) -> str:
    number = found.number
    if number.value is None:
        return ""
    if number.ci_low is None or number.ci_high is None:
        return _number(number.value)
    return f"{_number(number.value)} ({_number(number.ci_low)} to {_number(number.ci_high)})"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _official(found: Summary) -> dict[str, Any]:
    keys = OFFICIAL[found.suite]
    return {
        "name": found.name,
        "suite": found.suite,
        "samples": "its own samples" if found.protocol == "official" else "paired samples",
        "figures": [(name, official_figure(found.official, key)) for key, name in keys],
    }


def _plot(found: Summary) -> dict[str, Any]:
    """Return a plot of SR by instance, on a logarithmic scale: a dot and its interval each."""
    known = [(each, each.counted_ratio) for each in found.results]
    drawn = [(each, ratio) for each, ratio in known if ratio is not None and ratio > 0]
    drawn.sort(key=lambda pair: pair[1])
    bounds = [_bounds(each, ratio) for each, ratio in drawn]
    low = math.floor(min([math.log10(b[0]) for b in bounds], default=-1) - 0.05)
    high = math.ceil(max([math.log10(b[1]) for b in bounds], default=1) + 0.05)
    low, high = min(low, -1), max(high, 1)
    named = len(drawn) <= _MOST_NAMED
    row, margin = (_ROW, _MARGIN) if named else (_THIN_ROW, _THIN_MARGIN)

    def at(value: float) -> float:
        inside = min(max(math.log10(value), low), high)
        return round(margin + (inside - low) / (high - low) * (_WIDTH - margin - 20), 1)

    return {
        "name": found.name,
        "width": _WIDTH,
        "height": row * (len(drawn) + 2) + _ROW,
        "foot": row * (len(drawn) + 2),
        "named": named,
        "radius": 4 if named else 2,
        "one": at(1.0),
        "ticks": [(at(10.0**power), f"{10.0**power:g}") for power in range(low, high + 1)],
        "lines": [
            {
                "name": each.instance_id,
                "outcome": each.outcome,
                "x": at(ratio),
                "low": at(bound[0]),
                "high": at(bound[1]),
                "y": row * (place + 1),
            }
            for place, ((each, ratio), bound) in enumerate(zip(drawn, bounds, strict=True))
        ],
    }


def _bounds(found: InstanceResult, ratio: float) -> tuple[float, float]:
    estimate = found.ratio if found.is_correct and not found.masked else None
    return (estimate.ci_low, estimate.ci_high) if estimate else (ratio, ratio)


def _packed(patches: Mapping[str, Any]) -> str:
    """Return the patches for the page's script: JSON, compressed, since they are most of it all."""
    text = json.dumps(patches, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), mtime=0)).decode()


def _patches(found: InstanceResult) -> list[dict[str, Any]]:
    """Return the patch and the expert's: what each is called, and its lines with their kinds."""
    applied = f", applied {found.rung}" if found.rung and found.rung != "exact" else ""
    named = (
        (f"Patch ({found.model}{applied})", found.patch),
        ("Expert's patch", found.expert_patch),
    )
    return [
        {
            "title": title,
            "lines": [[line.kind, line.text] for line in diff_lines(patch, _MOST_LINES)],
        }
        for title, patch in named
        if patch
    ]


def _row(summary: Summary, found: InstanceResult, key: str) -> dict[str, Any]:
    weights: Mapping[str, float] = {}
    if "harmonic" in summary.ratios:
        weights = summary.ratios["harmonic"].weights
    return {
        "key": key,
        "run": summary.name,
        "found": found,
        "speedup": estimate_text(found.speedup),
        "expert": estimate_text(found.expert_speedup),
        "ratio": estimate_text(found.ratio),
        "sort": found.counted_ratio if found.counted_ratio is not None else -1.0,
        "weight": _share(weights.get(found.instance_id)),
        "aside": found.outcome in NOT_THE_PATCH,
        "patches": _patches(found),
        "seconds": round(sum(found.seconds.values())),
    }
