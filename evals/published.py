"""Results of the benchmarks, whoever made them: of which benchmark one is, and its score."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from ..errors import UserError
from . import gso, swefficiency, sweperf
from .dataset.instance import Instance, Suite
from .dataset.load import load_instances
from .logs import gso as gso_logs
from .logs import swefficiency as swefficiency_logs
from .logs import sweperf as sweperf_logs
from .logs.files import json_of


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Results of one run and what they come to.

    Attributes:
        name: The file's name without its endings, or the folder's.
        suite: The benchmark.
        score: By the benchmark's own scorer.
    """

    name: str
    suite: Suite
    score: swefficiency.Score | gso.Score | sweperf.Score


@dataclass(frozen=True, kw_only=True)
class Result:
    """Results of one run.

    Attributes:
        scored: What they come to.
        report: GSO's report; None for the others.
        files: The benchmark's own report files of them, by name.
    """

    scored: Scored
    report: gso.Report | None = None
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What one run's results are read with."""

    path: Path
    pattern: re.Pattern[str] | None
    expert: Path | None
    instances: Sequence[Instance] | None

    @property
    def name(self) -> str:
        stem = self.path.name if self.path.is_dir() else self.path.stem
        for prefix in ("eval_report_", "validation_report_"):
            stem = stem.removeprefix(prefix)
        return stem.removesuffix(".report")

    def wanted(self, name: str) -> bool:
        return self.pattern is None or bool(self.pattern.search(name))


def score_files(
    paths: Sequence[Path],
    *,
    suite: str | None = None,
    only: str | None = None,
    expert: Path | None = None,
    instances: str | None = None,
) -> list[Result]:
    """Return the score of each run's results, in the order given.

    Args:
        paths: Result files or folders of logs, of one benchmark.
        suite: One of `Suite`; None goes by what each file or folder holds.
        only: Regular expression that the ids of the instances to score match; None takes all.
        expert: The expert's run, which SWE-fficiency's logs and validation reports need beside.
        instances: The dataset, which SWE-Perf's logs need: a file or a name on Hugging Face.

    Raises:
        UserError: No such benchmark, a bad expression, results that are none of it, or results of
            several.
    """
    pattern = _pattern(only)
    dataset = load_instances(instances) if instances is not None else None
    found: list[Result] = []
    for path in paths:
        asked = _Asked(path=path, pattern=pattern, expert=expert, instances=dataset)
        found.append(_READERS[suite_of(path, suite)](asked))
    if len({each.scored.suite for each in found}) > 1:
        raise UserError("the files are of different benchmarks: report each benchmark by itself")
    return found


def suite_of(path: Path, said: str | None) -> Suite:
    """Return the benchmark that results are of.

    Raises:
        UserError: What was said is none, there is no such path, or neither name nor content tells
            one.
    """
    if said is not None:
        for known in get_args(Suite):
            if said == known:
                return known
        raise UserError(f"no benchmark {said!r}: --suite is one of {', '.join(get_args(Suite))}")
    if not path.exists():
        raise UserError(
            f"no results at {path}: name a file, or a folder of an evaluation or of logs"
        )
    told = _suite_of_folder(path) if path.is_dir() else _suite_of_file(path)
    if told is None:
        raise UserError(f"{path} has no evaluation and no benchmark's results: see --suite")
    return told


def _suite_of_folder(path: Path) -> Suite | None:
    if any(path.rglob(swefficiency_logs.SUMMARY)) or any(path.rglob(swefficiency_logs.STATUS)):
        return "swefficiency"
    for report in path.rglob(gso_logs.REPORT):
        found = json_of(report)
        if gso_logs.is_instance_report(found):
            return "gso"
        if sweperf_logs.is_sessions(found):
            return "sweperf"
    return None


def _suite_of_file(path: Path) -> Suite | None:
    if path.suffix == ".csv":
        try:
            with path.open(encoding="utf-8", newline="") as stream:
                return "sweperf" if "with_run" in next(csv.reader(stream), ()) else "swefficiency"
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"cannot read {path}: {error}") from None
    if path.suffix != ".json":
        raise UserError(f"{path} is neither .csv nor .json: say what it is with --suite")
    return "swefficiency" if swefficiency_logs.is_report(json_of(path)) else "gso"


def _swefficiency(asked: _Asked) -> Result:
    if asked.path.suffix == ".csv" and not asked.path.is_dir():
        rows = swefficiency.read_report(asked.path)
    else:
        if asked.expert is None:
            raise UserError(
                f"{asked.path}: the expert's run is needed beside it: --expert FOLDER or FILE"
            )
        rows = swefficiency_logs.rows_of(
            swefficiency_logs.read_run(asked.path),
            swefficiency_logs.read_run(asked.expert),
            {each.instance_id: each.must_pass for each in asked.instances or ()},
        )
    rows = [row for row in rows if asked.wanted(row.instance_id)]
    scored = Scored(name=asked.name, suite="swefficiency", score=swefficiency.score(rows))
    files = {
        f"eval_report_{asked.name}.csv": swefficiency.report_text(rows),
        f"eval_report_{asked.name}.json": _json(swefficiency.official_summary(rows)),
    }
    return Result(scored=scored, files=files)


def _gso(asked: _Asked) -> Result:
    if asked.path.is_dir():
        ids = [each.instance_id for each in asked.instances] if asked.instances else None
        made = gso_logs.run_report_of(asked.path, ids)
        report, files = gso.report_of(asked.name, made), {f"{asked.name}.report.json": _json(made)}
    else:
        report, files = gso.read_report(asked.path), {}
    scored = Scored(name=report.name, suite="gso", score=gso.score(report, only=asked.pattern))
    return Result(scored=scored, report=report, files=files)


def _sweperf(asked: _Asked) -> Result:
    if not asked.path.is_dir():
        if asked.pattern is not None:
            raise UserError(f"{asked.path} holds totals: --filter needs a folder of logs")
        model, score = sweperf_logs.read_results(asked.path)
        return Result(scored=Scored(name=model or asked.name, suite="sweperf", score=score))
    if asked.instances is None:
        raise UserError(f"{asked.path}: the dataset is needed beside it: --instances INSTANCES")
    kept = [each for each in asked.instances if asked.wanted(each.instance_id)]
    if not kept:
        raise UserError("there is no instance to score: does the filter fit?")
    score = sweperf_logs.score_folder(asked.path, kept)
    return Result(scored=Scored(name=asked.name, suite="sweperf", score=score))


_READERS: dict[Suite, Callable[[_Asked], Result]] = {
    "swefficiency": _swefficiency,
    "gso": _gso,
    "sweperf": _sweperf,
}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _pattern(only: str | None) -> re.Pattern[str] | None:
    if only is None:
        return None
    try:
        return re.compile(only)
    except re.error as error:
        raise UserError(f"--filter {only!r} is no regular expression: {error}") from None
