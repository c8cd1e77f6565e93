"""Measures what facts and matching cost and writes the report: `python -m benchmarks.cost`."""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import sys
import tempfile
from pathlib import Path

from perfagent.workloads.timing.timings import describe_machine

from ..study.records import Record, say
from .facts import measure_facts
from .matching import measure_matching
from .report import report_text

HERE = Path(__file__).resolve().parent.parent


def main(argv: list[str]) -> int:
    """Measure, keep the records and write the report; return the exit status."""
    args = _arguments(argv)
    found: Record = {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": dict(describe_machine()),
        "matching": {},
        "facts": [],
    }
    with tempfile.TemporaryDirectory(prefix="perfagent-study-") as folder:
        library = Path(folder) / "library"
        library.mkdir()
        found["matching"] = measure_matching(library)
        for name in args.python or _interpreters():
            python = shutil.which(name)
            if python is None:
                say(f"no {name} on PATH")
                return 2
            found["facts"] += measure_facts(Path(folder) / "facts", Path(python).absolute())
    args.data.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    args.report.write_text(report_text(found), encoding="utf-8")
    say(f"written: {args.report}")
    return 0


def _interpreters() -> list[str]:
    """Return this interpreter, and the first newer one that is at hand.

    From 3.12 on calls are seen by other means.
    """
    newer = [f"python3.{minor}" for minor in range(12, 15)]
    return [sys.executable, *[name for name in newer if shutil.which(name)][:1]]


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    parser.add_argument("--python", action="append", help="interpreter of facts; repeatable")
    parser.add_argument("--data", type=Path, default=HERE / "data" / "cost.json")
    parser.add_argument("--report", type=Path, default=HERE / "cost.md")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
