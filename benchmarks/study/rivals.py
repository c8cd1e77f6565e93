"""The procedures of others, on real processes: what they measure, and what they then decide."""

from __future__ import annotations

import functools
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import rules
from .cases import PACKAGE, Case

INSIDE = Path(__file__).parent / "inside.py"
SWEFFICIENCY_SAMPLES = 10
_WARM_UPS, _RUNS = 3, 20
_REPEATS = 20

Answer = dict[str, Any]


def samples(case: Case, tree: Path, mode: str, count: int = 1) -> list[float]:
    """Return the seconds that a process of `inside.py` measured on the timing core."""
    argv = [sys.executable, str(INSIDE), mode, case.cpus, str(case.script), str(count)]
    return json.loads(_output(argv, case, tree))


def _output(argv: list[str], case: Case, tree: Path) -> str:
    env = case.target.environment.variables(tree)
    ran = subprocess.run(argv, env=env, check=True, capture_output=True, text=True)
    return ran.stdout


def swefficiency(case: Case, before: Path, after: Path) -> Answer:
    """Run a before block, then an after block; accept by the ratio of their means."""
    blocks = [samples(case, tree, "block", SWEFFICIENCY_SAMPLES) for tree in (before, after)]
    speedup = rules.ratio_of_means(*blocks)
    return {
        "speedup": speedup,
        "accepted": speedup > 1,
        "accepted_by_margin": speedup > rules.SWEFFICIENCY_MARGIN,
    }


def sweperf(case: Case, before: Path, after: Path) -> Answer:
    """Run 3 + 20 launches before, then after; accept when the Mann-Whitney gain is above zero."""
    blocks = [
        [samples(case, tree, "once")[0] for _ in range(_WARM_UPS + _RUNS)][_WARM_UPS:]
        for tree in (before, after)
    ]
    gain = rules.sweperf_gain(*blocks)
    return {"gain": gain, "accepted": gain > 0}


def minima(case: Case, before: Path, after: Path) -> Answer:
    """Take the best of repeats in one process each; accept from a gain of 5 % on."""
    speedup = rules.ratio_of_minima(
        *(samples(case, tree, "minima", _REPEATS) for tree in (before, after))
    )
    return {"speedup": speedup, "accepted": speedup >= rules.MINIMUM_MARGIN}


def pyperf(case: Case, before: Path, after: Path) -> Answer:
    """Run `pyperf timeit --fast` on both and accept what `pyperf compare_to` calls faster."""
    with tempfile.TemporaryDirectory(prefix="perfagent-study-") as folder:
        files = [Path(folder) / name for name in ("before.json", "after.json")]
        for tree, file in zip((before, after), files, strict=True):
            argv = [sys.executable, "-m", "pyperf", "timeit", "--fast", "-q"]
            argv += ["--inherit-environ", "PYTHONPATH", "-o", str(file)]
            argv += ["--affinity", case.cpus] if case.cpus else []
            argv += ["-s", f"from {PACKAGE} import run", "run()"]
            _output(argv, case, tree)
        argv = [sys.executable, "-m", "pyperf", "compare_to", *map(str, files)]
        text = _output(argv, case, before)
    return {"accepted": rules.pyperf_says_faster(text)}


@functools.cache
def procedures() -> Mapping[str, Callable[[Case, Path, Path], Answer]]:
    """Return the procedures by name; pyperf only where it is installed (the extra `study`)."""
    found: dict[str, Callable[[Case, Path, Path], Answer]] = {
        "swefficiency": swefficiency,
        "sweperf": sweperf,
        "minima": minima,
    }
    if importlib.util.find_spec("pyperf") is not None:
        found["pyperf"] = pyperf
    return found


def timed(name: str, case: Case, before: Path, after: Path) -> Answer:
    """Return a procedure's answer with its seconds."""
    started = time.monotonic()
    answer = procedures()[name](case, before, after)
    return answer | {"seconds": round(time.monotonic() - started, 3)}
