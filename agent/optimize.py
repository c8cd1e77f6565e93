"""Drives a run to its record: the whole loop, the gate or all its checks alone, or the profile."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from ..errors import InfrastructureError, ToolError, UserError
from ..redaction import holds_secret
from ..repos.commands.process import terminate_all
from ..repos.patch import Patch
from ..repos.source.mirror import resolve
from ..workloads.launch import WorkloadFailed
from .audit import audit as audit_patch
from .audit import audit_record
from .candidate import Candidate
from .gate.judge import judge
from .regression import Regression
from .regression import check as compare_later
from .runs.on_disk import discard, tidy
from .runs.record import RECORD, hotspot_lines
from .runs.run import Interrupted, Run
from .steps.collect import candidate_id, write_candidate
from .steps.conclude import conclude_measured
from .steps.guard import Guard, about_speedup, guard_again, patch_of
from .steps.localize import export_profile, find_facts, find_hotspots, take_profile
from .steps.prepare import prepare
from .steps.tip import tip_tree

INTERRUPTED = 130  # exit status after a second Ctrl-C, as the door gives it after the first


def optimize(run: Run) -> dict[str, Any]:
    """Run the loop to its end and return the record; a finished run returns its record at once.

    Raises:
        UserError: The target cannot be used as it is; nothing is left behind.
        InfrastructureError: The machine or a service failed; what was reached is kept.
        Interrupted: The user stopped the run; its state is kept.
    """
    if run.directory.has(RECORD):
        return run.directory.read_json(RECORD)
    from .graph import execute

    with _one_process(run), _interruptible(run), _nothing_left_of_a_false_start(run):
        execute(run)
    tidy(run)
    return run.directory.read_json(RECORD)


def measure(run: Run, *, revision: str | None, patch_file: Path | None) -> dict[str, Any]:
    """Put one patch through the gate, measure it beside the expert, and return the record.

    Args:
        run: A new run.
        revision: A commit whose difference from the base is the patch, or None.
        patch_file: A file with a unified diff against the base, or None.

    Raises:
        UserError: No such revision or file, or the diff is not one that may be applied.
        InfrastructureError: The machine failed.
        Interrupted: The user stopped the run.
    """
    with _one_process(run), _interruptible(run), _nothing_left_of_a_false_start(run):
        patch = _the_patch(run, revision, patch_file)
        prepare(run)
        candidate = _measured_candidate(run, patch, revision, patch_file)
        verdict = judge(run, candidate, tip_tree(run, None))
        conclude_measured(run, candidate, verdict)
    tidy(run)
    return run.directory.read_json(RECORD)


def check(run: Run, head: str, *, threshold: float) -> Regression:
    """Compare a later commit with the run's base.

    Args:
        run: A new run.
        head: The later commit, 40 hexadecimal digits.
        threshold: Slowdown that is too much, as a share.

    Raises:
        UserError: The base cannot be used as it is.
        InfrastructureError: The machine failed.
        Interrupted: The user stopped the run.
    """
    with _one_process(run), _interruptible(run), _nothing_left_of_a_false_start(run):
        found = compare_later(run, head, threshold=threshold)
    tidy(run)
    return found


def audit(run: Run, *, patch_file: Path, without: Sequence[str] = ()) -> dict[str, Any]:
    """Put one patch through every check of the gate and return the audit's record.

    Args:
        run: A new run.
        patch_file: A file with a unified diff against the base.
        without: Checks that are left out.

    Raises:
        UserError: No such file, or the diff is not one that may be applied.
        InfrastructureError: The machine failed.
        Interrupted: The user stopped the run.
    """
    with _one_process(run), _interruptible(run), _nothing_left_of_a_false_start(run):
        patch = _the_patch(run, None, patch_file)
        prepare(run, floor=False)
        candidate = _measured_candidate(run, patch, None, patch_file)
        audited = audit_patch(run, candidate, tip_tree(run, None), without=without)
        record = audit_record(run, audited)
    tidy(run)
    return record


def guard(run: Run) -> Guard:
    """Make the guard test of a run that ended with a patch.

    Args:
        run: The run, opened again.

    Raises:
        UserError: It accepted no patch, or its base cannot be built any more.
        InfrastructureError: The machine failed.
        Interrupted: The user stopped it.
    """
    with _one_process(run), _interruptible(run), _nothing_left_of_a_false_start(run):
        patch = patch_of(run)
        gain = run.directory.read_json(RECORD)["speedup"]
        about = about_speedup(run, gain["speedup"], gain["ci_low"], gain["ci_high"])
        made = guard_again(run, patch, about)
    tidy(run)
    return made


def profile(run: Run) -> dict[str, Any]:
    """Profile the workload on the base; return its hotspots and where the exports are.

    Raises:
        UserError: The target cannot be used as it is; nothing is left behind.
        InfrastructureError: No profiler works here.
        Interrupted: The user stopped the run.
    """
    with _one_process(run), _interruptible(run), _nothing_left_of_a_false_start(run):
        prepare(run, suite=False, floor=False)
        tree = tip_tree(run, None)
        recorded = take_profile(run, "round-01", tree)
        hotspots = find_hotspots(run, "round-01", recorded, tree)
        find_facts(run, "round-01", hotspots, tree)
        export_profile(run, recorded, "before")
        from ..profiles.views.table import function_table
        from .runs.plain import to_plain

        rows = [to_plain(row) for row in function_table(recorded)]
        lines = hotspot_lines(run, "round-01")
    tidy(run)
    return {
        "run_id": run.request.run_id,
        "directory": str(run.directory.path),
        "recorder": recorded.recorder,
        "samples": recorded.samples,
        "note": recorded.note,
        "hotspots": [
            line | {"source": hotspot.source} for line, hotspot in zip(lines, hotspots, strict=True)
        ],
        "functions": rows,
    }


@contextmanager
def while_prepared(run: Run) -> Iterator[None]:
    """Build the target and run its workload once; what is done inside can be interrupted.

    Raises:
        UserError: The target cannot be used as it is; nothing is left behind.
        InfrastructureError: The machine or the network failed.
        Interrupted: The user stopped the run.
    """
    with _one_process(run), _interruptible(run), _nothing_left_of_a_false_start(run):
        prepare(run, suite=False, floor=False)
        yield
    tidy(run)


def _the_patch(run: Run, revision: str | None, patch_file: Path | None) -> Patch:
    base = run.request.repo.commit
    try:
        if patch_file is not None:
            return _without_secret(Patch.parse(patch_file.read_text(encoding="utf-8"), base))
        from ..repos.git import git

        mirror = Path(run.request.repo.mirror)
        commit = resolve(mirror, revision)
        diff = git(mirror, "diff", "--no-ext-diff", "--no-color", base, commit)
        return _without_secret(Patch.parse(diff, base))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read the patch {patch_file}: {error}") from None
    except ToolError as error:
        raise UserError(f"not a patch that can be measured: {error}") from None


def _without_secret(patch: Patch) -> Patch:
    if holds_secret(patch.diff):
        raise UserError(
            "the patch holds a secret of this machine's environment, and all of it would be kept: "
            "take it out"
        )
    return patch


def _measured_candidate(
    run: Run, patch: Patch, revision: str | None, patch_file: Path | None
) -> Candidate:
    from .runs.budget import Spend

    candidate = Candidate(
        candidate_id=candidate_id(patch.sha256),
        parent_id=None,
        origin="measure",
        hypothesis=f"the patch {patch_file}" if patch_file else f"the revision {revision}",
        patch=patch,
        spend=Spend(),
        round=1,
        hotspot=None,
        fingerprint="",
    )
    write_candidate(run, candidate)
    return candidate


@contextmanager
def _one_process(run: Run) -> Iterator[None]:
    """Hold the run's lock, so that two processes never work on one run.

    Raises:
        UserError: Another process has it.
    """
    with (run.directory.path / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"run {run.request.run_id} is being worked on already") from None
        yield


@contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    """Turn Ctrl-C into a clean stop: every process ended, nothing of theirs believed."""

    def stop(signum: int, frame: FrameType | None) -> None:
        if run.stopping.is_set():
            # Asked twice: a model's answer is not waited for. Every file is written whole, so
            # nothing is lost but what was under way.
            terminate_all()
            os._exit(INTERRUPTED)
        run.stopping.set()
        terminate_all()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    except BaseException as error:
        if run.stopping.is_set() and not isinstance(error, Interrupted):
            raise Interrupted from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _nothing_left_of_a_false_start(run: Run) -> Iterator[None]:
    """Remove the run's directory when it fails before the base is prepared."""
    try:
        yield
    except (UserError, InfrastructureError):
        if not run.directory.has("prepared.json") and not run.stopping.is_set():
            discard(run)
        raise
    except WorkloadFailed as error:
        raise InfrastructureError(f"a version that ran before fails now: {error}") from error
