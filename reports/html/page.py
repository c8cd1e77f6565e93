"""Puts the page together: the template, the record's parts, styles, scripts and libraries."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from ..lines import CandidateLine
from ..record import RunRecord
from ..sentence import sentence
from ..wording import amount_text, change_text, duration_text, plural, share_text, times_text
from .diffs import diff_lines
from .flames import differences, flame

if TYPE_CHECKING:
    from jinja2 import Environment

_SCRIPTS = ("d3.min.js", "plot.min.js", "flamegraph.min.js", "report.js")


def render_html(record: Mapping[str, Any], diff: str = "") -> str:
    """Return the report of one run as a page that can be opened from a disk.

    Args:
        record: What `report.json` holds. Parts that are missing are left out.
        diff: The accepted patch; "" for none.
    """
    run = RunRecord(record)
    scripts = [asset(name) for name in _SCRIPTS]
    hashes = " ".join(f"'sha256-{digest(script)}'" for script in scripts)
    headline, _, rest = sentence(record).partition(", " if run.outcome == "accepted" else ": ")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            record=record,
            headline=headline,
            rest=rest,
            patch=diff_lines(diff),
            style=asset("report.css"),
            scripts=scripts,
            policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src {hashes}; "
            "img-src data:; base-uri 'none'; form-action 'none'",
            charts=chart_parts(run),
            changed=_changed(run),
            heats={spot.place: _heat(spot) for spot in run.hotspots},
            passed=_passed,
        )
    )


def chart_parts(run: RunRecord) -> dict[str, Any]:
    """Return what the page's scripts draw, as plain JSON."""
    before, after = run.flames("before"), run.flames("after")
    gain = run.gain
    base, patched = run.pairs
    scale = 1 / gain.speedup if gain else 1.0
    return {
        "metric": run.metric,
        "pairs": {"base": base, "patched": patched},
        "gain": None
        if gain is None
        else {"speedup": gain.speedup, "low": gain.ci_low, "high": gain.ci_high},
        "minEffect": run.min_effect,
        "sizes": [
            {"size": point.size, "base": point.baseline, "patched": point.candidate}
            for point in (run.sweep.points if run.sweep else ())
        ],
        "steps": [{"stage": stage, "from": at} for stage, at in run.steps],
        "end": run.seconds.get("total"),
        "candidates": [_chart_candidate(line) for line in run.candidates],
        "flames": {
            "before": flame(before) if before else None,
            "after": flame(after) if after else None,
            "difference": flame(before, after, scale) if before and after else None,
        },
    }


def _chart_candidate(line: CandidateLine) -> dict[str, Any]:
    return {
        "id": line.candidate_id,
        "outcome": line.outcome,
        "round": line.round,
        "from": line.from_s,
        "to": line.to_s,
        "stage": line.stage,
        "speedup": line.speedup,
        "low": line.ci_low,
        "high": line.ci_high,
        "what": f"{line.origin} {line.hotspot}".strip(),
    }


def _changed(run: RunRecord) -> list[Any]:
    before, after, gain = run.flames("before"), run.flames("after"), run.gain
    if before is None or after is None or gain is None:
        return []
    return differences(before, after, 1 / gain.speedup)


def _passed(run: RunRecord, line: CandidateLine) -> list[tuple[str, str, float | None]]:
    """Return the gate's stages for a candidate: name, "passed", "refused" or "not reached", s."""
    seconds = dict(line.stages)
    if line.stage not in run.gate:
        return []
    last = run.gate.index(line.stage)
    end = "passed" if line.outcome == "accepted" else "refused"
    states = ["passed"] * last + [end] + ["not reached"] * (len(run.gate) - last - 1)
    return [(name, state, seconds.get(name)) for name, state in zip(run.gate, states, strict=True)]


def _heat(spot: Any) -> list[tuple[int, str, float, float]]:
    """Return a hotspot's lines: number, text, self share, total share."""
    shares = {line: (own, total) for line, own, total in spot.lines}
    first = spot.first_line or 1
    return [
        (number, text, *shares.get(number, (0.0, 0.0)))
        for number, text in enumerate(spot.source.splitlines(), start=first)
    ]


def _words(text: str) -> str:
    """Return somebody's words as markup, what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = re.split(r"`([^`]+)`", text)
    marked = [
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    ]
    return Markup("").join(marked)


def _side_text(value: float, unit: str) -> str:
    return amount_text(value, "rss") if unit == "bytes" else duration_text(value)


@functools.cache
def environment() -> Environment:
    """Return what makes pages of the templates among the assets; it escapes every text."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        loader=FunctionLoader(asset),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters.update(
        amount=amount_text,
        change=change_text,
        diff=diff_lines,
        duration=duration_text,
        plural=plural,
        share=share_text,
        side=_side_text,
        times=times_text,
        words=_words,
    )
    return made


@functools.cache
def asset(name: str) -> str:
    """Return the text of a file among the assets."""
    assets = resources.files(__package__ or "") / "assets"
    return (assets / name).read_text(encoding="utf-8")


def digest(script: str) -> str:
    """Return a script's SHA-256 as a content security policy has it."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
