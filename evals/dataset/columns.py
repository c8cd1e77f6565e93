"""Columns that come in more than one form."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator


def _parsed(value: object) -> object:
    """Return a list or mapping that a column holds as JSON text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"neither a list nor one as JSON: {error}") from None


def _listed(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        return ()
    found = _parsed(value)
    return tuple(found) if isinstance(found, list | tuple) else found


def _mapped(value: object) -> object:
    return [] if value in (None, "") else _parsed(value)


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Texts, as a list or as JSON text of one; nothing is none."""

Sessions = Annotated[tuple[dict[str, dict[str, Any]], ...], BeforeValidator(_mapped)]
"""A mapping for each session, as a list or as JSON text of one."""
