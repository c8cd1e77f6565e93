"""All checks of the gate on one patch, whether or not an earlier one has spoken against it.

The gate stops at the first rejection, since a candidate is out then. An audit is asked what there
is to be said of a patch, so it goes on as far as the patch can be run, and tells for each check
what it found. A patch that is honest but no faster is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import InfrastructureError
from ..workloads.timing.decision import decide
from ..workloads.timing.guards import unmask
from .candidate import Candidate
from .gate.case import Case, Rejection, Stage
from .gate.judge import STAGES
from .runs.plain import to_plain
from .runs.run import Run

AUDIT = "audit.json"
SCHEMA_VERSION = 1
TIMING = frozenset({"quick timing", "full timing"})

_NEEDED = frozenset({"applies", "parses", "imports"})
"""Without these nothing of the patch can be run."""

State = Literal["passed", "refused", "not run"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """What one check of the gate says of the patch.

    Attributes:
        name: The gate's stage; "timing" for both that time.
        state: "refused": it speaks against the patch. "not run": the patch cannot be run so far, or
            it was not asked for.
        reason: One sentence; empty for a check that passed.
        evidence: Lines that show it.
    """

    name: str
    state: State
    reason: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What all checks say of one patch.

    Attributes:
        candidate_id: The patch's id: the beginning of its digest.
        checks: In the order of the gate.
        doubts: What is worth knowing and is no reason to refuse the patch.
        speedup: Base / patched on the workload; None when it was not measured.
        ci_low: Lower bound of its interval, or None.
        ci_high: Upper bound, or None.
    """

    candidate_id: str
    checks: tuple[Check, ...]
    doubts: tuple[str, ...]
    speedup: float | None
    ci_low: float | None
    ci_high: float | None

    @property
    def holds(self) -> bool:
        """Whether no check speaks against the patch."""
        return not any(check.state == "refused" for check in self.checks)


def audit(run: Run, candidate: Candidate, parent: Path, *, without: Sequence[str] = ()) -> Audit:
    """Put a patch through every check and return what each of them says.

    Args:
        run: A run whose base is prepared.
        candidate: The patch.
        parent: The base's tree.
        without: Checks that are left out; "timing" for those that time.

    Raises:
        Interrupted: The user stopped the run.
    """
    case = Case(run=run, candidate=candidate, parent=parent)
    try:
        checks = tuple(_checks(case, frozenset(without)))
    finally:
        if case.tree is not None:
            run.repository.remove(candidate.candidate_id)
    compared = case.comparison
    return Audit(
        candidate_id=candidate.candidate_id,
        checks=checks,
        doubts=tuple(dict.fromkeys(case.doubts)),
        speedup=compared.speedup if compared else None,
        ci_low=compared.ci_low if compared else None,
        ci_high=compared.ci_high if compared else None,
    )


def audit_record(run: Run, audited: Audit) -> dict[str, Any]:
    """Write `audit.json` into the run's directory and return its contents."""
    record = {
        "schema_version": SCHEMA_VERSION,
        "run_id": run.request.run_id,
        "command": run.request.command,
        "holds": audited.holds,
        "repo": run.request.repo.source,
        "commit": run.request.repo.commit,
        "workload": run.request.workload.name,
        **to_plain(audited),
    }
    run.keep(AUDIT, record)
    return record


def _checks(case: Case, without: frozenset[str]) -> Iterator[Check]:
    missing = ""
    for name, stage in STAGES:
        shown = "timing" if name in TIMING else name
        if name == "full timing":
            continue  # the comparison is one, and the first stage of it makes all of it
        if shown in without or missing:
            why = f"the patch did not pass the check '{missing}'" if missing else "not asked for"
            yield Check(name=shown, state="not run", reason=why)
            continue
        if why := _nothing_to_ask(case.run, name):
            yield Check(name=name, state="not run", reason=why)
            continue
        case.run.check_stopping()
        case.run.stage("audit", shown)
        check = _check(case, shown, stage)
        if check.state == "refused" and name in _NEEDED:
            missing = name
        yield check


def _nothing_to_ask(run: Run, name: str) -> str:
    """Return why a check would say nothing whatever the patch; empty when it would."""
    if name == "judge" and run.settings.judge is None:
        return "no --judge is set"
    if name in ("covering tests", "full suite") and run.prepared.baseline is None:
        return "no suite was run (--no-tests)"
    return ""


def _check(case: Case, name: str, stage: Stage) -> Check:
    try:
        rejection = stage(case)
    except InfrastructureError as error:
        return Check(name=name, state="not run", reason=str(error))
    if name == "timing" and case.comparison is not None:
        rejection = _masked(case)
    if rejection is None:
        return Check(name=name, state="passed")
    return Check(name=name, state="refused", reason=rejection.reason, evidence=rejection.evidence)


def _masked(case: Case) -> Rejection | None:
    """Return why a gain that the pairs show is none; None also where they show no gain."""
    compared = case.comparison
    if compared is None or compared.decision == "faster":
        return None
    standing = decide(compared.samples.log_ratios, compared.samples.plan, final=True)
    if standing.decision != "faster":
        return None
    unmasked = unmask(compared.baseline, compared.candidate, standing.speedup or 1.0)
    clear = unmasked is not None and unmasked.decision == "not_faster"
    return Rejection(reason=unmasked.reason) if unmasked is not None and clear else None
