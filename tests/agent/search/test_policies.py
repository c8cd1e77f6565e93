"""Which versions are searched from: by simulation, with measurements that are sometimes lucky."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest

from perfagent.agent.search.elites import BASE, Elite, archive, ranked
from perfagent.agent.search.policies import BEAM_WIDTH, POLICIES


def elite(name: str, low: float, *, gain: float | None = None, where: str = "a.py", **how) -> Elite:
    return Elite(
        candidate_id=name,
        log_gain=low + 0.05 if gain is None else gain,
        low=low,
        files=(where,),
        kind=how.get("kind", "avoid"),
        round=how.get("round", 1),
    )


def test_a_lucky_measurement_never_takes_a_cell():
    steady = elite("steady", 0.30, gain=0.32)
    lucky = elite("lucky", 0.10, gain=0.90)
    assert archive([BASE, steady, lucky])["a.py avoid"] == steady
    assert archive([lucky, BASE, steady])["a.py avoid"] == steady
    better = elite("better", 0.31, gain=0.33)
    assert archive([steady, lucky, better])["a.py avoid"] == better


def test_over_many_noisy_measurements_the_archive_holds_what_is_truly_best():
    """500 archives of 12 versions of one cell: few pairs measured make wide intervals."""
    rng = Random(5)
    by_low = by_point = 0.0
    for _ in range(500):
        versions: list[tuple[float, Elite]] = []
        for number in range(12):
            true = rng.uniform(0.0, 0.2)
            error = rng.choice([0.01, 0.3])
            seen = rng.gauss(true, error)
            versions.append((true, elite(str(number), seen - 2 * error, gain=seen)))
        truth = {each.candidate_id: true for true, each in versions}
        held = archive([each for _, each in versions])["a.py avoid"]
        loudest = max((each for _, each in versions), key=lambda each: each.log_gain)
        by_low += truth[held.candidate_id]
        by_point += truth[loudest.candidate_id]
    assert by_low / 500 > by_point / 500 + 0.03


def test_versions_that_differ_in_files_or_kind_live_side_by_side():
    found = [
        BASE,
        elite("one", 0.3),
        elite("two", 0.2, where="b.py"),
        elite("three", 0.1, kind="cache"),
        elite("four", 0.05, kind="cache"),
    ]
    assert {each.candidate_id for each in archive(found).values()} == {None, "one", "two", "three"}
    many = replace(found[1], files=("a.py", "b.py", "c.py", "d.py"))
    assert many.cell == "a.py+b.py+2 more avoid"


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_policy_gives_as_many_parents_as_asked_and_the_best_one_first(name: str):
    found = [BASE, *(elite(f"e{n}", 0.01 * n, where=f"{n % 4}.py") for n in range(1, 10))]
    parents = POLICIES[name](found, 5, Random(1))
    assert len(parents) == 5
    assert parents[0].candidate_id == "e9"
    assert POLICIES[name](found[::-1], 5, Random(1)) == parents, "their order says nothing"
    assert POLICIES[name]([BASE], 3, Random(1)) == [BASE] * 3


def test_best_of_n_stays_with_the_best_beam_with_the_best_few_and_evolve_goes_everywhere():
    found = [BASE, *(elite(f"e{n}", 0.01 * n, where=f"{n % 4}.py") for n in range(1, 10))]

    def parents(name: str) -> set[str | None]:
        return {
            each.candidate_id
            for seed in range(30)
            for each in POLICIES[name](found, 4, Random(seed))
        }

    assert parents("best-of-n") == {"e9"}
    assert len(parents("beam")) == BEAM_WIDTH
    assert parents("evolve") == {each.candidate_id for each in archive(found).values()}


def test_search_from_the_archive_escapes_where_the_best_version_is_a_dead_end():
    """A greedy first step of 0.3 blocks a step of 0.5 that is open from the base alone."""

    def best_after(name: str, seed: int) -> float:
        found = [BASE]
        for number in range(1, 5):
            for place, parent in enumerate(POLICIES[name](found, 4, Random(f"{seed} {number}"))):
                greedy = parent.candidate_id is None and place < 3
                gain = {True: 0.3, False: 0.5 if parent.candidate_id is None else 0.0}[greedy]
                where = "a.py" if greedy else "b.py"
                if gain:
                    new = elite(f"{number}.{place}", parent.low + gain, where=where)
                    found.append(new)
                if number == 1:
                    found = [each for each in found if each.files != ("b.py",)]
        return ranked(found)[0].low

    tries = range(20)
    assert all(math.isclose(best_after("best-of-n", seed), 0.3) for seed in tries)
    assert sum(best_after("evolve", seed) >= 0.5 for seed in tries) >= 15
