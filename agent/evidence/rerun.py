"""Measures evidence again: what the gate is asked, and whether its answer agrees with the claim."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UserError
from ...settings import Settings
from ..runs.directory import RunDirectory
from ..runs.on_disk import REQUEST
from ..runs.plain import to_plain
from .assemble import SETTINGS
from .evidence import EVIDENCE, Claim, Evidence, Finding, Fingerprint
from .verify import verify

_OF_THE_MACHINE = frozenset({"state_dir", "cache_dir", "expert", "rev"})


@dataclass(frozen=True, kw_only=True)
class Question:
    """What `measure` is asked.

    Attributes:
        repo: The REPO argument.
        workload: The WORKLOAD argument; of a script a file that was written for it.
        patch: A file with the diff.
        settings: The recorded settings, by name.
    """

    repo: str
    workload: str
    patch: Path
    settings: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How measuring again went.

    Attributes:
        run_id: The new run.
        directory: Its directory, with evidence of its own where it came to a measurement.
        agrees: Whether it says the same, within what the intervals leave open.
        details: Per measurement one sentence with both answers; or why there is none.
        environment: How this machine and its packages differ from those of the evidence, a line
            each; None when the new run came to no measurement.
        findings: What was found now, by the measurements' names.
    """

    run_id: str
    directory: Path
    agrees: bool
    details: tuple[str, ...]
    environment: tuple[str, ...] | None
    findings: Mapping[str, Finding]


def question(
    evidence: Evidence, bundle: Path, folder: Path, *, repo: str | None, python: str | None
) -> Question:
    """Return what to ask to have the evidence's patch measured again.

    Args:
        evidence: What was verified.
        bundle: Its file. Beside it, in the directory of a run of this machine, the run's request
            says where the repository and the interpreter are.
        folder: Where the patch and a workload's script are written to.
        repo: Where to take the base commit from; None: from where the run took it.
        python: The target's interpreter, as in the setting; None: as the run had it.

    Raises:
        UserError: No repository is known, or the workload is not one that may be asked for.
    """
    local = _local(bundle.parent)
    base = evidence.target.base
    source = repo or local.get("repo") or base.source
    if source is None:
        raise UserError(
            f"the evidence names only the folder {base.name!r} as its repository: say where it is "
            f"with --repo (it has to hold commit {base.commit[:12]})"
        )
    patch = folder / "patch.diff"
    patch.write_bytes(evidence.patch.diff.encode("utf-8", "surrogateescape"))
    recorded = {name: evidence.settings.get(name) for name in SETTINGS}
    version = evidence.environment.python.rpartition(".")[0]
    work = evidence.workload
    return Question(
        repo=source,
        workload=workload_argument(work.kind, work.name, work.text, folder),
        patch=patch,
        settings={
            **recorded,
            "rev": base.commit,
            "subdir": base.subdir or None,
            "expert": evidence.target.expert,
            "python": python or local.get("python") or evidence.settings.get("python") or version,
        },
    )


def _local(folder: Path) -> dict[str, str | None]:
    """Return where the repository and the interpreter of a run of this machine are."""
    directory = RunDirectory(folder)
    if not directory.has(REQUEST):
        return {}
    request = directory.read_json(REQUEST)
    return {"repo": request["repo"]["source"], "python": request["settings"]["python"]}


def workload_argument(kind: str, name: str, text: str, folder: Path) -> str:
    """Return the WORKLOAD argument of a recorded workload; a script is written to the folder."""
    prefixes = {"pytest": "pytest:", "function": "python:", "command": "cmd:"}
    if kind in prefixes:
        return prefixes[kind] + text
    # The name may be anything: it must not lead out of the folder.
    script = folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:60] or 'workload'}.py"
    script.write_bytes(text.encode("utf-8", "surrogateescape"))
    return str(script)


def asked_again(run: Path) -> tuple[str, str, dict[str, Any]]:
    """Return the REPO and WORKLOAD arguments of an earlier run, and the settings that it changed.

    Args:
        run: Its directory, to which a workload's script is written.
    """
    request = RunDirectory(run).read_json(REQUEST)
    workload = request["workload"]
    word = workload_argument(workload["kind"], workload["name"], workload["text"], run)
    usual = Settings().model_dump(mode="json")
    changed = {
        name: value
        for name, value in request["settings"].items()
        if name in usual and value != usual[name] and name not in _OF_THE_MACHINE
    }
    source = request["repo"]["source"]
    return source, word, {**changed, "rev": request["repo"]["commit"]}


def agreement(evidence: Evidence, record: Mapping[str, Any], directory: Path) -> Agreement:
    """Return whether a run that measured again agrees with the evidence.

    A measurement agrees when its decision is the claimed one and the two intervals overlap, or lie
    apart by less than the smallest gain that counts: a machine is not exactly as fast on another
    day. What both runs have of the final measurement is compared; where one of them has none, what
    each of them rests on.

    Args:
        evidence: The claim.
        record: The new run's record.
        directory: The new run's directory.
    """
    bundle = directory / EVIDENCE
    again = verify(bundle).evidence if bundle.exists() else None
    if again is None:
        (judged,) = record["candidates"]
        details = (
            f"it was not measured: {judged['outcome']} at {judged['stage']}: {judged['reason']}",
        )
        agrees, environment, findings = False, None, {}
    else:
        min_effect = float(evidence.settings["min_effect"])
        compared = dict(_compared(evidence.claim, again.claim, min_effect))
        details, agrees = tuple(compared), all(compared.values())
        environment = tuple(_environment(evidence.environment, again.environment))
        findings = again.claim.findings
    return Agreement(
        run_id=record["run_id"],
        directory=directory,
        agrees=agrees,
        details=details,
        environment=environment,
        findings=findings,
    )


def _compared(claimed: Claim, again: Claim, apart: float) -> Iterator[tuple[str, bool]]:
    names = ("final", "expert", "against expert")
    common = [name for name in names if name in claimed.findings and name in again.findings]
    pairs = [(name, claimed.findings[name], again.findings[name]) for name in common]
    if "final" not in common:
        first, second = (each.findings[each.measurement] for each in (claimed, again))
        pairs = [(claimed.measurement, first, second)]
    for name, first, second in pairs:
        agrees = first.decision == second.decision and _meet(first, second, apart)
        verb = "agrees" if agrees else "does not agree"
        yield f"{name}: {_told(second)} {verb} with the claimed {_told(first)}", agrees
    if claimed.outcome != again.outcome:
        yield f"outcome: {again.outcome} ({again.reason}), claimed was {claimed.outcome}", False


def _meet(one: Finding, other: Finding, apart: float) -> bool:
    """Tell whether two intervals overlap when each bound may be wrong by a share of it."""
    if one.ci_low is None or one.ci_high is None or other.ci_low is None or other.ci_high is None:
        return one.ci_low == other.ci_low
    lows, highs = (one.ci_low, other.ci_low), (one.ci_high, other.ci_high)
    return max(lows) <= min(highs) * (1 + apart)


def _told(found: Finding) -> str:
    if found.speedup is None:
        return f"{found.decision} (not enough pairs for an interval)"
    return f"{found.speedup:.3f}x ({found.ci_low:.3f}-{found.ci_high:.3f}, {found.decision})"


def _environment(there: Fingerprint, here: Fingerprint) -> Iterator[str]:
    before, after = to_plain(there), to_plain(here)
    machines = before.pop("machine"), after.pop("machine")
    packages = before.pop("packages"), after.pop("packages")
    for first, second in ((before, after), machines):
        for name in first | second:
            if first.get(name) != second.get(name):
                yield f"{name}: {first.get(name)} there, {second.get(name)} here"
    versions = [dict(each.split("==", 1) for each in listed if "==" in each) for listed in packages]
    for name in sorted(versions[0] | versions[1], key=str.lower):
        first, second = (each.get(name, "none") for each in versions)
        if first != second:
            yield f"package {name}: {first} there, {second} here"
