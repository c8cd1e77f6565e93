"""What an evaluation can be told, and what it then asks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...errors import UserError
from ...settings import Settings, load_settings
from ..dataset.load import chosen, load_instances
from ..dataset.predictions import load_predictions
from .evaluation import Asked
from .job import Protocol

_OF_THE_INSTANCE = frozenset({"expert", "rev", "python", "install", "tests"})


@dataclass(frozen=True, kw_only=True)
class Options:
    """Which instances, who works on them, and how.

    Attributes:
        run_id: The evaluation's name; None makes one of the date.
        out: Its folder; None makes one in the state folder.
        workers: Instances under way at once, on each node of a cluster; timing is one at a time.
        suite: The benchmark; None goes by the columns.
        only: Regular expression that ids match.
        limit: Most instances.
        shard: "K/N": the K-th of N shares.
        protocol: "official" also takes the benchmark's own blocks of samples.
        repositories: By owner/name, where a repository is, as a REPO argument.
        backend: "local" or "ray".
        force: Measure again what has been measured.
        images: Run each instance in the container image that it names.
        samples: Patches of each instance: so many runs of an agent, or at most so many rows of
            the files; None for one of an agent and one of each file.
    """

    run_id: str | None = None
    out: str | None = None
    workers: int = 1
    suite: str | None = None
    only: str | None = None
    limit: int | None = None
    shard: str | None = None
    protocol: Protocol = "paired"
    repositories: Mapping[str, str] = field(default_factory=dict)
    backend: str = "local"
    force: bool = False
    images: bool = False
    samples: int | None = None


def asked_for(
    instances: str, what: str, files: Sequence[Path], options: Options, settings: Settings
) -> Asked:
    """Return what an evaluation is asked, everything read.

    Args:
        instances: The dataset.
        what: "predictions", "agent", "expert" or "empty".
        files: The predictions, or the agent's settings; () for the others.
        options: See there.
        settings: What the user said of environments and measurement.

    Raises:
        UserError: Something cannot be read, or does not fit.
    """
    if (what in ("predictions", "agent")) != bool(files):
        raise UserError("say whose patches: --predictions FILE, --agent FILE, expert or empty")
    samples = options.samples
    if samples is not None and not (samples >= 1 and files):
        raise UserError(f"--samples {samples}: at least 1, and of predictions or an agent")
    found = load_instances(instances, suite=options.suite)
    wanted = chosen(found, only=options.only, shard=options.shard, limit=options.limit)
    without = [each.instance_id for each in wanted if not each.image]
    if options.images and without:
        raise UserError(
            f"{without[0]} names no image ({len(without)} of {len(wanted)} instances): leave out "
            "--images, or these with --filter"
        )
    return Asked(
        run_id=options.run_id or datetime.now(UTC).strftime("%Y%m%d-%H%M%S"),
        dataset=instances,
        instances=wanted,
        kind="expert" if what == "expert" else "empty" if what == "empty" else "prediction",
        predictions=load_predictions(files, wanted, samples=samples)
        if what == "predictions"
        else None,
        agent=agent_settings(files[0]) if what == "agent" else None,
        samples=samples or 1,
        images=options.images,
        repositories={name.lower(): place for name, place in options.repositories.items()},
        settings=settings,
        protocol=options.protocol,
        force=options.force,
    )


def agent_settings(path: Path) -> dict[str, Any]:
    """Return the settings of an agent's file: those of `perfagent optimize`, and a "name".

    Raises:
        UserError: It cannot be read, or a setting is unknown or does not fit.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read the agent's settings {path}: {error}") from None
    known = {name.replace("-", "_"): value for name, value in found.items()}
    own = {name: value for name, value in known.items() if name != "name"}
    forbidden = sorted(own.keys() & _OF_THE_INSTANCE)
    if forbidden:
        raise UserError(f"{path}: {forbidden[0]!r} is the instance's to say: take it out")
    load_settings(own, working_dir=path.parent, environ={})
    return {"name": path.stem, **known}
