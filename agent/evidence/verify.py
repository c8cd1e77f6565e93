"""Verifies evidence: are its parts unchanged, its samples sound, and does its claim follow?"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...errors import ToolError, UserError
from ...repos.patch import Patch
from ...settings import Settings
from ...workloads.timing.comparison import Comparison
from ...workloads.timing.judge import judge
from ...workloads.timing.sound import flaws
from ..runs.on_disk import REQUEST, find_run
from ..runs.record import RECORD
from .evidence import (
    EVIDENCE,
    PARTS,
    Claim,
    Evidence,
    Finding,
    Measurement,
    digests,
    finding,
    parse_part,
    read_sealed,
)

TOLERANCE = 1e-12
"""Derived numbers may differ by so much, relatively: libraries of mathematics differ by less."""

_ARMS = (("final", "expert"), ("expert", "against expert"), ("final", "against expert"))


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: What it is, in a word or two; a part of the bundle by its name.
        ok: Whether it holds.
        detail: What was found: the numbers, or what differs.
    """

    what: str
    ok: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What came of verifying a bundle.

    Attributes:
        path: The file.
        checks: Everything that was looked at, in order.
        evidence: What the bundle holds; None when a part of it cannot be read.
        derived: What the samples say now, by the measurements' names, whatever was claimed.
    """

    path: Path
    checks: tuple[Check, ...]
    evidence: Evidence | None
    derived: Mapping[str, Finding]

    @property
    def holds(self) -> bool:
        """Whether every check does."""
        return all(check.ok for check in self.checks)


def find_bundle(name: str, settings: Settings) -> Path:
    """Return the file with the evidence, by its path, or by a run's directory or id.

    Raises:
        UserError: There is none.
    """
    if Path(name).is_file():
        return Path(name)
    if (Path(name) / EVIDENCE).is_file():
        return Path(name) / EVIDENCE
    if not (Path(name) / REQUEST).is_file() and not re.fullmatch(r"[\w-]+", name):
        raise UserError(f"no evidence at {name}: give an {EVIDENCE}, or a run's folder or id")
    run = find_run(name, settings=settings)
    if not (run / EVIDENCE).is_file():
        raise UserError(
            f"run {run.name} has no evidence: no patch was measured in it to the end; "
            f"`perfagent show {run.name}` says what came of it"
        )
    return run / EVIDENCE


def verify(path: Path) -> Verification:
    """Check a bundle and derive its verdict again; measures nothing and runs nothing of it.

    Beside a run's `report.json` and `patch.diff` they are held against it too.

    Args:
        path: The file.

    Raises:
        UserError: It is no bundle, or one of another schema version.
    """
    content = read_sealed(path)
    checks = list(_digest_checks(content))
    parts: dict[str, Any] = {}
    for part in PARTS:
        try:
            parts[part] = parse_part(content, part)
        except ValueError as error:
            checks.append(Check(what=part, ok=False, detail=f"cannot be read: {error}"))
    if len(parts) < len(PARTS):
        return Verification(path=path, checks=tuple(checks), evidence=None, derived={})
    evidence = Evidence(**parts)
    checks += _text_checks(evidence)
    sound = {each.name: flaws(each.samples) for each in evidence.samples}
    checks += _sample_checks(evidence, sound)
    derived = dict(_derived(each for each in evidence.samples if not sound[each.name]))
    checks += _verdict_checks(evidence, derived)
    checks += _beside(path.parent, evidence)
    findings = {name: finding(compared) for name, compared in derived.items()}
    return Verification(path=path, checks=tuple(checks), evidence=evidence, derived=findings)


def _digest_checks(content: Mapping[str, Any]) -> Iterator[Check]:
    recorded = content["digests"]
    changed = [part for part, digest in digests(content).items() if recorded.get(part) != digest]
    for part in changed:
        what = "the file as a whole" if part == "all" else part
        yield Check(what=what, ok=False, detail="its digest differs: it was changed, or damaged")
    if not changed:
        yield Check(what="digests", ok=True, detail=f"all match: {', '.join(PARTS)}")


def _text_checks(evidence: Evidence) -> Iterator[Check]:
    patch, commit = evidence.patch, evidence.target.base.commit
    found = Patch(diff=patch.diff, base_commit=commit).sha256
    yield _compared("patch", "sha256", patch.sha256, found)
    try:
        if Patch.parse(patch.diff, commit).diff != patch.diff:
            yield Check(what="patch", ok=False, detail="its diff is not in git's own form")
    except ToolError as error:
        yield Check(what="patch", ok=False, detail=f"its diff is none: {error}")
    text = evidence.workload.text.encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(text).hexdigest()
    yield _compared("workload", "sha256", evidence.workload.sha256, digest)


def _compared(what: str, name: str, recorded: str, found: str) -> Check:
    if recorded == found:
        return Check(what=what, ok=True, detail=f"{name} {found[:16]}… is that of its text")
    detail = f"{name} of its text is {found[:16]}…, not {recorded[:16]}…"
    return Check(what=what, ok=False, detail=detail)


def _sample_checks(evidence: Evidence, sound: Mapping[str, tuple[str, ...]]) -> Iterator[Check]:
    named = {each.name: each for each in evidence.samples}
    if len(named) < len(evidence.samples):
        yield Check(what="samples", ok=False, detail="two measurements have the same name")
    for each in evidence.samples:
        what = f"samples of {each.name}"
        against = [*sound[each.name], *_against_settings(each, evidence.settings)]
        pairs = len(each.samples.baseline_first)
        detail = "; ".join(against) or f"{pairs} pairs, sound and as the settings ask"
        yield Check(what=what, ok=not against, detail=detail)
    for one, other in _ARMS:
        if one in named and other in named and not _share_an_arm(named[one], named[other]):
            detail = f"{one} and {other} differ where both have the same version's launches"
            yield Check(what="samples", ok=False, detail=detail)


def _against_settings(measured: Measurement, settings: Mapping[str, Any]) -> Iterator[str]:
    """Say where the plan is not what the settings ask: a smaller gain would be easier to prove."""
    plan = asdict(measured.samples.plan)
    for name in ("min_effect", "error", "confidence", "allow_memory", "allow_import"):
        if plan[name] != settings.get(name):
            yield f"{name} is {plan[name]} in the plan, {settings.get(name)} in the settings"
    if measured.samples.baseline.metric != settings.get("metric"):
        yield f"they measure {measured.samples.baseline.metric}, not {settings.get('metric')}"


def _share_an_arm(one: Measurement, other: Measurement) -> bool:
    arms = (one.samples.baseline, one.samples.candidate)
    return any(arm in (other.samples.baseline, other.samples.candidate) for arm in arms)


def _derived(measured: Iterable[Measurement]) -> Iterator[tuple[str, Comparison]]:
    for each in measured:
        # What a statistic cannot be computed from is no evidence; which one fails does not matter.
        with suppress(ArithmeticError, ValueError):
            yield each.name, judge(each.samples)


def _verdict_checks(evidence: Evidence, derived: Mapping[str, Comparison]) -> Iterator[Check]:
    claim = evidence.claim
    names = [each.name for each in evidence.samples]
    if set(claim.findings) != set(names) or claim.measurement not in names:
        detail = "it does not say of every measurement what it shows, and of nothing else"
        yield Check(what="claim", ok=False, detail=detail)
    for name in filter(claim.findings.__contains__, names):
        what = f"verdict of {name}"
        if name not in derived:
            yield Check(what=what, ok=False, detail="cannot be derived from such samples")
            continue
        found = finding(derived[name])
        differing = list(_differences(claim.findings[name], found))
        detail = "; ".join(differing) or f"{found.decision}: {found.reason}"
        yield Check(what=what, ok=not differing, detail=detail)
    yield _outcome_check(claim, evidence)


def _differences(claimed: Finding, found: Finding) -> Iterator[str]:
    for name, said in asdict(claimed).items():
        derived = getattr(found, name)
        if isinstance(said, float) and isinstance(derived, float):
            same = math.isclose(said, derived, rel_tol=TOLERANCE)
        else:
            same = said == derived
        if not same:
            yield f"{name} is claimed to be {said!r}, the samples give {derived!r}"


def _outcome_check(claim: Claim, evidence: Evidence) -> Check:
    """See that an acceptance is backed by its measurement and by the suite."""
    if claim.outcome != "accepted":
        return Check(what="outcome", ok=True, detail=f"{claim.outcome}: {claim.reason}")
    against = []
    found = claim.findings.get(claim.measurement)
    if claim.measurement != "final" or found is None or found.decision != "faster":
        against.append("accepted, but the final measurement does not say faster")
    suite = evidence.suite
    if suite is not None:
        broken = set(suite.failed) - set(suite.flaky) - set(suite.failing_before)
        against += [f"accepted, but {len(broken)} tests fail"] if broken else []
    elif not evidence.settings.get("no_tests"):
        against.append("accepted, but the suite was not run")
    return Check(what="outcome", ok=not against, detail="; ".join(against) or "accepted")


def _beside(folder: Path, evidence: Evidence) -> Iterator[Check]:
    """Hold what a run's directory says beside the evidence; nothing when it lies elsewhere."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        said = _said(record)
    except (OSError, ValueError, AttributeError):
        return
    claim = evidence.claim
    found = claim.findings.get(claim.measurement)
    expected: dict[str, Any] = {"accepted": claim.outcome == "accepted"}
    if claim.outcome == "accepted" and found is not None:
        expected["patch"] = evidence.patch.sha256
        expected |= {name: getattr(found, name) for name in ("speedup", "ci_low", "ci_high")}
    differing = [name for name, value in expected.items() if said.get(name) != value]
    detail = ", ".join(differing) + " differ there" if differing else "says the same"
    yield Check(what=RECORD, ok=not differing, detail=detail)
    patch = folder / "patch.diff"
    if claim.outcome == "accepted":
        digest = hashlib.sha256(patch.read_bytes()).hexdigest() if patch.exists() else None
        same = digest == evidence.patch.sha256
        detail = "is the patch that was measured" if same else "is not the patch that was measured"
        yield Check(what=patch.name, ok=same, detail=detail)


def _said(record: Mapping[str, Any]) -> dict[str, Any]:
    gain = record.get("speedup") or {}
    return {
        "accepted": record.get("outcome") == "accepted",
        "patch": (record.get("patch") or {}).get("sha256"),
        **{name: gain.get(name) for name in ("speedup", "ci_low", "ci_high")},
    }
