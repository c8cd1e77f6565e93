"""Result files of the benchmarks, whoever made them: of which benchmark one is, and its score."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from ..errors import UserError
from . import gso, swefficiency

Suite = Literal["swefficiency", "gso"]


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One result file and what it comes to.

    Attributes:
        name: The file's name without its endings.
        suite: The benchmark.
        score: By the benchmark's own scorer.
    """

    name: str
    suite: Suite
    score: swefficiency.Score | gso.Score


def score_files(
    paths: Sequence[Path], *, suite: str | None = None, only: str | None = None
) -> list[Scored]:
    """Return the score of each result file, in the order given.

    Args:
        paths: Result files of one benchmark.
        suite: One of `Suite`; None goes by each file's ending.
        only: Regular expression that the ids of the instances to score match; None takes all.

    Raises:
        UserError: No such benchmark, a bad expression, or a file that is no result of it.
    """
    pattern = _pattern(only)
    found: list[Scored] = []
    for path in paths:
        which = suite_of(path, suite)
        if which == "swefficiency":
            rows = swefficiency.read_report(path)
            kept = [row for row in rows if pattern is None or pattern.search(row.instance_id)]
            name = path.stem.removeprefix("eval_report_")
            found.append(Scored(name=name, suite=which, score=swefficiency.score(kept)))
        else:
            report = gso.read_report(path)
            scored = gso.score(report, only=pattern)
            found.append(Scored(name=report.name, suite=which, score=scored))
    if len({each.suite for each in found}) > 1:
        raise UserError("the files are of different benchmarks: report each benchmark by itself")
    return found


def suite_of(path: Path, said: str | None) -> Suite:
    """Return the benchmark that a result file is of.

    Raises:
        UserError: What was said is none, or the file's ending tells none.
    """
    if said is not None:
        for known in get_args(Suite):
            if said == known:
                return known
        raise UserError(f"no benchmark {said!r}: --suite is one of {', '.join(get_args(Suite))}")
    if path.suffix == ".csv":
        return "swefficiency"
    if path.suffix == ".json":
        return "gso"
    raise UserError(f"{path} is neither .csv nor .json: say what it is with --suite")


def _pattern(only: str | None) -> re.Pattern[str] | None:
    if only is None:
        return None
    try:
        return re.compile(only)
    except re.error as error:
        raise UserError(f"--filter {only!r} is no regular expression: {error}") from None
