"""A run in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .record import RunRecord
from .wording import amounts_text, change_text, one_line, plural, times_text

_REJECTED = frozenset({"rejected", "inconclusive"})


def sentence(record: Mapping[str, Any]) -> str:
    """Return how a run ended, without a full stop.

    An accepted patch reads `1.74x faster (95% CI 1.69-1.79), 7.3 s -> 4.2 s, SR 0.93 of the expert,
    suite 412 passed`. SR is left out without an expert, and what was not measured is left out.

    Args:
        record: what `report.json` holds.
    """
    run = RunRecord(record)
    if run.outcome == "accepted":
        return ", ".join([*_gain(run), *_expert(run), *_suite(run)])
    words = {
        "no_improvement": "no improvement",
        "inconclusive": "inconclusive on this machine",
        "infrastructure": "stopped by the machine or a service, not by the code",
        "interrupted": "interrupted",
    }
    ending = words.get(run.outcome, run.outcome.replace("_", " "))
    reasons = [*_measured_anyway(run), *_tried(run)]
    return f"{ending}: {', '.join(reasons)}" if reasons else ending


def _gain(run: RunRecord) -> list[str]:
    gain = run.gain
    if gain is None:
        return ["accepted, speedup not measured"]
    parts = [change_text(gain.speedup, gain.ci_low, gain.ci_high, gain.confidence, gain.metric)]
    if gain.baseline is not None and gain.candidate is not None:
        parts.append(amounts_text(gain.baseline, gain.candidate, gain.metric))
    return parts


def _expert(run: RunRecord) -> list[str]:
    expert = run.expert
    if expert is None:
        return []
    if expert.speedup_ratio is None:
        return ["SR not measured"]
    return [f"SR {times_text(expert.speedup_ratio)} of the expert"]


def _suite(run: RunRecord) -> list[str]:
    suite = run.suite
    if suite is None:
        return ["no suite was run"]
    parts = [f"suite {suite.passed:,} passed"]
    if suite.failed:
        parts.append(f"{suite.failed:,} failed")
    if suite.failing_before:
        parts.append(f"{suite.failing_before:,} failing before and set aside")
    if suite.flaky:
        parts.append(f"{suite.flaky:,} flaky and set aside")
    return parts


def _is_without_model(settings: Mapping[str, Any]) -> bool:
    """Tell whether the rewrites alone were asked; without settings there is no telling."""
    asked = settings.get("proposer")
    if asked:
        return set(asked) == {"rewrites"}
    return bool(settings) and not (settings.get("model") or settings.get("command"))


def _measured_anyway(run: RunRecord) -> list[str]:
    return _gain(run) if run.gain is not None else []


def _tried(run: RunRecord) -> list[str]:
    candidates = run.candidates
    if not candidates:
        hotspots = [hotspot for hotspot in run.hotspots if hotspot.worthwhile]
        if run.outcome != "no_improvement":
            return []
        if run.hotspots and not hotspots:
            return ["no hotspot of the repository is worth a candidate"]
        if _is_without_model(run.settings):
            return ["no built-in rewrite fits its hotspots, and no model was asked (--model)"]
        return ["no candidate was proposed"]
    refused = [candidate for candidate in candidates if candidate.outcome in _REJECTED]
    tried = f"{plural(len(candidates), 'candidate')} tried"
    if len(refused) == 1 and len(candidates) == 1 and refused[0].reason:
        return [tried, f"{refused[0].outcome}: {one_line(refused[0].reason)}"]
    accepted = sum(candidate.outcome == "accepted" for candidate in candidates)
    return [tried, f"{accepted or 'none'} accepted"]
