"""Measures the rewrites on their corpus and writes the report: `python -m benchmarks.rewrites`."""

from __future__ import annotations

import argparse
import datetime
import platform
import sys
import tempfile
from pathlib import Path

from perfagent.tools.rewrites.catalogue import ALL
from perfagent.workloads.timing.timings import describe_machine

from ..study.records import Store
from .measured import judge_traps, measure_wins
from .report import write_report

HERE = Path(__file__).resolve().parent.parent


def main(argv: list[str]) -> int:
    """Measure what the arguments ask for and write the report; return the exit status."""
    args = _arguments(argv)
    store = Store(folder=args.data)
    names = [each.name for each in ALL if each.name in (args.rewrite or [each.name])]
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    store.append("sessions", {"at": at, "machine": _machine()})
    with tempfile.TemporaryDirectory(prefix="perfagent-study-") as folder:
        measure_wins(store, names, Path(folder), machine=_machine(), seed=args.seed)
        judge_traps(store, names, Path(folder))
    args.report.write_text(write_report(store), encoding="utf-8")
    return 0


def _machine() -> str:
    """Return what numbers hold for, in words."""
    known = describe_machine()
    python = platform.python_version()
    return f"{known['processor']}, {known['cores']} cores, {known['system']}, Python {python}"


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rewrites", description=__doc__)
    known = [each.name for each in ALL]
    parser.add_argument("--rewrite", action="append", choices=known, help="this one; repeatable")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=HERE / "data" / "rewrites")
    parser.add_argument("--report", type=Path, default=HERE / "rewrites.md")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
