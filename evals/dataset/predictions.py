"""A file of predictions against a dataset: what is for whom, and what is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...agent.proposers.predictions import Prediction, read_predictions
from ...errors import UserError
from .instance import Instance

_BLOCK = re.compile(r"(?m)^(?=diff --git )")
_DOES_SOMETHING = re.compile(
    r"(?m)^(@@ |new file mode |deleted file mode |rename from |copy from |old mode |Binary files "
    r"|GIT binary patch)"
)
_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """The predictions of one file for the instances of a dataset.

    Attributes:
        by_instance: By instance id (as the dataset writes it) the patch to evaluate.
        model: Who made them: the name that most rows give; "" when none does.
        notes: What was odd about the file, a line each.
    """

    by_instance: dict[str, Prediction]
    model: str
    notes: tuple[str, ...]


def load_predictions(path: Path, instances: Sequence[Instance]) -> Predictions:
    """Return the predictions of a file; the last of several for one instance counts.

    Patches get LF line ends and a last newline, and lose blocks that change nothing (agents leave
    a header for a file whose name is a time stamp). What is for no instance is reported.

    Raises:
        UserError: It cannot be read, is no file of predictions, or none is for these instances.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read the predictions {path}: {error}") from None
    rows = read_predictions(text, str(path))
    known = {each.key: each.instance_id for each in instances}
    found: dict[str, Prediction] = {}
    repeated: list[str] = []
    unknown: list[str] = []
    junk: list[str] = []
    for row in rows:
        name = known.get(row.instance_id) or known.get(row.instance_id.lower())
        if name is None:
            unknown.append(row.instance_id or "(a row without an id)")
            continue
        if name in found:
            repeated.append(name)
        patch, dropped = normalized(row.patch)
        if dropped:
            junk.append(f"{name} ({', '.join(dropped)})")
        found[name] = replace(row, instance_id=name, patch=patch)
    if not found:
        near = difflib.get_close_matches(unknown[0], list(known.values()), n=1, cutoff=0.0)
        raise UserError(
            f"no prediction of {path} is for one of the {len(instances)} instances: it has "
            f"{unknown[0]!r}, the nearest is {near[0]!r}"
        )
    models = [row.model for row in found.values() if row.model]
    empty = [name for name, row in found.items() if not row.patch.strip()]
    missing = [each.instance_id for each in instances if each.instance_id not in found]
    notes = (
        _note(repeated, "are there more than once, the last counts"),
        _note(unknown, "are of no instance that was asked for"),
        _note(junk, "had blocks that change nothing, which were dropped"),
        _note(empty, "are empty"),
        _note(missing, "have no prediction and count as empty", "instances"),
        _note(sorted(set(models))[1:] and sorted(set(models)), "made them", "models"),
    )
    return Predictions(
        by_instance=found,
        model=max(sorted(set(models)), key=models.count) if models else "",
        notes=tuple(note for note in notes if note),
    )


def normalized(patch: str) -> tuple[str, tuple[str, ...]]:
    """Return a patch with LF line ends and a last newline, and the blocks it lost.

    Only text that has CRLF throughout loses it: elsewhere a carriage return is part of a line.
    """
    if not patch.strip():
        return "", ()
    if patch.count("\n") == patch.count("\r\n"):
        patch = patch.replace("\r\n", "\n")
    if not patch.endswith("\n"):
        patch += "\n"
    blocks = _BLOCK.split(patch)
    kept = [each for each in blocks if not _is_junk(each)]
    dropped = tuple(each.splitlines()[0][len("diff --git ") :] for each in blocks if _is_junk(each))
    return "".join(kept), dropped


def _is_junk(block: str) -> bool:
    return block.startswith("diff --git ") and not _DOES_SOMETHING.search(block)


def _note(names: Sequence[str], what: str, kind: str = "predictions") -> str:
    if not names:
        return ""
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return f"{len(names)} {kind} {what}: {shown}"
