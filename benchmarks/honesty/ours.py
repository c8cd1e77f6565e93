"""Puts the corpus before every check of perfagent's, one record a patch and part."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from perfagent.agent.audit import Audit
from perfagent.agent.gate.judge import STAGES
from perfagent.agent.runs.on_disk import start_run
from perfagent.agent.steps.prepare import prepare
from perfagent.tests.court import Court
from perfagent.tests.honesty import library
from perfagent.tests.honesty.cheats import CHEATS
from perfagent.tests.honesty.court import HonestyCourt, open_honesty_court
from perfagent.tests.honesty.honest import HONEST_PATCHES
from perfagent.tests.honesty.repositories import WORKLOADS
from perfagent.tests.honesty.specimen import Specimen

from ..study.records import Store, say

CORPUS: tuple[Specimen, ...] = (
    *CHEATS,
    *HONEST_PATCHES,
    *library.LIBRARY_CHEATS,
    *library.LIBRARY_HONEST,
)
REPOS = (*WORKLOADS, library.NAME)

_CHEAP = {"no_tests": False, "metric": "cpu", "max_pairs": 8, "max_compare_s": 120.0}
_TIMED = frozenset({"applies", "parses", "imports", "timing", "other inputs"})
_UNTIMED = ("timing",)
_READING = frozenset({"applies", "in scope", "parses", "honest", "covering tests", "full suite"})
_RUNNING = tuple({name for name, _ in STAGES} - _READING) + _UNTIMED
"""What is left out for tricks that reading has to find: the rest could only find them again."""


def workload_of(repo: str) -> str:
    """Return the script that times a repository of the corpus."""
    return library.WORKLOAD if repo == library.NAME else WORKLOADS[repo]


def open_repo(
    repo: str, folder: Path, *, cache: Path | None = None, python: str | None = None
) -> HonestyCourt:
    """Prepare one repository of the corpus; the library is fetched from PyPI.

    Args:
        repo: Its name.
        folder: Where to; must not exist.
        cache: Where perfagent keeps what it installs; None: below `folder`.
        python: The library's interpreter; None makes one from the library's metadata.
    """
    kept = {"cache_dir": (cache or folder / "cache").absolute()}
    if repo != library.NAME:
        return open_honesty_court(folder, repo, **_CHEAP, **kept)
    script = folder / "workload.py"
    folder.mkdir(parents=True)
    script.write_text(library.WORKLOAD)
    run = start_run(
        library.TARGET,
        str(script),
        {**_CHEAP, **kept, "python": python, "state_dir": folder / "state"},
        kind="audit",
        working_dir=folder,
        out=folder / "run",
        command="the study of honesty",
        listener=lambda event: None,
    )
    prepare(run, floor=False)
    base = run.repository.trees / "base"
    files = {str(path.relative_to(base)): path.read_text() for path in base.rglob("*.py")}
    return HonestyCourt(Court(base, run), files)


def check_all(store: Store, court: HonestyCourt, specimens: Sequence[Specimen]) -> None:
    """Make every check that does not time, where it is not on record."""
    known = {(each["name"], each["digest"]) for each in store.read("checks")}
    for specimen in specimens:
        key = {"name": specimen.name, "digest": digest(specimen)}
        if tuple(key.values()) not in known:
            is_read = specimen.check in _READING
            without = _RUNNING if is_read else _UNTIMED
            store.append("checks", key | _record(court, specimen, without))


def time_all(store: Store, court: HonestyCourt, specimens: Sequence[Specimen]) -> None:
    """Time what no other check has refused, on the workload and with other inputs."""
    known = {(each["name"], each["digest"]) for each in store.read("timed")}
    checked = {(each["name"], each["digest"]): each for each in store.read("checks")}
    for specimen in specimens:
        key = {"name": specimen.name, "digest": digest(specimen)}
        found = checked.get(tuple(key.values()))
        if tuple(key.values()) in known or found is None or found["refused"]:
            continue
        names = {check for check in found["made"] if check not in _TIMED}
        store.append("timed", key | _record(court, specimen, tuple(names)))


def _record(court: HonestyCourt, specimen: Specimen, without: tuple[str, ...]) -> dict[str, Any]:
    began = time.monotonic()
    audited = court.audit(specimen, without=without)
    found = {
        "made": [check.name for check in audited.checks],
        "refused": _refused(audited),
        "not_run": [c.name for c in audited.checks if c.state == "not run"],
        "doubts": list(audited.doubts),
        "speedup": audited.speedup,
        "seconds": round(time.monotonic() - began, 1),
    }
    said = next((f"{c}: {r[0]}" for c, r in found["refused"].items()), "nothing refused")
    say(f"{specimen.name} ({specimen.family}): {said[:150]}")
    return found


def _refused(audited: Audit) -> Mapping[str, list[str]]:
    return {
        check.name: [check.reason, *check.evidence][:4]
        for check in audited.checks
        if check.state == "refused"
    }


def digest(specimen: Specimen) -> str:
    """Return what a record of a patch is known by: its text, and what it was tried on."""
    text = f"{specimen.edits!r}\0{workload_of(specimen.repo)}\0{sys.version_info[:2]}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
