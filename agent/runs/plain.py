"""Dataclasses to plain JSON values and back, by their type hints."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_plain(value: Any) -> Any:
    """Return a dataclass instance as JSON values (paths as text, tuples as lists)."""
    return _adapter(type(value)).dump_python(value, mode="json")


def from_plain(kind: type[T], value: Any) -> T:
    """Return the dataclass instance that `to_plain` wrote."""
    return _adapter(kind).validate_python(value)
