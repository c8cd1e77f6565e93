"""A dataset as instances: of which benchmark it is, and which of it are wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, get_args

from pydantic import ValidationError

from ...errors import UserError
from . import gso, swefficiency, sweperf
from .instance import Instance, Suite
from .rows import read_rows

_READERS: dict[Suite, Callable[[dict[str, Any]], Instance]] = {
    "swefficiency": swefficiency.to_instance,
    "gso": gso.to_instance,
    "sweperf": sweperf.to_instance,
}
_MARKS: dict[Suite, frozenset[str]] = {
    "sweperf": sweperf.MARKS,
    "gso": gso.MARKS,
    "swefficiency": swefficiency.MARKS,
}


def load_instances(source: str, *, suite: str | None = None, split: str = "test") -> list[Instance]:
    """Return the instances of a dataset, in its order.

    Args:
        source: As for `read_rows`.
        suite: The benchmark; None goes by the columns.
        split: Which part of a dataset that has several.

    Raises:
        UserError: There is no such dataset, it is of no benchmark that is known, a row lacks a
            column, or an id is there twice.
        InfrastructureError: The hub cannot be reached.
    """
    found: list[Instance] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(read_rows(source, split=split), 1):
        which = _said(suite) or suite_of_columns(row, f"{source}, row {number}")
        try:
            instance = _READERS[which](row)
        except ValidationError as error:
            first = error.errors()[0]
            column = ".".join(str(part) for part in first["loc"]) or "the row"
            raise UserError(f"{source}, row {number}: {column}: {first['msg']}") from None
        if instance.key in seen:
            raise UserError(
                f"{source}, rows {seen[instance.key]} and {number} are both "
                f"{instance.instance_id}: an id names one instance"
            )
        seen[instance.key] = number
        found.append(instance)
    return found


def suite_of_columns(row: dict[str, Any], where: str) -> Suite:
    """Return the benchmark whose columns a row has.

    Raises:
        UserError: It has those of none.
    """
    for suite, marks in _MARKS.items():
        if marks <= row.keys():
            return suite
    wanted = "; ".join(f"{', '.join(sorted(marks))}: {suite}" for suite, marks in _MARKS.items())
    raise UserError(f"{where} has the columns of no benchmark that is known ({wanted})")


def _said(suite: str | None) -> Suite | None:
    if suite is None:
        return None
    for known in get_args(Suite):
        if suite == known:
            return known
    raise UserError(f"no benchmark {suite!r}: --suite is one of {', '.join(get_args(Suite))}")


def chosen(
    instances: Sequence[Instance],
    *,
    only: str | None = None,
    shard: str | None = None,
    limit: int | None = None,
) -> list[Instance]:
    """Return the instances that are wanted: those that match, of these a share, of these the first.

    Args:
        instances: All of them.
        only: A regular expression that their ids match somewhere.
        shard: "K/N": of N equal shares the K-th, from 1; every N-th instance is in it.
        limit: Most instances.

    Raises:
        UserError: A word is not understood, or nothing is left.
    """
    kept = list(instances)
    if only is not None:
        try:
            pattern = re.compile(only)
        except re.error as error:
            raise UserError(f"--filter {only!r} is no regular expression: {error}") from None
        kept = [each for each in kept if pattern.search(each.instance_id)]
    if shard is not None:
        number, of = _shard(shard)
        kept = kept[number - 1 :: of]
    if limit is not None:
        if limit < 1:
            raise UserError(f"--limit {limit}: at least 1")
        kept = kept[:limit]
    if not kept:
        raise UserError(f"none of the {len(instances)} instances is left: do the options fit?")
    return kept


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match and 1 <= int(match[1]) <= int(match[2]):
        return int(match[1]), int(match[2])
    raise UserError(f"--shard {text!r}: write K/N with K from 1 to N, as in 2/8")
