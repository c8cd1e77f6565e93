"""Runs from Python: started, gone on with, their evidence looked at, their reports written."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .words import Listener, command_line, ignore

if TYPE_CHECKING:
    from ..agent.evidence.evidence import Evidence
    from ..agent.evidence.rerun import Question
    from ..agent.runs.run import Run


def optimize(
    repo: str,
    workload: str,
    *,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Make a repository faster on a workload and return the run's record (`report.json`).

    Args:
        repo: Path, URL, owner/name, or pypi:NAME==VERSION; `@REV` picks the base.
        workload: Script, pytest:NODEID, python:module:function, or cmd:SHELL COMMAND.
        out: The run's directory; None makes one in the state folder.
        listener: Called with every event of the run, as a plain dict.
        settings: Any setting of `perfagent.settings.Settings`, by name.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: The machine or a service failed.
        Interrupted: The run was stopped; `resume` goes on with it.
    """
    from ..agent import optimize as drive

    run = start(repo, workload, "optimize", out=out, listener=listener, settings=settings)
    return _reported(run, drive.optimize(run))


def measure(
    repo: str,
    workload: str,
    *,
    candidate: str | None = None,
    patch: str | Path | None = None,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Put one patch through the gate and return the run's record.

    Args:
        repo: As for `optimize`.
        workload: As for `optimize`.
        candidate: Revision whose difference from the base is the patch.
        patch: File with a unified diff against the base; exactly one of the two is given.
        out: The run's directory; None makes one in the state folder.
        listener: Called with every event of the run.
        settings: Any setting, by name.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: The machine or a service failed.
    """
    from ..agent import optimize as drive
    from ..errors import UserError

    if (candidate is None) == (patch is None):
        raise UserError("name what to measure: either --candidate REV or --patch FILE")
    what = {"candidate": candidate, "patch": str(patch) if patch is not None else None}
    command = command_line("measure", repo, workload, {**what, **settings})
    run = start(
        repo,
        workload,
        "measure",
        out=out,
        listener=listener,
        settings=settings,
        command=command,
        candidate=candidate,
    )
    patch_file = Path(patch) if patch is not None else None
    return _reported(run, drive.measure(run, revision=candidate, patch_file=patch_file))


def check(
    repo: str,
    workload: str,
    *,
    candidate: str,
    threshold: float = 0.1,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Say whether a later revision is slower than the base, and where.

    Args:
        repo: As for `optimize`.
        workload: As for `optimize`.
        candidate: The later revision.
        threshold: Slowdown that is too much, as a share above 0: 0.1 asks whether the workload
            takes more than 1.1 times as long.
        out: The run's directory; None makes one in the state folder.
        listener: Called with every event of the run.
        settings: Any setting, by name.

    Returns:
        `decision` ("slower", "not_slower", "inconclusive", "fails"), `reason`, `slowdown` with
        `ci_low` and `ci_high`, `baseline_s`, `candidate_s`, `pairs`, `doubts`, `spot` (`path`,
        `line`, `function`), `machine` and `directory`.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: The machine failed.
    """
    from ..agent import optimize as drive
    from ..agent.runs.plain import to_plain
    from ..errors import UserError
    from ..repos.source.mirror import resolve

    if not 0 < threshold <= 10:
        raise UserError(f"--threshold {threshold:g}: give a share above 0, such as 0.1")
    what = {"candidate": candidate, "threshold": threshold}
    command = command_line("check", repo, workload, {**what, **settings})
    run = start(
        repo,
        workload,
        "measure",
        out=out,
        listener=listener,
        settings=settings,
        command=command,
        candidate=candidate,
    )
    head = resolve(Path(run.request.repo.mirror), candidate)
    found = drive.check(run, head, threshold=threshold)
    return {
        **to_plain(found),
        "metric": run.settings.metric,
        "machine": run.prepared.machine,
        "directory": str(run.directory.path),
    }


def audit(
    patch: str | Path,
    workload: str | None = None,
    *,
    repo: str | None = None,
    timing: bool = True,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Put one patch through every check of the gate, and return what each of them says.

    Args:
        patch: File with a unified diff against the base; or the directory, id or beginning of the
            id of a run that accepted a patch, which is then audited.
        workload: As for `optimize`; of a run's patch the run's own, and None.
        repo: As for `optimize`; None: the working directory, or what the run had.
        timing: Whether to time too. Without, a gain that is none is found by other checks only.
        out: The audit's directory; None makes one in the state folder.
        listener: Called with every event.
        settings: Any setting, by name.

    Returns:
        `holds` (nothing speaks against the patch), `checks` (`name`, `state`, `reason`,
        `evidence`), `doubts`, `speedup` with its interval, and `directory`.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: The machine or a service failed.
    """
    import tempfile

    from ..agent import optimize as drive
    from ..errors import UserError

    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        if workload is None:
            if Path(patch).is_file() and Path(patch).suffix != ".json":
                raise UserError(f"name the WORKLOAD that the patch {patch} is to be audited on")
            asked = _of_run(str(patch), Path(folder), repo, settings)
            repo, workload, patch = asked.repo, asked.workload, asked.patch
            settings = {**asked.settings, **settings}
        elif not Path(patch).is_file():
            raise UserError(f"no such patch: {patch} is not a file (a run takes no WORKLOAD)")
        what = {"repo": repo or ".", "no_timing": not timing, **settings}
        words = command_line("audit", str(patch), workload, what)
        run = start(
            repo or ".",
            workload,
            "audit",
            out=out,
            listener=listener,
            settings=settings,
            command=words,
        )
        without = () if timing else ("timing",)
        record = drive.audit(run, patch_file=Path(patch), without=without)
    return {**record, "directory": str(run.directory.path)}


def _of_run(name: str, folder: Path, repo: str | None, settings: Mapping[str, Any]) -> Question:
    """Return what a run with evidence was asked, its patch written into a folder."""
    from ..agent.evidence.rerun import question
    from ..agent.evidence.verify import find_bundle
    from ..agent.evidence.verify import verify as check
    from ..errors import UserError
    from ..settings import load_settings

    known = {key: settings[key] for key in ("state_dir", "cache_dir") if key in settings}
    path = find_bundle(name, load_settings(known, working_dir=Path.cwd()))
    evidence = check(path).evidence
    if evidence is None:
        raise UserError(f"{path} cannot be read: `perfagent verify {name}` says why")
    return question(evidence, path, folder, repo=repo, python=settings.get("python"))


def profile(
    repo: str,
    workload: str,
    *,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Profile a workload and return hotspots, function table, and the run's directory.

    Args:
        repo: As for `optimize`.
        workload: As for `optimize`.
        out: The run's directory; None makes one in the state folder.
        listener: Called with every event of the run.
        settings: Any setting, by name.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: No profiler works here.
    """
    from ..agent import optimize as drive

    run = start(repo, workload, "profile", out=out, listener=listener, settings=settings)
    return drive.profile(run)


def survey(
    repo: str = ".",
    *,
    folder: Path | None = None,
    force: bool = False,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Look at a repository: install it, run its suite once, and try the workloads it offers.

    Args:
        repo: As for `optimize`.
        folder: Where `perfagent.toml` and the scripts of workloads are written; None: nowhere.
        force: Whether files that are there are replaced.
        listener: Called with every event of the run.
        settings: Any setting, by name.

    Returns:
        `suite` (counts, or None), `offered` (workloads by kind), `tried` (those that were run, the
        best first), `written` (files), `questions` (what the user has to say), `command` (what to
        run next; "" while there are questions).

    Raises:
        UserError: The target cannot be installed, or a file is there already.
        InfrastructureError: The machine or the network failed.
    """
    from ..agent.init.files import (
        command,
        file_text,
        plain_survey,
        questions,
        refuse_existing,
        write_files,
    )
    from ..agent.init.survey import survey as look

    if folder is not None:
        refuse_existing(folder, force=force)
    run = start(repo, "cmd:true", "profile", out=None, listener=listener, settings=settings)
    found = look(run)
    asked = questions(found, bool(settings.get("no_tests")))
    written: list[Path] = []
    if folder is not None and found.fitting:
        text = file_text(repo, found, settings)
        written = write_files(folder, text, found, force=force)
    best = found.fitting[0].offer if found.fitting and not asked else None
    return {
        **plain_survey(found),
        "written": [str(path) for path in written],
        "questions": asked,
        "command": command(repo, best) if best else "",
    }


def resume(run_name: str, *, listener: Listener | None = None, **settings: Any) -> dict[str, Any]:
    """Go on with a run that was stopped or killed, and return its record.

    Args:
        run_name: Id, unique beginning of it, or directory.
        listener: Called with every event of the run.
        settings: Where runs are kept (`state_dir`), when not in the usual place.

    Raises:
        UserError: No such run, or one that cannot be resumed.
        InfrastructureError: The machine or a service failed.
    """
    from ..agent import optimize as drive
    from ..agent.runs.on_disk import open_run
    from ..errors import UserError
    from ..settings import load_settings

    found = load_settings(settings, working_dir=Path.cwd())
    run = open_run(run_name, settings=found, listener=listener or ignore)
    if run.request.kind != "optimize":
        raise UserError(f"run {run.request.run_id} was a `{run.request.kind}`; start it again")
    return _reported(run, drive.optimize(run))


def guard(run_name: str, *, listener: Listener | None = None, **settings: Any) -> Path:
    """Return the guard test of a run that accepted a patch, made now when it was not before.

    Args:
        run_name: Id, unique beginning of it, or directory.
        listener: Called with every event.
        settings: Where runs are kept (`state_dir`), when not in the usual place.

    Raises:
        UserError: No such run, no patch, or no count tells the versions apart.
        InfrastructureError: The machine failed.
    """
    from ..agent import optimize as drive
    from ..agent.runs.on_disk import open_run
    from ..agent.steps.guard import GUARD
    from ..errors import UserError
    from ..settings import load_settings

    run = open_run(
        run_name,
        settings=load_settings(settings, working_dir=Path.cwd()),
        listener=listener or ignore,
    )
    if not run.directory.has(GUARD):
        made = drive.guard(run)
        if made.problem:
            raise UserError(f"no guard test for run {run.request.run_id}: {made.problem}")
    return run.directory.path / GUARD


def verify(
    bundle: str | Path,
    *,
    rerun: bool = False,
    repo: str | None = None,
    python: str | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Check a run's evidence, derive its verdict again, and measure it again when asked.

    Measuring again runs what the evidence holds: its commands of installation, its tests, its
    workload. Evidence that does not hold is not measured.

    Args:
        bundle: The file `evidence.json`, or the directory, id or beginning of the id of a run.
        rerun: Whether to put the patch through the gate again.
        repo: Where to take the base commit from when measuring again, as for `optimize`; None:
            from where the run took it.
        python: The target's interpreter then; None: as the run had it.
        listener: Called with every event of the new run.
        settings: Where runs and caches are kept (`state_dir`, `cache_dir`), when not in the usual
            place.

    Returns:
        `holds` (all checks, and the new measurement where there is one), `path`, `checks`
        (`what`, `ok`, `detail`), `metric`, `claim`, `findings` (what the samples say) and `rerun`,
        which is None when nothing was measured again.

    Raises:
        UserError: There is no such evidence, or no repository to measure it on.
        InfrastructureError: The machine or a service failed.
    """
    from ..agent.evidence.verify import find_bundle
    from ..agent.evidence.verify import verify as check
    from ..agent.runs.plain import to_plain
    from ..settings import load_settings

    path = find_bundle(str(bundle), load_settings(settings, working_dir=Path.cwd()))
    checked = check(path)
    evidence, again = checked.evidence, None
    if rerun and checked.holds and evidence is not None:
        again = _measured_again(evidence, path, repo, python, listener, settings)
    return {
        "holds": checked.holds and (again is None or again["agrees"]),
        "path": str(path),
        "checks": [to_plain(one) for one in checked.checks],
        "metric": evidence.settings.get("metric") if evidence else None,
        "claim": to_plain(evidence.claim) if evidence else None,
        "findings": {name: to_plain(found) for name, found in checked.derived.items()},
        "rerun": again,
    }


def _measured_again(
    evidence: Evidence,
    path: Path,
    repo: str | None,
    python: str | None,
    listener: Listener | None,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    import tempfile

    from ..agent import optimize as drive
    from ..agent.evidence.rerun import agreement, question
    from ..agent.runs.plain import to_plain

    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        asked = question(evidence, path, Path(folder), repo=repo, python=python)
        run = start(
            asked.repo,
            asked.workload,
            "measure",
            out=None,
            listener=listener,
            settings={**asked.settings, **settings},
            command=shlex.join(["perfagent", "verify", str(path), "--rerun", "--repo", asked.repo]),
        )
        record = drive.measure(run, revision=None, patch_file=asked.patch)
        _reported(run, record)
    return to_plain(agreement(evidence, record, run.directory.path))


def start(
    repo: str,
    workload: str,
    kind: Literal["optimize", "measure", "profile", "audit"],
    *,
    out: str | Path | None,
    listener: Listener | None,
    settings: Mapping[str, Any],
    command: str | None = None,
    candidate: str | None = None,
) -> Run:
    """Start a run of the working directory, as `agent.runs.start_run` says."""
    from ..agent.runs.on_disk import start_run

    return start_run(
        repo,
        workload,
        settings,
        kind=kind,
        working_dir=Path.cwd(),
        out=Path(out) if out is not None else None,
        command=command or command_line(kind, repo, workload, settings),
        listener=listener or ignore,
        candidate=candidate,
    )


def _reported(run: Run, record: dict[str, Any]) -> dict[str, Any]:
    from ..reports.html.page import render_html
    from ..reports.markdown import render_markdown
    from ..reports.sentence import sentence

    patch = run.directory.path / "patch.diff"
    diff = patch.read_text(encoding="utf-8") if patch.exists() else ""
    run.directory.write_text("report.md", render_markdown(record, diff))
    run.directory.write_text("report.html", render_html(record, diff))
    return {
        **record,
        "sentence": sentence(record),
        "directory": str(run.directory.path),
    }
