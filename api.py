"""The same as the command line, from Python: `perfagent.optimize(...)` and its siblings.

A door: it starts runs, hands them to the loop, and has their reports written.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .agent.evidence import Evidence
    from .agent.rerun import Question
    from .agent.run import Run
    from .evals.batch.auditing import Audited
    from .evals.batch.options import Options
    from .evals.mining.mine import Mined
    from .evals.running.outcome import InstanceResult

Listener = Callable[[dict[str, Any]], None]


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
    from .agent import optimize as drive

    run = _start(repo, workload, "optimize", out=out, listener=listener, settings=settings)
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
    from .agent import optimize as drive
    from .errors import UserError

    if (candidate is None) == (patch is None):
        raise UserError("name what to measure: either --candidate REV or --patch FILE")
    what = {"candidate": candidate, "patch": str(patch) if patch is not None else None}
    command = command_line("measure", repo, workload, {**what, **settings})
    run = _start(
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
    from .agent import optimize as drive
    from .agent.plain import to_plain
    from .errors import UserError
    from .repos.mirror import resolve

    if not 0 < threshold <= 10:
        raise UserError(f"--threshold {threshold:g}: give a share above 0, such as 0.1")
    what = {"candidate": candidate, "threshold": threshold}
    command = command_line("check", repo, workload, {**what, **settings})
    run = _start(
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

    from .agent import optimize as drive
    from .errors import UserError

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
        run = _start(
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
    from .agent.rerun import question
    from .agent.verify import find_bundle
    from .agent.verify import verify as check
    from .errors import UserError
    from .settings import load_settings

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
    from .agent import optimize as drive

    run = _start(repo, workload, "profile", out=out, listener=listener, settings=settings)
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
    from .agent.init.files import (
        command,
        file_text,
        plain_survey,
        questions,
        refuse_existing,
        write_files,
    )
    from .agent.init.survey import survey as look

    if folder is not None:
        refuse_existing(folder, force=force)
    run = _start(repo, "cmd:true", "profile", out=None, listener=listener, settings=settings)
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
    from .agent import optimize as drive
    from .agent.runs import open_run
    from .errors import UserError
    from .settings import load_settings

    found = load_settings(settings, working_dir=Path.cwd())
    run = open_run(run_name, settings=found, listener=listener or _ignore)
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
    from .agent import optimize as drive
    from .agent.guard import GUARD
    from .agent.runs import open_run
    from .errors import UserError
    from .settings import load_settings

    run = open_run(
        run_name,
        settings=load_settings(settings, working_dir=Path.cwd()),
        listener=listener or _ignore,
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
    from .agent.plain import to_plain
    from .agent.verify import find_bundle
    from .agent.verify import verify as check
    from .settings import load_settings

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

    from .agent import optimize as drive
    from .agent.plain import to_plain
    from .agent.rerun import agreement, question

    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        asked = question(evidence, path, Path(folder), repo=repo, python=python)
        run = _start(
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


def openevolve_export(
    repo: str,
    workload: str,
    folder: str | Path,
    *,
    file: str | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> list[Path]:
    """Write what OpenEvolve needs to evolve the hottest file of a workload; return the files.

    Args:
        repo: As for `optimize`.
        workload: As for `optimize`.
        folder: Where the files go.
        file: Path in the repository of the file to evolve; None takes the hottest function's.
        listener: Called with every event of the run.
        settings: Any setting, by name; scores and the check are measured with the same.

    Raises:
        UserError: Bad input, or no hotspot (in that file) to evolve.
        InfrastructureError: The machine or a service failed.
    """
    from .agent import optimize as drive
    from .agent.localize import read_hotspots
    from .agent.openevolve import export_target
    from .agent.prompts import load_prompt
    from .errors import UserError
    from .repos.git import git

    run = _start(repo, workload, "profile", out=None, listener=listener, settings=settings)
    drive.profile(run)
    ranked = read_hotspots(run, "round-01") or []
    found = [spot for spot in ranked if file in (None, spot.path)]
    if not found:
        raise UserError(
            f"no hotspot {f'in {file} ' if file else ''}to evolve: `perfagent profile` lists them"
        )
    ref = run.request.repo
    kept = {key: value for key, value in settings.items() if value not in (None, False, [])}
    return export_target(
        Path(folder),
        target={
            "repo": _absolute(repo),
            "workload": _absolute(workload),
            "file": found[0].path,
            "settings": {**kept, "rev": ref.commit},
        },
        source=git(Path(ref.mirror), "show", f"{ref.commit}:{found[0].path}"),
        hotspot=found[0],
        rules=load_prompt("rules").render(),
        timeout_s=run.settings.suite_timeout_s + run.settings.max_compare_s,
    )


def openevolve_again(
    run: Path, folder: str | Path, *, file: str | None = None, listener: Listener | None = None
) -> list[Path]:
    """Write what OpenEvolve needs to evolve what an earlier run optimized; return the files.

    Args:
        run: The run's directory.
        folder: As for `openevolve_export`.
        file: As for `openevolve_export`.
        listener: As for `openevolve_export`.

    Raises:
        UserError: As for `openevolve_export`.
        InfrastructureError: As for `openevolve_export`.
    """
    from .agent.rerun import asked_again

    repo, workload, settings = asked_again(run)
    return openevolve_export(repo, workload, folder, file=file, listener=listener, **settings)


def openevolve_score(folder: str | Path, program: str | Path) -> dict[str, Any]:
    """Put a program of OpenEvolve through the gate, with few pairs; return metrics and artifacts.

    Raises:
        UserError: No such export or program.
        InfrastructureError: The machine failed.
    """
    from .agent.openevolve import ROUGH_PAIRS, UNCHANGED, score

    record = _measured_program(Path(folder), Path(program), None, {"max_pairs": ROUGH_PAIRS})
    return UNCHANGED if record is None else score(record)


def openevolve_check(
    folder: str | Path, program: str | Path, *, listener: Listener | None = None
) -> dict[str, Any]:
    """Measure a program of OpenEvolve as `measure` does, on fresh samples; return the record.

    Raises:
        UserError: No such export or program, or one that changes nothing.
        InfrastructureError: The machine failed.
    """
    from .errors import UserError

    record = _measured_program(Path(folder), Path(program), listener, {})
    if record is None:
        raise UserError(f"{program} is the file as it was: there is nothing to measure")
    return record


def _measured_program(
    folder: Path, program: Path, listener: Listener | None, more: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the record of a program's measurement, or None for one that changes nothing."""
    import tempfile

    from .agent.openevolve import champion_diff, read_export
    from .errors import UserError

    target, base = read_export(folder)
    try:
        with program.open(encoding="utf-8", newline="") as stream:
            diff = champion_diff(base, stream.read(), target["file"])
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read the program {program}: {error}") from None
    if not diff:
        return None
    with tempfile.TemporaryDirectory(prefix="perfagent-") as scratch:
        patch = Path(scratch) / "program.diff"
        patch.write_text(diff, encoding="utf-8", newline="")
        return measure(
            target["repo"],
            target["workload"],
            patch=patch,
            listener=listener,
            **{**target["settings"], **more},
        )


def _absolute(word: str) -> str:
    """Return a path that is there as an absolute one, and any other word as it is."""
    return str(Path(word).resolve()) if Path(word).exists() else word


def _start(
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
    from .agent.runs import start_run

    return start_run(
        repo,
        workload,
        settings,
        kind=kind,
        working_dir=Path.cwd(),
        out=Path(out) if out is not None else None,
        command=command or command_line(kind, repo, workload, settings),
        listener=listener or _ignore,
        candidate=candidate,
    )


def command_line(kind: str, repo: str, workload: str, settings: Mapping[str, Any]) -> str:
    """Return the command line that repeats a run; settings that were not said are left out."""
    return shlex.join(["perfagent", kind, repo, workload, *option_words(settings)])


def option_words(settings: Mapping[str, Any]) -> list[str]:
    """Return the command line's options that say these settings; what says nothing is left out."""
    from .settings import Settings

    words: list[str] = []
    for key, value in settings.items():
        field = Settings.model_fields.get(key)
        if field is not None and field.default is True:  # a switch that can only be put off
            words += [] if value else [f"--no-{key.replace('_', '-')}"]
            continue
        if value is None or value is False or value == []:
            continue
        # Options are singular and without their unit.
        name = "output" if key == "outputs" else key.removesuffix("_s")
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
            continue
        for item in value if isinstance(value, list | tuple) else [value]:
            words += [option, str(item)]
    return words


def _reported(run: Run, record: dict[str, Any]) -> dict[str, Any]:
    from .reports.html.page import render_html
    from .reports.markdown import render_markdown
    from .reports.sentence import sentence

    patch = run.directory.path / "patch.diff"
    diff = patch.read_text(encoding="utf-8") if patch.exists() else ""
    run.directory.write_text("report.md", render_markdown(record, diff))
    run.directory.write_text("report.html", render_html(record, diff))
    return {
        **record,
        "sentence": sentence(record),
        "directory": str(run.directory.path),
    }


def _ignore(event: dict[str, Any]) -> None:
    """Listen to nothing."""


def evaluate(
    instances: str,
    what: Literal["predictions", "agent", "expert", "empty"],
    *,
    file: str | Path | Sequence[str | Path] | None = None,
    options: Options | None = None,
    on_result: Callable[[InstanceResult, int, int], None] | None = None,
    **settings: Any,
) -> Path:
    """Evaluate patches over the instances of a benchmark, and return the evaluation's folder.

    An evaluation of the same name that asked for the same goes on where it was.

    Args:
        instances: A file, a saved dataset's folder, or OWNER/NAME on Hugging Face.
        what: Whose patches: of a file, of an agent, the expert's, or none.
        file: The predictions, also several files with other samples of the same instances; or the
            agent's settings, as TOML.
        options: Which instances, who works on them, and how; None for all, one after the other.
        on_result: Told of each patch's result, with how many are done and of how many.
        settings: Settings of environments and measurement, by name.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: The machine or a service failed.
    """
    from .evals.batch.backends import open_backend
    from .evals.batch.evaluation import run_evaluation
    from .evals.batch.options import Options, asked_for
    from .settings import load_settings

    chosen = options or Options()
    known = load_settings(settings, working_dir=Path.cwd())
    given = [file] if isinstance(file, str | Path) else list(file or ())
    asked = asked_for(instances, what, [Path(each) for each in given], chosen, known)
    path = Path(chosen.out) if chosen.out else known.state_dir / "evals" / asked.run_id
    tell = on_result or (lambda result, done, total: None)
    run_evaluation(asked, path, open_backend(chosen.backend, chosen.workers), tell)
    return path


def export_evaluations(folders: list[Path], out: str | Path) -> list[Path]:
    """Write evaluations' files for other programs, and one page for all; return the files.

    Args:
        folders: Evaluations of one benchmark.
        out: Where the files go: one evaluation's there, those of several in a folder each.

    Raises:
        UserError: A folder holds no evaluation, or they are of different benchmarks.
    """
    from .agent.run_directory import RunDirectory
    from .errors import UserError
    from .evals.batch.records import read_evaluation
    from .evals.scoring.comparing import compare_evaluations
    from .evals.scoring.export import export
    from .evals.scoring.summary import summarize_all
    from .reports.html.evaluation_page import render_evaluation

    found = [read_evaluation(folder) for folder in folders]
    if len({each.request["suite"] for each in found}) > 1:
        raise UserError("the evaluations are of different benchmarks: export each by itself")
    summaries = summarize_all(found)
    written: list[Path] = []
    for each, summary in zip(found, summaries, strict=True):
        place = Path(out) if len(found) == 1 else Path(out) / each.name
        written += export(each, summary, place)
    pair = compare_evaluations(found[0], found[1]) if len(found) == 2 else None
    RunDirectory(Path(out)).write_text("index.html", render_evaluation(summaries, pair))
    return [*written, Path(out) / "index.html"]


def audit_evaluation(
    instances: str,
    *,
    predictions: str | Path | None = None,
    run: str | Path | None = None,
    timing: bool = False,
    options: Options | None = None,
    on_result: Callable[[Audited, int, int], None] | None = None,
    **settings: Any,
) -> list[Audited]:
    """Put the patches of a file or of an evaluation through every honesty check.

    Args:
        instances: The dataset.
        predictions: A file of patches; exactly one of this and `run` is given.
        run: The folder of an evaluation, which keeps what is found.
        timing: Whether to time too.
        options: Which instances, and where; None for all.
        on_result: Told of each patch, with how many are done and of how many.
        settings: Settings of environments and measurement, by name.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: The machine failed.
    """
    from dataclasses import replace as changed

    from .errors import UserError
    from .evals.batch.auditing import FOLDER, audit_jobs
    from .evals.batch.backends import open_backend
    from .evals.batch.options import Options, asked_for
    from .evals.batch.records import read_evaluation
    from .settings import load_settings

    if (predictions is None) == (run is None):
        raise UserError("say whose patches: --predictions FILE or --run FOLDER")
    chosen = options or Options()
    known = load_settings(settings, working_dir=Path.cwd())
    what = "predictions" if predictions is not None else "empty"
    files = [Path(predictions)] if predictions is not None else []
    asked = asked_for(instances, what, files, chosen, known)
    jobs = asked.jobs()
    if run is not None:
        samples = read_evaluation(Path(run)).samples
        jobs = [
            changed(job, kind="prediction", patch=each.patch, sample=each.sample)
            for job in jobs
            for each in samples.get(job.instance.instance_id, ())
        ]
    kept = Path(chosen.out) if chosen.out else None
    folder = kept or (Path(run) if run else known.state_dir / "evals" / asked.run_id)
    tell = on_result or (lambda found, done, total: None)
    return audit_jobs(
        [job for job in jobs if job.patch.strip()],
        folder / FOLDER,
        open_backend(chosen.backend, chosen.workers),
        timing=timing,
        on_result=tell,
    )


def mine(
    repo: str,
    out: str | Path,
    *,
    since: str | None = None,
    most: int = 50,
    most_files: int = 5,
    on_step: Callable[[str], None] | None = None,
    **settings: Any,
) -> Iterator[Mined]:
    """Make instances of a repository's history; yield what becomes of each commit looked at.

    Args:
        repo: As for `optimize`; `@REV` says where to begin.
        out: The file that gets the instances, as JSON Lines in SWE-fficiency's columns; one that
            is there is replaced.
        since: Only later commits, in git's words.
        most: Most commits whose message speaks of performance.
        most_files: Most files outside tests that a commit changes.
        on_step: Told what goes on.
        settings: Settings of environments and measurement, by name.

    Raises:
        UserError: Bad input.
        InfrastructureError: The repository cannot be fetched, or the file not written.
    """
    import json

    from .errors import UserError
    from .evals.mining.mine import mine as mined
    from .settings import load_settings

    known = load_settings(settings, working_dir=Path.cwd())
    path = Path(out)
    try:
        path.write_text("", encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}; name another --out") from None
    tell = on_step or (lambda text: None)
    steps = mined(repo, known, since=since, most=most, most_files=most_files, on_step=tell)
    for each in steps:
        if each.row is not None:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(each.row) + "\n")
        yield each
