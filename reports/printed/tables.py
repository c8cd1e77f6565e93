"""What the commands print on stdout: the result, profile tables, lists. Rich lays them out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..record import RunRecord

if TYPE_CHECKING:
    from rich.console import Console

MARKS = {"works": "[green]works[/]", "missing": "[yellow]missing[/]", "note": "note"}
FUNCTIONS_SHOWN = 15
_WIDE = 140
"""Columns that a table of a report needs."""
_MOST_COLUMNS = 4


def console() -> Console:
    """Return a console for stdout; wide enough not to fold paths when output is piped."""
    from rich.console import Console

    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=160)


def print_result(record: Mapping[str, Any]) -> None:
    """Print a run's sentence, where its time went, and where its files are."""
    out = console()
    out.print(record["sentence"], markup=False, soft_wrap=True)
    _print_sizes(out, RunRecord(record))
    out.print(time_line(record["seconds"]), markup=False, soft_wrap=True)
    out.print(f"report: {record['directory']}/report.md", markup=False, soft_wrap=True)
    out.print(f"page:   {record['directory']}/report.html", markup=False, soft_wrap=True)
    if record["outcome"] == "accepted":
        out.print(f"patch:  {record['directory']}/patch.diff", markup=False, soft_wrap=True)
    run = RunRecord(record)
    if run.guard:
        where = f"{record['directory']}/{run.guard_file}" if run.guard_file else run.guard
        out.print(f"guard:  {where}", markup=False, soft_wrap=True)


def _print_sizes(out: Console, run: RunRecord) -> None:
    from rich.table import Table

    swept = run.sweep
    if swept is None:
        return
    table = Table("size", "base", "patched", "speedup", box=None)
    for row in swept.rows():
        table.add_row(*row)
    out.print(table)
    for told in swept.sentences():
        out.print(told, markup=False, soft_wrap=True)


def time_line(seconds: Mapping[str, float]) -> str:
    """Return where the run's wall time went, as shares of it.

    Purposes may overlap (tests beside a timing), so the shares may add up to more than 100 %;
    "perfagent itself" is the time in which none of them was under way.
    """
    total = seconds["total"] or 1.0
    names = {"own": "perfagent itself", "agent": "outside agent"}
    parts = [
        f"{names.get(key, key)} {value / total:.0%}"
        for key, value in sorted(seconds.items(), key=lambda item: -item[1])
        if key not in ("total", "own") and value > 0
    ]
    parts.append(f"{names['own']} {seconds['own'] / total:.1%}")
    return f"time: {seconds['total']:.0f} s: {', '.join(parts)}"


def print_profile(found: Mapping[str, Any]) -> None:
    """Print hotspots of the repository and the functions of all owners."""
    out = console()
    out.print(f"{found['samples']} samples by {found['recorder']}")
    if found["note"]:
        out.print(found["note"], markup=False)
    _print_hotspots(out, found["hotspots"])
    _print_functions(out, found["functions"][:FUNCTIONS_SHOWN])
    out.print(f"speedscope: {found['directory']}/profile-before.speedscope.json", soft_wrap=True)


def _print_hotspots(out: Console, hotspots: Sequence[Mapping[str, Any]]) -> None:
    from rich.table import Table

    table = Table("self", "own", "total", "at most", "function", title="Hotspots", box=None)
    for hotspot in hotspots:
        most = hotspot["max_speedup"]
        table.add_row(
            f"{hotspot['self_share']:.1%}",
            f"{hotspot['own_share']:.1%}",
            f"{hotspot['total_share']:.1%}",
            f"{most:.2f}x" if most else "no bound",
            f"{hotspot['path']}:{hotspot['first_line']} {hotspot['function']}",
            style=None if hotspot["worthwhile"] else "dim",
        )
    out.print(table)
    for hotspot in hotspots:
        for text in (hotspot["note"], hotspot["facts_text"]):
            if text:
                out.print(f"{hotspot['function']}: {text}", markup=False, soft_wrap=True)


def _print_functions(out: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    from rich.table import Table

    table = Table("self", "total", "owner", "function", title="All functions", box=None)
    for row in rows:
        where = f"{row['path']}:{row['function']}"
        table.add_row(f"{row['self_share']:.1%}", f"{row['total_share']:.1%}", row["owner"], where)
    out.print(table)


def print_runs(found: Sequence[Mapping[str, Any]]) -> None:
    """Print a line a run."""
    from rich.table import Table

    # When it began stands in the id.
    table = Table("run", "outcome", "speedup", box=None)
    for column in table.columns:
        column.no_wrap = True  # an id that is cut short names no run
    for name in ("workload", "repository"):
        table.add_column(name, overflow="fold")
    for run in found:
        speedup = f"{run['speedup']:.2f}x" if run["speedup"] else "-"
        table.add_row(
            run["run_id"],
            run["outcome"],
            speedup,
            run["workload"],
            run["repo"],
        )
    out = console()
    if found:
        out.print(table)
    else:
        out.print("no runs yet: perfagent optimize REPO WORKLOAD")


def print_lines(lines: Sequence[str]) -> None:
    """Print lines as they are."""
    out = console()
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


def print_doctor(findings: Sequence[Mapping[str, Any]]) -> None:
    """Print a line a finding."""
    from rich.table import Table

    table = Table("what", "state", "detail", box=None)
    for finding in findings:
        table.add_row(finding["what"], MARKS[finding["state"]], finding["detail"])
    console().print(table)


def print_markdown(text: str) -> None:
    """Print a report: laid out on a terminal, as it is elsewhere."""
    out = console()
    if out.is_terminal:
        from rich.markdown import Markdown

        shown = text if out.width >= _WIDE else tables_as_lists(text)
        shown = re.sub(r"<details><summary>(.*?)</summary>", r"**\1**", shown)
        out.print(Markdown(shown.replace("</details>", "")))
    else:
        print(text, end="")


def tables_as_lists(text: str) -> str:
    """Return Markdown with its tables of five columns and more as lists, for narrow terminals."""
    lines: list[str] = []
    header: list[str] = []
    in_code = False
    for line in text.splitlines():
        in_code ^= line.startswith("```")
        cells = [] if in_code else _cells(line)
        if not cells:
            header = []
            lines.append(line)
        elif len(cells) <= _MOST_COLUMNS:
            lines.append(line)
        elif not header:
            header = cells
        elif set(line) - set("|- "):
            named = zip(header[1:], cells[1:], strict=False)
            told = "; ".join(f"{name} {cell}" for name, cell in named if cell not in ("", "-"))
            lines.append(f"- {cells[0]}: {told}")
    return "\n".join(lines) + "\n"


def _cells(line: str) -> list[str]:
    """Return the cells of a table's row; none when the line is no row."""
    if not line.startswith("|"):
        return []
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
