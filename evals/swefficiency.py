"""SWE-fficiency: its report files, its score to the last digit, and what else they say.

The names of its columns stand here and nowhere else.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from .aggregates import (
    FLOOR,
    Aggregate,
    aggregate,
    clipped_mean,
    floored_harmonic_mean,
    geometric_mean,
    harmonic_mean,
    harmonic_weights,
    mean,
    median,
    top_share,
)

COLUMNS = (
    "instance_id",
    "raw_pred_speedup_ratio",
    "pred_speedup_ratio",
    "gold_speedup_ratio",
    "human_speedup_ratio",
    "correctness",
    "correctness_pct",
    "pre_edit_runtime",
    "patch_length",
)
"""Of `eval_report_*.csv`, in the order it is written in; files in another order are read too."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One instance of a report.

    Attributes:
        instance_id: As the benchmark writes it.
        measured: Speedup of the predicted patch as measured; None when there was no correctness
            output, which is a failure of the infrastructure or a timeout.
        speedup: What it counts as: 1 for a patch that broke a test.
        expert_speedup: Of the expert patch; 0 where it was not measured.
        ratio: SR, `speedup / expert_speedup`; 0 where the expert's is 0.
        correct: Whether all tests that passed before still pass.
        correct_share: Share of them that do (0-1).
        baseline_s: Seconds of the workload before the edit, from the expert's run.
        patch_lines: Lines of the expert's patch, as the benchmark counts them.
    """

    instance_id: str
    measured: float | None
    speedup: float
    expert_speedup: float
    ratio: float
    correct: bool
    correct_share: float
    baseline_s: float
    patch_lines: int


def score_instance(
    measured: float | None, expert_speedup: float, correct_share: float
) -> tuple[float, float]:
    """Return speedup and SR of an instance, by the benchmark's own formula.

    Args:
        measured: Speedup of the predicted patch; None when its tests left no output.
        expert_speedup: Of the expert patch; 0 where it was not measured.
        correct_share: Share of the tests that passed before and still pass (0-1).
    """
    speedup = measured if measured is not None and correct_share == 1.0 else 1.0
    return speedup, speedup / expert_speedup if expert_speedup else 0.0


def read_report(path: Path) -> list[Row]:
    """Return the rows of an `eval_report_*.csv`.

    Raises:
        UserError: It cannot be read, or is no such file.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = set(COLUMNS) - set(reader.fieldnames or ())
            if missing:
                raise UserError(f"{path} is no SWE-fficiency report: no column {min(missing)}")
            return [_row(raw) for raw in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is a damaged SWE-fficiency report: {error}") from None


def _row(raw: Mapping[str, str]) -> Row:
    measured = raw["raw_pred_speedup_ratio"]
    return Row(
        instance_id=raw["instance_id"],
        measured=float(measured) if measured.strip() else None,
        speedup=float(raw["pred_speedup_ratio"]),
        expert_speedup=float(raw["gold_speedup_ratio"]),
        ratio=float(raw["human_speedup_ratio"]),
        correct=float(raw["correctness"]) == 1.0,
        correct_share=float(raw["correctness_pct"]),
        baseline_s=float(raw["pre_edit_runtime"]),
        patch_lines=int(float(raw["patch_length"])),
    )


def report_text(rows: Sequence[Row]) -> str:
    """Return rows as the text of an `eval_report_*.csv`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        measured = "" if row.measured is None else row.measured
        speeds = (measured, row.speedup, row.expert_speedup, row.ratio)
        tests = (float(row.correct), row.correct_share)
        writer.writerow((row.instance_id, *speeds, *tests, row.baseline_s, row.patch_lines))
    return out.getvalue()


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a report comes to. Shares are of all instances, 0 to 1.

    Attributes:
        instances: How many.
        sr: The official score: harmonic mean of SR.
        sr_floored: The later official score, in which no SR counts as less than 0.001.
        speedup: Harmonic mean of the speedups, those of wrong patches 1.
        sr_geometric: Geometric mean of SR.
        sr_median: Median of SR.
        sr_clipped: Mean of SR in which none counts as more than 1.
        sr_answered: `sr_floored` over the instances that left a correctness output.
        correct: Share that broke no test.
        incorrect: Share that broke a test or left no output.
        no_speedup: Share that is correct and slower than the base.
        below_expert: Share that is correct, no slower, and less than the expert.
        expert_or_better: Share with SR of at least 1.
        slower: Share that was measured slower than the base, correct or not.
        no_output: Instances that left no correctness output.
        top_ten: Share of the ten heaviest instances in `sr`.
        top_ten_floored: Likewise in `sr_floored`.
        without_ten_worst: `sr` over the other instances; None for ten or fewer.
        noop: `sr` of a run that changes nothing: every SR is 1 / expert speedup.
        noop_floored: Likewise `sr_floored`.
    """

    instances: int
    sr: Aggregate
    sr_floored: Aggregate
    speedup: Aggregate
    sr_geometric: Aggregate
    sr_median: Aggregate
    sr_clipped: Aggregate
    sr_answered: Aggregate
    correct: Aggregate
    incorrect: float
    no_speedup: float
    below_expert: float
    expert_or_better: float
    slower: float
    no_output: int
    top_ten: float
    top_ten_floored: float
    without_ten_worst: float | None
    noop: float | None
    noop_floored: float | None


def score(rows: Sequence[Row]) -> Score:
    """Return the official score of a report, and beside it what can be trusted.

    Raises:
        UserError: There are no rows.
    """
    if not rows:
        raise UserError("there is no instance to score: does the filter fit?")
    ratios = [row.ratio for row in rows]
    noop = [score_instance(1.0, row.expert_speedup, 1.0)[1] for row in rows]
    answered = [row.ratio for row in rows if row.measured is not None]
    shares = _proportions(rows)
    return Score(
        instances=len(rows),
        sr=aggregate(harmonic_mean, ratios),
        sr_floored=aggregate(floored_harmonic_mean, ratios),
        speedup=aggregate(harmonic_mean, [row.speedup for row in rows]),
        sr_geometric=aggregate(geometric_mean, ratios),
        sr_median=aggregate(median, ratios),
        sr_clipped=aggregate(clipped_mean, ratios),
        sr_answered=aggregate(floored_harmonic_mean, answered),
        correct=aggregate(mean, [float(row.correct) for row in rows]),
        incorrect=shares[0],
        no_speedup=shares[1],
        below_expert=shares[2],
        expert_or_better=shares[3],
        slower=sum(row.measured is not None and row.measured < 1 for row in rows) / len(rows),
        no_output=sum(row.measured is None for row in rows),
        top_ten=top_share(harmonic_weights(ratios)),
        top_ten_floored=top_share(harmonic_weights([max(ratio, FLOOR) for ratio in ratios])),
        without_ten_worst=aggregate(harmonic_mean, sorted(ratios)[10:]).value,
        noop=aggregate(harmonic_mean, noop).value,
        noop_floored=aggregate(floored_harmonic_mean, noop).value,
    )


def _proportions(rows: Sequence[Row]) -> tuple[float, float, float, float]:
    """Return the benchmark's four proportions, in its order.

    They overlap and leave gaps as the benchmark's do: the last counts a wrong patch whose SR is 1
    or more because the expert's speedup is not.
    """
    raw = [math.nan if row.measured is None else row.measured for row in rows]
    pairs = list(zip(rows, raw, strict=True))
    counted = (
        sum(not row.correct for row in rows),
        sum(row.correct and speedup < 1 for row, speedup in pairs),
        sum(row.correct and speedup >= 1 and row.ratio < 1 for row, speedup in pairs),
        sum(row.ratio >= 1 for row in rows),
    )
    first, second, third, fourth = (count / len(rows) for count in counted)
    return first, second, third, fourth


def official_summary(rows: Sequence[Row]) -> dict[str, object]:
    """Return the benchmark's own JSON summary, which the later version of its reporter writes."""
    found = score(rows)
    value = found.sr_floored.value
    return {
        "total_instances": found.instances,
        "overall_score": None if value is None else round(value, 4),
        "proportion_incorrect": found.incorrect,
        "proportion_correct_but_no_speedup": found.no_speedup,
        "proportion_correct_with_speedup_but_human_no_speedup": found.below_expert,
        "proportion_human_speedup_or_better": found.expert_or_better,
        "report": list(csv.DictReader(io.StringIO(report_text(rows)))),
    }
