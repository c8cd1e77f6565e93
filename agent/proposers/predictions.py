"""The predictions proposer: patches that somebody made before, read from a benchmark's file.

Read are JSON Lines and JSON in the forms that are about: a list of rows; rows by any key; rows or
bare patches by instance id; rows as agents leave them, with the patch below `test_result`.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ...errors import ToolError, UserError
from ...repos.patch import Patch
from ...settings import PREDICTIONS
from .proposal import Proposal

_ID_MARK = "#"


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One row of a predictions file.

    Attributes:
        instance_id: Which instance the patch is for; empty when the row does not say.
        patch: A unified diff; empty when the agent made none.
        model: Who made it; empty when the row does not say.
    """

    instance_id: str
    patch: str
    model: str


class _AgentResult(BaseModel):
    """Where OpenHands keeps the patch."""

    model_config = ConfigDict(extra="ignore")
    git_patch: str | None = None


class _Metadata(BaseModel):
    """Where OpenHands keeps the name of the run, which holds the model's."""

    model_config = ConfigDict(extra="ignore")
    eval_output_dir: str | None = None


class _Row(BaseModel):
    """A row as it comes; keys that are not named here are left aside."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
    instance_id: str | None = None
    model_patch: str | None = None
    model_name_or_path: str | None = None
    test_result: _AgentResult | None = None
    metadata: _Metadata | None = None

    def prediction(self, key: str) -> Prediction:
        patch = self.model_patch
        if patch is None and self.test_result is not None:
            patch = self.test_result.git_patch
        folder = self.metadata.eval_output_dir if self.metadata else None
        model = self.model_name_or_path or (PurePosixPath(folder).name if folder else "")
        return Prediction(instance_id=self.instance_id or key, patch=patch or "", model=model)


def read_predictions(text: str, name: str) -> list[Prediction]:
    """Return the rows of a predictions file, in its order.

    Args:
        text: The file's.
        name: What to call the file in an error.

    Raises:
        UserError: It is neither JSON nor JSON Lines, or a row is not one.
    """
    found: list[Prediction] = []
    for place, (key, row) in enumerate(_rows(text, name), 1):
        if isinstance(row, str):
            row = {"model_patch": row}
        try:
            found.append(_Row.model_validate(row).prediction(key))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the row"
            raise UserError(f"{name}, row {place}: {where}: {first['msg']}") from None
    if not found:
        raise UserError(f"{name} holds no predictions")
    return found


def chosen(predictions: list[Prediction], instance_id: str | None, name: str) -> list[Prediction]:
    """Return the predictions of one instance.

    Args:
        predictions: All of the file.
        instance_id: Which instance; None when the file holds only one.
        name: What to call the file in an error.

    Raises:
        UserError: The file has no such instance, or several and none was named.
    """
    ids = list(dict.fromkeys(each.instance_id for each in predictions))
    if instance_id is None:
        if len(ids) == 1:
            return predictions
        raise UserError(
            f"{name} holds {len(ids)} instances; name one: {PREDICTIONS}FILE{_ID_MARK}{ids[0]}"
        )
    found = [each for each in predictions if each.instance_id.lower() == instance_id.lower()]
    if found:
        return found
    near = difflib.get_close_matches(instance_id, ids, n=1, cutoff=0.0)
    raise UserError(f"{name} has no instance {instance_id!r}; the nearest is {near[0]!r}")


def propose_predictions(spec: str, base_commit: str) -> list[Proposal]:
    """Return a proposal for each prediction of an instance.

    Args:
        spec: `predictions:FILE` or `predictions:FILE#INSTANCE_ID`.
        base_commit: What the patches are against.

    Raises:
        UserError: The file cannot be read or has no such instance.
    """
    return [_proposal(row, base_commit) for row in read_spec(spec)]


def read_spec(spec: str) -> list[Prediction]:
    """Return the predictions that a proposer's name asks for.

    Raises:
        UserError: The file cannot be read or has no such instance.
    """
    file, instance_id = _parsed(spec)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read the predictions {file}: {error}") from None
    return chosen(read_predictions(text, str(file)), instance_id, str(file))


def absolute_spec(spec: str, folder: Path) -> str:
    """Return the same proposer's name with its file's path below `folder` made absolute."""
    file, instance_id = _parsed(spec)
    path = (folder / file).absolute()
    return f"{PREDICTIONS}{path}" + (f"{_ID_MARK}{instance_id}" if instance_id else "")


def _parsed(spec: str) -> tuple[Path, str | None]:
    rest = spec.removeprefix(PREDICTIONS)
    file, mark, instance_id = rest.rpartition(_ID_MARK)
    if not mark or Path(rest).is_file():
        return Path(rest), None
    return Path(file), instance_id


def _rows(text: str, name: str) -> Iterator[tuple[str, Any]]:
    """Yield (key, row); the key is the instance's id where the file is a mapping."""
    try:
        whole = json.loads(text)
    except ValueError:
        yield from (("", row) for row in _lines(text, name))
        return
    if isinstance(whole, list):
        yield from (("", row) for row in whole)
    elif isinstance(whole, dict) and all(isinstance(row, str | Mapping) for row in whole.values()):
        if {"instance_id", "model_patch"} & set(whole):
            yield "", whole
        else:
            yield from whole.items()
    elif isinstance(whole, dict):
        yield "", whole
    else:
        raise UserError(f"{name} holds {type(whole).__name__}, not predictions")


def _lines(text: str, name: str) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise UserError(f"{name}, line {number} is not JSON: {error}") from None


def _proposal(row: Prediction, base_commit: str) -> Proposal:
    origin = f"predictions/{row.model or 'unnamed'}"
    about = f" for {row.instance_id}" if row.instance_id else ""
    hypothesis = f"the patch of {row.model or 'a predictions file'}{about}"
    patch, problem = None, None
    try:
        patch = Patch.parse(row.patch, base_commit) if row.patch.strip() else None
    except ToolError as error:
        problem = f"the prediction is no patch that may be applied: {error}"
    if problem is None and (patch is None or patch.is_empty):
        patch, problem = None, "the prediction is empty"
    return Proposal(origin=origin, hypothesis=hypothesis, patch=patch, problem=problem)
