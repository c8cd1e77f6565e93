"""One trial: a run of perfagent as a user would start it, and what is kept of it."""

from __future__ import annotations

import datetime
import json
import platform
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from perfagent.workloads.timing.timings import describe_machine

ROOT = Path(__file__).resolve().parents[2]

Record = dict[str, Any]

DECIDED = (0, 1)
"""Exit statuses of a run that came to an answer; others are of one that did not."""

_HOTSPOT = ("function", "path", "own_share", "total_share")
_CANDIDATE = ("candidate_id", "round", "origin", "hotspot", "hypothesis", "outcome", "stage")
_VERDICT = ("reason", "speedup", "ci_low", "ci_high", "pairs", "doubts")
_SPEEDUP = ("speedup", "ci_low", "ci_high", "confidence", "pairs", "metric", "baseline")
_WORKLOAD = ("name", "kind", "metric", "baseline_s", "noise_floor", "provable_gain")
_SUITE = ("of", "passed", "failed", "skipped", "flaky", "failing_before", "seconds")


class Subject(Protocol):
    """What perfagent is tried on."""

    @property
    def name(self) -> str:
        """Names its record; unique among those tried together."""
        ...

    @property
    def places(self) -> Mapping[str, Path]:
        """Folders of this machine that its arguments name, by the word that stands for each."""
        ...

    def arguments(self) -> list[str]:
        """Return what `perfagent optimize` is given, with the checkout as the working folder."""
        ...


def run_trial(
    subject: Subject,
    folder: Path,
    options: Sequence[str],
    command: Sequence[str] = (sys.executable, "-m", "perfagent"),
) -> Record:
    """Run perfagent on something and return what is kept of the run.

    Args:
        subject: What to run it on.
        folder: The run's directory; one that is there is removed. The progress goes to a file
            beside it.
        options: Further options of `perfagent optimize`.
        command: How perfagent is started.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.with_name(f"{folder.name}.log")
    arguments = ["optimize", *subject.arguments(), "--proposer", "rewrites", *options]
    began = time.monotonic()
    with log.open("w", encoding="utf-8") as progress:
        finished = subprocess.run(
            [*command, *arguments, "--json", "--out", str(folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=progress,
            text=True,
            check=False,
        )
    record: Record = {
        "name": subject.name,
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["perfagent", *arguments]),
        "status": finished.returncode,
        "seconds": round(time.monotonic() - began, 1),
        "machine": dict(describe_machine()),
        "python": platform.python_version(),
    }
    # A crash ends with 1 as well, but prints no record.
    if finished.returncode in DECIDED and finished.stdout.strip():
        patch = folder / "patch.diff"
        record["report"] = kept(json.loads(finished.stdout))
        record["patch"] = patch.read_text(encoding="utf-8") if patch.exists() else ""
    else:
        record["failure"] = _last_line(log.read_text(encoding="utf-8"))
    return _without_places(record, {"RUN": folder, **subject.places})


def kept(report: Record) -> Record:
    """Return the parts of a run's `report.json` that say what was found, tried and decided."""
    patch = report.get("patch") or {}
    return {
        "schema_version": report["schema_version"],
        "outcome": report["outcome"],
        "stopped": report["stopped"],
        "target": {key: report["target"][key] for key in ("repo", "commit", "expert")},
        "workload": _part(report["workload"], _WORKLOAD),
        "speedup": _part(report["speedup"], (*_SPEEDUP, "candidate")),
        "expert": report["expert"],
        "suite": _part(report["suite"], _SUITE),
        "patch": _part(patch, ("files", "added_lines", "removed_lines", "stacked")),
        "hotspots": [_part(each, _HOTSPOT) for each in report["hotspots"]],
        "candidates": [_part(each, (*_CANDIDATE, *_VERDICT)) for each in report["candidates"]],
        "version": report["environment"]["version"],
    }


def _without_places(record: Record, places: Mapping[str, Path]) -> Record:
    """Return a record in which no text names a folder of this machine."""
    text = json.dumps(record)
    for word, place in {**places, ".": ROOT, "~": Path.home()}.items():
        text = text.replace(json.dumps(str(place))[1:-1], word)
    return json.loads(text)


def _part(whole: Record | None, keys: Sequence[str]) -> Record | None:
    return {key: whole[key] for key in keys if key in whole} if whole else None


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
