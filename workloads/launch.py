"""Runs a workload once, in a process of its own, and returns its times.

The numbers come from the driver (`inside/perfagent_driver.py`) through a private channel, with a
number used once; nothing is ever read from what the workload prints.
"""

from __future__ import annotations

import json
import marshal
import math
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..repos.commands.process import CommandResult, run_command
from ..repos.locks import turn_on
from ..repos.sandbox.containment import not_a_home
from .counting import (
    CALLGRIND_SLOWER,
    InstructionsBy,
    count_of_command,
    counts_of_calls,
    wrapper,
)
from .failure import WorkloadFailed, ended, raised
from .loaded import LoadedModule, check_bytecode, check_own_files, checked_modules
from .machine import held_back_s, load, read_machine, steal_share
from .metrics import Metric, counter_of
from .target import Target

__all__ = ["TIMED_REGION", "Launch", "LaunchPlan", "LoadedModule", "WorkloadFailed", "launch"]

DRIVER = Path(__file__).parent / "inside" / "perfagent_driver.py"
TIMED_REGION = "perfagent_timed_region"
"""The function of DRIVER below which every timed call runs; profiles are cut at its frame."""

_SHOWN_LINES = 12
_TIMED_OUTPUT_BYTES = 100_000
_ANSWER_OUTPUT_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class LaunchPlan:
    """What one launch is for.

    Attributes:
        loops: Warm calls after the first one. `setup()` runs before each, apart from the time.
            Commands and scripts without `workload()` run once, whatever this says.
        repeat_for_s: After those, keep calling for so many seconds (for a profiler).
        capture_answer: Record the answer. Such a launch is slower; its times mean nothing.
        keep_last: Record what one more call after all others returns, in a launch that until then
            is like the timed ones, so that code which tells them apart cannot tell this one. Only
            scripts with `workload()` and functions have it.
        hash_seed: The value of PYTHONHASHSEED, and the seed of random numbers that the workload
            does not seed itself.
        wrapper: Put before the command's own argv, for example a profiler's.
        side_packages: A folder put at the end of the target's `sys.path`.
        pyinstrument: Profile the calls with pyinstrument and save its session here; needs it on
            the target's `sys.path`. None: off.
        pinned: Run on the target's timing cores; otherwise on the others.
        calls: Record calls, or make recorded ones instead of the workload's (`answers/calls.py`,
            `profiles/facts/call_facts.py`); what came of it is the part "calls" of the answer,
            which without `capture_answer` has no other. "do" names the module that does it,
            "folder" the folder of perfagent's in which that lies when it is not the driver's.
            None: off.
        metric: What is compared. Only "instructions", "energy" and "cpu" cost anything more.
        instructions_by: What counts instructions; below callgrind a launch takes some 50 times
            longer, and its times mean nothing.
        readable: What the wrapper has to read, in a sandbox.
        writable: What the wrapper has to write there.
        keep_home: Whether later launches find what this one writes to its home.
    """

    loops: int = 0
    repeat_for_s: float = 0.0
    capture_answer: bool = False
    keep_last: bool = False
    hash_seed: int = 0
    wrapper: tuple[str, ...] = ()
    side_packages: Path | None = None
    pyinstrument: Path | None = None
    pinned: bool = True
    calls: Mapping[str, Any] | None = None
    metric: Metric = "wall"
    instructions_by: InstructionsBy = "auto"
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    keep_home: bool = False


@dataclass(frozen=True, kw_only=True)
class Launch:
    """The times of one launch.

    Attributes:
        import_s: Seconds to import the script or module (for pytest: to collect); 0 for commands
            and for scripts timed as a whole.
        setup_s: Seconds of `setup()` (fixtures) before the first call.
        cold_s: Seconds of the first call in this fresh process; > 0.
        warm_s: Seconds per call of up to 20 blocks of warm calls, in order.
        cold_cpu_s: CPU seconds of the first call: all threads of the process, and the children
            that it waited for (these in steps of 10 ms, unless the metric is "cpu"). Of commands
            those of the whole process tree.
        warm_cpu_s: The same per warm call; None without warm calls.
        cold_instructions: Instructions of the first call in user mode, threads and children
            included; None unless that is the metric.
        warm_instructions: The same per warm call; None without warm calls.
        cold_energy_j: Joules that the whole processor took during the first call; None unless
            that is the metric.
        warm_energy_j: The same per warm call; None without warm calls.
        imported_by_call: Modules that the first call imported.
        answer: The answer (see `answers`), None unless asked for.
        modules: Loaded modules of the repository's own packages, by name; {} for commands.
        cpu_s: CPU seconds of the whole process tree, start-up included; None when unknown.
        peak_rss_bytes: Peak resident memory: of the workload's process, plus the largest child it
            waited for; of commands that of the largest process, which up to
            `CommandResult.peak_floor_bytes` may be perfagent's own; None when unknown.
        waited_share: Share (0-1) of the time from the first timed call to the last in which the
            process's main thread was ready to run but had no core; the times of setups between
            warm calls are in it, other threads are not. None for commands and where the kernel
            does not tell.
        switches: How often in that time the main thread had to give up its core; None likewise.
        probes_s: Seconds of a short loop, the same in every launch, right before and after each
            series of timed calls: how fast the core was. () for commands and below counters.
        steal_share: Share (0-1) of the launch's duration for which the hypervisor took away the
            cores it ran on (the mean of all cores when it was not pinned), in steps of 10 ms; None
            when unknown.
        throttled_s: Seconds by which CPU quotas of our cgroup, and of those above it that can be
            seen, held processes back meanwhile; None where no cgroup tells.
        load: Processes that wanted to run, on average over the minute before the launch ended;
            None when unknown.
        stdout: What a command printed; of other kinds only what the wrapper printed.
        stderr: The same for standard error.
        duration_s: Seconds from the process's start to its end.
    """

    import_s: float = 0.0
    setup_s: float = 0.0
    cold_s: float
    warm_s: tuple[float, ...] = ()
    cold_cpu_s: float | None = None
    warm_cpu_s: float | None = None
    cold_instructions: float | None = None
    warm_instructions: float | None = None
    cold_energy_j: float | None = None
    warm_energy_j: float | None = None
    imported_by_call: int = 0
    answer: dict[str, Any] | None = None
    modules: Mapping[str, LoadedModule] = field(default_factory=dict)
    cpu_s: float | None = None
    peak_rss_bytes: int | None = None
    waited_share: float | None = None
    probes_s: tuple[float, ...] = ()
    switches: int | None = None
    steal_share: float | None = None
    throttled_s: float | None = None
    load: float | None = None
    stdout: str = ""
    stderr: str = ""
    duration_s: float = 0.0


def launch(target: Target, tree: Path, plan: LaunchPlan = LaunchPlan()) -> Launch:
    """Run the workload once against the code in `tree`.

    Args:
        target: The workload and where it runs.
        tree: A checkout, prepared for the environment.
        plan: What the launch is for.

    Raises:
        WorkloadFailed: It raised, exited, was killed, ran past its time, or ran other code than
            that in `tree`.
        UserError: The interpreter or the wrapper does not exist.
        InfrastructureError: The process could not be run.
    """
    if target.workload.kind == "command":
        return _launch_command(target, tree, plan)
    nonce = secrets.token_hex(16)
    check_own_files()
    env = target.environment.variables(tree, hash_seed=plan.hash_seed)
    # The driver sets it: what a tree holds must not run before the driver has its clock.
    roots = [entry for entry in env.pop("PYTHONPATH").split(os.pathsep) if entry]
    counter = counter_of(plan.metric, plan.instructions_by)
    with tempfile.TemporaryDirectory(prefix="perfagent-launch-") as folder:
        stdout = str(Path(folder) / "stdout") if plan.capture_answer else None
        own = {"stdout": stdout, "counter": counter, "counter_folder": folder}
        job = marshal.dumps(_job(target, tree, plan, roots) | own, 2)
        before = wrapper(counter, Path(folder), command=False)
        python = str(target.environment.python)
        argv = [*plan.wrapper, *before, python, str(DRIVER), "{channel}"]
        # The driver leaves the nonce unread until the target's code is over.
        stdin = b"%016d" % len(job) + job + nonce.encode()
        result, machine = _run(target, tree, plan, argv, env, Path(folder), stdin=stdin)
        message = _message(result, nonce)
        gauges = _gauges(message, result)
        counts = counts_of_calls(counter, gauges.get("counted", {}), Path(folder))
    modules = message.get("modules", {})
    if message.get("error"):
        raise raised(target.workload, message["error"], result)
    loaded = checked_modules(target, tree, modules, result)
    check_bytecode(tree, message.get("other_code", ()), result)
    _check_times(message, result)
    return Launch(
        import_s=message["import_s"],
        setup_s=message["setup_s"],
        cold_s=message["cold_s"],
        warm_s=tuple(message["warm_s"]),
        cold_cpu_s=gauges["cold_cpu_s"],
        warm_cpu_s=gauges["warm_cpu_s"],
        imported_by_call=message["imported_by_call"],
        answer=message.get("answer"),
        modules=loaded,
        cpu_s=result.cpu_s,
        peak_rss_bytes=_peak_bytes(gauges["peak_rss_bytes"], result),
        waited_share=_waited_share(gauges),
        switches=gauges["switches"],
        probes_s=tuple(gauges["probes_s"]),
        stdout=result.stdout,
        stderr=result.stderr,
        duration_s=result.duration_s,
        **machine,
        **_per_call(counts, plan.metric, gauges["warm_calls"]),
    )


def _launch_command(target: Target, tree: Path, plan: LaunchPlan) -> Launch:
    """Run a shell command; the guard's clock around its process is the time."""
    counter = counter_of(plan.metric, plan.instructions_by, is_command=True)
    env = target.environment.variables(tree, hash_seed=plan.hash_seed)
    with tempfile.TemporaryDirectory(prefix="perfagent-launch-") as folder:
        before = wrapper(counter, Path(folder), command=True)
        argv = [*plan.wrapper, *before, "/bin/sh", "-c", target.workload.text]
        result, machine = _run(target, tree, plan, argv, env, Path(folder))
        instructions = count_of_command(counter, Path(folder))
    if result.returncode != 0:
        raise ended(result, "the command ended")
    answer = None
    if plan.capture_answer:
        doubts = ["the command's output is longer than is kept"] if result.truncated else []
        lines = result.stdout.replace(str(tree), "<tree>").splitlines()
        output = {"root": ["#", 0], "nodes": [["sequence", "list", lines, {}]], "rest": None}
        answer = {"parts": {}, "stdout": output | {"doubts": []}, "doubts": doubts}
    return Launch(
        cold_s=result.duration_s,
        cold_cpu_s=result.cpu_s,
        cold_instructions=instructions,
        answer=answer,
        cpu_s=result.cpu_s,
        peak_rss_bytes=result.peak_rss_bytes,
        stdout=result.stdout,
        stderr=result.stderr,
        duration_s=result.duration_s,
        **machine,
    )


def _gauges(message: Mapping[str, Any], result: CommandResult) -> Mapping[str, Any]:
    """Return what the driver read beside the times; {} when it tells of an error instead.

    Raises:
        WorkloadFailed: A reading is not a number or below zero, which no kernel gives.
    """
    gauges = message.get("gauges", {})
    numbers = [
        value
        for name, value in gauges.items()
        if name not in ("counted", "probes_s") and value is not None
    ]
    numbers += gauges.get("probes_s", [])
    if not all(isinstance(value, int | float) and 0 <= value < math.inf for value in numbers):
        raise WorkloadFailed(
            "the readings that the driver reports are impossible: they were changed",
            kind="unparsable",
            command=result,
        )
    return gauges


def _per_call(counts: Mapping[str, float], metric: Metric, warm_calls: int) -> dict[str, Any]:
    """Return the counts of the first call and per warm call, under the names of their fields."""
    unit = "energy_j" if metric == "energy" else "instructions"
    found = {f"cold_{unit}": counts.get("cold")}
    if "warm" in counts and warm_calls:
        found[f"warm_{unit}"] = counts["warm"] / warm_calls
    return found


def _waited_share(gauges: Mapping[str, Any]) -> float | None:
    if gauges["waited_ns"] is None or not gauges["span_ns"]:
        return None
    return min(1.0, gauges["waited_ns"] / gauges["span_ns"])


def _peak_bytes(own: int | None, result: CommandResult) -> int | None:
    """Return what the driver saw, or what the guard saw of processes the driver did not wait for.

    Up to its floor the guard's number says nothing of the workload.
    """
    seen = [] if own is None else [own]
    floor, peak = result.peak_floor_bytes, result.peak_rss_bytes
    if peak is not None and (floor is None or peak > floor):
        seen.append(peak)
    return max(seen, default=peak)


def _job(target: Target, tree: Path, plan: LaunchPlan, roots: list[str]) -> dict[str, object]:
    """Return the driver's job: built-in types only, since the driver reads it with marshal."""
    workload = target.workload
    file = workload.origin or "<workload>"
    if workload.in_repo is not None:
        file = str(tree / workload.in_repo)
    path = {"script": [str(Path(file).parent)], "function": [str(_project(target, tree))]}
    return {
        "kind": workload.kind,
        "text": workload.text,
        "file": file,
        "has_workload": workload.has_workload,
        # The tree's own import roots come first: a copy of the package beside the script loses.
        "roots": roots,
        "path": path.get(workload.kind, []),
        "tree": str(tree),
        "packages": list(target.environment.packages),
        "loops": plan.loops,
        "seed": plan.hash_seed,
        "repeat_for_s": float(plan.repeat_for_s),
        "capture": plan.capture_answer,
        "keep_last": plan.keep_last,
        "calls": plan.calls,
        "metric": plan.metric,
        "side_packages": str(plan.side_packages) if plan.side_packages else None,
        "pyinstrument": str(plan.pyinstrument) if plan.pyinstrument else None,
    }


def _project(target: Target, tree: Path) -> Path:
    return tree / target.environment.subdir


def _run(
    target: Target,
    tree: Path,
    plan: LaunchPlan,
    argv: list[str],
    env: Mapping[str, str],
    folder: Path,
    stdin: bytes | None = None,
) -> tuple[CommandResult, dict[str, Any]]:
    """Return how the process went, and what the machine did to it, by the names of the fields.

    `folder` is the launch's own, to which it may write.
    """
    limits = target.limits
    wall_s = min(limits.wall_s, target.workload.timeout_s) + plan.repeat_for_s
    is_command = target.workload.kind == "command"
    if counter_of(plan.metric, plan.instructions_by, is_command=is_command) == "callgrind":
        wall_s *= CALLGRIND_SLOWER
    cpus = target.timing_cpus if plan.pinned else target.other_cpus
    output = _ANSWER_OUTPUT_BYTES if plan.capture_answer else _TIMED_OUTPUT_BYTES
    origin = target.workload.origin
    enclosure = target.containment.around(
        target.environment,
        tree,
        read_only=target.read_only and plan.pinned,
        keep_home=plan.keep_home,
        readable=[
            plan.side_packages,
            not_a_home(Path(origin).parent, Path(origin)) if origin else None,
            *plan.readable,
        ],
        writable=[folder, *plan.writable],
    )
    # Another run on this machine has the same timing cores.
    with turn_on((plan.pinned and cpus) or ()):
        before = read_machine(cpus)
        result = run_command(
            argv,
            cwd=_project(target, tree) if target.workload.kind == "pytest" else tree,
            env=env,
            limits=replace(limits, wall_s=wall_s, output_bytes=output),
            cpus=cpus,
            channel=stdin is not None,
            stdin=stdin,
            enclosure=enclosure,
        )
        after = read_machine(cpus)
    if result.timed_out:
        raise WorkloadFailed(
            f"the workload was still running after {wall_s:g} s and was ended",
            kind="timed_out",
            detail=result.tail(_SHOWN_LINES),
            command=result,
        )
    return result, {
        "steal_share": steal_share(before, after, result.duration_s),
        "throttled_s": held_back_s(before, after),
        "load": load(),
    }


def _message(result: CommandResult, nonce: str) -> dict[str, Any]:
    """Return the driver's one message.

    Raises:
        WorkloadFailed: There is none (the process ended early), or more than one.
    """
    messages = []
    for line in result.channel.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict) and message.get("nonce") == nonce:
            messages.append(message)
    if len(messages) == 1:
        return messages[0]
    if messages or (result.channel and result.ok):
        raise WorkloadFailed(
            "what came through the result channel is not the driver's one message",
            kind="unparsable",
            command=result,
        )
    raise ended(result, "the process ended", before=" before the workload returned")


def _check_times(message: Mapping[str, Any], result: CommandResult) -> None:
    """Refuse times that no clock can have shown.

    Raises:
        WorkloadFailed: A time is missing, not a number or not above zero, or all of them together
            are longer than the process lived by the guard's clock.
    """
    calls = [message.get("cold_s"), *(message.get("warm_s") or ())]
    starts = [message.get("import_s"), message.get("setup_s")]
    numbers = [value for value in (*calls, *starts) if isinstance(value, int | float)]
    if (
        len(numbers) < len(calls) + len(starts)
        or not all(map(math.isfinite, numbers))
        or min(numbers[: len(calls)]) <= 0
        or min(numbers) < 0
        or sum(numbers) > result.duration_s
    ):
        raise WorkloadFailed(
            "the times that the driver reports are impossible: the clock was changed",
            kind="unparsable",
            command=result,
        )
