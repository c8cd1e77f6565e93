"""Runs the study, or a part of it: `python -m benchmarks.study --help`."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from perfagent.workloads.timing.timings import describe_machine

from . import computed, parts
from .cases import make_cases
from .records import Clock, Store, say
from .report import write_report

HERE = Path(__file__).resolve().parent.parent

Part = Callable[[parts.Setting, Clock], None]

MEASURED: Mapping[str, tuple[Part, float]] = {
    "aa-quiet": (lambda setting, clock: parts.identical(setting, "quiet", clock), 1200.0),
    "planted": (parts.planted, 1800.0),
    "rivals": (parts.side_by_side, 1200.0),
    "verdict-time": (parts.verdict_time, 900.0),
    "aa-load": (lambda setting, clock: parts.identical(setting, "load", clock), 2700.0),
}
"""Each part and the seconds that it may take at most in one go, unless told otherwise."""

COMPUTED = {"simulated": computed.simulated, "resampled": computed.resampled}


def main(argv: list[str]) -> int:
    """Run what the arguments ask for; return the exit status."""
    args = _arguments(argv)
    store = Store(folder=args.data)
    names = _names(args.part, args.condition)
    if "report" in names and len(names) == 1:
        return _report(args, store)
    with tempfile.TemporaryDirectory(prefix="perfagent-study-") as folder:
        setting = _setting(args, store, Path(folder))
        if setting is None:
            return 2
        command = "python -m benchmarks.study " + " ".join(argv)
        store.append("sessions", {"at": _now(), "command": command.strip(), "scale": args.scale})
        for name in names:
            if name in MEASURED:
                run, budget_s = MEASURED[name]
                run(setting, Clock(budget_s=args.budget_s or budget_s))
            elif name in COMPUTED:
                COMPUTED[name](setting)
    return _report(args, store) if "report" in names else 0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study", description=__doc__)
    choices = ["all", "aa", "planted", "rivals", "verdict-time", *COMPUTED, "report"]
    parser.add_argument("--part", choices=choices, default="all")
    parser.add_argument("--condition", choices=["quiet", "load"], help="of the part aa")
    parser.add_argument("--budget-s", type=float, help="seconds after which a part stops")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies every count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where records go")
    parser.add_argument("--report", type=Path, default=HERE / "measurement.md")
    return parser.parse_args(argv)


def _names(part: str, condition: str | None) -> list[str]:
    if part == "all":
        return [*MEASURED, *COMPUTED, "report"]
    if part == "aa":
        return [f"aa-{condition}"] if condition else ["aa-quiet", "aa-load"]
    return [part]


def _setting(args: argparse.Namespace, store: Store, folder: Path) -> parts.Setting | None:
    """Return the setting, on the machine that earlier data are of; None when it is another."""
    here = {"machine": dict(describe_machine()), "python": platform.python_version()}
    path = store.folder / "machine.json"
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if known and {name: known[name] for name in here} != here:
        say(f"{path} is of another machine or Python: give another --data, or remove the folder")
        return None
    cases = make_cases(folder, known.get("steps"))
    if not known:
        steps = {name: case.steps for name, case in cases.items()}
        store.folder.mkdir(parents=True, exist_ok=True)
        cores = {"timing_cores": cases["1ms"].cpus, "usable": len(os.sched_getaffinity(0))}
        path.write_text(json.dumps(here | cores | {"steps": steps}, indent=1) + "\n")
    return parts.Setting(cases=cases, store=store, scale=args.scale, seed=args.seed)


def _report(args: argparse.Namespace, store: Store) -> int:
    if not (store.folder / "machine.json").exists():
        say(f"{store.folder} holds no data: run `python -m benchmarks.study` first")
        return 2
    args.report.write_text(write_report(store), encoding="utf-8")
    say(f"written: {args.report}")
    return 0


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
