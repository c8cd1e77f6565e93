"""Tries the corpus of tricks and honest patches: `python -m benchmarks.honesty`.

Parts, each resumable: "checks" (all that does not time), "timed" (what the checks let pass, on the
workload and with other inputs), "rivals" (the other rules). The figures go into docs/honesty.md.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import sys
import tempfile
from pathlib import Path

from perfagent.repos.locks import turn_on
from perfagent.tests.honesty.court import HonestyCourt
from perfagent.tests.honesty.specimen import Specimen, changed, patch_of
from perfagent.workloads.timing.timings import describe_machine

from ..study.records import Store, say
from . import guard, threshold
from .ours import CORPUS, REPOS, check_all, digest, open_repo, time_all, workload_of
from .report import figures, into

HERE = Path(__file__).resolve().parent.parent
_FAILURES = (": failed", ": errored", "did not run to its end")
PARTS = ("checks", "timed", "rivals")


def main(argv: list[str]) -> int:
    """Try what the arguments ask for and write the figures; return the exit status."""
    args = _arguments(argv)
    store = Store(folder=args.data)
    parts = args.part or list(PARTS)
    for repo in args.repo or REPOS:
        specimens = [
            each
            for each in CORPUS
            if each.repo == repo and (not args.only or any(word in each.name for word in args.only))
        ]
        if args.report_only or not specimens:
            continue
        at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        store.append("sessions", {"at": at, "machine": _machine(), "parts": parts})
        with tempfile.TemporaryDirectory(prefix="perfagent-study-") as folder:
            say(f"preparing {repo}")
            court = open_repo(repo, Path(folder) / repo, cache=args.cache, python=args.python)
            if "checks" in parts:
                check_all(store, court, specimens)
            if "timed" in parts:
                time_all(store, court, specimens)
            if "rivals" in parts:
                ask_rivals(store, court, specimens)
    document = args.report.read_text(encoding="utf-8")
    args.report.write_text(into(document, figures(store)), encoding="utf-8")
    return 0


def ask_rivals(store: Store, court: HonestyCourt, specimens: list[Specimen]) -> None:
    """Ask the other rules, where that is not on record; the suite's outcome is the audit's."""
    known = {(each["name"], each["digest"]) for each in store.read("rivals")}
    suites = {(each["name"], each["digest"]): each for each in store.read("checks")}
    prepared = court.court.run.prepared
    cpu = max(prepared.timing_cpus or prepared.other_cpus or {0})
    for specimen in specimens:
        key = {"name": specimen.name, "digest": digest(specimen)}
        audited = suites.get(tuple(key.values()))
        if tuple(key.values()) in known or audited is None:
            continue
        after = changed(court.files, specimen.edits)
        suite = [audited["refused"].get(name, []) for name in ("covering tests", "full suite")]
        passes = not any(suite)
        # Whoever asks for pytest's exit status does not see a test that has vanished.
        fails = any(word in line for lines in suite for line in lines for word in _FAILURES)
        with turn_on({cpu}):
            gain = threshold.gain(
                prepared.environment.python, workload_of(specimen.repo), court.files, after, cpu
            )
        signs = guard.refusals(patch_of(court.files, specimen), after)
        store.append(
            "rivals",
            {
                **key,
                "suite": passes,
                "guard": signs or ([] if passes else ["a test fails"]),
                "gain": gain,
                "threshold": not fails and gain is not None and gain > threshold.LEAST,
            },
        )
        say(f"{specimen.name}: guard {signs[:1]}, threshold {gain and round(gain, 2)}")


def _machine() -> str:
    known = describe_machine()
    python = platform.python_version()
    return f"{known['processor']}, {known['cores']} cores, {known['system']}, Python {python}"


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.honesty", description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS, help="this one; repeatable")
    parser.add_argument("--repo", action="append", choices=REPOS, help="this one; repeatable")
    parser.add_argument("--only", action="append", help="patches with this in their names")
    parser.add_argument("--cache", type=Path, help="where perfagent keeps what it installs")
    parser.add_argument(
        "--python", help="interpreter or environment that has what the library needs"
    )
    parser.add_argument("--report-only", action="store_true", help="write the figures alone")
    parser.add_argument("--data", type=Path, default=HERE / "data" / "honesty")
    parser.add_argument("--report", type=Path, default=HERE.parent / "docs" / "honesty.md")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
