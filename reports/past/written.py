"""Reports made anew from a record, as files."""

from __future__ import annotations

from pathlib import Path

from ...agent.runs.finished import FinishedRun
from ...errors import UserError
from ..html.page import render_html
from ..markdown import render_markdown


def write_report(run: FinishedRun, *, markdown: bool, out: Path | None) -> str:
    """Write a run's report, and return where it went; for the file "-" return its text instead.

    Args:
        run: The run.
        markdown: Whether to write Markdown, not HTML.
        out: The file; None: `report.html` or `report.md` in the run's directory.

    Raises:
        UserError: The record cannot be read, or the file cannot be written.
    """
    try:
        text = (render_markdown if markdown else render_html)(run.record, run.diff)
    except ValueError as error:  # of a later perfagent
        raise UserError(f"cannot read the record of {run.run_id}: {error}") from None
    if str(out) == "-":
        return text
    path = out or run.path / f"report.{'md' if markdown else 'html'}"
    write_text(path, text)
    return str(path)


def write_text(path: Path, text: str) -> None:
    """Write a file that the user asked for.

    Raises:
        UserError: It cannot be written.
    """
    try:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}; name another file") from None
