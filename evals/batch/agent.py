"""Lets an agent of ours make an instance's patch: `perfagent optimize`, without the expert."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...agent.optimize import optimize
from ...agent.runs.on_disk import REQUEST, open_run, start_run
from ...errors import InfrastructureError, UserError
from ...repos.git import git_succeeds
from ...repos.source.mirror import open_ref
from ...repos.source.ref import parse_repo
from ...settings import load_settings
from ..running.environments import environment_of
from ..running.lane import Watch
from ..running.parts import workloads_of
from .job import Job

_RUN = "run"


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """What an agent came to.

    Attributes:
        patch: Its patch; "" when it accepted none.
        notes: How its run ended.
        failure: Why it could not run; "" when it did.
        is_machine: Whether that was the machine's fault.
        seconds: What it took, without the waits for others' timings.
    """

    patch: str = ""
    notes: tuple[str, ...] = ()
    failure: str = ""
    is_machine: bool = False
    seconds: float = 0.0


def propose(job: Job, folder: Path, settings: dict[str, Any]) -> Proposed:
    """Return the patch that an agent makes of an instance; a run that was killed is resumed.

    Args:
        job: The instance, and where its repository is.
        folder: Where the agent's run lies.
        settings: Settings of `perfagent optimize`; "name" is what the agent is called.
    """
    watch = Watch()
    try:
        with tempfile.TemporaryDirectory(prefix="perfagent-") as scratch:
            record = _run(job, folder, settings, Path(scratch))
    except UserError as error:
        return Proposed(failure=str(error))
    except InfrastructureError as error:
        return Proposed(failure=str(error), is_machine=True)
    accepted, diff = folder / _RUN / "patch.diff", ""
    if record["outcome"] == "accepted":
        diff = accepted.read_text(encoding="utf-8", errors="surrogateescape")
    told = f"the agent's run ended: {record['outcome']} ({record['stopped']})"
    return Proposed(patch=diff, notes=(told,), seconds=round(watch.spent_s, 1))


def _run(job: Job, folder: Path, settings: dict[str, Any], scratch: Path) -> dict[str, Any]:
    own = {name: value for name, value in settings.items() if name != "name"}
    chosen = {"cache_dir": job.settings.cache_dir, "state_dir": job.settings.state_dir}
    place = folder / _RUN
    if (place / REQUEST).exists():
        known = load_settings({**own, **chosen}, working_dir=scratch)
        return optimize(open_run(str(place), settings=known, listener=lambda event: None))
    run = start_run(
        job.source,
        workload_argument(job, scratch),
        {**environment_settings(job), **own, **chosen, "rev": job.instance.base, "sealed": True},
        working_dir=scratch,
        out=place,
        command=f"perfagent eval run --agent (instance {job.instance.instance_id})",
        listener=lambda event: None,
    )
    return optimize(run)


def workload_argument(job: Job, scratch: Path) -> str:
    """Return the WORKLOAD argument: the first thing that is timed stands for all."""
    workload = workloads_of(job.instance, timeout_s=job.settings.workload_timeout_s)[0]
    if workload.kind == "pytest":
        return f"pytest:{workload.text}"
    script = scratch / f"{job.instance.folder}.py"
    script.write_text(workload.text, encoding="utf-8")
    return str(script)


def environment_settings(job: Job) -> dict[str, Any]:
    """Return the settings by which an instance is installed and tested."""
    instance, image = job.instance, job.settings.image
    ref = open_ref(parse_repo(job.source, revision=instance.base), job.settings.cache_dir)
    spec = environment_of(instance, job.settings, Path(ref.mirror), ref.commit)
    mirror, named = Path(ref.mirror), instance.efficiency_tests or instance.covering_tests
    tests = [
        test
        for test in named
        if git_succeeds(mirror, "cat-file", "-e", f"{ref.commit}:{test.split('::')[0]}")
    ]
    return {
        "python": spec.python,
        "install": list(spec.install),
        **({"image": image} if image else {}),
        "build": spec.build,
        "sandbox": job.settings.sandbox,
        **({"tests": shlex.join(tests)} if tests else {"no_tests": True}),
    }
