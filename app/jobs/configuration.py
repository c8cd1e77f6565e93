"""`.github/perfagent.yml`, read from the default or base branch and from nowhere else.

Its commands run in the sandbox alone, and nothing in it can name a secret, a host or a file outside
the repository.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

PATH = ".github/perfagent.yml"
_MOST_BYTES = 64 * 1024
_MOST_WORKLOADS = 20


class Paths(BaseModel):
    """Which files a patch may touch, as globs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    include: list[str] = Field(default_factory=lambda: ["*"], max_length=100)
    exclude: list[str] = Field(default_factory=list, max_length=100)


class Configuration(BaseModel):
    """What a repository asks of the app."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    enabled: bool = True
    """Whether the app does anything here."""
    workloads: dict[str, str] = Field(default_factory=dict, max_length=_MOST_WORKLOADS)
    """Name to WORKLOAD, as for `perfagent optimize`; scripts by their path in the repository."""
    paths: Paths = Paths()
    install: list[str] = Field(default_factory=list, max_length=20)
    build: str | None = None
    tests: str = ""
    no_tests: bool = False
    min_speedup: float = Field(default=1.05, gt=1, lt=100)
    """Least lower bound of the interval that is worth a pull request."""
    regression_threshold: float = Field(default=0.10, gt=0, le=1)
    """Slowdown beyond which a check fails, as a share of the base's time."""
    budget_minutes: float = Field(default=30, gt=0, le=240)
    max_open_prs: int = Field(default=3, ge=0, le=20)
    schedule: Literal["never", "daily", "weekly", "monthly"] = "never"
    labels: list[str] = Field(default_factory=lambda: ["performance"], max_length=10)
    skip_label: str = "no-perfagent"
    reviewers: list[str] = Field(default_factory=list, max_length=10)
    """Logins of those who are asked to look at the app's pull requests."""
    draft: bool = False
    publish: Literal["pull_request", "suggestion"] = "pull_request"
    """Whether a branch is made, or the diff is only shown."""
    forks: Literal["never", "approve"] = "approve"

    @field_validator("workloads")
    @classmethod
    def _printable(cls, workloads: dict[str, str]) -> dict[str, str]:
        for name, workload in workloads.items():
            if not (0 < len(name) <= 60 and name.isprintable() and not name.startswith("-")):
                raise ValueError("a workload's name is 1 to 60 printable characters")
            if not workload or workload.startswith("-") or not workload.isprintable():
                raise ValueError(f"workload {name!r} is no WORKLOAD")
        return workloads

    @field_validator("reviewers")
    @classmethod
    def _logins(cls, reviewers: list[str]) -> list[str]:
        for login in reviewers:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", login):
                raise ValueError(f"{login[:60]!r} is no login")
        return reviewers

    def allows(self, path: str) -> bool:
        """Return whether a patch may touch a file, as far as the repository says."""
        return any(fnmatchcase(path, glob) for glob in self.paths.include) and not any(
            fnmatchcase(path, glob) for glob in self.paths.exclude
        )


@dataclass(frozen=True, kw_only=True)
class Read:
    """The configuration as it was understood.

    Attributes:
        configuration: What holds.
        problems: What is wrong in the file, one line each; a file that is wrong asks for nothing.
        is_there: Whether there is such a file.
    """

    configuration: Configuration
    problems: tuple[str, ...] = ()
    is_there: bool = True
    unknown: tuple[str, ...] = field(default=())


def read_configuration(text: str | None) -> Read:
    """Return what a configuration file says.

    Args:
        text: Of the file; None when there is none.
    """
    if text is None:
        return Read(configuration=Configuration(), is_there=False)
    off = Configuration(enabled=False)
    try:
        known = _load(text)
    except ValueError as error:
        return Read(configuration=off, problems=(f"{PATH}: {error}",))
    unknown = tuple(_unknown(key) for key in known if key not in Configuration.model_fields)
    try:
        found = Configuration.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        told = first["msg"].removeprefix("Value error, ")
        return Read(configuration=off, problems=(f"{PATH}: {where}: {told}",), unknown=unknown)
    return Read(configuration=found, unknown=unknown)


def schema() -> dict[str, Any]:
    """Return the file's JSON schema, as editors take it."""
    made = Configuration.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": PATH,
        "additionalProperties": False,
    }


def _unknown(key: object) -> str:
    near = difflib.get_close_matches(str(key), Configuration.model_fields, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{PATH}: there is no key {str(key)[:60]!r}{hint}"


def _load(text: str) -> dict[str, Any]:
    import yaml

    if len(text.encode()) > _MOST_BYTES:
        raise ValueError("longer than 64 KB")

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.events.AliasEvent):
                raise ValueError("aliases are not read")
            return super().compose_node(parent, index)

    try:
        found = yaml.load(text, Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" on line {mark.line + 1}" if mark else ""
        raise ValueError(f"no valid YAML{where}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(found, dict | None):
        raise ValueError("not a table of keys")
    return {str(key): value for key, value in (found or {}).items()}
