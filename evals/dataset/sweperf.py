"""SWE-Perf's rows. The names of its dataset's columns stand here and nowhere else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from ..sweperf import expert_gain
from .columns import Sessions, Texts
from .instance import Instance

MARKS = frozenset({"efficiency_test"})
"""Columns by which a row is known as one of these."""


class _Row(BaseModel):
    """A row as it comes; columns that are not named here are left aside."""

    model_config = ConfigDict(extra="ignore")
    instance_id: str
    repo: str
    base_commit: str
    efficiency_test: Texts
    head_commit: str | None = None
    patch: str | None = None
    version: str | None = None
    created_at: str | None = None
    duration_changes: Sessions = ()


def to_instance(row: dict[str, Any]) -> Instance:
    """Return a row as an instance.

    Raises:
        pydantic.ValidationError: A column is missing or of another type.
    """
    read = _Row.model_validate(row)
    image = read.instance_id.lower().replace("__", "_s_")
    return Instance(
        instance_id=read.instance_id,
        suite="sweperf",
        repo=read.repo,
        base=read.base_commit,
        expert_patch=read.patch or "",
        expert_commit=read.head_commit or None,
        version=read.version or "",
        created_at=read.created_at or "",
        efficiency_tests=read.efficiency_test,
        covering_tests=tuple(dict.fromkeys(t.split("::")[0] for t in read.efficiency_test)),
        must_pass=read.efficiency_test,
        image=f"docker.io/betty1202/sweb.eval.x86_64.{image}",
        expert_sessions=read.duration_changes,
    )


def expert_gain_of(instance: Instance) -> float:
    """Return the expert's gain by the times that the dataset holds; 0 without any."""
    if not instance.expert_sessions:
        return 0.0
    return expert_gain(instance.expert_sessions, instance.efficiency_tests)
