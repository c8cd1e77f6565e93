"""Assembles the evidence of a run from what it measured, and writes it into its directory."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import __version__
from ...redaction import redacted
from ...repos.environment.installed import read_installed
from ...repos.source.provenance import provenance
from ...workloads.timing.comparison import Comparison
from ..candidate import Candidate
from ..runs.plain import to_plain
from ..runs.run import Run
from ..runs.samples import gate_comparisons
from ..verdict import Outcome, Verdict
from .evidence import (
    EVIDENCE,
    FINAL,
    Claim,
    Evidence,
    Fingerprint,
    Measurement,
    PatchText,
    SuiteOutcome,
    Target,
    WorkloadText,
    finding,
    sealed,
)

if TYPE_CHECKING:
    from ..steps.conclude import Confirmation

SETTINGS = (
    *("install", "build", "tests", "no_tests", "outputs", "loosen", "allow"),
    *("metric", "instructions_by", "min_effect", "error", "miss", "confidence"),
    *("allow_memory", "allow_import", "max_pairs", "max_compare_s"),
    *("workload_timeout_s", "suite_timeout_s", "memory_gb", "seed"),
)
"""The settings that matter to measuring a patch again. Of `python`, a version is kept too."""

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


def write_evidence(
    run: Run,
    candidate: Candidate,
    confirmation: Confirmation,
    stack: Sequence[Candidate],
    verdict: Verdict | None = None,
) -> None:
    """Write `evidence.json` for what was measured of a patch; nothing when nothing was timed.

    Args:
        run: The run.
        candidate: The patch.
        confirmation: Its final measurement.
        stack: What it consists of, oldest first; their measurements in the gate are kept too.
        verdict: The gate's, for a patch that may not have come to a final measurement.

    Raises:
        InfrastructureError: The disk is full, or the target's interpreter is gone.
    """
    compared = _comparisons(run, candidate, confirmation, stack)
    if confirmation.trial is None and (verdict is None or not compared):
        return
    outcome, reason = _outcome(confirmation, verdict)
    headline = FINAL if confirmation.trial else next(reversed(compared))
    made = Evidence(
        target=Target(base=provenance(run.request.repo), expert=run.request.expert_commit),
        patch=PatchText(diff=candidate.patch.diff, sha256=candidate.patch.sha256),
        workload=_workload(run),
        suite=_suite(run, confirmation),
        settings=_settings(run),
        environment=_fingerprint(run, compared[headline][1]),
        samples=tuple(
            Measurement(name=name, origin=origin, samples=each.samples)
            for name, (origin, each) in compared.items()
        ),
        claim=Claim(
            outcome=outcome,
            reason=reason,
            measurement=headline,
            findings={name: finding(each) for name, (_, each) in compared.items()},
        ),
    )
    plain = to_plain(made)
    for part in ("settings", "samples", "claim"):
        plain[part] = scrubbed(plain[part], _private_paths(run))
    run.keep(EVIDENCE, sealed(plain))


def _comparisons(
    run: Run, final: Candidate, confirmation: Confirmation, stack: Sequence[Candidate]
) -> dict[str, tuple[str | None, Comparison]]:
    found: dict[str, tuple[str | None, Comparison]] = {}
    for candidate in stack:
        for compared in gate_comparisons(run, [candidate]):
            found[f"gate/{candidate.candidate_id}"] = (candidate.origin, compared)
    trial = confirmation.trial
    if trial is None:
        return found
    found[FINAL] = (final.origin, trial.comparison)
    if trial.expert is not None and trial.against_expert is not None:
        found["expert"] = (None, trial.expert)
        found["against expert"] = (None, trial.against_expert)
    return found


def _outcome(confirmation: Confirmation, verdict: Verdict | None) -> tuple[Outcome, str]:
    if confirmation.refused is not None:
        return "inconclusive" if confirmation.inconclusive else "rejected", confirmation.refused
    if confirmation.trial is not None:
        return "accepted", confirmation.trial.comparison.reason
    assert verdict is not None
    return verdict.outcome, verdict.reason


def _workload(run: Run) -> WorkloadText:
    workload = run.request.workload
    return WorkloadText(
        kind=workload.kind,
        name=workload.name,
        text=workload.text,
        sha256=hashlib.sha256(workload.text.encode("utf-8", "surrogateescape")).hexdigest(),
    )


def _suite(run: Run, confirmation: Confirmation) -> SuiteOutcome | None:
    baseline, report = run.prepared.baseline, confirmation.suite
    if baseline is None or report is None:
        return None
    passed = "\n".join(sorted(report.passed)).encode("utf-8", "surrogateescape")
    return SuiteOutcome(
        passed=len(report.passed),
        passed_sha256=hashlib.sha256(passed).hexdigest(),
        failed=(*report.failed, *report.errored),
        flaky=baseline.flaky,
        failing_before=baseline.failing,
    )


def _settings(run: Run) -> dict[str, Any]:
    chosen = run.settings.model_dump(mode="json", include=set(SETTINGS))
    asked = run.settings.python
    is_version = (
        asked is not None and re.fullmatch(r"[\w.-]*\d", asked) and not Path(asked).exists()
    )
    return {**chosen, "python": asked if is_version else None}


def _fingerprint(run: Run, compared: Comparison) -> Fingerprint:
    installed = read_installed(run.prepared.environment.python, run.containment)
    return Fingerprint(
        perfagent=__version__,
        python=installed.version,
        implementation=installed.implementation,
        platform=installed.platform,
        machine=compared.baseline.machine,
        packages=installed.packages,
    )


def _private_paths(run: Run) -> dict[str, str]:
    """Return what stands for each folder of this machine that a text may name, longest first."""
    named = {
        str(run.directory.path.absolute()): "RUN",
        str(run.settings.cache_dir.absolute()): "CACHE",
        str(run.settings.state_dir.absolute()): "STATE",
        str(Path.home()): "~",
    }
    if run.request.repo.source.startswith("/"):
        named[run.request.repo.source] = "REPO"
    return dict(sorted(named.items(), key=lambda item: -len(item[0])))


def scrubbed(value: Any, private: Mapping[str, str]) -> Any:
    """Return JSON values without keys in URLs and without folders of this machine."""
    if isinstance(value, dict):
        return {key: scrubbed(item, private) for key, item in value.items()}
    if isinstance(value, list):
        return [scrubbed(item, private) for item in value]
    if not isinstance(value, str):
        return value
    for path, name in private.items():
        if path != "/":
            value = re.sub(rf"{re.escape(path)}(?![\w.-])", name, value)
    return redacted(_CREDENTIALS.sub("", value))
