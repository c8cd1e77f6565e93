"""`perfagent profile`."""

from __future__ import annotations

from .. import options as of
from ..door import door, print_json
from ..options import Json, Out, Quiet, Repo, Verbose, WorkloadArgument
from ..root import app
from ..said import Settings, takes


@app.command()
@takes(of.BASE, of.INSTALLATION, of.CONTAINMENT, of.PROFILED, of.LAUNCHED, of.SEEDED)
def profile(
    repo: Repo,
    workload: WorkloadArgument,
    settings: Settings,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Show where WORKLOAD spends its time."""
    with door(quiet=quiet, verbose=verbose) as listener:
        from ...api import profile as run_it

        found = run_it(repo, workload, out=out, listener=listener, **settings)
    if as_json:
        print_json(found)
    else:
        from ...reports.printed.tables import print_profile

        print_profile(found)
