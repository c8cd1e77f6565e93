"""OpenEvolve: what it needs to evolve a file, and what its programs are worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .runs import measure, start
from .words import Listener


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
    from ..agent import optimize as drive
    from ..agent.chat.prompts import load_prompt
    from ..agent.openevolve import export_target
    from ..agent.steps.localize import read_hotspots
    from ..errors import UserError
    from ..repos.git import git

    run = start(repo, workload, "profile", out=None, listener=listener, settings=settings)
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
    from ..agent.evidence.rerun import asked_again

    repo, workload, settings = asked_again(run)
    return openevolve_export(repo, workload, folder, file=file, listener=listener, **settings)


def openevolve_score(folder: str | Path, program: str | Path) -> dict[str, Any]:
    """Put a program of OpenEvolve through the gate, with few pairs; return metrics and artifacts.

    Raises:
        UserError: No such export or program.
        InfrastructureError: The machine failed.
    """
    from ..agent.openevolve import ROUGH_PAIRS, UNCHANGED, score

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
    from ..errors import UserError

    record = _measured_program(Path(folder), Path(program), listener, {})
    if record is None:
        raise UserError(f"{program} is the file as it was: there is nothing to measure")
    return record


def _measured_program(
    folder: Path, program: Path, listener: Listener | None, more: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the record of a program's measurement, or None for one that changes nothing."""
    import tempfile

    from ..agent.openevolve import champion_diff, read_export
    from ..errors import UserError

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
