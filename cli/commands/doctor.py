"""`perfagent doctor`."""

from __future__ import annotations

import typer

from ..door import EXIT_USAGE, door, print_json
from ..options import Json
from ..root import app


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check what works on this machine: git, profiler, sandbox, docker, keys, noise."""
    with door(quiet=True):
        from ...agent.doctor import examine
        from ...agent.runs.plain import to_plain
        from ...reports.printed.tables import print_doctor

        findings = [to_plain(finding) for finding in examine()]
    if as_json:
        print_json(findings)
    else:
        print_doctor(findings)
    if any(finding["state"] == "missing" and finding["needed"] for finding in findings):
        raise typer.Exit(EXIT_USAGE)
