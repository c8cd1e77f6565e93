"""Scripts of mined instances call tests and benchmarks as pytest, pytest-benchmark and asv do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from perfagent.evals.mining.benchmarks import benchmarks
from perfagent.evals.mining.script import workload_text
from perfagent.evals.official.script_blocks import timing_of
from perfagent.workloads.script import parse_script

INSIDE = Path(__file__).parents[3] / "evals" / "inside" / "perfagent_calls_times.py"

ASV = """
from .common import SIZE

SEEN = []


def setup(*given):
    SEEN.append("module")


class TimeSums:
    params = [[1, 20], [2]]
    number = 3

    def setup_cache(self):
        return {"kept": [1]}

    def setup(self, kept, n, m):
        if n * m > 2:
            raise NotImplementedError
        kept["kept"].append(2)
        SEEN.append(("setup", n, m, kept["kept"]))

    def time_sum(self, kept, n, m):
        SEEN.append(("time", n, m))
        return SIZE

    def track_sum(self, kept, n, m):
        return 1

    def teardown(self, kept, n, m):
        SEEN.append(("teardown", n, m))


class Plain:
    def setup(self):
        self.made = 7

    def time_it(self):
        return self.made


class _Hidden:
    def time_it(self): ...


def time_param(n):
    SEEN.append(n)


time_param.params = [4, 5]
"""

FIXTURE = """
import pytest

SEEN = []


def work(*args, **kwargs):
    SEEN.append((args, kwargs))
    return args


def test_plain():
    assert work(0) == (0,)


@pytest.mark.parametrize("n", [1, 2])
def test_bench(benchmark, n):
    SEEN.append("before")
    assert benchmark(work, n, key=n) == (n,)
    SEEN.append("after")


class TestMore:
    def test_pedantic(self, benchmark):
        benchmark.pedantic(
            work, setup=lambda: ((9,), {}), teardown=lambda *a: SEEN.append("teardown"), rounds=3
        )


def test_given(benchmark, tmp_path):
    benchmark(work)


def test_unused(benchmark): ...
"""


def lay_out(folder: Path) -> None:
    files = {
        "asv.conf.json": '{\n // a comment\n "benchmark_dir": "bench/marks",\n}\n',
        "bench/marks/__init__.py": "",
        "bench/marks/common.py": "SIZE = 3\n",
        "bench/marks/sums.py": ASV,
        "tests/bench.py": FIXTURE,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_benchmarks_that_can_be_called_are_found(tmp_path: Path):
    lay_out(tmp_path)
    assert benchmarks(tmp_path) == [
        "bench/marks/sums.py::TimeSums::time_sum",
        "bench/marks/sums.py::Plain::time_it",
        "bench/marks/sums.py::time_param",
        "tests/bench.py::test_bench",
        "tests/bench.py::TestMore::test_pedantic",
        "tests/bench.py::test_unused",
    ]


def seen(folder: Path, path: str, names: list[str]) -> list[Any]:
    """Return what a script's file notes of its second sample."""
    script = workload_text([f"{path}::{name}" for name in names], {})
    parsed = parse_script(script, "mined")
    assert parsed.has_setup
    assert parsed.has_workload
    assert timing_of(script).repeat == 10
    job = (
        f"\nimport json\nSEEN = _module({path!r}).SEEN\nsetup()\nworkload()\nSEEN.clear()\n"
        "setup()\nSEEN.append('timed')\nworkload()\nSEEN.append('end')\nsetup()\n"
        "print(json.dumps(SEEN[:SEEN.index('end') + 3], default=list))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", parsed.text + job],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_benchmarks_of_asv_are_prepared_as_asv_does_it(tmp_path: Path):
    lay_out(tmp_path)
    assert seen(tmp_path, "bench/marks/sums.py", ["TimeSums::time_sum"]) == [
        ["teardown", 1, 2],
        "module",
        ["setup", 1, 2, [1, 2]],
        "module",
        "timed",
        *[["time", 1, 2]] * 3,
        "end",
        ["teardown", 1, 2],
        "module",
    ]
    told = seen(tmp_path, "bench/marks/sums.py", ["Plain::time_it", "time_param"])
    assert told == ["module", "module", "module", "timed", 4, 5, "end", "module", "module"]


def test_what_a_test_hands_to_pytest_benchmark_is_timed_alone(tmp_path: Path):
    lay_out(tmp_path)
    assert seen(tmp_path, "tests/bench.py", ["test_bench"]) == [
        *["before"] * 2,
        "timed",
        [[1], {"key": 1}],
        [[2], {"key": 2}],
        "end",
        *["before"] * 2,
    ]
    told = seen(tmp_path, "tests/bench.py", ["TestMore::test_pedantic", "test_plain"])
    assert told == ["teardown", "timed", [[9], {}], [[0], {}], "end", "teardown"]


def test_a_script_holds_only_what_it_needs():
    asv = workload_text(["bench/a.py::time_x"], {})
    test = workload_text(["tests/a.py::test_x"], {})
    assert "unittest" not in asv
    assert "itertools" in asv
    assert "itertools" not in test
    assert "pickle" not in test
    for each in (asv, test):
        compile(each, "script", "exec")


def made_calls(folder: Path, names: list[str] | str, **job: Any) -> Mapping[str, dict[str, Any]]:
    """Return what the program that runs inside the repository's interpreter says of calls."""
    text = names if isinstance(names, str) else workload_text(names, {})
    reader, writer = os.pipe()
    given = {"text": parse_script(text, "x").text, "nonce": "n", "lines": {}, "within_s": 60}
    with os.fdopen(reader, "rb") as stream:
        subprocess.run(
            [sys.executable, str(INSIDE), str(writer)],
            cwd=folder, input=json.dumps({**given, "call_s": 60, **job}).encode(),
            pass_fds=[writer], check=True, capture_output=True,
        )  # fmt: skip
        os.close(writer)
        nonce, found = json.loads(stream.read())
    assert nonce == "n"
    return found


CALLS = """
import os
import time
from lib import code


def test_reaches():
    code.changed()


def test_other():
    code.other()


def test_fails():
    assert not "a reason"


def test_ends():
    os._exit(3)


def test_hangs():
    time.sleep(60)
"""


def test_each_call_has_a_process_of_its_own(tmp_path: Path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "code.py").write_text(
        "def changed():\n    return [1 for _ in range(2)]\n\n\ndef other():\n    return 1\n"
    )
    (tmp_path / "test_calls.py").write_text(CALLS)
    names = ["reaches", "other", "fails", "ends", "hangs", "gone"]
    ids = [f"test_calls.py::test_{name}" for name in names]
    found = made_calls(tmp_path, ids, lines={"lib/code.py": [1, 2]}, call_s=0.5)
    assert [found[each].get("reached") for each in ids[:2]] == [True, False]
    assert all(found[each]["seconds"] < 0.5 for each in ids[:2])
    problems = [found[each]["problem"] for each in ids[2:]]
    assert problems[0].startswith("AssertionError")
    assert "without a word" in problems[1]
    assert "longer than" in problems[2]
    assert problems[3].startswith("AttributeError")
    assert made_calls(tmp_path, ids[:1])[ids[0]]["reached"] is None
    assert list(made_calls(tmp_path, ids, within_s=0)) == []


@pytest.mark.parametrize(("body", "problem"), [("x", ""), ("nothing", "NameError")])
def test_a_script_that_lists_no_calls_is_one(tmp_path: Path, body: str, problem: str):
    text = f"def setup():\n    global x\n    x = 1\n\n\ndef workload():\n    return {body}\n"
    (found,) = made_calls(tmp_path, text).values()
    assert found.get("problem", "").startswith(problem)
    assert ("seconds" in found) is not bool(problem)
