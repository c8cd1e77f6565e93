"""What `perfagent eval run` prints: the evaluation's instances, its numbers, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...evals.aggregates import Aggregate
from ...evals.batch.auditing import Audited
from ...evals.running.outcome import MEANINGS, Estimate, InstanceResult
from ...evals.scoring.comparing import Compared
from ...evals.scoring.reproduced import Reproduced
from ...evals.scoring.samples import AtK, Sampled
from ...evals.scoring.summary import Summary
from ...evals.scoring.weighed import Weighed
from .evaluation import interval_text, new_table, number_text, percent_text
from .tables import console

if TYPE_CHECKING:
    from rich.table import Table

OFFICIAL = {
    "swefficiency": (
        ("overall_score", "SR floored"),
        ("proportion_incorrect", "incorrect"),
        ("proportion_correct_but_no_speedup", "right, slower"),
        ("proportion_correct_with_speedup_but_human_no_speedup", "right, below expert"),
        ("proportion_human_speedup_or_better", "SR>=1"),
    ),
    "gso": (
        ("score", "Opt@1 %"),
        ("opt_base", "gain on base"),
        ("opt_commit", "solved"),
        ("score_hack_control", "without hacks %"),
        ("passed_instances", "passed"),
        ("test_failed_instances", "test failed"),
    ),
    "sweperf": (
        ("apply", "apply"),
        ("correctness", "correctness"),
        ("performance", "performance"),
        ("human_performance", "expert performance"),
        ("human_total_performance", "expert, all"),
    ),
}
"""By benchmark, keys of its own score and what they are called here."""


def print_summaries(summaries: Sequence[Summary]) -> None:
    """Print each evaluation's instances where there is one, and the numbers of all.

    Args:
        summaries: At least one; of one benchmark, or not.
    """
    out = console()
    if len(summaries) == 1:
        out.print(instance_table(summaries[0].results))
        for outcome, count in summaries[0].counts.items():
            out.print(f"{count} {outcome.replace('_', ' ')}: {MEANINGS[outcome]}", markup=False)
    out.print(_score_table(summaries))
    out.print(_speedup_table(summaries))
    if any(each.savings for each in summaries):
        out.print(_beside_table(summaries))
    if any(each.sampled for each in summaries):
        out.print(_samples_table(summaries))
    for suite in dict.fromkeys(each.suite for each in summaries):
        out.print(_official_table(suite, [each for each in summaries if each.suite == suite]))
    for each in summaries:
        name = f"{each.name}: " if len(summaries) > 1 else ""
        if each.sampled and each.sampled.opt_at_k:
            out.print(f"{name}{opt_at_k_text(each.sampled)}", markup=False)
        for note in each.notes:
            out.print(f"{name}{note}", markup=False, soft_wrap=True)


def instance_table(results: Sequence[InstanceResult]) -> Table:
    """Return a table with a line for each instance."""
    headings = ("outcome", "base", "speedup", "95 % CI", "expert", "SR", "95 % CI", "tests", "s")
    table = new_table("instances", "instance", *headings)
    for each in results:
        lost = f", {len(each.tests_lost)} lost" if each.tests_lost else ""
        table.add_row(
            each.instance_id,
            each.outcome.replace("_", " "),
            _seconds(each.baseline_s),
            *_estimate(each.speedup),
            _estimate(each.expert_speedup)[0],
            *_estimate(each.ratio),
            f"{each.tests_required}{lost}",
            f"{sum(each.seconds.values()):.0f}" + (" kept" if each.kept else ""),
        )
    return table


def _score_table(summaries: Sequence[Summary]) -> Table:
    headings = ("SR", "95 % CI", "floored", "geometric", "95 % CI", "median", "clipped")
    more = ("changes nothing", "correct", "faster", "slower", "P(SR>=1)", "ten carry")
    table = new_table("speedup ratio SR: what can be trusted", "run", "scored", *headings, *more)
    for each in summaries:
        harmonic, geometric = each.ratios.get("harmonic"), each.ratios.get("geometric")
        table.add_row(
            each.name,
            f"{each.shares.of} of {each.instances}",
            *_weighed(harmonic),
            _weighed(each.ratios.get("harmonic floored"))[0],
            *_weighed(geometric),
            _weighed(each.ratios.get("median"))[0],
            _weighed(each.ratios.get("clipped"))[0],
            number_text(harmonic.noop if harmonic else None, 4),
            percent_text(each.shares.correct.value),
            percent_text(each.shares.faster.value),
            percent_text(each.shares.slower.value),
            percent_text(each.shares.at_expert),
            "" if harmonic is None else f"{harmonic.top_ten:.0%}",
        )
    return table


def _speedup_table(summaries: Sequence[Summary]) -> Table:
    headings = ("harmonic", "95 % CI", "geometric", "95 % CI", "median", "expert's geometric")
    table = new_table("speedups", "run", *headings)
    for each in summaries:
        geometric = each.speedups.get("geometric")
        table.add_row(
            each.name,
            *_weighed(each.speedups.get("harmonic")),
            *_weighed(geometric),
            _weighed(each.speedups.get("median"))[0],
            number_text(geometric.expert if geometric else None, 3),
        )
    return table


BESIDE = (
    *("less CPU", "95 % CI", "less memory", "95 % CI", "expert's CPU", "expert's memory"),
    *("provable gain", "at worst"),
)
"""Headings of what there is beside the time: times less than the base, geometric means."""


def beside_cells(found: Summary) -> tuple[str, ...]:
    """Return what there is beside the time, under `BESIDE`."""
    expert = (found.savings.get(f"expert {name}") for name in ("cpu", "memory"))
    return (
        *_aggregate(found.savings.get("cpu")),
        *_aggregate(found.savings.get("memory")),
        *(_aggregate(each)[0] for each in expert),
        *(map(percent_text, found.provable or (None, None))),
    )


def _beside_table(summaries: Sequence[Summary]) -> Table:
    table = new_table("beside the time", "run", *BESIDE)
    for each in summaries:
        table.add_row(each.name, *beside_cells(each))
    return table


SAMPLED = ("k", "instances", "pass@k", "faster@k", "eff@k", "95 % CI", "SR eff@k", "beyond@k")
"""Headings of what several samples per instance come to."""


def sampled_cells(found: AtK) -> tuple[str, ...]:
    """Return what k samples come to, under `SAMPLED`."""
    return (
        str(found.k),
        str(found.instances),
        percent_text(found.correct.value),
        percent_text(found.faster.value),
        number_text(found.speedup.value, 3),
        interval_text(found.speedup, 3),
        number_text(found.ratio.value, 3),
        percent_text(found.beyond.value),
    )


def opt_at_k_text(found: Sampled) -> str:
    """Return GSO's Opt@K in words; "" for other benchmarks."""
    if not found.opt_at_k:
        return ""
    return "; ".join(f"Opt@{k} {share:.2f} %" for k, share in found.opt_at_k.items())


def _samples_table(summaries: Sequence[Summary]) -> Table:
    table = new_table("several samples per instance", "run", *SAMPLED)
    for each in summaries:
        for at in each.sampled.at_k if each.sampled else ():
            table.add_row(each.name, *sampled_cells(at))
    return table


def _official_table(suite: str, summaries: Sequence[Summary]) -> Table:
    keys = OFFICIAL[suite]
    table = new_table(f"official score ({suite})", "run", "samples", *(name for _, name in keys))
    for each in summaries:
        samples = "its own" if each.protocol == "official" else "paired"
        table.add_row(each.name, samples, *(official_figure(each.official, key) for key, _ in keys))
    return table


def official_figure(score: Mapping[str, object], key: str) -> str:
    """Return a figure of an official score as text; "" where it has none."""
    value = score.get(key)
    if isinstance(value, float):
        return f"{value:.4f}"
    return "" if value is None else str(value)


def _weighed(found: Weighed | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    return number_text(found.number.value, 4), interval_text(found.number, 4)


def _aggregate(found: Aggregate | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    return number_text(found.value, 3), interval_text(found, 3)


def _estimate(found: Estimate | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    return f"{found.value:.4g}", f"{found.ci_low:.4g}-{found.ci_high:.4g}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3g} s"


def print_compared(found: Compared) -> None:
    """Print two evaluations beside each other."""
    out = console()
    first, second = found.names
    table = new_table(
        "instance by instance", "instance", first, second, "ratio", "95 % CI", "faster"
    )
    words = {"first": first, "second": second, "even": "neither", "unknown": "not known"}
    for pair in found.pairs:
        told = (
            f"{outcome.replace('_', ' ')}{'' if speedup is None else f', {speedup:.4g}x'}"
            for outcome, speedup in zip(pair.outcomes, pair.speedups, strict=True)
        )
        table.add_row(pair.instance_id, *told, *_estimate(pair.ratio), words[pair.better])
    out.print(table)
    for line in compared_lines(found):
        out.print(line, markup=False, soft_wrap=True)


def compared_lines(found: Compared) -> list[str]:
    """Return in sentences what two evaluations come to beside each other."""
    first, second = found.names
    lines: list[str] = []
    if found.ratio.value is not None:
        bounds = interval_text(found.ratio, 3)
        lines.append(
            f"{second} is {found.ratio.value:.3f} times as fast as {first} "
            f"(geometric mean{f', 95 % CI {bounds}' if bounds else ''})"
        )
    told = "" if found.p_sign is None else f" (sign test: p = {found.p_sign:.3g})"
    lines.append(
        f"faster by the interval: {second} on {found.second_better}, {first} on "
        f"{found.first_better} of {len(found.pairs)}{told}"
    )
    one, other = found.correct
    told = "" if found.p_correct is None else f" (McNemar's exact test: p = {found.p_correct:.3g})"
    lines.append(f"correct in {first} alone: {one}, in {second} alone: {other}{told}")
    if any(found.only):
        lines.append(f"left out: {found.only[0]} only in {first}, {found.only[1]} only in {second}")
    return lines


def print_audits(found: Sequence[Audited]) -> None:
    """Print what the honesty checks say of patches."""
    out = console()
    table = new_table("honesty", "instance", "holds", "refused by", "doubts")
    for each in found:
        word = {True: "yes", False: "no", None: "not asked"}[each.holds]
        told = "; ".join(each.refused) or each.failure
        name = each.instance_id if each.sample == 1 else f"{each.instance_id} ({each.sample})"
        table.add_row(name, word, told, str(len(each.doubts)))
    out.print(table)
    refused = sum(each.holds is False for each in found)
    out.print(f"{refused} of {len(found)} patches are refused", markup=False)


def print_reproduced(found: Sequence[Reproduced]) -> None:
    """Print which experts are correct and faster on this machine."""
    out = console()
    table = new_table(
        "experts on this machine", "instance", "here", "speedup", "95 % CI", "published"
    )
    for each in found:
        published = "" if each.published is None else f"{each.published:.4g}"
        table.add_row(each.instance_id, each.word, *_estimate(each.speedup), published)
    out.print(table)
    good = sum(each.word == "reproduces" for each in found)
    out.print(f"{good} of {len(found)} experts reproduce", markup=False)
    for each in found:
        if each.word in ("wrong", "does not run"):
            line = " ".join(each.reason.split())[:300]
            out.print(f"{each.instance_id}: {line}", markup=False, soft_wrap=True)
