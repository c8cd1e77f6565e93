"""A small repository with an expert's change in its history, and datasets on it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfagent.tests.shop import FAST_PAIRS, PAIRS, PYTEST_INI, TESTS, WORKLOAD, git, write_repo

REPO = "Shops/Deliveries"

SCRIPT = f"""import timeit
import statistics
{WORKLOAD.replace("3000", "9000")}
runtimes = timeit.repeat(workload, number=1, repeat=3, setup=setup)

print("Mean:", statistics.mean(runtimes))
print("Std Dev:", statistics.stdev(runtimes))
"""

PERF_TEST = """import json
import timeit
from deliveries.pairs import shared


def setup():
    return list(range(0, {size}, 2)), list(range(0, {size}, 3))


def experiment(given):
    return shared(*given)


def store_result(found, filename):
    with open(filename, "w") as stream:
        json.dump(found, stream)


def load_result(filename):
    with open(filename) as stream:
        return json.load(stream)


def check_equivalence(reference, current):
    assert reference == current


def run_test(eqcheck=False, reference=False, prefix=""):
    given = setup()
    found = []
    seconds = timeit.timeit(lambda: found.append(experiment(given)), number=1)
    name = f"{{prefix}}_result.json"
    if reference:
        store_result(found[0], name)
    if eqcheck:
        check_equivalence(load_result(name), found[0])
    return seconds
"""

SLOW_TEST = """from deliveries.pairs import shared


def test_shared_of_many():
    assert len(shared(list(range(0, 9000, 2)), list(range(0, 9000, 3)))) == 1500
"""

WRONG_PAIRS = FAST_PAIRS.replace("number in known]", "number not in known]")
"""Fast, and the tests see that it is wrong."""

SLOW_PAIRS = PAIRS.replace("known = list(second)", "known = list(second) + list(second)")
BROKEN_PAIRS = PAIRS.replace("def shared(", "import nothing_of_the_kind\n\n\ndef shared(")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The repository, and patches of it by what they are."""

    repo: Path
    base: str
    expert: str
    patches: Mapping[str, str]


def lay_out(folder: Path) -> Bench:
    """Make the repository: a base, an expert's commit on it, and patches that were tried."""
    repo = folder / "deliveries"
    repo.mkdir(parents=True)
    files = {
        "pytest.ini": PYTEST_INI,
        "deliveries/__init__.py": "",
        "deliveries/pairs.py": PAIRS,
        "tests/test_pairs.py": TESTS,
        "tests/test_many.py": SLOW_TEST,
    }
    write_repo(repo, files)
    base = git(repo, "rev-parse", "HEAD").strip()
    patches = {
        name: _patch(repo, text)
        for name, text in (
            ("fast", FAST_PAIRS),
            ("wrong", WRONG_PAIRS),
            ("slow", SLOW_PAIRS),
            ("broken", BROKEN_PAIRS),
        )
    }
    (repo / "deliveries" / "pairs.py").write_text(FAST_PAIRS)
    git(
        repo, "commit", "--quiet", "--all", "--message", "Speed up shared: look numbers up in a set"
    )
    return Bench(
        repo=repo, base=base, expert=git(repo, "rev-parse", "HEAD").strip(), patches=patches
    )


def _patch(repo: Path, text: str) -> str:
    path = repo / "deliveries" / "pairs.py"
    path.write_text(text)
    diff = git(repo, "diff", "--no-color")
    git(repo, "checkout", "--quiet", "--", ".")
    return diff


def swefficiency_row(bench: Bench, number: int) -> dict[str, Any]:
    return {
        "repo": REPO,
        "instance_id": f"shops__deliveries-{number}",
        "base_commit": bench.base,
        "patch": bench.patches["fast"],
        "workload": SCRIPT,
        "PASS_TO_PASS": json.dumps(["tests/test_pairs.py::test_total", "test_shared_keeps_order"]),
        "covering_tests": ["/testbed/tests/test_pairs.py", "tests/gone.py"],
        "version": "1.0",
        "speedup": 100.0,
    }


def gso_row(bench: Bench, name: str) -> dict[str, Any]:
    return {
        "repo": REPO,
        "instance_id": name,
        "base_commit": f"{bench.expert}^",
        "opt_commit": bench.expert,
        "api": "shared",
        "tests": [PERF_TEST.format(size=size) for size in (9000,)],
        "setup_commands": [],
    }


def sweperf_row(bench: Bench, number: int) -> dict[str, Any]:
    test = "tests/test_many.py::test_shared_of_many"
    sessions = [{test: {"base": 1.0 + n / 100, "head": 0.5 + n / 200}} for n in range(20)]
    return {
        "repo": REPO,
        "instance_id": f"shops__deliveries-{number}",
        "base_commit": bench.base,
        "head_commit": bench.expert,
        "patch": bench.patches["fast"],
        "efficiency_test": [test],
        "duration_changes": json.dumps(sessions),
    }


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def environ(cache: Path, state: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PERFAGENT_CACHE_DIR": str(cache),
        "PERFAGENT_STATE_DIR": str(state),
        "COLUMNS": "200",
    }


# The tests' own interpreter serves as the target's environment; few pairs decide these gains.
QUICK = ("--python", sys.prefix, "--max-pairs", "5", "--max-compare", "60")
