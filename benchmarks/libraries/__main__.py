"""Tries the rewrites on real libraries: `python -m benchmarks.libraries --help`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..study.records import say
from .catalogue import catalogue_section
from .document import with_part
from .report import libraries_section
from .table import ROOT, TABLE, Library, libraries
from .trial import Record, try_library


def main(argv: list[str]) -> int:
    """Run the libraries that have no record yet, write the document; return the exit status."""
    args = _arguments(argv)
    known = libraries(args.table)
    unknown = set(args.only) - {each.name for each in known}
    if unknown:
        say(f"not in {args.table}: {', '.join(sorted(unknown))}")
        return 2
    if not args.report.exists():
        say(f"{args.report} is not there: the tables go between its marks")
        return 2
    failed: list[str] = []
    if not args.report_only:
        wanted = [each for each in known if not args.only or each.name in args.only]
        failed = try_all(wanted, args)
    write_document(args.report, known, read_records(args.data))
    say(f"written: {args.report}")
    return 1 if failed else 0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.libraries", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="repeatable")
    parser.add_argument("--again", action="store_true", help="also those that have a record")
    parser.add_argument("--report-only", action="store_true", help="run nothing")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks/data/libraries")
    parser.add_argument("--runs", type=Path, default=ROOT / "build/libraries", help="run folders")
    parser.add_argument("--report", type=Path, default=ROOT / "docs/rewrites.md")
    parser.add_argument("--max-rounds", type=int, default=3)
    parser.add_argument("--max-wall", type=float, default=900.0, help="seconds of one library")
    parser.add_argument("--option", action="append", default=[], help="of perfagent optimize")
    return parser.parse_args(argv)


def try_all(wanted: Sequence[Library], args: argparse.Namespace) -> list[str]:
    """Run each library that has no record, keep a record of each; return those that failed.

    A run that came to no answer is kept too, so that one can see why, and is made again next time.
    """
    failed: list[str] = []
    done = read_records(args.data)
    options = [f"--max-rounds={args.max_rounds}", f"--max-wall={args.max_wall:g}", *args.option]
    for library in wanted:
        if "report" in done.get(library.name, {}) and not args.again:
            say(f"{library.name}: has a record")
            continue
        say(f"{library.name}: running")
        record = try_library(library, args.runs / library.name, options)
        args.data.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
        (args.data / f"{library.name}.json").write_text(text, encoding="utf-8")
        outcome = record["report"]["outcome"] if "report" in record else record["failure"]
        say(f"{library.name}: {outcome}, {record['seconds']:.0f} s")
        if "report" not in record:
            failed.append(library.name)
    return failed


def read_records(folder: Path) -> dict[str, Record]:
    """Return every library's record, by name."""
    found = (json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json"))
    return {each["name"]: each for each in found}


def write_document(path: Path, known: Sequence[Library], records: dict[str, Record]) -> None:
    """Write the document's two parts anew: the catalogue, and what was found."""
    text = path.read_text(encoding="utf-8")
    text = with_part(text, "libraries", libraries_section(known, records))
    path.write_text(with_part(text, "catalogue", catalogue_section()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
