"""What every command stands in: the view of a run, errors as one line and a status, results."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import InfrastructureError, UserError

if TYPE_CHECKING:
    from ..agent.runs.finished import FinishedRun

EXIT_ACCEPTED, EXIT_NOTHING, EXIT_USAGE, EXIT_INFRASTRUCTURE, EXIT_INTERRUPTED = 0, 1, 2, 3, 130
PACKAGE = __name__.split(".")[0]


@contextmanager
def door(*, quiet: bool, verbose: bool = False) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show the run while it lasts, and turn the error families into one line and a status."""
    seen: dict[str, str] = {}

    def remember(event: dict[str, Any]) -> None:
        if event["event"] == "run":
            seen["directory"] = event["directory"]

    try:
        with _view(quiet, verbose) as show_event:

            def listener(event: dict[str, Any]) -> None:
                remember(event)
                show_event(event)

            yield listener
    except UserError as error:
        fail(str(error), EXIT_USAGE)
    except InfrastructureError as error:
        fail(f"{error}{_resume_hint(seen)}", EXIT_INFRASTRUCTURE)
    except (KeyboardInterrupt, _interrupted()):
        say(f"interrupted{_resume_hint(seen)}")
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads that wait (for a model, for a timer) would hold the exit up for minutes; every
        # file is written whole, and every process has been ended, so nothing is left to do.
        os._exit(EXIT_INTERRUPTED)


@contextmanager
def _view(quiet: bool, verbose: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    if quiet:
        yield lambda event: None
        return
    from ..reports.live.terminal import LiveView

    with LiveView(verbose=verbose) as view:
        yield view.on_event


class _NeverRaised(BaseException):
    """Stands in for `Interrupted` where the loop was never loaded."""


def _interrupted() -> type[BaseException]:
    loop = sys.modules.get(f"{PACKAGE}.agent.runs.run")
    return loop.Interrupted if loop else _NeverRaised


def _resume_hint(seen: dict[str, str]) -> str:
    directory = seen.get("directory")
    if directory is None or not Path(directory).exists():
        return ""
    import shlex

    return f"; go on with: perfagent resume {shlex.quote(directory)}"


def finished(name: str) -> FinishedRun:
    """Return a run that ended; inside `door`, since it may raise a UserError."""
    from ..agent.runs.finished import read_finished
    from ..settings import load_settings

    return read_finished(name, load_settings({}, working_dir=Path.cwd()))


def fail(message: str, status: int) -> None:
    """Say on one line what is wrong, and exit with the status."""
    say(message)
    raise typer.Exit(status)


def say(message: str) -> None:
    """Write one line to stderr."""
    line = " ".join(message.split())
    typer.echo(f"perfagent: {line}", err=True)


def print_json(value: object) -> None:
    """Print a result for programs."""
    import json

    typer.echo(json.dumps(value, indent=1, ensure_ascii=False))


def finish(record: dict[str, Any], *, as_json: bool) -> None:
    """Print a run's result, and exit with its status."""
    if as_json:
        print_json(record)
    else:
        from ..reports.printed.tables import print_result

        print_result(record)
    raise typer.Exit(EXIT_ACCEPTED if record["outcome"] == "accepted" else EXIT_NOTHING)
