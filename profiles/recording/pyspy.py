"""The one place that knows py-spy's program, its options and what it prints.

py-spy starts the workload itself and reads its memory from outside: nothing is added to what is
timed. It needs to trace its own child, which some containers refuse.
"""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from pathlib import Path

from ...errors import InfrastructureError
from ...repos.commands.process import Limits, run_command

_REFUSED = ("permission denied", "operation not permitted", "eperm", "failed to suspend process")
_COUNTS = re.compile(r"^py-spy> Wrote .* Samples: \d+ Errors: (\d+)$", re.MULTILINE)
_PROBE = "import time; time.sleep(20)"
"""Outlives py-spy, which kills it; a process that is gone would be all that py-spy reports."""


def find_pyspy() -> Path:
    """Return py-spy's program: the one installed beside this interpreter, else the one on PATH.

    Raises:
        InfrastructureError: there is none, though perfagent depends on it.
    """
    beside = sysconfig.get_path("scripts")
    found = shutil.which("py-spy", path=beside) or shutil.which("py-spy")
    if found is None:
        raise InfrastructureError(
            f"py-spy is not installed (looked in {beside} and on PATH); install it with"
            f" '{sys.executable} -m pip install py-spy'"
        )
    return Path(found)


def pyspy_wrapper(
    output: Path, *, rate_hz: int, native: bool = False, idle: bool = False
) -> tuple[str, ...]:
    """Return what to put before a command so that py-spy runs it and records its whole tree.

    Lines are those being executed, files have their full names. py-spy's own exit status says
    nothing about the command's: it is 0 whenever `output` was written.

    Args:
        output: the file to write when the command has ended; missing afterwards when py-spy could
            not look, in which case py-spy has also killed the command after about a second.
        rate_hz: samples a second.
        native: record frames of compiled code too.
        idle: record threads that wait as well.

    Raises:
        InfrastructureError: py-spy is not installed.
    """
    options = ["--native"] if native else []
    if idle:
        options.append("--idle")
    return (
        str(find_pyspy()),
        "record",
        "--subprocesses",
        "--full-filenames",
        *("--format", "raw", "--rate", str(rate_hz), "--output", str(output)),
        *options,
        "--",
    )


def pyspy_errors(stdout: str) -> int:
    """Return how many samples py-spy could not take, from what it printed; 0 when it said none."""
    return sum(int(count) for count in _COUNTS.findall(stdout))


def pyspy_problem() -> str | None:
    """Return why py-spy cannot look into a process that it starts here, or None when it can.

    Tries it, which takes about a second.

    Raises:
        InfrastructureError: py-spy is not installed, or no process could be run.
    """
    # Not with --subprocesses, which reports every failure as "no python processes found".
    argv = [str(find_pyspy()), "record", "--format", "raw", "--output", "/dev/null"]
    probe = [sys.executable, "-I", "-S", "-c", _PROBE]
    result = run_command(
        [*argv, "--duration", "1", "--", *probe],
        cwd=Path("/"),
        env={"LC_ALL": "C.UTF-8"},
        limits=Limits(wall_s=30),
    )
    if result.ok:
        return None
    text = result.stderr.lower()
    if any(words in text for words in _REFUSED):
        return "ptrace is refused here"
    lines = [line.strip() for line in result.stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    return next(iter([*errors, *reversed(lines)]), "it gives no reason")
