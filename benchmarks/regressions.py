"""How often the app's check calls a pull request slower that changes nothing, and one that does.

    python -m benchmarks.regressions [--pulls 20] [--budget-s SECONDS]

Each pull request goes the whole way, on loopback: opened at a peer that keeps state, announced by a
webhook, measured by a worker with the defaults, and read from the check that stands there. Its
record is kept in benchmarks/data/regressions.jsonl, and the next call goes on from there. Writes
benchmarks/regressions.md. Needs what `.ci/app_peers build/app-peers` fetches.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.study.records import Clock, Record, Store, say
from perfagent.tests.app.contract import Contract
from perfagent.tests.app.peer import REPO
from perfagent.tests.app.world import FILES, World, make_key, world
from perfagent.tests.shop import PAIRS

ROOT = Path(__file__).resolve().parents[1]
PART = "regressions"
SLOW_LINE = "    return [number for number in first if sorted(known).count(number)]"
SLOW = PAIRS.replace("    return [number for number in first if number in known]", SLOW_LINE)
CONFIGURATION = "workloads:\n  compare: bench/compare.py\n"
KINDS = {"changes nothing": PAIRS, "is slower": SLOW}
SLOWER_OF = 4
"""One slower pull request for so many that change nothing."""


def planned(pulls: int, done: Sequence[Record]) -> list[tuple[str, int]]:
    """Return kind and number of the pull requests that have no record yet, evenly mixed."""
    made = {(record["kind"], record["number"]) for record in done}
    order = []
    for number in range(pulls):
        order.append(("changes nothing", number))
        if number % SLOWER_OF == SLOWER_OF - 1:
            order.append(("is slower", number // SLOWER_OF))
    return [each for each in order if each not in made]


def measured(made: World, kind: str, number: int) -> Record:
    """Open a pull request, have it measured, and return what its check says."""
    name = f"{kind.replace(' ', '-')}-{number}"
    pull = made.pull(name, {"deliveries/pairs.py": f"{KINDS[kind]}\n# pull request {name}\n"})
    made.pushed(pull, "opened", name)
    began = time.monotonic()
    made.drain("light", "bench")
    (check,) = made.checks(made.peer.head(name) or "")
    path = f"/repos/{REPO}/check-runs/{check['id']}/annotations"
    notes = made.as_user("acme", "GET", path)["check_annotations"]
    (found,) = made.queue.listed("kind = 'check'", limit=1)[0].report["results"]
    return {
        "kind": kind,
        "number": number,
        "conclusion": check["conclusion"],
        "title": check["output"]["title"],
        "line": notes[0]["start_line"] if notes else None,
        **{key: found[key] for key in ("slowdown", "ci_low", "ci_high", "pairs")},
        "seconds": round(time.monotonic() - began, 1),
        "cores": os.cpu_count(),
    }


def run(store: Store, pulls: int, budget_s: float, peers: Path) -> None:
    """Measure the pull requests that have no record yet, as far as the time goes."""
    left = planned(pulls, store.read(PART))
    clock = Clock(budget_s=budget_s)
    if not left:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contract = Contract(peers / "api.github.com.json")
        files = {**FILES, ".github/perfagent.yml": CONFIGURATION}
        with world(folder, peers, make_key(folder), contract, files=files) as made:
            for kind, number in left:
                if clock.is_up():
                    return
                record = measured(made, kind, number)
                store.append(PART, record)
                say(f"{kind} {number}: {record['title']} in {record['seconds']} s")


def report(records: Sequence[Record]) -> str:
    """Return the study's page, Markdown."""
    line = SLOW.splitlines().index(SLOW_LINE) + 1
    rows = [
        "| the pull request | how many | red | green | grey | red at the planted line |",
        "|---|---|---|---|---|---|",
    ]
    for kind, found in _by_kind(records).items():
        said = [record["conclusion"] for record in found]
        placed = sum(record["line"] == line for record in found)
        counts = [said.count(name) for name in ("failure", "success", "neutral")]
        cells = [kind, len(found), *counts, placed if kind == "is slower" else "-"]
        rows.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    same, slower = _by_kind(records).values()
    seconds = _middle([record["seconds"] for record in records])
    return (
        "# Checks of pull requests that change nothing, and of slower ones\n\n"
        "`make study-regressions`: each pull request goes the whole way from a webhook to the"
        " check, on loopback,\nwith the app's defaults (red beyond 10 % with the interval excluding"
        " less). The workload takes some 10 ms.\n\n"
        + "\n".join(rows)
        + f"\n\nRed where nothing changed is a false alarm: {_bound(same)}\n"
        f"These took {_span(same)} times the time of their base; the slower ones {_span(slower)}"
        f" times.\nOne check takes {seconds:.0f} s on this machine, in the middle.\n"
    )


def _by_kind(records: Sequence[Record]) -> dict[str, list[Record]]:
    return {kind: [each for each in records if each["kind"] == kind] for kind in KINDS}


def _bound(same: Sequence[Record]) -> str:
    from scipy.stats import beta

    red, count = sum(r["conclusion"] == "failure" for r in same), len(same)
    if not count:
        return "none was measured."
    most = beta.ppf(0.95, red + 1, count - red) if red < count else 1.0
    return f"{red} of {count}, so fewer than {most:.0%} of such pull requests at 95 % confidence."


def _span(records: Sequence[Record]) -> str:
    known: list[Any] = [record["slowdown"] for record in records if record["slowdown"]]
    return f"{min(known):.2f} to {max(known):.2f}" if known else "not measured"


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0


def main() -> None:
    """Go on with the study, and write its page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pulls", type=int, default=20)
    parser.add_argument("--budget-s", type=float, default=float("inf"))
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks" / "data")
    parser.add_argument("--report", type=Path, default=ROOT / "benchmarks" / "regressions.md")
    parser.add_argument("--peers", type=Path, default=ROOT / "build" / "app-peers")
    asked = parser.parse_args()
    if not (asked.peers / "api.github.com.json").exists():
        sys.exit(f"the peers are not in {asked.peers}: run `.ci/app_peers {asked.peers}`")
    store = Store(folder=asked.data)
    run(store, asked.pulls, asked.budget_s, asked.peers)
    records = store.read(PART)
    asked.report.write_text(report(records), encoding="utf-8")
    left = len(planned(asked.pulls, records))
    if left:
        say(f"{left} pull requests are left: call it again")


if __name__ == "__main__":
    main()
