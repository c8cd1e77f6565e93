"""SWE-fficiency's rows, and the simpler ones that name a script and two commits.

The names of its dataset's columns stand here and nowhere else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from .columns import Texts
from .instance import Instance

MARKS = frozenset({"workload"})
"""Columns by which a row is known as one of these."""


def _time(value: object) -> object:
    """Older rows hold milliseconds of the epoch."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat()
    return value or ""


class _Published(BaseModel):
    model_config = ConfigDict(extra="ignore")
    expert_speedup: float | None = None


class _Row(BaseModel):
    """A row as it comes; columns that are not named here are left aside."""

    model_config = ConfigDict(extra="ignore")
    instance_id: str
    repo: str
    base_commit: str
    workload: str
    patch: str | None = None
    version: str | None = None
    created_at: Annotated[str, BeforeValidator(_time)] = ""
    PASS_TO_PASS: Texts = ()
    covering_tests: Texts = ()
    single_thread_tests: Texts = ()
    test_cmd: str | None = None
    image_name: str | None = None
    speedup: float | None = None
    # Of the simpler form.
    expert_commit: str | None = None
    source_files: Texts = ()
    python: str | None = None
    install: Texts = ()
    # Of mined instances.
    install_commands: Texts = ()
    published: _Published | None = None


def to_instance(row: dict[str, Any]) -> Instance:
    """Return a row as an instance.

    Raises:
        pydantic.ValidationError: A column is missing or of another type.
    """
    read = _Row.model_validate(row)
    speedup = read.speedup
    if speedup is None and read.published is not None:
        speedup = read.published.expert_speedup
    return Instance(
        instance_id=read.instance_id,
        suite="swefficiency",
        repo=read.repo,
        base=read.base_commit,
        expert_patch=read.patch or "",
        expert_commit=read.expert_commit or None,
        expert_files=read.source_files,
        version=read.version or "",
        created_at=read.created_at,
        workload=read.workload,
        covering_tests=tuple(map(_in_tree, read.covering_tests)),
        must_pass=tuple(map(_in_tree, read.PASS_TO_PASS)),
        serial_tests=tuple(map(_in_tree, read.single_thread_tests)),
        python=read.python or None,
        requirements=read.install,
        install=read.install_commands,
        test_command=read.test_cmd or "",
        image=read.image_name or None,
        expert_speedup=speedup,
    )


def _in_tree(path: str) -> str:
    """Return a path of the benchmark's container as one below the repository."""
    return path.removeprefix("/testbed/")
