"""`perfagent optimize`."""

from __future__ import annotations

from .. import options as of
from ..door import door, finish
from ..options import Json, Out, Quiet, Repo, Verbose, WorkloadArgument
from ..root import app
from ..said import Settings, takes


@app.command()
@takes(
    of.BASE,
    of.EXPERT,
    of.INSTALLATION,
    of.SUITE,
    of.CONTAINMENT,
    of.COMPARED,
    of.ASKED,
    of.SEARCHED,
    of.PROFILED,
    of.GUARDED,
    of.METRICS,
    of.TIMED,
    of.LAUNCHED,
    of.PROVEN,
    of.LIMITED,
    of.SEEDED,
)
def optimize(
    repo: Repo,
    workload: WorkloadArgument,
    settings: Settings,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Profile, propose, verify, accept: make REPO faster on WORKLOAD."""
    with door(quiet=quiet, verbose=verbose) as listener:
        from ...api import optimize as run_it

        record = run_it(repo, workload, out=out, listener=listener, **settings)
    finish(record, as_json=as_json)
