"""The benchmarks of a repository that a script can call: asv's, and tests of pytest-benchmark."""

from __future__ import annotations

from pathlib import Path

from ...agent.init.asv import asv_benchmarks
from ...agent.init.in_tests import benchmark_offers
from .plain import plain_names

_GIVEN = frozenset({"benchmark"})


def benchmarks(tree: Path) -> list[str]:
    """Return the benchmarks of a tree by `FILE::NAME` or `FILE::CLASS::NAME`, asv's first."""
    asv = ["::".join((b.path, *filter(None, (b.owner,)), b.name)) for b in asv_benchmarks(tree)]
    tests = [offer.source for offer in benchmark_offers(tree)]
    plain = {
        f"{path}::{name}"
        for path in {test.partition("::")[0] for test in tests}
        for name in plain_names(tree / path, given=_GIVEN)
    }
    return [*asv, *(test for test in tests if test in plain)]
