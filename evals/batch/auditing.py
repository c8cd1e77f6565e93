"""The honesty checks of `perfagent audit` over the patches of an evaluation or a file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...agent.audit import AUDIT
from ...agent.optimize import audit
from ...agent.runs.directory import RunDirectory
from ...agent.runs.on_disk import start_run
from ...agent.runs.plain import from_plain, to_plain
from ...errors import InfrastructureError, UserError
from .agent import environment_settings, workload_argument
from .backend import Backend
from .job import Job
from .records import sample_name

FOLDER = "audits"


@dataclass(frozen=True, kw_only=True)
class Audited:
    """What the checks say of one patch.

    Attributes:
        instance_id: The instance.
        sample: Which of the instance's patches it is, from 1.
        holds: Whether nothing speaks against the patch; None where it could not be asked.
        refused: The checks that speak against it, as "check: reason".
        doubts: What is worth knowing and no reason to refuse it.
        failure: Why nothing could be asked; "" where it could.
    """

    instance_id: str
    sample: int = 1
    holds: bool | None
    refused: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    failure: str = ""


def audit_jobs(
    jobs: Sequence[Job],
    folder: Path,
    backend: Backend,
    *,
    timing: bool,
    on_result: Callable[[Audited, int, int], None] = lambda found, done, total: None,
) -> list[Audited]:
    """Return what the checks say of each job's patch; what is known already is not asked again.

    Args:
        jobs: Of kind "prediction", each with a patch; samples of an instance among them.
        folder: Where the audits lie, a file each.
        backend: Who does the work.
        timing: Whether to time too, which finds gains that are none.
        on_result: Told of each, with how many are done and of how many.
    """
    directory = RunDirectory(folder)
    directory.folder(".")
    known = {_name(job): _known(directory, job) for job in jobs}
    missing = [job for job in jobs if known[_name(job)] is None]
    count = len(jobs) - len(missing)
    for done in backend.run(audit_job, [(job, folder, timing) for job in missing]):
        job = missing[done.number]
        found = done.value or _failed(job, done.lost)
        if found.holds is not None:
            directory.write_json(_file(job), to_plain(found))
        known[_name(job)] = found
        count += 1
        on_result(found, count, len(jobs))
    return [found for found in known.values() if found is not None]


def read_audits(folder: Path) -> list[Audited]:
    """Return what is known of an evaluation's patches, all samples of each instance."""
    return [from_plain(Audited, each) for each in RunDirectory(folder).read_all(FOLDER)]


def _name(job: Job) -> str:
    return sample_name(job.instance, job.sample)


def _file(job: Job) -> str:
    return f"{_name(job)}.json"


def _known(directory: RunDirectory, job: Job) -> Audited | None:
    name = _file(job)
    return from_plain(Audited, directory.read_json(name)) if directory.has(name) else None


def _failed(job: Job, why: str) -> Audited:
    return Audited(instance_id=job.instance.instance_id, sample=job.sample, holds=None, failure=why)


def audit_job(asked: tuple[Job, Path, bool]) -> Audited:
    """Put one job's patch through the checks."""
    job, folder, timing = asked
    place = folder / "runs" / _name(job)
    shutil.rmtree(place, ignore_errors=True)  # what a killed audit left
    try:
        with tempfile.TemporaryDirectory(prefix="perfagent-") as scratch:
            return _audited(job, place, Path(scratch), timing=timing)
    except (UserError, InfrastructureError) as error:
        return _failed(job, str(error))


def _audited(job: Job, place: Path, scratch: Path, *, timing: bool) -> Audited:
    patch = scratch / "patch.diff"
    patch.write_text(job.patch, encoding="utf-8")
    own = {"cache_dir": job.settings.cache_dir, "state_dir": job.settings.state_dir}
    limits = {
        key: getattr(job.settings, key)
        for key in ("workload_timeout_s", "suite_timeout_s", "max_compare_s", "max_pairs")
    }
    run = start_run(
        job.source,
        workload_argument(job, scratch),
        {**environment_settings(job), **own, **limits, "rev": job.instance.base},
        kind="audit",
        working_dir=scratch,
        out=place,
        command=f"perfagent eval audit (instance {job.instance.instance_id})",
        listener=lambda event: None,
    )
    audit(run, patch_file=patch, without=() if timing else ("timing",))
    record = RunDirectory(place).read_json(AUDIT)
    refused = [each for each in record["checks"] if each["state"] == "refused"]
    return Audited(
        instance_id=job.instance.instance_id,
        sample=job.sample,
        holds=bool(record["holds"]),
        refused=tuple(f"{each['name']}: {each['reason']}" for each in refused),
        doubts=tuple(record["doubts"]),
    )
