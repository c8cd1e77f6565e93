"""Tries the rewrites on instances of a benchmark: `python -m benchmarks.instances --help`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..study.records import say
from ..trials.batch import add_options, read_records, try_all, unknown_names
from ..trials.trial import ROOT
from .dataset import read_instances
from .report import instances_report


def main(argv: list[str]) -> int:
    """Run the instances that have no record yet, write the report; return the exit status."""
    args = _arguments(argv)
    failed: list[str] = []
    if not args.report_only:
        known = read_instances(args.instances, args.repository.resolve(), args.runs / "workloads")
        unknown = unknown_names(args, known)
        if unknown:
            say(f"not in {args.instances}: {', '.join(unknown)}")
            return 2
        failed = try_all([e for e in known if not args.only or e.name in args.only], args)
    args.report.write_text(instances_report(read_records(args.data)), encoding="utf-8")
    say(f"written: {args.report}")
    return 1 if failed else 0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instances", description=__doc__)
    parser.add_argument("instances", type=Path, nargs="?", help="JSON Lines, an instance a line")
    parser.add_argument("repository", type=Path, nargs="?", help="a clone with their commits")
    add_options(parser, rounds=2, wall_s=600.0)
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks/data/instances")
    parser.add_argument("--runs", type=Path, default=ROOT / "build/instances", help="run folders")
    parser.add_argument("--report", type=Path, default=ROOT / "benchmarks/instances.md")
    args = parser.parse_args(argv)
    if not args.report_only and args.repository is None:
        parser.error("name the file of instances and a clone of their repository")
    return args


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
