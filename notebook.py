"""`%load_ext perfagent`, then `%%perfagent`: the cell is a workload, in Jupyter or IPython.

A door. perfagent runs as a command of its own, so that the notebook's process, its imports and its
variables have no part in what is measured.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMANDS = ("profile", "optimize", "measure")
USAGE = f"%%perfagent [{'|'.join(COMMANDS)}] [REPO] [OPTIONS], and the workload in the cell"
_FRAME = " \n╭╮╰╯│─"
_INTERRUPTED = 130


class Result:
    """What a cell's command found; notebooks show it as its report.

    Attributes:
        record: The record of `optimize` and `measure`, or the hotspots of `profile`.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record

    def __repr__(self) -> str:
        """Return the report, for a terminal."""
        return self._repr_markdown_()

    def _repr_markdown_(self) -> str:
        if "outcome" not in self.record:
            return _hotspots(self.record)
        from .reports.markdown import render_markdown

        patch = Path(self.record["directory"]) / "patch.diff"
        diff = patch.read_text("utf-8", "surrogateescape") if patch.exists() else ""
        return render_markdown(self.record, diff)


def load_ipython_extension(shell: Any) -> None:
    """Add `%%perfagent` to an IPython shell."""
    shell.register_magic_function(perfagent, "cell", "perfagent")


def perfagent(line: str, cell: str) -> Result:
    """Run perfagent with the cell as its workload: `profile` when no command is named.

    Args:
        line: Command, REPO (default: the working directory) and options, as on the command line.
        cell: The workload's script; what the notebook defined before is not known to it.

    Raises:
        UsageError: The line or the cell cannot be used, the machine failed, or the kernel was
            interrupted and the run with it; it says why, or how to go on.
    """
    command, repo, options = _words(line)
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        script, out = Path(folder) / "cell.py", Path(folder) / "record.json"
        script.write_text(cell, encoding="utf-8")
        argv = [sys.executable, "-m", "perfagent", command, repo, str(script), "--json", *options]
        with out.open("wb") as stream:
            status, said = _told(argv, stream)
        text = out.read_text(encoding="utf-8")
    if not text or status == _INTERRUPTED:
        from IPython.core.error import UsageError

        raise UsageError(said or f"perfagent ended with status {status}; usage: {USAGE}")
    return Result(json.loads(text))


def _words(line: str) -> tuple[str, str, list[str]]:
    words = shlex.split(line)
    command = words.pop(0) if words and words[0] in COMMANDS else COMMANDS[0]
    repo = words.pop(0) if words and not words[0].startswith("-") else "."
    return command, repo, words


def _told(argv: list[str], out: Any) -> tuple[int, str]:
    """Run a command, tell what it says while it lasts, and return its status and last line."""
    # In a session of its own: Ctrl-C of a terminal reaches it once, through us.
    with subprocess.Popen(
        argv, stdout=out, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        last = ""
        try:
            for told in running.stderr or ():
                words = told.strip(_FRAME)
                last = words or last
                print(told, end="", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            # As one line: a traceback would be of the reading of a pipe, which is nobody's matter.
            lines = _stopped(running).strip().splitlines()
            return _INTERRUPTED, lines[-1] if lines else "interrupted"
    return running.returncode, last


def _stopped(running: subprocess.Popen[str]) -> str:
    """Interrupt a command and return what it still says; who interrupts again has it killed."""
    try:
        running.send_signal(signal.SIGINT)
        return running.communicate()[1]
    except KeyboardInterrupt:
        running.kill()  # its guards end what it runs
        return running.communicate()[1]


def _hotspots(found: Mapping[str, Any]) -> str:
    from .reports.wording import markdown_code, markdown_text, share_text, times_text

    lines = ["| own | with callees | at most | function |", "|---|---|---|---|"]
    for spot in found["hotspots"]:
        most = f"{times_text(spot['max_speedup'])}x" if spot["max_speedup"] else "-"
        place = markdown_code(f"{spot['path']}:{spot['first_line']} {spot['function']}")
        shares = share_text(spot["own_share"]), share_text(spot["total_share"])
        lines.append(f"| {shares[0]} | {shares[1]} | {most} | {place} |")
    seen = [
        f"- {markdown_code(spot['function'])}: {markdown_text(spot['facts_text'])}"
        for spot in found["hotspots"]
        if spot["facts_text"]
    ]
    return "\n".join([*lines, "", *seen, *([""] if seen else []), f"run {found['run_id']}"]) + "\n"
