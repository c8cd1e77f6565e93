"""The run's record, `report.json`: everything a report shows, as plain JSON with a schema version.

docs/formats.md describes it. Versions: 1 the first; 2 has metrics, and amounts
without a unit in their names.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...profiles.facts.facts import by_function
from ...profiles.facts.facts_text import facts_text
from ...profiles.views.flame import flame_tree
from ...redaction import redacted_values
from ...workloads.answers.loosening import Loosening
from ...workloads.metrics import METRICS
from ...workloads.timing.timings import Timings
from ..candidate import Candidate
from ..evidence.evidence import EVIDENCE
from ..gate.judge import STAGES
from ..memory import ledger
from ..search.rounds import summary
from ..steps.localize import read_facts, read_profile
from ..steps.tip import lineage
from .plain import to_plain
from .run import Run
from .samples import gate_comparisons
from .timeline import steps, trials

if TYPE_CHECKING:
    from ..steps.conclude import Confirmation

SCHEMA_VERSION = 2
RECORD = "report.json"
_LONGEST_DIFF = 100_000
_NEVER: dict[str, Any] = {"from_s": None, "to_s": None, "stages": []}
_ALSO: tuple[tuple[str, str, Callable[[Timings], Sequence[float | None]]], ...] = (
    ("first call", "s", lambda timings: timings.cold_s),
    ("import", "s", lambda timings: timings.import_s),
    ("setup", "s", lambda timings: timings.setup_s),
    ("CPU time", "s", lambda timings: timings.cpu_s),
    ("whole process", "s", lambda timings: timings.duration_s),
    ("peak memory", "bytes", lambda timings: timings.peak_rss_bytes),
)
"""What is told of the final launches beside the metric that was compared."""


def write_record(
    run: Run, final: Candidate | None, confirmation: Confirmation, stopped: str
) -> dict[str, Any]:
    """Write `report.json` and `patch.diff`, and return the record.

    Args:
        run: The run.
        final: The candidate whose patch is the result, or None.
        confirmation: Its final measurement.
        stopped: Why the search ended.
    """
    accepted = final is not None and confirmation.refused is None
    if accepted and final is not None:
        run.directory.write_text("patch.diff", final.patch.diff)
    run.keep("samples/final.json", to_plain(confirmation))
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "run_id": run.request.run_id,
        "started_at": run.request.started_at,
        "command": run.request.command,
        "outcome": _outcome(run, accepted, confirmation),
        "stopped": stopped,
        "target": _target(run),
        "workload": _workload(run),
        "speedup": _speedup(run, confirmation) if accepted else None,
        "expert": _expert(confirmation, accepted),
        "patch": _patch(run, final) if accepted and final else None,
        "sweep": _sweep(run, confirmation) if accepted else None,
        "guard": to_plain(confirmation.guard) if accepted and confirmation.guard else None,
        "suite": _suite(run, confirmation),
        "evidence": EVIDENCE if run.directory.has(EVIDENCE) else None,
        "hotspots": hotspot_lines(run, "round-01", source=True),
        "hotspots_after": hotspot_lines(run, "after") if accepted else [],
        "profiles": {"before": _flames(run, "round-01"), "after": _flames(run, "after")},
        "candidates": _candidates(run),
        "gate": [name for name, _ in STAGES],
        "steps": steps(run),
        "search": summary(run),
        "doubts": _doubts(run, final, confirmation) if accepted and final else [],
        "notes": [*run.prepared.notes, *_loosened(run)],
        "spend": to_plain(run.spend(run.directory.count("queue"))),
        "seconds": {key: round(value, 3) for key, value in run.stopwatch.seconds().items()},
        "machine": run.prepared.machine,
        "environment": _environment(run),
        "sandbox": to_plain(run.request.sandbox),
        "settings": run.settings.model_dump(mode="json"),
    }
    record = redacted_values(record)
    run.keep(RECORD, record)
    return record


def _outcome(run: Run, accepted: bool, confirmation: Confirmation) -> str:
    if accepted:
        return "accepted"
    undecided = any(entry.verdict.outcome == "inconclusive" for entry in ledger.entries(run))
    return "inconclusive" if undecided or confirmation.inconclusive else "no_improvement"


def _target(run: Run) -> dict[str, Any]:
    repo = run.request.repo
    return {
        "repo": repo.source,
        "commit": repo.commit,
        "subdir": repo.subdir,
        "dirty": repo.dirty,
        "expert": run.request.expert_commit,
    }


def _workload(run: Run) -> dict[str, Any]:
    workload, noise = run.request.workload, run.prepared.noise_floor
    return {
        "name": workload.name,
        "kind": workload.kind,
        "source": workload.text,
        "origin": workload.origin,
        "metric": run.settings.metric,
        "baseline_s": run.prepared.baseline_s,
        "noise_floor": noise.share if noise else None,
        "provable_gain": noise.provable_gain if noise else None,
    }


def _sweep(run: Run, confirmation: Confirmation) -> dict[str, Any] | None:
    if confirmation.sweep is None:
        return None
    plain = to_plain(confirmation.sweep)
    del plain["difference"]  # an accepted patch has none
    return {"unit": METRICS[run.settings.metric].unit, **plain}


def _speedup(run: Run, confirmation: Confirmation) -> dict[str, Any] | None:
    if confirmation.trial is None:
        return None
    compared, noise = confirmation.trial.comparison, run.prepared.noise_floor
    return {
        "speedup": compared.speedup,
        "ci_low": compared.ci_low,
        "ci_high": compared.ci_high,
        "confidence": compared.confidence,
        "pairs": compared.pairs,
        "metric": compared.baseline.metric,
        "unit": compared.baseline.unit,
        "baseline": compared.baseline.median,
        "candidate": compared.candidate.median,
        "regime": compared.baseline.regime,
        "noise_floor": noise.share if noise else None,
        "min_effect": compared.min_effect,
        "error": compared.samples.plan.error,
        "repeated_pairs": compared.samples.repeated,
        "baseline_values": list(compared.baseline.values),
        "candidate_values": list(compared.candidate.values),
        "baseline_peak_rss_bytes": compared.baseline.peak_bytes,
        "candidate_peak_rss_bytes": compared.candidate.peak_bytes,
        "baseline_first": list(compared.samples.baseline_first),
        "also": _also(compared.baseline, compared.candidate),
    }


def _also(baseline: Timings, candidate: Timings) -> list[dict[str, Any]]:
    """Return the medians of what else the same launches measured, where both versions have it."""
    found = []
    for name, unit, read in _ALSO:
        pair = [_middle(read(timings)) for timings in (baseline, candidate)]
        if None not in pair:
            found.append({"name": name, "unit": unit, "baseline": pair[0], "candidate": pair[1]})
    return found


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _expert(confirmation: Confirmation, accepted: bool) -> dict[str, Any] | None:
    trial = confirmation.trial
    expert = trial.expert if trial else confirmation.expert_alone
    if expert is None:
        return None
    ratio = trial.against_expert if trial and accepted else None
    return {
        "speedup": expert.speedup,
        "ci_low": expert.ci_low,
        "ci_high": expert.ci_high,
        "speedup_ratio": ratio.speedup if ratio else None,
        "speedup_ratio_ci_low": ratio.ci_low if ratio else None,
        "speedup_ratio_ci_high": ratio.ci_high if ratio else None,
        "expert": expert.candidate.median,
    }


def _patch(run: Run, final: Candidate) -> dict[str, Any]:
    return {
        "files": list(final.patch.files),
        "added_lines": final.patch.added_lines,
        "removed_lines": final.patch.removed_lines,
        "sha256": final.patch.sha256,
        "stacked": [
            {"candidate_id": c.candidate_id, "origin": c.origin, "hypothesis": c.hypothesis}
            for c in lineage(run, final.candidate_id)
        ],
    }


def _suite(run: Run, confirmation: Confirmation) -> dict[str, Any] | None:
    baseline = run.prepared.baseline
    if baseline is None:
        return None
    report = confirmation.suite or baseline.report
    return {
        "of": "final patch" if confirmation.suite else "base",
        "passed": len(report.passed),
        "failed": len(report.failed) + len(report.errored),
        "skipped": len(report.skipped),
        "flaky": list(baseline.flaky),
        "failing_before": list(baseline.failing),
        "seconds": report.duration_s,
        "command": report.command,
    }


def _flames(run: Run, name: str) -> dict[str, Any] | None:
    profile = read_profile(run, name)
    return flame_tree(profile) if profile else None


def hotspot_lines(run: Run, name: str, *, source: bool = False) -> list[dict[str, Any]]:
    """Return the hotspots of a version as plain JSON, with what was seen of their calls.

    Args:
        run: The run.
        name: What was profiled ("round-01", "after").
        source: Whether to add the text of each function.
    """
    file = f"profiles/{name}-hotspots.json"
    if not run.directory.has(file):
        return []
    known = by_function(read_facts(run, name) or ())
    lines = []
    for plain in run.directory.read_json(file):
        facts = known.get((plain["path"], plain["function"]))
        line = {key: value for key, value in plain.items() if source or key != "source"}
        line["facts"] = None if facts is None else to_plain(facts)
        line["facts_text"] = None if facts is None else facts_text(facts)
        lines.append(line)
    return lines


def _candidates(run: Run) -> list[dict[str, Any]]:
    when = trials(run)
    return [
        _candidate(entry) | when.get(entry.candidate.candidate_id, _NEVER)
        for entry in ledger.entries(run)
    ]


def _candidate(entry: ledger.Entry) -> dict[str, Any]:
    candidate, verdict = entry.candidate, entry.verdict
    diff = candidate.patch.diff
    return {
        "candidate_id": candidate.candidate_id,
        "parent_id": candidate.parent_id,
        "round": candidate.round,
        "origin": candidate.origin,
        "hotspot": candidate.hotspot,
        "hypothesis": candidate.hypothesis,
        "files": list(candidate.patch.files),
        "outcome": verdict.outcome,
        "stage": verdict.stage,
        "reason": verdict.reason,
        "speedup": verdict.speedup,
        "ci_low": verdict.ci_low,
        "ci_high": verdict.ci_high,
        "pairs": verdict.pairs,
        "evidence": list(verdict.evidence),
        "doubts": list(verdict.doubts),
        "samples": verdict.samples,
        "diff": diff if len(diff) <= _LONGEST_DIFF else None,
    }


def _doubts(run: Run, final: Candidate, confirmation: Confirmation) -> list[str]:
    """Return the doubts of the final measurement, and of the gate about what was not compared."""
    doubts = list(confirmation.trial.comparison.doubts) if confirmation.trial else []
    stacked = {each.candidate_id for each in lineage(run, final.candidate_id)}
    for entry in ledger.entries(run):
        if entry.candidate.candidate_id not in stacked:
            continue
        timed = gate_comparisons(run, [entry.candidate])
        # Doubts about the gate's own timings: the final ones have taken their place.
        passing = {doubt for compared in timed for doubt in compared.doubts}
        doubts += [each for each in entry.verdict.doubts if each not in passing]
    return list(dict.fromkeys(doubts))


def _loosened(run: Run) -> list[str]:
    note = Loosening.parse(run.settings.loosen).note
    return [note] if note else []


def _environment(run: Run) -> dict[str, Any]:
    environment = run.prepared.environment
    return {
        "python": str(environment.python),
        "version": environment.version,
        "packages": list(environment.packages),
    }
