"""Which tool counts instructions here, and what it counted in a launch."""

from __future__ import annotations

import functools
import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from .inside import perfagent_counters

InstructionsBy = Literal["auto", "perf", "callgrind"]
CounterName = Literal["perf", "callgrind", "rapl"]

CALLGRIND_SLOWER = 60
"""How many times longer a launch may take below callgrind than its workload's time limit."""

_OUT = "callgrind"
_PERF_STAT = "perf-stat"
_REQUEST = "desc: Trigger: Client Request: "


@functools.cache
def perf_problem(*, is_command: bool = False) -> str | None:
    """Say why perf counts no instructions here; None when it does.

    Args:
        is_command: Whether they are a shell command's, which takes the program `perf`.
    """
    if is_command and shutil.which("perf") is None:
        return "the program perf is not installed"
    try:
        perfagent_counters.perf_reader()
    except OSError as error:
        return f"perf_event_open: {error.strerror or error}"
    return None


def callgrind_problem() -> str | None:
    """Say why callgrind cannot count here; None when it can."""
    if shutil.which("valgrind") is None:
        return "valgrind is not installed"
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return f"callgrind is used on Linux on x86_64 only, this is {platform.machine()}"
    return None


def instruction_counter(
    by: InstructionsBy, *, is_command: bool = False
) -> Literal["perf", "callgrind"]:
    """Return the tool that counts: "auto" takes perf where it counts, else callgrind."""
    if by != "auto":
        return by
    return "perf" if perf_problem(is_command=is_command) is None else "callgrind"


def wrapper(counter: CounterName | None, folder: Path, *, command: bool) -> tuple[str, ...]:
    """Return what is put before a launch's own argv.

    Args:
        counter: What counts; None for nothing.
        folder: Where files with counts go.
        command: Whether the launch is a shell command, which nothing inside it can count.
    """
    if counter == "callgrind":
        out = f"--callgrind-out-file={folder / _OUT}.%p"
        # A part's header is all that is read of it.
        valgrind = shutil.which("valgrind") or "valgrind"
        return (valgrind, "-q", "--tool=callgrind", "--trace-children=yes", out)
    if counter == "perf" and command:
        perf = shutil.which("perf") or "perf"
        return (perf, "stat", "-x,", "-e", "instructions:u", "-o", str(folder / _PERF_STAT), "--")
    return ()


def counts_of_calls(
    counter: CounterName | None, counted: Mapping[str, Any], folder: Path
) -> dict[str, float]:
    """Return what was counted in the first call ("cold") and in all warm calls ("warm").

    Args:
        counter: What counted.
        counted: What the driver says of it.
        folder: The folder given to `wrapper`.
    """
    if counter != "callgrind":
        return {regime: counted[regime] for regime in ("cold", "warm") if regime in counted}
    found: dict[str, list[int]] = {}
    for path in folder.glob(f"{_OUT}.{counted.get('process')}.*"):
        label, total = _part(path)
        found.setdefault(label, []).append(total)
    empty = min(found.get("empty", [0]))
    children: Mapping[str, list[str]] = counted.get("children", {})
    return {
        regime: sum(max(0, part - empty) for part in found[regime])
        + sum(_part(folder / Path(name).name)[1] for name in children.get(regime, ()))
        for regime in ("cold", "warm")
        if regime in found
    }


def count_of_command(counter: CounterName | None, folder: Path) -> float | None:
    """Return the instructions of a command and all its processes; None when nothing counted."""
    if counter == "callgrind":
        parts = [_part(path)[1] for path in folder.glob(f"{_OUT}.*")]
        return sum(parts) if parts else None
    if counter != "perf":
        return None
    try:
        lines = (folder / _PERF_STAT).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        fields = line.split(",")
        if len(fields) > 2 and fields[2].startswith("instructions") and fields[0].isdigit():
            return int(fields[0])
    return None


def _part(path: Path) -> tuple[str, int]:
    """Return the label of the request that wrote a part, "" for none, and what it counted."""
    label = ""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                if line.startswith(_REQUEST):
                    label = line.removeprefix(_REQUEST).strip()
                elif line.startswith("totals:"):
                    return label, int(line.split()[1])
    except OSError:
        return label, 0
    return label, 0


def rapl_problem(folder: Path = Path(perfagent_counters.POWERCAP)) -> str | None:
    """Say why the processor's energy cannot be read; None when it can."""
    try:
        perfagent_counters.Rapl(os.fspath(folder))
    except PermissionError:
        return f"the RAPL counters below {folder} are not readable: they need root"
    except (OSError, ValueError):
        return f"this machine has no RAPL counters below {folder}"
    return None
