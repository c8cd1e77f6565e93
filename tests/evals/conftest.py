"""The repository that evaluations of the tests run on, and one cache for them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from perfagent.evals.batch.backend import Done
from perfagent.tests.evals.datasets import Bench, lay_out


class Inline:
    """Works on jobs in this process, one after the other."""

    def run(self, work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Done]:
        for number, job in enumerate(jobs):
            yield Done(number=number, value=work(job))


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return lay_out(tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="session")
def evals_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evals-cache")
