"""Evidence: one file from which a run's verdict can be derived again, and the digests on it.

docs/formats.md describes the file and says what its digests do and do not prove. It holds no path
of the machine it was made on and no key. Versions: 1 (0.1.0) the first.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UserError
from ...repos.source.provenance import Provenance
from ...workloads.timing.comparison import Comparison
from ...workloads.timing.decision import Decision
from ...workloads.timing.samples import Samples
from ...workloads.workload import WorkloadKind
from ..runs.plain import from_plain
from ..verdict import Outcome

EVIDENCE = "evidence.json"
FORMAT = "perfagent evidence"
SCHEMA_VERSION = 1
FINAL = "final"
"""The measurement that the claim is about, wherever there is one of that name."""

PARTS = (*("target", "patch", "workload", "suite", "settings", "environment", "samples", "claim"),)


@dataclass(frozen=True, kw_only=True)
class PatchText:
    """The patch that was measured: its diff, and the SHA-256 of it as it is written to a file."""

    diff: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class WorkloadText:
    """What was timed.

    Attributes:
        kind: As in `Workload`.
        name: Likewise.
        text: Likewise: a script's source without its own timing part, or what names the workload.
        sha256: Of the text in UTF-8.
    """

    kind: WorkloadKind
    name: str
    text: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class SuiteOutcome:
    """How the whole suite went on the patch.

    Attributes:
        passed: How many tests passed.
        passed_sha256: Of their sorted node ids, one a line: equal when the same tests passed.
        failed: Node ids of those that failed or could not run.
        flaky: Node ids set aside because two runs on the base differed.
        failing_before: Node ids set aside because they fail on the base.
    """

    passed: int
    passed_sha256: str
    failed: tuple[str, ...]
    flaky: tuple[str, ...]
    failing_before: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """Where it was measured.

    Attributes:
        perfagent: The version of perfagent.
        python: The version of the target's interpreter.
        implementation: Its kind, such as "CPython".
        platform: What it was built for, such as "linux-x86_64".
        machine: Processor, cores, system and kernel, architecture.
        packages: `name==version` of everything installed for it, sorted.
    """

    perfagent: str
    python: str
    implementation: str
    platform: str
    machine: Mapping[str, str]
    packages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The samples of one comparison.

    Attributes:
        name: "final" (base against the patch, on fresh samples), "expert" (base against the
            expert's version, from the same rounds), "against expert" (the expert's version against
            the patch), or "gate/ID" (what the patch stacks, each against what it was put on).
        origin: Who proposed what was measured, None for the expert's version.
        samples: All that was measured.
    """

    name: str
    origin: str | None
    samples: Samples


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one measurement is claimed to say; each field as in `Comparison`."""

    decision: Decision
    speedup: float | None
    ci_low: float | None
    ci_high: float | None
    confidence: float
    pairs: int
    reason: str
    doubts: tuple[str, ...]
    warm_only: bool


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the run says of the patch.

    Attributes:
        outcome: "accepted", or why it was not, as in `Verdict`.
        reason: One sentence.
        measurement: Name of the measurement it rests on.
        findings: What each measurement says, by its name. The speedup ratio SR is the speedup of
            "against expert".
    """

    outcome: Outcome
    reason: str
    measurement: str
    findings: Mapping[str, Finding]


@dataclass(frozen=True, kw_only=True)
class Target:
    """The repository: where the base commit comes from, and the expert commit beside it or None."""

    base: Provenance
    expert: str | None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a verdict rests on. `settings` are those that matter to measuring it again."""

    target: Target
    patch: PatchText
    workload: WorkloadText
    suite: SuiteOutcome | None
    settings: Mapping[str, Any]
    environment: Fingerprint
    samples: tuple[Measurement, ...]
    claim: Claim


def finding(compared: Comparison) -> Finding:
    """Return what a comparison says."""
    return Finding(
        decision=compared.decision,
        speedup=compared.speedup,
        ci_low=compared.ci_low,
        ci_high=compared.ci_high,
        confidence=compared.confidence,
        pairs=compared.pairs,
        reason=compared.reason,
        doubts=compared.doubts,
        warm_only=compared.warm_only,
    )


def sealed(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the file's content for the plain parts: with its format and the digests."""
    content = {"format": FORMAT, "schema_version": SCHEMA_VERSION, **parts}
    return {**content, "digests": digests(content)}


def digests(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each part, and as "all" that of everything but the digests."""
    every = {key: value for key, value in content.items() if key != "digests"}
    found = {part: _digest(content[part]) for part in PARTS}
    return {**found, "all": _digest(every)}


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def read_sealed(path: Path) -> dict[str, Any]:
    """Return a bundle's content as plain JSON; nothing of it has been checked but its form.

    Raises:
        UserError: It is no bundle, or one of another schema version.
    """
    try:
        content = json.loads(
            path.read_bytes(),
            object_pairs_hook=_without_repeats,
            parse_constant=_refused,
            parse_float=_finite,
        )
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"{path} is no evidence, or is damaged: it is not JSON ({error}); "
            f"give the {EVIDENCE} of a run"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"{path} is no evidence of perfagent: give the {EVIDENCE} of a run")
    version = content.get("schema_version")
    if version != SCHEMA_VERSION:
        raise UserError(
            f"{path} has schema version {version}, this perfagent reads {SCHEMA_VERSION}: verify "
            "it with the version that wrote it"
        )
    missing = [part for part in (*PARTS, "digests") if part not in content]
    if missing or not isinstance(content["digests"], dict):
        raise UserError(f"{path} is damaged: it has no {missing[0] if missing else 'digests'}")
    return content


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return found


def _refused(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is too large")
    return value


def parse_part(content: Mapping[str, Any], part: str) -> Any:
    """Return one part of a bundle as what `Evidence` has in that place.

    Raises:
        ValueError: It is not of the part's form; one line says where.
    """
    from pydantic import ValidationError

    kind = _kinds()[part]
    try:
        read = from_plain(kind, content[part])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ValueError(f"{where or part}: {first['msg']}") from None
    return read


def _kinds() -> dict[str, Any]:
    import typing

    return typing.get_type_hints(Evidence)
