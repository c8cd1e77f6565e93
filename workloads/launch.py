"""Runs a workload once, in a process of its own, and returns its times.

The numbers come from the driver (`inside/perfagent_driver.py`) through a private channel, with a
number used once; nothing is ever read from what the workload prints.
"""

from __future__ import annotations

import json
import marshal
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..repos.process import CommandResult, run_command
from .failure import WorkloadFailed, ended, raised
from .loaded import LoadedModule, checked_modules
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
        hash_seed: The value of PYTHONHASHSEED, and the seed of random numbers that the workload
            does not seed itself.
        wrapper: Put before the command's own argv, for example a profiler's.
        side_packages: A folder put at the end of the target's `sys.path`.
        pyinstrument: Profile the calls with pyinstrument and save its session here; needs it on
            the target's `sys.path`. None: off.
        pinned: Run on the target's timing cores; otherwise on the others.
    """

    loops: int = 0
    repeat_for_s: float = 0.0
    capture_answer: bool = False
    hash_seed: int = 0
    wrapper: tuple[str, ...] = ()
    side_packages: Path | None = None
    pyinstrument: Path | None = None
    pinned: bool = True


@dataclass(frozen=True, kw_only=True)
class Launch:
    """The times of one launch.

    Attributes:
        import_s: Seconds to import the script or module (for pytest: to collect); 0 for commands
            and for scripts timed as a whole.
        setup_s: Seconds of `setup()` (fixtures) before the first call.
        cold_s: Seconds of the first call in this fresh process; > 0.
        warm_s: Seconds per call of up to 20 blocks of warm calls, in order.
        cold_cpu_s: CPU seconds of the first call in this process, child processes not included.
        warm_cpu_s: CPU seconds per warm call; None without warm calls.
        imported_by_call: Modules that the first call imported.
        answer: The answer (see `answers`), None unless asked for.
        modules: Loaded modules of the repository's own packages, by name; {} for commands.
        cpu_s: CPU seconds of the whole process tree, start-up included; None when unknown.
        peak_rss_bytes: Peak resident memory of the largest process; None when unknown.
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
    imported_by_call: int = 0
    answer: dict[str, Any] | None = None
    modules: Mapping[str, LoadedModule] = field(default_factory=dict)
    cpu_s: float | None = None
    peak_rss_bytes: int | None = None
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
    env = target.environment.variables(tree, hash_seed=plan.hash_seed)
    with tempfile.TemporaryDirectory(prefix="perfagent-launch-") as folder:
        stdout = str(Path(folder) / "stdout") if plan.capture_answer else None
        job = _job(target, tree, plan, env["PYTHONPATH"]) | {"nonce": nonce, "stdout": stdout}
        argv = [*plan.wrapper, str(target.environment.python), str(DRIVER), "{channel}"]
        result = _run(target, tree, plan, argv, env, stdin=marshal.dumps(job, 2))
    message = _message(result, nonce)
    modules = message.get("modules", {})
    if message.get("error"):
        raise raised(target.workload, message["error"], result)
    loaded = checked_modules(target, tree, modules, result)
    return Launch(
        import_s=message["import_s"],
        setup_s=message["setup_s"],
        cold_s=message["cold_s"],
        warm_s=tuple(message["warm_s"]),
        cold_cpu_s=message["cold_cpu_s"],
        warm_cpu_s=message["warm_cpu_s"],
        imported_by_call=message["imported_by_call"],
        answer=message.get("answer"),
        modules=loaded,
        cpu_s=result.cpu_s,
        peak_rss_bytes=result.peak_rss_bytes,
        stdout=result.stdout,
        stderr=result.stderr,
        duration_s=result.duration_s,
    )


def _launch_command(target: Target, tree: Path, plan: LaunchPlan) -> Launch:
    """Run a shell command; the guard's clock around its process is the time."""
    argv = [*plan.wrapper, "/bin/sh", "-c", target.workload.text]
    env = target.environment.variables(tree, hash_seed=plan.hash_seed)
    result = _run(target, tree, plan, argv, env)
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
        answer=answer,
        cpu_s=result.cpu_s,
        peak_rss_bytes=result.peak_rss_bytes,
        stdout=result.stdout,
        stderr=result.stderr,
        duration_s=result.duration_s,
    )


def _job(target: Target, tree: Path, plan: LaunchPlan, python_path: str) -> dict[str, object]:
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
        "path": path.get(workload.kind, []),
        # After the tree's own import roots: a copy of the package beside the script loses.
        "path_position": len([entry for entry in python_path.split(os.pathsep) if entry]),
        "tree": str(tree),
        "packages": list(target.environment.packages),
        "loops": plan.loops,
        "seed": plan.hash_seed,
        "repeat_for_s": float(plan.repeat_for_s),
        "capture": plan.capture_answer,
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
    stdin: bytes | None = None,
) -> CommandResult:
    limits = target.limits
    wall_s = min(limits.wall_s, target.workload.timeout_s) + plan.repeat_for_s
    output = _ANSWER_OUTPUT_BYTES if plan.capture_answer else _TIMED_OUTPUT_BYTES
    result = run_command(
        argv,
        cwd=_project(target, tree) if target.workload.kind == "pytest" else tree,
        env=env,
        limits=replace(limits, wall_s=wall_s, output_bytes=output),
        cpus=target.timing_cpus if plan.pinned else target.other_cpus,
        channel=stdin is not None,
        stdin=stdin,
    )
    if result.timed_out:
        raise WorkloadFailed(
            f"the workload was still running after {wall_s:g} s and was ended",
            kind="timed_out",
            detail=result.tail(_SHOWN_LINES),
            command=result,
        )
    return result


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
