"""Which formats there are, and what each needs of a run."""

from __future__ import annotations

import json
from pathlib import Path

from ...agent.runs.finished import FinishedRun
from ...errors import UserError
from ...repos.git import GitError, git
from ..past.written import write_text
from ..record import RunRecord

FORMATS = ("patch", "pr", "guard", "speedscope", "pytest-benchmark", "asv", "openevolve")


def export_text(run: FinishedRun, kind: str) -> str:
    """Return a run as the text of one file.

    Args:
        run: The run.
        kind: "patch", "pr", "speedscope" or "pytest-benchmark".

    Raises:
        UserError: The run has nothing to export in this format.
    """
    record = RunRecord(run.record)
    if kind == "patch":
        _need_patch(run)
        return run.diff
    if kind == "pr":
        from .pull_request import pull_request

        _need_patch(run)
        return pull_request(run.record, run.diff)
    if kind == "speedscope":
        from .speedscope import speedscope

        if record.flames("before") is None:
            raise UserError(f"run {run.run_id} has no profile in its record")
        return json.dumps(speedscope(record)) + "\n"
    from .pytest_benchmark import pytest_benchmark

    _need_pairs(run, record)
    return json.dumps(pytest_benchmark(record), indent=1) + "\n"


def written(out: Path, text: str) -> Path:
    """Write a text and return its file.

    Raises:
        UserError: The file cannot be written.
    """
    write_text(out, text)
    return out


def export_asv(run: FinishedRun, folder: Path, *, repository: Path, commit: str | None) -> Path:
    """Write a project that `asv publish` reads, and return its configuration.

    Args:
        run: The run.
        folder: A new or empty folder.
        repository: A repository that holds the base and the commit.
        commit: The revision that holds the patch.

    Raises:
        UserError: There is no such revision, or no accepted measurement.
    """
    from .asv import asv_files, write_asv

    record = RunRecord(run.record)
    _need_pairs(run, record)
    if commit is None:
        raise UserError(
            "asv keys results by commit: commit the patch (`perfagent apply RUN --commit`) and "
            "name it with --commit REV"
        )
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty; name a new folder with --out")
    try:
        patched = git(repository, "rev-parse", "--verify", f"{commit}^{{commit}}").strip()
        dates = {
            revision: int(git(repository, "show", "-s", "--format=%ct", revision)) * 1000
            for revision in (record.commit, patched)
        }
        branch = git(repository, "rev-parse", "--abbrev-ref", "HEAD").strip()
    except GitError as error:
        raise UserError(f"{repository} has not both commits: {error}") from None
    files = asv_files(
        record, repository=repository.resolve(), commit=patched, dates=dates, branch=branch
    )
    write_asv(folder, files)
    return folder / "asv.conf.json"


def _need_patch(run: FinishedRun) -> None:
    if not run.diff:
        raise UserError(f"run {run.run_id} accepted no patch: `perfagent why {run.run_id}`")


def _need_pairs(run: FinishedRun, record: RunRecord) -> None:
    if len(record.pairs[0]) < 2:
        raise UserError(
            f"run {run.run_id} has no final measurement of a patch: `perfagent why {run.run_id}`"
        )
