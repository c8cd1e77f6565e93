"""The table that sets the official procedure beside ours says what the samples say."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.agent.runs.directory import RunDirectory
from perfagent.agent.runs.plain import to_plain
from perfagent.benchmarks.evals.protocols import log_width, official_ratio, protocols_table
from perfagent.evals.running.outcome import Blocks, Estimate, InstanceResult

BLOCKS = Blocks(
    base_s={"w": (4.0, 4.4, 3.6)},
    candidate_s={"w": (2.0, 2.0, 2.0)},
    expert_base_s={"w": (4.0, 4.0, 4.0)},
    expert_s={"w": (1.0, 1.0, 1.0)},
    seconds=66.0,
)


def test_the_samples_give_the_benchmarks_ratio_and_its_interval():
    found = official_ratio(BLOCKS)
    assert found is not None
    assert found.value == pytest.approx(0.5)
    # Only the first block varies, by a tenth: three draws of it lie within.
    assert 0.45 <= found.ci_low < 0.5 < found.ci_high <= 0.55
    assert official_ratio(Blocks(base_s={}, candidate_s={})) is None


def test_time_and_width_are_compared_instance_by_instance(tmp_path: Path):
    ratio = Estimate(value=0.5, ci_low=0.49, ci_high=0.51)
    text = table_of(tmp_path, BLOCKS, ratio)
    assert "o__r-2" not in text
    line = next(each for each in text.splitlines() if "o__r-1" in each)
    official = official_ratio(BLOCKS)
    assert official is not None
    # Its samples took 12 s of base and 6 s of the patch, and 12 and 3 s of the expert's own run:
    # of the 66 s of all of it, 36 and 30.
    assert "| 1 | 4 | 0.500 (0.490-0.510) | 36 | 30 |" in line
    width = log_width(ratio) / log_width(official)
    ratios = (4 / 66, width, 4 / 66 * width**2)
    assert line.endswith(f"| {' | '.join(f'{value:.2f}' for value in ratios)} |")
    assert "Blocks of the same base" in text


def test_an_official_interval_is_no_narrower_than_its_blocks_differ(tmp_path: Path):
    ratio = Estimate(value=0.5, ci_low=0.49, ci_high=0.51)
    blocks = replace(BLOCKS, base_s={"w": (4.4, 4.4, 4.4)})  # a tenth above the other block of it
    text = table_of(tmp_path, blocks, ratio)
    line = next(each for each in text.splitlines() if "o__r-1" in each)
    deviation = math.log(1.1) / math.sqrt(2)
    wide = 2 * 12.706 * 2 * deviation  # t of 0.975 with one degree of freedom
    width = log_width(ratio) / wide
    assert f"| {width:.2f} | {4 / 66 * width**2:.2f} |" in line
    assert f"differ by {100 * deviation:.1f} %" in text


def test_patches_of_one_instance_are_added_up_and_the_expert_counts_once(tmp_path: Path):
    ratio = Estimate(value=0.5, ci_low=0.49, ci_high=0.51)
    later = replace(BLOCKS, seconds=20.0)
    line = table_of(tmp_path, BLOCKS, ratio, later).splitlines()[2]
    assert "| 2 | 8 | 0.500 (0.490-0.510); 0.500 (0.490-0.510) | 56 | 30 |" in line
    assert f"| {8 / 86:.2f} |" in line


def test_an_expert_of_an_earlier_patch_is_not_in_the_time(tmp_path: Path):
    blocks = replace(BLOCKS, seconds=20.0)
    text = table_of(tmp_path, blocks, Estimate(value=0.5, ci_low=0.49, ci_high=0.51))
    assert "| 20 | 17 |" in text


def table_of(folder: Path, blocks: Blocks, ratio: Estimate, *more: Blocks) -> str:
    found = InstanceResult(
        instance_id="o__r-1",
        suite="swefficiency",
        repo="o/r",
        model="expert",
        outcome="faster",
        ratio=ratio,
        blocks=blocks,
        seconds={"timing": 4.0},
    )
    directory = RunDirectory(folder)
    directory.write_json("records/o__r-1.json", to_plain(found))
    for sample, own in enumerate(more, 2):
        other = replace(found, sample=sample, blocks=own)
        directory.write_json(f"records/o__r-1~{sample}.json", to_plain(other))
    directory.write_json("run.json", {"run_id": "r", "instances": ["o__r-1", "o__r-2"]})
    return protocols_table([folder])
