"""Many trials, one after another, and the records they leave."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..study.records import say
from .trial import Record, Subject, run_trial


def add_options(parser: argparse.ArgumentParser, *, rounds: int, wall_s: float) -> None:
    """Add what a batch can be asked for.

    Args:
        parser: Gets the options; `--data` and `--runs` are the caller's.
        rounds: Most rounds of one run, unless asked otherwise.
        wall_s: Most seconds of one run, unless asked otherwise.
    """
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="repeatable")
    parser.add_argument("--again", action="store_true", help="also those that have a record")
    parser.add_argument("--report-only", action="store_true", help="run nothing")
    parser.add_argument("--max-rounds", type=int, default=rounds)
    parser.add_argument("--max-wall", type=float, default=wall_s, help="seconds of one run")
    parser.add_argument("--option", action="append", default=[], help="of perfagent optimize")


def try_all(
    wanted: Sequence[Subject],
    args: argparse.Namespace,
    run: Callable[[Subject, Path, Sequence[str]], Record] = run_trial,
) -> list[str]:
    """Try each one that has no record, keep a record of each; return those that failed.

    A run that came to no answer is kept too, so that one can see why, and is made again next time.
    """
    failed: list[str] = []
    done = read_records(args.data)
    options = [f"--max-rounds={args.max_rounds}", f"--max-wall={args.max_wall:g}", *args.option]
    for subject in wanted:
        if "report" in done.get(subject.name, {}) and not args.again:
            say(f"{subject.name}: has a record")
            continue
        say(f"{subject.name}: running")
        record = run(subject, args.runs / subject.name, options)
        keep_record(args.data, record)
        outcome = record["report"]["outcome"] if "report" in record else record["failure"]
        say(f"{subject.name}: {outcome}, {record['seconds']:.0f} s")
        if "report" not in record:
            failed.append(subject.name)
    return failed


def keep_record(folder: Path, record: Record) -> None:
    """Write a record, in the place of the one that was there."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (folder / f"{record['name']}.json").write_text(text, encoding="utf-8")


def read_records(folder: Path) -> dict[str, Record]:
    """Return every record, by name."""
    found = (json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json"))
    return {each["name"]: each for each in found}


def unknown_names(args: argparse.Namespace, known: Iterable[Subject]) -> list[str]:
    """Return the names of `--only` that nothing has."""
    return sorted(set(args.only) - {each.name for each in known})
