"""One tool: what a model is told of it, how its arguments are read, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ...errors import ToolError
from .bench import Bench
from .toolbox import ToolSpec

MOST_CHARACTERS = 8_000
"""Characters of a tool's answer, apart from the line that says what was cut."""


class Arguments(BaseModel):
    """The arguments of one call, as a model gave them; each field's description is for it."""

    model_config = ConfigDict(extra="forbid")


class NoArguments(Arguments):
    """For tools that take none."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One thing that a model may do.

    Attributes:
        name: By which it is called.
        description: What it does and answers, for the model.
        arguments: What it takes.
        run: Does it; raises ToolError with what to do instead.
        changes_tree: As in `ToolSpec`.
    """

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Bench, Any], str]
    changes_tree: bool = False

    @property
    def spec(self) -> ToolSpec:
        """What the model is told."""
        return ToolSpec(
            name=self.name,
            description=self.description,
            parameters=schema_of(self.arguments),
            changes_tree=self.changes_tree,
        )

    def read(self, given: Mapping[str, object]) -> Arguments:
        """Return the arguments of a call.

        Raises:
            ToolError: One is missing, unknown, or not of its type; the message names all of them.
        """
        try:
            return self.arguments.model_validate(dict(given))
        except ValidationError as error:
            problems = "; ".join(_problem(each) for each in error.errors())
            raise ToolError(f"{self.name}: {problems}. It takes {self._takes()}.") from None

    def _takes(self) -> str:
        fields = self.arguments.model_fields
        names = [
            name if field.is_required() else f"{name} (optional)" for name, field in fields.items()
        ]
        return ", ".join(names) or "no arguments"


def schema_of(arguments: type[Arguments]) -> dict[str, Any]:
    """Return the JSON schema of a tool's arguments, without the titles that pydantic makes up."""
    made = arguments.model_json_schema()
    properties = {
        name: {key: value for key, value in field.items() if not _says_nothing(key, value)}
        for name, field in made.get("properties", {}).items()
    }
    required = {"required": made["required"]} if "required" in made else {}
    return {"type": "object", "properties": properties, **required}


def _says_nothing(key: str, value: object) -> bool:
    """Whether a part of a field's schema would only cost tokens."""
    is_empty = key == "default" and value in ("", 0, False, [])
    return is_empty or key in ("title", "minimum", "maxLength")


def _problem(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "the arguments"
    said = {"missing": "is missing", "extra_forbidden": "is not known"}.get(error["type"])
    return f"`{where}` {said}" if said else f"`{where}`: {error['msg']}"
