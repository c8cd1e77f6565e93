"""The pure parts of the study: rules of others on known numbers, and the resampling."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import json
import math
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from perfagent.tools.rewrites.catalogue import ALL
from perfagent.workloads.timing.decision import ComparisonPlan

STUDY = Path(__file__).resolve().parents[1] / "benchmarks" / "study"


@pytest.fixture(scope="module")
def study():
    """Return a function that gives a module of the study, which is no part of the package."""
    name = "study_under_test"
    spec = importlib.util.spec_from_file_location(
        name, STUDY / "__init__.py", submodule_search_locations=[str(STUDY)]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def part(stem: str) -> ModuleType:
        return importlib.import_module(f"{name}.{stem}")

    yield part
    for loaded in [each for each in sys.modules if each.split(".")[0] == name]:
        del sys.modules[loaded]


def test_sweperf_gain_is_the_share_that_was_planted(study):
    rules = study("rules")
    rng = random.Random(3)
    before = [1 + 0.001 * rng.random() for _ in range(20)]
    after = [0.8 * value for value in before]
    # Shrinking by the gain makes the two alike, so the largest significant share is just below.
    assert 0.19 < rules.sweperf_gain(before, after) < 0.2005
    assert rules.sweperf_gain(after, before) == 0


def test_sweperf_leaves_out_what_lies_an_interquartile_range_outside(study):
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 40.0]
    # Quartiles 2.25 and 4.75: kept are -0.25 to 7.25.
    assert study("rules").within_quartiles(values) == values[:-1]


def test_means_and_minima_are_taken_as_their_rules_say(study):
    rules = study("rules")
    assert rules.ratio_of_means([2.0, 4.0], [1.0, 2.0]) == 2
    assert rules.ratio_of_minima([2.0, 4.0], [1.0, 0.5]) == 4


@pytest.mark.parametrize(
    ("text", "faster"),
    [
        ("Mean +- std dev: [a] 101 ms +- 1 ms -> [b] 95 ms +- 1 ms: 1.06x faster\n", True),
        ("Mean +- std dev: [a] 95 ms +- 1 ms -> [b] 101 ms +- 1 ms: 1.06x slower\n", False),
        ("Benchmark hidden because not significant (1): timeit\n", False),
        ("Mean +- std dev: 1 ms -> 1 ms: 1.01x faster\nNot significant!\n", False),
    ],
)
def test_pyperf_says_faster_only_when_it_is_significant(study, text: str, faster: bool):
    assert study("rules").pyperf_says_faster(text) is faster


def test_clopper_pearson_gives_the_published_bounds(study):
    low, high = study("rates").clopper_pearson(0, 300)
    assert low == 0
    assert high == pytest.approx(1 - 0.025 ** (1 / 300))
    assert study("rates").clopper_pearson(5, 10) == pytest.approx((0.1871, 0.8129), abs=1e-4)


def test_a_draw_keeps_neighbours_together_and_favours_no_comparison(study):
    pool = study("resample").Pool([[float(n) for n in range(10)], [100.0] * 30, []])
    rng = random.Random(5)
    drawn = [pool.draw(rng, 5) for _ in range(4000)]
    for run in drawn:
        assert run == [100.0] * 5 or all((b - a) % 10 == 1 for a, b in itertools.pairwise(run))
    share = sum(run[0] == 100 for run in drawn) / len(drawn)
    assert share == pytest.approx(0.75, abs=0.04)


def test_the_protocol_reports_from_pairs_that_took_no_part_in_the_choice(study):
    resample = study("resample")
    calls = []

    def draw(count: int) -> list[float]:
        calls.append(count)
        first = len(calls) == 1
        return [(0.3 if first else 0.0) + 0.001 * (n % 3 - 1) for n in range(count)]

    ran = resample.protocol(draw, ComparisonPlan())
    assert ran.gate.decision == "faster"
    assert ran.pairs == 5
    assert len(calls) == 2
    assert not ran.accepted


def test_resampled_power_and_coverage_find_a_gain_in_small_noise(study):
    resample = study("resample")
    rng = random.Random(2)
    pool = resample.Pool([[rng.gauss(0, 0.01) for _ in range(20)] for _ in range(20)])
    found = resample.power(pool, ComparisonPlan(), 0.10, runs=60, seed=1)
    assert found["confirmed"] >= 58
    assert found["mean_reported_gain"] == pytest.approx(0.10, abs=0.005)
    assert found["covered"] >= 48
    best = resample.best_of(pool, ComparisonPlan(), groups=10, size=15, seed=1)
    assert best["groups_with_one"] == 0


def test_block_effects_are_told_from_what_samples_scatter(study):
    blocks = study("blocks")
    rng = random.Random(4)
    steady = [[rng.gauss(1, 0.02) for _ in range(10)] for _ in range(60)]
    shifting = [[rng.gauss(1 + shift, 0.02) for _ in range(10)] for shift in [0, 0.05] * 30]
    assert blocks.noise_of_blocks(steady).block_sd < 0.006
    found = blocks.noise_of_blocks(shifting)
    assert found.block_sd == pytest.approx(0.0244, abs=0.004)
    assert found.sample_sd == pytest.approx(0.02, abs=0.002)


def test_more_blocks_are_asked_for_when_blocks_shift(study):
    blocks = study("blocks")
    noise = blocks.Noise(effects=(0.98, 1.0, 1.02, 1.01, 0.99, 1.02) * 3, residuals=(0.99, 1.01))
    wanted = {"plan": ComparisonPlan(), "runs": 1000, "seed": 1}
    found = blocks.cheapest(noise, sample_s=0.05, start_s=0.1, **wanted)
    assert found is not None
    assert found.blocks > 1
    assert found.threshold > 1.02
    assert found.power >= 0.95
    calm = blocks.Noise(effects=(1.0,) * 6, residuals=(0.99, 1.01))
    easy = blocks.cheapest(calm, sample_s=0.05, start_s=0.1, **wanted)
    assert easy is not None
    assert (easy.repeats, easy.blocks) == (10, 1)
    assert easy.seconds(0.05, 0.1, 1.0) == pytest.approx(0.2 + 10 * 0.05 * 1.5)


def test_walds_test_needs_what_his_formula_says_and_a_little_more(study):
    simulate = study("simulate")
    plan = ComparisonPlan()
    null, sought = math.log(1.02), math.log(1.05)
    rng = random.Random(1)
    counts = [simulate.sprt(null, sought, 0.05, null, plan, rng) for _ in range(2000)]
    formula = simulate.wald_formula(null, sought, 0.05, plan)["the smallest gain"]
    assert formula < sum(counts) / len(counts) < 1.4 * formula


@pytest.mark.parametrize("kind", ["normal", "skewed", "drifting"])
def test_simulated_noise_has_the_size_it_says(study, kind: str):
    simulate = study("simulate")
    values = simulate.noise(kind, 0.02, random.Random(7), 20_000)
    spread = math.sqrt(sum(value**2 for value in values) / len(values))
    expected = 0.02 * math.sqrt(1.25) if kind == "drifting" else 0.02
    assert spread == pytest.approx(expected, rel=0.08)
    assert sum(values) / len(values) == pytest.approx(0, abs=0.001)


def test_a_study_goes_on_where_it_stopped_with_every_cell_alike(study, tmp_path: Path):
    records = study("records")
    store = records.Store(folder=tmp_path)
    cells = [
        records.Cell(key=(("workload", "1ms"), ("gain", 0.05)), count=4),
        records.Cell(key=(("workload", "1s"), ("gain", 0.05)), count=2),
    ]
    todo = records.schedule(cells, store.read("planted"))
    assert [key["workload"] for key, _ in todo[:3]].count("1s") == 1
    for key, rep in todo[:3]:
        store.append("planted", key | {"rep": rep})
    with (tmp_path / "planted.jsonl").open("a") as stream:
        stream.write('{"workload":"1s","re')
    assert records.schedule(cells, store.read("planted")) == todo[3:]


def test_best_of_fifteen_counts_whole_groups_of_one_base_only(study):
    report = study("report")
    records = [
        {"condition": "quiet", "workload": "1ms", "rep": rep, "accepted": rep == 20}
        for rep in range(40)
    ]
    assert report.best_of_groups(records) == [False, True]


def test_the_figures_in_the_readme_are_those_of_the_records():
    """Who believes the README believes what was measured."""
    root = STUDY.parents[1]

    def read(part: str) -> list[dict]:
        text = (root / "benchmarks" / "data" / f"{part}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    identical, planted = read("aa"), read("planted")
    of_five = [each for each in planted if each["gain"] == 0.05]
    assert not any(each["gate"]["decision"] == "faster" for each in identical)
    assert all(each["accepted"] for each in of_five)
    said = " ".join((root / "README.md").read_text().split())
    assert f"of {len(identical)} comparisons of identical code none was called faster" in said
    assert f"of {len(of_five)} with a true gain of 5 % all were" in said


def test_the_changelog_knows_how_many_rewrites_there_are():
    text = (STUDY.parents[1] / "CHANGELOG.md").read_text()
    assert f"- {len(ALL)} built-in rewrites" in text
