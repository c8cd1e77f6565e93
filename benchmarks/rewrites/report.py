"""Writes rewrites.md from the records alone."""

from __future__ import annotations

from perfagent.tools.rewrites.catalogue import ALL

from ..study.ours import PLAN
from ..study.records import Record, Store
from ..study.tables import table

_MISSING = ["not measured"]


def write_report(store: Store) -> str:
    """Return the report of all rewrites, with what the machine of the last session measured.

    Of several records of one the last counts.
    """
    session = store.read("sessions")[-1]
    here = [each for each in store.read("wins") if each["machine"] == session["machine"]]
    wins = {each["rewrite"]: each for each in here}
    traps = {each["rewrite"]: each for each in store.read("traps")}
    names = [each.name for each in ALL]
    return "\n".join(
        [
            _head(session),
            "## Where they win\n",
            f"Accepted are gains above {PLAN.min_effect:.0%}, at an error of {PLAN.error:.0%}, that"
            " fresh samples\nconfirm; the interval is of those, else of the gate's own.\n",
            table(
                ["rewrite", "before", "speedup", f"{PLAN.confidence:.0%} CI", "pairs", "accepted"],
                [[name, *_win(wins.get(name))] for name in names],
            ),
            "## Where they are wrong\n",
            "Each patch applies by its source and changes what the program does. The stages that"
            " time are left out.\n",
            table(
                ["rewrite", "what the source does not show", "refused by"],
                [[name, *_trap(traps.get(name))] for name in names],
            ),
        ]
    )


def _head(session: Record) -> str:
    return "\n".join(
        [
            "# What the built-in rewrites do: figures",
            "",
            "Written by `make study-rewrites` from the records in `benchmarks/data/rewrites/`;"
            " nothing here",
            "is typed in. The modules are those of `tests/tools/rewrites/corpus/`, one a rewrite.",
            "",
            f"- Machine: {session['machine']}",
            f"- Last session {session['at']}",
            "",
        ]
    )


def _win(record: Record | None) -> list[str]:
    if record is None:
        return [*_MISSING, "", "", "", ""]
    shown = record["confirmation"] or record["gate"]
    interval = "" if shown["ci_low"] is None else f"{shown['ci_low']:.2f} to {shown['ci_high']:.2f}"
    return [
        f"{record['call_s'] * 1e3:.1f} ms",
        "" if shown["speedup"] is None else f"{shown['speedup']:.2f}",
        interval,
        str(shown["pairs"]),
        "yes" if record["accepted"] else f"no: {shown['reason']}",
    ]


def _trap(record: Record | None) -> list[str]:
    if record is None:
        return [*_MISSING, ""]
    if record["outcome"] is None:
        return [f"no trap: {record['why']}", ""]
    is_refused = record["outcome"] == "rejected"
    return [record["why"], record["stage"] if is_refused else f"**{record['outcome']}**"]
