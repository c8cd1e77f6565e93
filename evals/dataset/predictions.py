"""Files of predictions against a dataset: what is for whom, and what is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
    """The predictions of one file, or of several, for the instances of a dataset.

    Attributes:
        by_instance: By instance id (as the dataset writes it) the patches to evaluate: one, or as
            many samples as there are.
        model: Who made them: the name that most rows give; "" when none does.
        notes: What was odd about the file, a line each.
    """

    by_instance: dict[str, tuple[Prediction, ...]]
    model: str
    notes: tuple[str, ...]


@dataclass
class _Odd:
    """What is odd about files, by what it is."""

    repeated: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    junk: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def load_predictions(
    paths: Sequence[Path], instances: Sequence[Instance], *, samples: int | None = None
) -> Predictions:
    """Return the predictions of files, each of which holds other samples of the same instances.

    Patches get LF line ends and a last newline, and lose blocks that change nothing (agents leave
    a header for a file whose name is a time stamp). What is for no instance is reported.

    Args:
        paths: The files.
        instances: The dataset's.
        samples: Most samples of an instance: its rows, file by file. None: one of each file, the
            last of several rows for an instance.

    Raises:
        UserError: A file cannot be read, is no file of predictions, or none is for these instances.
    """
    odd = _Odd()
    found: dict[str, list[Prediction]] = {}
    for path in paths:
        for name, rows in _of_file(path, instances, odd, every=samples is not None).items():
            found.setdefault(name, []).extend(rows)
    if not found:
        known = [each.instance_id for each in instances]
        near = difflib.get_close_matches(odd.unknown[0], known, n=1, cutoff=0.0)
        raise UserError(
            f"no prediction of {' or '.join(map(str, paths))} is for one of the {len(instances)} "
            f"instances: it has {odd.unknown[0]!r}, the nearest is {near[0]!r}"
        )
    if samples is not None:
        odd.left_out += [name for name, rows in found.items() if len(rows) > samples]
        found = {name: rows[:samples] for name, rows in found.items()}
    every = [row for rows in found.values() for row in rows]
    models = [row.model for row in every if row.model]
    empty = [row.instance_id for row in every if not row.patch.strip()]
    missing = [each.instance_id for each in instances if each.instance_id not in found]
    notes = (
        _note(odd.repeated, "are there more than once in a file, the last counts"),
        _note(odd.left_out, f"have more than {samples} samples, the first count", "instances"),
        _note(odd.unknown, "are of no instance that was asked for"),
        _note(odd.junk, "had blocks that change nothing, which were dropped"),
        _note(empty, "are empty"),
        _note(missing, "have no prediction and count as empty", "instances"),
        _note(sorted(set(models))[1:] and sorted(set(models)), "made them", "models"),
    )
    return Predictions(
        by_instance={name: tuple(rows) for name, rows in found.items()},
        model=max(sorted(set(models)), key=models.count) if models else "",
        notes=tuple(note for note in notes if note),
    )


def _of_file(
    path: Path, instances: Sequence[Instance], odd: _Odd, *, every: bool
) -> dict[str, list[Prediction]]:
    """Return a file's rows by instance, every one or only the last of each."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read the predictions {path}: {error}") from None
    known = {each.key: each.instance_id for each in instances}
    found: dict[str, list[Prediction]] = {}
    for row in read_predictions(text, str(path)):
        name = known.get(row.instance_id) or known.get(row.instance_id.lower())
        if name is None:
            odd.unknown.append(row.instance_id or "(a row without an id)")
            continue
        patch, dropped = normalized(row.patch)
        if dropped:
            odd.junk.append(f"{name} ({', '.join(dropped)})")
        made = replace(row, instance_id=name, patch=patch)
        if every:
            found.setdefault(name, []).append(made)
            continue
        odd.repeated += [name] if name in found else []
        found[name] = [made]
    return found


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
