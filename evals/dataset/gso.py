"""GSO's rows. The names of its dataset's columns stand here and nowhere else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from .columns import Texts
from .instance import Instance

MARKS = frozenset({"tests", "opt_commit"})
"""Columns by which a row is known as one of these."""


class _Row(BaseModel):
    """A row as it comes; columns that are not named here are left aside."""

    model_config = ConfigDict(extra="ignore")
    instance_id: str
    repo: str
    base_commit: str
    opt_commit: str
    tests: Texts
    api: str | None = None
    created_at: str | None = None
    install_commands: Texts = ()
    gt_diff: str | None = None
    arch: str = "x86_64"
    instance_image_tag: str = "latest"


def to_instance(row: dict[str, Any]) -> Instance:
    """Return a row as an instance.

    Raises:
        pydantic.ValidationError: A column is missing or of another type.
    """
    read = _Row.model_validate(row)
    name = f"gso.eval.{read.arch}.{read.instance_id.lower()}"
    return Instance(
        instance_id=read.instance_id,
        suite="gso",
        repo=read.repo,
        base=read.base_commit,
        expert_patch=read.gt_diff or "",
        expert_commit=read.opt_commit,
        created_at=read.created_at or "",
        perf_tests=read.tests,
        install=read.install_commands,
        image=f"slimshetty/gso:{name}" if read.instance_image_tag == "latest" else None,
        api=read.api or "",
    )
