"""One launch: what is timed, what is not, and what is said when it fails."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.launch import TIMED_REGION, LaunchPlan, launch

from .conftest import MakeTarget, MakeTree

CALL = "from shapes import squares\ndef workload():\n    squares(50)\n"


def test_import_setup_first_call_and_warm_calls_are_timed_apart(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = """
import time
time.sleep(0.08)
calls = []
def setup():
    time.sleep(0.04)
def workload():
    time.sleep(0.005 if calls else 0.02)
    calls.append(1)
"""
    made = launch(make_target(script=script), make_tree(), LaunchPlan(loops=3))
    assert made.import_s >= 0.08
    assert made.setup_s >= 0.04
    assert made.cold_s >= 0.02
    assert len(made.warm_s) == 3
    assert all(0.005 <= value < made.setup_s for value in made.warm_s)
    assert made.cold_cpu_s is not None
    assert made.cold_cpu_s < made.cold_s


def test_a_microsecond_call_is_timed_in_blocks(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    target = make_target(script="def workload():\n    pass\n")
    made = launch(target, make_tree(), LaunchPlan(loops=20_010))
    assert len(made.warm_s) == 20
    assert 0 < min(made.warm_s) < 1e-4


def test_the_code_that_ran_is_named_with_its_hash(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree("my trée with spaces")
    made = launch(make_target(script=CALL), tree)
    assert {name: module.path for name, module in made.modules.items()} == {
        "shapes": "shapes/__init__.py",
        "shapes.core": "shapes/core.py",
    }
    other = launch(make_target(script=CALL), make_tree("patched", "squares = fail = range\n"))
    assert other.modules["shapes.core"].sha256 != made.modules["shapes.core"].sha256
    assert other.modules["shapes"].sha256 == made.modules["shapes"].sha256


def test_another_copy_of_the_package_is_refused(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    other = make_tree("other")
    script = f"import sys\nsys.path.insert(0, {str(other)!r})\n" + CALL
    with pytest.raises(WorkloadFailed, match="measured module is not the patched one") as caught:
        launch(make_target(script=script), make_tree())
    assert caught.value.kind == "wrong_module"
    assert str(other) in caught.value.summary


def test_a_copy_beside_the_script_does_not_shadow_the_tree(
    make_tree: MakeTree, make_target: MakeTarget, tmp_path: Path
) -> None:
    target = make_target(script="import beside\n" + CALL)
    (tmp_path / "scripts" / "beside.py").write_text("x = 1\n")
    (tmp_path / "scripts" / "shapes.py").write_text("def squares(n):\n    raise SystemError\n")
    assert launch(target, make_tree()).modules["shapes"].path == "shapes/__init__.py"


def test_a_script_of_the_repository_runs_as_if_it_lay_in_the_tree(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree()
    (tree / "bench").mkdir()
    (tree / "bench" / "sibling.py").write_text("x = 41\n")
    script = "import sibling, sys\ndef workload():\n    return __file__, sys.argv, sibling.x\n"
    target = make_target(script=script)
    target = replace(target, workload=replace(target.workload, in_repo="bench/job.py"))
    answer = launch(target, tree, LaunchPlan(capture_answer=True)).answer
    assert answer is not None
    assert "<tree>/bench/job.py" in json.dumps(answer["parts"])
    assert '["int", "41"]' in json.dumps(answer["parts"])


def test_the_target_starts_with_nothing_of_ours_imported(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = """
import sys
ours = {"json", "traceback", "subprocess", "ast", "hashlib"} & set(sys.modules)
ours |= {path for path in sys.path if path.endswith("inside")}
if ours:
    raise RuntimeError(str(ours))
def workload():
    pass
"""
    launch(make_target(script=script), make_tree())


def test_hash_seed_wrapper_and_side_packages_reach_the_target(
    make_tree: MakeTree, make_target: MakeTarget, tmp_path: Path
) -> None:
    script = """
import os, sys
def workload():
    return os.environ["PYTHONHASHSEED"], os.environ["WRAPPED"], sys.path[-1]
"""
    plan = LaunchPlan(
        hash_seed=7,
        wrapper=("/usr/bin/env", "WRAPPED=yes"),
        side_packages=tmp_path / "side",
        capture_answer=True,
    )
    answer = launch(make_target(script=script), make_tree(), plan).answer
    assert answer is not None
    assert answer["parts"]["return value"]["nodes"][0][2] == ["7", "yes", str(tmp_path / "side")]


def test_setup_runs_before_every_call_and_hands_its_value_on(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = """
made = []
def setup():
    made.append(len(made))
    return made[-1]
def workload(given):
    assert given == len(made) - 1
    global seen
    seen = given
"""
    plan = LaunchPlan(loops=4, capture_answer=True)
    answer = launch(make_target(script=script), make_tree(), plan).answer
    assert answer is not None
    changed = answer["parts"]["globals"]["nodes"][0][2]
    assert ["seen", ["int", "4"]] in changed


def test_a_profiler_gets_calls_for_as_long_as_it_asks(
    make_tree: MakeTree, make_target: MakeTarget, tmp_path: Path
) -> None:
    session = tmp_path / "session.json"
    plan = LaunchPlan(repeat_for_s=0.3, pyinstrument=session)
    made = launch(make_target(script=CALL), make_tree(), plan)
    assert made.duration_s >= 0.3
    recorded = session.read_text()
    assert TIMED_REGION in recorded
    assert "perfagent_driver.py" in recorded
    assert "squares" in recorded


@pytest.mark.parametrize(
    ("script", "summary"),
    [
        ("import no_such_module\ndef workload():\n    pass\n", "the script raised ModuleNotFound"),
        (
            "from shapes import fail\ndef workload():\n    fail('a\\nb')\n",
            "workload() raised LookupError: a",
        ),
        (
            "def setup():\n    1 / 0\ndef workload():\n    pass\n",
            "setup() raised ZeroDivisionError",
        ),
        ("def workload():\n    raise SystemExit(0)\n", "workload() called sys.exit(0)"),
        ("import sys\nsys.exit('no data')\n", "the script called sys.exit(no data)"),
        ("import os\ndef workload():\n    os._exit(0)\n", "the process ended before the workload"),
        (
            "import os\ndef workload():\n    os.kill(os.getpid(), 9)\n",
            "the process ended before the workload returned by SIGKILL; out of memory?",
        ),
        ("def workload():\n    input()\n", "workload() raised EOFError"),
        ("def workload():\n    raise KeyboardInterrupt\n", "workload() raised KeyboardInterrupt"),
    ],
)
def test_a_failing_workload_is_told_in_one_line(
    make_tree: MakeTree, make_target: MakeTarget, script: str, summary: str
) -> None:
    with pytest.raises(WorkloadFailed) as caught:
        launch(make_target(script=script), make_tree())
    assert caught.value.kind == "failed"
    assert caught.value.summary.startswith(summary)
    assert "\n" not in caught.value.summary
    assert "perfagent_driver" not in str(caught.value)


def test_the_traceback_shows_the_users_lines(make_tree: MakeTree, make_target: MakeTarget) -> None:
    script = "from shapes import fail\ndef workload():\n    fail()\n"
    with pytest.raises(WorkloadFailed) as caught:
        launch(make_target(script=script), make_tree())
    assert 'job.py", line 3, in workload' in caught.value.detail
    assert 'core.py", line 10, in fail' in caught.value.detail


def test_a_hanging_workload_is_ended_at_its_time(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    target = make_target(script="def workload():\n    while True: pass\n", timeout_s=0.5)
    with pytest.raises(WorkloadFailed, match=r"still running after 0.5 s") as caught:
        launch(target, make_tree())
    assert caught.value.kind == "timed_out"


@pytest.mark.parametrize(
    "script",
    [
        "print('hello')\n",
        "import sys\nsys.exit(0)\n",
        "if __name__ == '__main__':\n    from shapes import squares\n    squares(3)\n",
        "import pickle\nclass Thing: pass\npickle.loads(pickle.dumps(Thing()))\n",
    ],
)
def test_a_plain_script_is_timed_as_a_whole(
    make_tree: MakeTree, make_target: MakeTarget, script: str
) -> None:
    made = launch(make_target(script=script), make_tree(), LaunchPlan(loops=5))
    assert made.cold_s > 0
    assert made.import_s == 0
    assert made.warm_s == ()


def test_the_clock_and_the_channel_are_out_of_reach_of_the_code_under_test(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = """
import os, sys, time
real_sleep = time.sleep
time.perf_counter = time.monotonic = time.time = lambda: 0.0
os.write = lambda *_: 0
def workload():
    print('{"cold_s": 1e-9}')
    for number in range(3, 20):
        try:
            with open(number, "w", closefd=False) as channel:
                channel.write('{"cold_s": 1e-9, "nonce": "x"}\\n')
        except OSError:
            pass
    real_sleep(0.05)
"""
    assert launch(make_target(script=script), make_tree()).cold_s >= 0.05


def test_a_child_that_returns_from_the_workload_reports_nothing(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = """
import os
def workload():
    child = os.fork()
    if child:
        os.waitpid(child, 0)
"""
    assert launch(make_target(script=script), make_tree()).cold_s > 0


def test_a_function_is_imported_and_called(make_tree: MakeTree, make_target: MakeTarget) -> None:
    tree = make_tree(bench="from shapes import squares\nclass A:\n    run = lambda: squares(9)\n")
    made = launch(make_target("python:bench:A.run"), tree, LaunchPlan(loops=2))
    assert made.import_s > 0
    assert len(made.warm_s) == 2
    with pytest.raises(WorkloadFailed, match="raised AttributeError"):
        launch(make_target("python:bench:A.walk"), tree)
    with pytest.raises(WorkloadFailed, match="the function raised LookupError: no such thing"):
        launch(make_target("python:shapes:fail"), tree)


def test_a_command_is_timed_from_start_to_end(make_tree: MakeTree, make_target: MakeTarget) -> None:
    target = make_target("cmd:sleep 0.1; python -c 'import shapes; print(\"hé\")'")
    made = launch(target, make_tree(), LaunchPlan(capture_answer=True))
    assert made.cold_s >= 0.1
    assert made.answer is not None
    assert made.answer["stdout"]["nodes"][0][2] == ["hé"]
    with pytest.raises(WorkloadFailed, match="the command ended with status 3") as caught:
        launch(make_target("cmd:echo broken >&2; exit 3"), make_tree("second"))
    assert "broken" in caught.value.detail


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13"])
def test_older_and_newer_interpreters_run_the_driver(
    make_tree: MakeTree, make_target: MakeTarget, version: str
) -> None:
    found = shutil.which(f"python{version}")
    check = [found or sys.executable, "-c", "import sys; print(sys.executable)"]
    answer = subprocess.run(check, capture_output=True, text=True, check=False)
    if found is None or answer.returncode != 0:
        pytest.skip(f"Python {version} is not installed")
    target = make_target(script=CALL)
    python = Path(answer.stdout.strip())
    target = replace(target, environment=replace(target.environment, python=python))
    made = launch(target, make_tree(), LaunchPlan(loops=3, capture_answer=True))
    assert len(made.warm_s) == 3
    assert made.answer is not None
