"""Runs perfagent itself for a job: a process of its own, which holds no secret of the app.

The process that has the model's key and runs tools never has a token of the forge, and the one that
has the tokens never runs anything of a repository.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InfrastructureError, UserError
from ...redaction import redacted
from .wall import Wall

_OURS = ("GITHUB_", "GIT_", "DATABASE_URL", "PG")
_POLL_S = 0.5
_GRACE_S = 15.0
_ACCEPTED, _NOTHING, _USAGE = 0, 1, 2
_CANARY = "APP_CANARY"
_PERFAGENT = __name__.partition(".")[0]

Beat = Callable[[str], None]
"""Called every half second with one line about the progress; raises to have the work ended."""


class TookTooLong(InfrastructureError):
    """A run was ended because its time was over."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """How perfagent is run.

    Attributes:
        cache: Where mirrors and environments are kept.
        state: Where runs are kept that have no folder of their own.
        canary: A secret of the job that is of use to nobody; "" for none. Who writes it was told
            what stands in the process's environment.
        wall: What hides the machine from it; None for nothing.
    """

    cache: Path
    state: Path
    canary: str = ""
    wall: Wall | None = None

    def run(self, words: Sequence[str], *, out: Path, beat: Beat, most_s: float) -> dict[str, Any]:
        """Run a command and return the record that it prints.

        Args:
            words: Of the command line, without `--out` and `--json`. A run that was begun in `out`
                is resumed where it can be.
            out: The run's directory.
            beat: See `Beat`.
            most_s: Seconds after which it is ended.

        Raises:
            UserError: The repository or its configuration cannot be used as it is.
            TookTooLong: It took longer than `most_s`.
            InfrastructureError: The machine failed.
        """
        begun = (out / "run.json").is_file()
        if begun and words[0] == "optimize":
            words = ["resume", str(out), "--json", "--quiet"]
        else:
            if out.exists():
                _clear(out)
            words = [*words, "--out", str(out), "--json", "--quiet"]
        with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as told:
            process = subprocess.Popen(
                self._command(words),
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=told,
                env=self._environment(),
                cwd=self.state,
                start_new_session=True,
                close_fds=True,
            )
            try:
                _watch(process, out, beat, most_s)
            finally:
                _end(process)
            answer.seek(0)
            told.seek(0)
            return _read(process.returncode, answer.read(), told.read())

    def _command(self, words: Sequence[str]) -> list[str]:
        if self.wall is None:
            return [sys.executable, "-m", f"{__package__}.leashed", *words]
        return self.wall.around([sys.executable, "-m", _PERFAGENT, *words], self.state)

    def _environment(self) -> dict[str, str]:
        ours = _OURS if self.wall is None else (*_OURS, "XDG_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {
            **kept,
            "PERFAGENT_CACHE_DIR": str(self.cache),
            "PERFAGENT_STATE_DIR": str(self.state),
            **({_CANARY: self.canary} if self.canary else {}),
        }


def _watch(process: subprocess.Popen[bytes], out: Path, beat: Beat, most_s: float) -> None:
    deadline = time.monotonic() + most_s
    while True:
        try:
            process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            beat(progress(out))
            if time.monotonic() > deadline:
                raise TookTooLong(f"it took longer than {most_s / 60:.0f} minutes") from None
        else:
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and, by its guards, everything that it started."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(status: int | None, answer: str, told: str) -> dict[str, Any]:
    if status in (_ACCEPTED, _NOTHING):
        try:
            return json.loads(answer)
        except ValueError:
            pass
    lines = [line for line in told.splitlines() if line.strip()]
    said = redacted(lines[-1].removeprefix("perfagent: ")) if lines else f"status {status}"
    if status == _USAGE:
        raise UserError(said)
    raise InfrastructureError(said)


def progress(out: Path) -> str:
    """Return what a run is doing, in one line; "" before it does anything."""
    try:
        with (out / "trajectory.jsonl").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 20_000))
            lines = file.read().splitlines()
    except OSError:
        return ""
    for line in reversed(lines):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event.get("event") == "stage":
            return redacted(f"{event.get('stage')}: {event.get('text')}")[:200]
    return ""


def _clear(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
