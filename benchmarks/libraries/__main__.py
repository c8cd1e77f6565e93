"""Tries the rewrites on real libraries: `python -m benchmarks.libraries --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..study.records import say
from ..trials.batch import add_options, keep_record, read_records, try_all, unknown_names
from ..trials.trial import ROOT, Record
from .catalogue import catalogue_section
from .document import with_part
from .report import libraries_section
from .suites import suites_compared
from .table import TABLE, Library, libraries


def main(argv: list[str]) -> int:
    """Run the libraries that have no record yet, write the document; return the exit status."""
    args = _arguments(argv)
    known = libraries(args.table)
    unknown = unknown_names(args, known)
    if unknown:
        say(f"not in {args.table}: {', '.join(unknown)}")
        return 2
    if not args.report.exists():
        say(f"{args.report} is not there: the tables go between its marks")
        return 2
    failed: list[str] = []
    wanted = [each for each in known if not args.only or each.name in args.only]
    if not (args.report_only or args.suites_only):
        failed = try_all(wanted, args)
    if not args.report_only:
        failed += compare_suites(wanted, args)
    write_document(args.report, known, read_records(args.data))
    say(f"written: {args.report}")
    return 1 if failed else 0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.libraries", description=__doc__)
    add_options(parser, rounds=3, wall_s=900.0)
    parser.add_argument("--suites-only", action="store_true", help="only the whole suites")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks/data/libraries")
    parser.add_argument("--runs", type=Path, default=ROOT / "build/libraries", help="run folders")
    parser.add_argument("--report", type=Path, default=ROOT / "docs/rewrites.md")
    return parser.parse_args(argv)


def compare_suites(wanted: Sequence[Library], args: argparse.Namespace) -> list[str]:
    """Run the whole suite on each accepted patch that has not had it; return where it differs."""
    failed: list[str] = []
    records = read_records(args.data)
    for library in wanted:
        record = records.get(library.name, {})
        if not record.get("patch") or ("whole_suite" in record and not args.suites_only):
            continue
        found = suites_compared(library, record, args.runs / f"{library.name}-suites")
        keep_record(args.data, record | {"whole_suite": found})
        differ = found["problem"] or f"{len(found['different'])} of {found['tests']} tests differ"
        say(f"{library.name}: whole suite on the patch: {differ}")
        if found["problem"] or found["different"]:
            failed.append(library.name)
    return failed


def write_document(path: Path, known: Sequence[Library], records: dict[str, Record]) -> None:
    """Write the document's two parts anew: the catalogue, and what was found."""
    text = path.read_text(encoding="utf-8")
    text = with_part(text, "libraries", libraries_section(known, records))
    path.write_text(with_part(text, "catalogue", catalogue_section()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
