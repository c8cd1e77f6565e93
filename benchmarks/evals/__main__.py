"""Kills an evaluation's driver and workers at random, and times what an instance costs.

`python -m benchmarks.evals kills`, or `throughput`, which writes evals.md. `protocols RUN...` sets
the samples that `eval run --protocol official` took beside the paired ones.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from ..study.records import say
from .kills import SLEEP_S, digest_of, disturbed, undisturbed
from .protocols import protocols_table
from .simulated import asked_for_simulated, simulated
from .throughput import local_lines, ray_lines, table_of

ROOT = Path(__file__).resolve().parents[2]


def main(argv: list[str]) -> int:
    """Run the study that is named; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evals", description=__doc__)
    parser.add_argument("study", choices=["kills", "throughput", "protocols"])
    parser.add_argument("runs_of", nargs="*", type=Path, metavar="RUN", help="of protocols")
    parser.add_argument("--runs", type=int, default=20, help="of kills")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    if args.study == "kills":
        return _kills(args.runs, args.seed)
    if args.study == "protocols":
        print(protocols_table(args.runs_of))
        return 0
    text = table_of([*local_lines(), *ray_lines()])
    path = ROOT / "benchmarks" / "evals.md"
    path.write_text(text, encoding="utf-8")
    say(f"written: {path}")
    return 0


def _kills(runs: int, seed: int) -> int:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        expected = undisturbed(Path(folder) / "whole")
        wrong = 0
        for number in range(runs):
            place = Path(folder) / f"run-{number}"
            began = time.monotonic()
            killed = disturbed(place, rng)
            same = digest_of(place) == expected
            wrong += not same
            told = "the same" if same else "DIFFERENT"
            say(f"run {number + 1}: {killed}; {told}, {time.monotonic() - began:.1f} s")
    say(f"{runs - wrong} of {runs} runs end with the undisturbed report")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "drive":
        # What `kills` starts and kills: one evaluation of simulated instances.
        from perfagent.evals.batch.backend import LocalBackend
        from perfagent.evals.batch.evaluation import run_evaluation

        place = Path(sys.argv[2])
        run_evaluation(
            asked_for_simulated(place, count=24, sleep_s=SLEEP_S),
            place,
            LocalBackend(2),
            work=simulated,
        )
        sys.exit(0)
    sys.exit(main(sys.argv[1:]))
