"""Translates Poetry's dependency groups, which have a syntax of their own, to requirements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


def poetry_requirements(poetry: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return the requirements of the groups so named in a `[tool.poetry]` table.

    Path, file and URL dependencies are left out, and so is what cannot be translated.
    """
    wanted = {canonicalize_name(name) for name in names}
    groups = poetry.get("group")
    tables = [
        group.get("dependencies", {})
        for name, group in (groups.items() if isinstance(groups, Mapping) else ())
        if canonicalize_name(name) in wanted and isinstance(group, Mapping)
    ]
    if "dev" in wanted:
        tables.append(poetry.get("dev-dependencies", {}))
    return [
        line
        for table in tables
        if isinstance(table, Mapping)
        for name, constraint in table.items()
        if name != "python" and (line := _requirement(name, constraint)) is not None
    ]


def _requirement(name: str, constraint: Any) -> str | None:
    extras = ""
    marker = ""
    if isinstance(constraint, Mapping):
        if not isinstance(constraint.get("version"), str):
            return None
        extras = ",".join(constraint.get("extras", ()))
        marker = constraint.get("markers", "")
        constraint = constraint["version"]
    if not isinstance(constraint, str):
        return None
    specifier = _specifier(constraint)
    line = f"{name}{f'[{extras}]' if extras else ''}{specifier}{f' ; {marker}' if marker else ''}"
    try:
        return str(Requirement(line))
    except InvalidRequirement:
        return None


def _specifier(constraint: str) -> str:
    """Translate one constraint; alternatives (`||`) become no constraint at all."""
    if "|" in constraint:
        return ""
    parts = [part for part in re.split(r"\s*,\s*|\s+(?=[<>=!~^])", constraint.strip()) if part]
    return ",".join(translated for part in parts if (translated := _clause(part)))


def _clause(part: str) -> str:
    operator, version = re.match(r"(\^|~=|~|===|==|!=|<=|>=|<|>|=)?\s*(.*)", part, re.S).groups()  # pyright: ignore[reportOptionalMemberAccess]
    if version == "*":
        return ""
    if operator in ("^", "~"):
        return f">={version},<{_upper_bound(operator, version)}"
    if operator in (None, "="):
        return f"=={version}"
    return f"{operator}{version}"


def _upper_bound(operator: str, version: str) -> str:
    """Return the first version that a caret or tilde constraint leaves out."""
    numbers = [int(number) for number in re.findall(r"\d+", version.split("-")[0])[:3]] or [0]
    if operator == "~":
        kept = min(len(numbers), 2)
    else:
        kept = next((at + 1 for at, number in enumerate(numbers) if number), len(numbers))
    return ".".join(str(number) for number in [*numbers[: kept - 1], numbers[kept - 1] + 1])
