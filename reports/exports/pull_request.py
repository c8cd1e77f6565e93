"""A run as the text of a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markdown import render_markdown
from ..record import RunRecord
from ..sentence import sentence
from ..wording import change_text, one_line, shorten

_LONGEST_TITLE = 72


def title(record: Mapping[str, Any]) -> str:
    """Return one line that says what became faster, and by how much; at most 72 characters."""
    run = RunRecord(record)
    gain = run.gain
    told = change_text(gain.speedup, None, None, None, gain.metric) if gain else "faster"
    places = list(dict.fromkeys(line.hotspot.rpartition(":")[2] for line in run.changes))
    names = ", ".join(name for name in places if name) or run.workload
    return shorten(f"{run.workload} {told}: {names}", _LONGEST_TITLE)


def pull_request(record: Mapping[str, Any], diff: str) -> str:
    """Return the title, an empty line, and the description in Markdown."""
    return f"{title(record)}\n\n{render_markdown(record, diff)}"


def commit_message(record: Mapping[str, Any]) -> str:
    """Return a commit's message: the title, the run's sentence, and each change with its reason."""
    run = RunRecord(record)
    changes = [f"- {one_line(line.hypothesis)}" for line in run.changes if line.hypothesis]
    body = [f"Measured by perfagent (run {run.run_id}): {sentence(record)}.", "", *changes]
    return "\n".join([title(record), "", *body]).rstrip() + "\n"
