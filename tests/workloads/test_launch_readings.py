"""What a launch tells beside its times, each reading shown moving, and what hostile code can do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.launch import Launch, LaunchPlan, launch
from perfagent.workloads.metrics import Metric, reading_of, unavailable

from .conftest import MakeTarget, MakeTree

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
callgrind_only = pytest.mark.skipif(
    unavailable("instructions", instructions_by="callgrind") is not None,
    reason="valgrind is not installed, or this is no x86_64 Linux",
)
MB = 1_000_000

SPIN = (
    "def workload():\n    total = 0\n    for number in range(400_000):\n        total += number\n"
)
CHILD = """
import subprocess, sys
def workload():
    code = "import time\\nwhile time.process_time() < 0.06: pass"
    subprocess.run([sys.executable, "-S", "-c", code], check=True)
"""
THREAD = """
import threading, time
def spin():
    while time.thread_time() < 0.06: pass
def workload():
    thread = threading.Thread(target=spin)
    thread.start()
    thread.join()
"""
FORK = """
import os, time
def workload():
    child = os.fork()
    if not child:
        while time.process_time() < 0.06: pass
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture
def hog() -> Iterator[int]:
    """Keep one core busy and return its number."""
    cpu = max(os.sched_getaffinity(0))
    code = f"import os\nos.sched_setaffinity(0, {{{cpu}}})\nprint(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield cpu
        process.kill()


@pytest.mark.timing
@linux_only
def test_a_core_shared_with_others_is_noticed(
    make_tree: MakeTree, make_target: MakeTarget, hog: int
) -> None:
    target = make_target(script=SPIN)
    shared = replace(target, timing_cpus=frozenset({hog}))
    other = replace(target, timing_cpus=frozenset({min(os.sched_getaffinity(0))}))
    tree = make_tree()
    crowded = launch(shared, tree, LaunchPlan(loops=20))
    quiet = launch(other, tree, LaunchPlan(loops=20))
    assert crowded.waited_share is not None
    assert quiet.waited_share is not None
    assert crowded.switches is not None
    assert 0.2 < crowded.waited_share <= 1
    assert quiet.waited_share < crowded.waited_share / 2
    assert crowded.switches > 10  # the hog takes the core again and again


@linux_only
def test_every_launch_says_what_the_machine_did_to_it(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree()
    made = launch(make_target(script=SPIN), tree, LaunchPlan(loops=2))
    assert made.waited_share is not None
    assert 0 <= made.waited_share <= 1
    assert made.switches is not None
    command = launch(make_target("cmd:true"), tree)
    assert command.waited_share is None
    for either in (made, command):
        assert either.steal_share is not None
        assert 0 <= either.steal_share <= 1
        assert either.load is not None


@pytest.mark.parametrize("script", [CHILD, THREAD, FORK])
def test_work_moved_to_a_child_or_a_thread_still_costs_cpu_time(
    make_tree: MakeTree, make_target: MakeTarget, script: str
) -> None:
    plan = LaunchPlan(loops=2, metric="cpu")
    made = launch(make_target(script=script), make_tree(), plan)
    for regime in ("cold", "warm"):
        used_s = reading_of(made, regime, "cpu")
        assert used_s is not None
        assert used_s >= 0.055


@linux_only
def test_memory_of_the_call_is_seen_and_that_of_a_small_program_is_not_the_guards(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree()

    def peak(body: str) -> int:
        made = launch(make_target(script=f"import sys\ndef workload():\n    {body}\n"), tree)
        assert made.peak_rss_bytes is not None
        return made.peak_rss_bytes

    nothing = peak("pass")
    assert abs(peak("pass") - nothing) < 1.5 * MB
    assert abs(peak("bytearray(b'x') * (50 * 1_000_000)") - nothing - 50 * MB) < 3 * MB
    assert abs(peak("bytearray(b'x') * (4 * 1_000_000)") - nothing - 4 * MB) < 2 * MB
    child = (
        "import subprocess; subprocess.run([sys.executable, '-S', '-c', 'x = b\"x\" * 50000000'])"
    )
    assert peak(child) - nothing > 50 * MB


@callgrind_only
def test_callgrind_counts_the_same_twice_and_sees_a_tenth_less_work(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree()

    def counted(count: int, loops: int = 0) -> Launch:
        script = f"from shapes import squares\ndef workload():\n    squares({count})\n"
        plan = LaunchPlan(loops=loops, metric="instructions", instructions_by="callgrind")
        return launch(make_target(script=script), tree, plan)

    made, again, less = counted(10_000, loops=2), counted(10_000), counted(9_000)
    cold, repeated, fewer = (
        reading_of(each, "cold", "instructions") for each in (made, again, less)
    )
    warm = reading_of(made, "warm", "instructions")
    assert cold is not None
    assert repeated is not None
    assert fewer is not None
    assert warm is not None
    assert abs(repeated / cold - 1) < 0.005
    assert 0.88 < fewer / cold < 0.92
    assert 0.95 < warm / cold < 1.05


@callgrind_only
def test_instructions_of_a_commands_children_count(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree()
    plan = LaunchPlan(metric="instructions", instructions_by="callgrind")

    def counted(command: str) -> float:
        made = launch(make_target(f"cmd:{command}"), tree, plan)
        assert made.cold_instructions is not None
        return made.cold_instructions

    loop = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done"
    nothing, alone = counted("true"), counted(loop)
    assert alone > 2 * nothing
    assert counted(f"/bin/sh -c '{loop}'; true") > alone


@pytest.mark.parametrize("metric", ["wall", "rss"])
def test_the_target_pays_for_its_own_imports(
    make_tree: MakeTree, make_target: MakeTarget, metric: Metric
) -> None:
    script = """
import sys
ours = {"resource", "ctypes", "_ctypes", "mmap", "struct"} & set(sys.modules)
if ours:
    raise RuntimeError(str(ours))
def workload():
    if {"resource", "ctypes"} & set(sys.modules):
        raise RuntimeError("imported before the call")
"""
    launch(make_target(script=script), make_tree(), LaunchPlan(loops=2, metric=metric))


HOSTILE = {
    "clocks": "wall, cpu = time.perf_counter(), time.process_time()\n"
    "time.perf_counter = time.monotonic = lambda: wall\n"
    "time.process_time = lambda: cpu\ntime.perf_counter_ns = time.monotonic_ns = lambda: 0",
    "os": "os.write = lambda *_: 0\nos.times = lambda: (0.0,) * 5\n"
    "os.read = lambda *_: b''\nos.open = lambda *_, **__: -1\nos._exit = lambda *_: None",
    "exit": "sys.exit = exit = lambda *_: None\n"
    "import atexit\natexit.register(print, 'too late')\natexit._run_exitfuncs = lambda: None",
    "builtins": "import builtins\nbuiltins.int = builtins.open = builtins.len = lambda *_, **__: 0",
    "children": "import resource\nresource.getrusage = lambda *_: None",
}


@pytest.mark.parametrize("trick", HOSTILE)
def test_a_patch_that_replaces_clocks_and_exits_gains_nothing(
    make_tree: MakeTree, make_target: MakeTarget, trick: str
) -> None:
    script = f"""
import os, sys, time
sleep, spun = time.sleep, time.thread_time
def workload():
    hostile()
    sleep(0.03)
    until = spun() + 0.03
    while spun() < until:
        pass
def hostile():
    {HOSTILE[trick].replace(chr(10), chr(10) + "    ")}
"""
    try:
        made = launch(make_target(script=script), make_tree(), LaunchPlan(loops=2))
    except WorkloadFailed:
        return
    for regime in ("cold", "warm"):
        wall_s, cpu_s = reading_of(made, regime, "wall"), reading_of(made, regime, "cpu")
        assert wall_s is not None
        assert cpu_s is not None
        assert wall_s >= 0.06
        assert cpu_s >= 0.025
    assert made.peak_rss_bytes is not None
    assert made.peak_rss_bytes > 5 * MB


@pytest.mark.parametrize(
    "way", ["os._exit(0)", "sys.exit(0)", "os.kill(os.getpid(), 15)", "os.abort()"]
)
def test_a_workload_that_ends_the_process_has_no_times(
    make_tree: MakeTree, make_target: MakeTarget, way: str
) -> None:
    script = f"import atexit, os, sys\natexit.register(os._exit, 0)\ndef workload():\n    {way}\n"
    with pytest.raises(WorkloadFailed):
        launch(make_target(script=script), make_tree(), LaunchPlan(loops=1))
