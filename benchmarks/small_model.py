"""Twenty runs with a small, real and rather bad model: does each end cleanly, with a verdict?

`make study-llm` serves SmolLM2-135M on loopback, runs `perfagent optimize` twenty times on the
tests' small repository, each with its own seed and one of the ways to ask a model, and writes
`benchmarks/small_model.md`. The model writes hardly a patch that applies; what is looked at is how
the runs end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perfagent.tests.llm.server import MODEL, served
from perfagent.tests.shop import lay_out_shop, snapshot

from .study.records import Record, say

HERE = Path(__file__).resolve().parent
WAYS: tuple[tuple[str, ...], ...] = (
    ("--search", "best-of-n", "--tool-protocol", "native"),
    ("--search", "best-of-n", "--tool-protocol", "text"),
    ("--search", "beam", "--tool-protocol", "text"),
    ("--search", "evolve", "--tool-protocol", "native"),
    ("--search", "best-of-n", "--tool-protocol", "text", "--plan-model", MODEL),
)
LIMITS = (
    *("--max-prompt-tokens", "4000", "--max-output-tokens", "400", "--max-context-tokens", "6000"),
    *("--max-turns", "4", "--width", "2", "--max-tokens", "40000", "--jobs", "1"),
)
LATEST_S = 900.0


def one_run(number: int, url: str, folder: Path) -> Record:
    """Run once and return what came of it."""
    shop = lay_out_shop(folder, folder.parent / "cache")
    before = snapshot(shop.repo)
    way = WAYS[number % len(WAYS)]
    found: Record = {"seed": number, "way": " ".join(way).replace("--", ""), "verdict": None}
    began = time.monotonic()
    try:
        answer = shop.optimize(
            *("--proposer", "llm", "--model", MODEL, "--base-url", url, "--seed", str(number)),
            *way,
            *LIMITS,
            timeout=LATEST_S,
        )
    except subprocess.TimeoutExpired:
        return found | {"seconds": LATEST_S, "status": None, "untouched": None}
    found |= {
        "seconds": time.monotonic() - began,
        "status": answer.status,
        "untouched": snapshot(shop.repo) == before,
    }
    if answer.status in (0, 1) and answer.out:
        found |= _from_record(answer.record)
    else:
        found["error"] = " ".join(answer.err.split())[-300:]
    return found


def _from_record(record: dict[str, Any]) -> Record:
    candidates = record["candidates"]
    return {
        "verdict": record["outcome"],
        "stopped": record["stopped"],
        "tokens": record["spend"]["tokens"],
        "rejected_at": dict(Counter(each["stage"] for each in candidates)),
        "unexplained": sum(not each["reason"] for each in candidates),
    }


def report(runs: Sequence[Record]) -> str:
    """Return the page."""
    clean = [each for each in runs if is_clean(each)]
    lines = [
        "# Runs with a small local model",
        "",
        f"Written by `make study-llm` on {datetime.now(UTC):%Y-%m-%d}: `perfagent optimize` with",
        "SmolLM2-135M-Instruct, served by llama-cpp-python, on a repository with a planted",
        "quadratic function, one round each. The model is far too small for the work; what is",
        f"looked at is how they end. {len(clean)} of {len(runs)} ended cleanly: after asking the",
        "model, with a verdict, a reason for each candidate that was refused, and the user's",
        "repository untouched.",
        "",
        "| seed | how it was asked | verdict | why it ended | tokens | candidates by last stage"
        " | time |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in runs:
        stages = each.get("rejected_at") or {}
        lines.append(
            f"| {each['seed']} | {each['way']} | {each['verdict'] or each.get('error', 'none')} |"
            f" {each.get('stopped', '')} | {each.get('tokens', 0):,} |"
            f" {', '.join(f'{count} {stage}' for stage, count in stages.items()) or 'none'} |"
            f" {each['seconds']:.0f} s |"
        )
    return "\n".join(lines) + "\n"


def is_clean(run: Record) -> bool:
    """Tell whether a run asked the model and ended as it should."""
    asked = run.get("tokens", 0) > 0
    return asked and bool(run["verdict"] and run["untouched"]) and not run["unexplained"]


def main() -> int:
    """Make the runs that have no record yet, and write the page; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_model", description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--data", type=Path, default=HERE / "data" / "small_model.json")
    parser.add_argument("--report", type=Path, default=HERE / "small_model.md")
    args = parser.parse_args()
    python = os.environ.get("LLM_SERVER_PYTHON")
    if not python:
        say("LLM_SERVER_PYTHON is not set: run `make study-llm`")
        return 2
    runs: list[Record] = json.loads(args.data.read_text()) if args.data.exists() else []
    with (
        tempfile.TemporaryDirectory(prefix="perfagent-study-") as place,
        served(python, Path(place) / "server.log") as url,
    ):
        for number in range(len(runs), args.runs):
            folder = Path(place) / f"{number:02}"
            folder.mkdir()
            runs.append(one_run(number, url, folder))
            say(f"run {number + 1} of {args.runs}: {runs[-1]['verdict']}")
            args.data.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    args.report.write_text(report(runs), encoding="utf-8")
    return 0 if all(map(is_clean, runs)) else 1


if __name__ == "__main__":
    sys.exit(main())
