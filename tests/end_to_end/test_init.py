"""`perfagent init` on a small repository: what it finds runs, and what it writes is read back."""

from __future__ import annotations

import json
import sys
import tomllib

from perfagent.tests.shop import Shop, git, snapshot, write_repo

SLOW = """import time

from deliveries.pairs import shared


def test_many():
    time.sleep(0.06)
    assert shared([1], [1]) == [1]


def test_quick():
    assert shared([1], []) == []
"""
ASV = """from deliveries.pairs import shared


class Pairs:
    params = [100, 9000]

    def setup(self, size):
        self.numbers = list(range(size))

    def time_shared(self, size):
        shared(self.numbers, self.numbers)
"""


def test_it_offers_what_runs_and_leaves_the_repository_alone(shop: Shop):
    files = {"asv.conf.json": '{"benchmark_dir": "bench"}', "bench/pairs.py": ASV}
    write_repo(shop.repo, {**files, "tests/test_slow.py": SLOW}, "something to time")
    before = snapshot(shop.repo)

    answer = shop.perfagent("init", str(shop.repo), "--python", sys.prefix, "--json")

    assert answer.status == 0, answer.err
    found = json.loads(answer.out)
    assert found["questions"] == []
    assert found["suite"]["passed"] == 5
    assert found["offered"] == {"asv": 1, "slow test": 1}
    asv, slow = found["tried"]
    assert (asv["kind"], asv["fits"]) == ("asv", True), asv
    assert slow["argument"] == "pytest:tests/test_slow.py::test_many"
    assert asv["argument"] in found["command"]
    assert snapshot(shop.repo) == before
    settings = tomllib.loads((shop.folder / "perfagent.toml").read_text())
    assert settings["python"] == sys.prefix
    assert "bench.pairs import Pairs" in (shop.folder / asv["argument"]).read_text()

    again = shop.perfagent("init", str(shop.repo))
    assert again.status == 2
    assert "perfagent.toml is there already: --force replaces it" in again.err
    assert git(shop.repo, "status", "--porcelain") == ""
