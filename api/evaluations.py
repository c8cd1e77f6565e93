"""Evaluations over benchmarks' instances, and instances made of a history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ..evals.batch.auditing import Audited
    from ..evals.batch.options import Options
    from ..evals.mining.mine import Mined
    from ..evals.running.outcome import InstanceResult


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
    from ..evals.batch.backends import open_backend
    from ..evals.batch.evaluation import run_evaluation
    from ..evals.batch.options import Options, asked_for
    from ..settings import load_settings

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
    from ..agent.runs.directory import RunDirectory
    from ..errors import UserError
    from ..evals.batch.records import read_evaluation
    from ..evals.scoring.comparing import compare_evaluations
    from ..evals.scoring.export import export
    from ..evals.scoring.summary import summarize_all
    from ..reports.html.evaluation_page import render_evaluation

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

    from ..errors import UserError
    from ..evals.batch.auditing import FOLDER, audit_jobs
    from ..evals.batch.backends import open_backend
    from ..evals.batch.options import Options, asked_for
    from ..evals.batch.records import read_evaluation
    from ..settings import load_settings

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
    words: Sequence[str] = (),
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
        words: Words of the messages, besides the usual ones, such as a prefix; case counts.
        on_step: Told what goes on.
        settings: Settings of environments and measurement, by name; `model` names one that is
            asked what the commits are, and for workloads.

    Raises:
        UserError: Bad input.
        InfrastructureError: The repository cannot be fetched, or the file not written.
    """
    import json

    from ..errors import UserError
    from ..evals.mining.mine import mine as mined
    from ..settings import load_settings

    known = load_settings(settings, working_dir=Path.cwd())
    path = Path(out)
    try:
        path.write_text("", encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}; name another --out") from None
    tell = on_step or (lambda text: None)
    steps = mined(
        repo, known, since=since, most=most, most_files=most_files, words=words, on_step=tell
    )
    for each in steps:
        if each.row is not None:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(each.row) + "\n")
        yield each
