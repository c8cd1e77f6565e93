"""What works on this machine: each finding says what is there, or what is lost without it."""

from __future__ import annotations

import math
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import InfrastructureError, UserError
from ..repos.commands.docker_engine import engine_version
from ..repos.commands.process import Limits, run_command
from ..repos.git import git
from ..repos.sandbox.choice import choose
from ..workloads.counting import instruction_counter
from ..workloads.metrics import METRICS, unavailable
from ..workloads.timing.decision import ComparisonPlan, provable

# A loop of about 20 ms whose time is all CPU: its spread is the machine's, not the program's.
SPIN = (
    "import time\nt=time.perf_counter()\nfor _ in range(400000): pass\nprint(time.perf_counter()-t)"
)
SPIN_LAUNCHES = 16
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "PERFAGENT_API_KEY")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: Its name.
        state: "works", "missing", or "note" for a plain fact.
        detail: What was found, or what is lost and what to do.
        needed: Whether nothing works without it.
    """

    what: str
    state: Literal["works", "missing", "note"]
    detail: str
    needed: bool = False


def examine() -> list[Finding]:
    """Look at everything a run may use; takes a few seconds. Raises nothing of ours."""
    return [finding for check in _CHECKS for finding in check()]


def _git() -> Iterator[Finding]:
    try:
        version = git(None, "--version").strip()
    except (UserError, InfrastructureError) as error:
        yield Finding(what="git", state="missing", detail=str(error), needed=True)
    else:
        yield Finding(what="git", state="works", detail=version, needed=True)


def _python() -> Iterator[Finding]:
    uv = shutil.which("uv")
    installer = f"uv at {uv}" if uv else "pip (uv is not on PATH; it would be faster)"
    yield Finding(what="python", state="works", detail=f"{sys.version.split()[0]}, {installer}")


def _profiler() -> Iterator[Finding]:
    from ..profiles.recording.record import can_sample

    problem = can_sample()
    if problem is None:
        yield Finding(what="profiler", state="works", detail="py-spy may attach to its children")
    else:
        yield Finding(
            what="profiler",
            state="missing",
            detail=f"py-spy cannot attach ({problem}); pyinstrument takes over",
        )


def _isolation() -> Iterator[Finding]:
    chosen = choose("auto")
    yield Finding(
        what="bubblewrap",
        state="missing" if chosen.lost else "works",
        detail=chosen.lost or chosen.text,
    )
    try:
        version = engine_version()
    except InfrastructureError as error:
        yield Finding(what="docker", state="missing", detail=str(error))
    else:
        yield Finding(what="docker", state="works", detail=f"engine {version}")


def _keys() -> Iterator[Finding]:
    present = [name for name in KEYS if os.environ.get(name)]
    if present:
        yield Finding(what="keys", state="works", detail=f"{', '.join(present)} set")
    else:
        yield Finding(
            what="keys",
            state="note",
            detail=f"none of {', '.join(KEYS)} is set; the built-in rewrites need none",
        )


def _cores() -> Iterator[Finding]:
    count = len(os.sched_getaffinity(0))
    if count > 1:
        yield Finding(what="cores", state="works", detail=f"{count}; one is kept for timing")
    else:
        yield Finding(
            what="cores", state="note", detail="one: tests and timings share it, expect more noise"
        )


def _metrics() -> Iterator[Finding]:
    for kind in METRICS.values():
        reason = unavailable(kind.name)
        by = f" Counted by {instruction_counter('auto')}." if kind.name == "instructions" else ""
        yield Finding(
            what=f"metric {kind.name}",
            state="missing" if reason else "works",
            detail=reason or kind.meaning + by,
        )


def _noise() -> Iterator[Finding]:
    spread = noise_share()
    plan = ComparisonPlan()
    # Two launches make a pair, so their noises add up.
    least = math.expm1(math.log1p(plan.min_effect) + provable(math.sqrt(2) * spread, plan))
    detail = (
        f"launches of the same 20 ms loop differ by {spread:.1%} (robust standard deviation): "
        f"gains from {least:.1%} on can be proven in {plan.max_pairs} pairs"
    )
    if spread > 0.1:
        detail += "; small gains will be inconclusive here: close what else is running"
    yield Finding(what="noise", state="note", detail=detail)


def noise_share() -> float:
    """Return the robust spread of identical launches, as a share of their median.

    1.4826 times the median absolute deviation, over the median: the standard deviation for normal
    noise, and not moved by a few bad launches (Rousseeuw & Croux 1993).
    """
    import statistics

    last = max(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        values = [
            float(
                run_command(
                    [sys.executable, "-I", "-S", "-c", SPIN],
                    cwd=Path(folder),
                    env={"PATH": os.defpath},
                    limits=Limits(wall_s=30),
                    cpus=frozenset({last}),
                ).stdout
            )
            for _ in range(SPIN_LAUNCHES)
        ]
    middle = statistics.median(values)
    return 1.4826 * statistics.median(abs(value - middle) for value in values) / middle


_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _git,
    _python,
    _profiler,
    _isolation,
    _keys,
    _cores,
    _metrics,
    _noise,
)
