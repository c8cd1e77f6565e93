"""Changing the scratch tree, and seeing and taking back what was changed."""

from __future__ import annotations

from pydantic import Field

from ..edits.paths import relative_path
from ..edits.replies import Replacement
from ..sources.capped import capped
from .bench import Bench
from .reading import PATH
from .tool import MOST_CHARACTERS, Arguments, NoArguments, Tool


class EditFile(Arguments):
    """Arguments of `edit`."""

    path: str = Field(description=PATH)
    search: str = Field(
        description=(
            "Whole lines as they are now, enough to stand in the file exactly once; empty for a "
            "new file."
        )
    )
    replace: str = Field(description="Lines that take their place.")


class Undo(Arguments):
    """Arguments of `undo`."""

    everything: bool = Field(default=False, description="All edits, not only the last one.")


def _edit(bench: Bench, asked: EditFile) -> str:
    path = relative_path(asked.path)
    split = (asked.search.removesuffix("\n"), asked.replace.removesuffix("\n"))
    bench.scratch.edit([Replacement(path=path, number=1, splits=(split,))])
    lines = bench.scratch.changed_lines().get(path, [])
    if not lines:
        return f"{path} is as it was before your edits."
    return f"{path} is changed; lines that differ from the best version: {_ranges(lines)}."


def _undo(bench: Bench, asked: Undo) -> str:
    paths = bench.scratch.undo(everything=asked.everything)
    left = sorted(bench.scratch.sources())
    now = f"Still changed: {', '.join(left)}." if left else "Nothing is changed any more."
    return f"Taken back in {', '.join(paths) or 'no file'}. {now}"


def _show_diff(bench: Bench, asked: NoArguments) -> str:
    del asked
    text = bench.scratch.diff()
    return capped(text.rstrip(), MOST_CHARACTERS, "read_file shows the rest") or (
        "Nothing is changed: the scratch tree is the best version so far."
    )


def _ranges(lines: list[int]) -> str:
    """Return line numbers in rising order as "3-9, 14"."""
    parts: list[list[int]] = []
    for line in lines:
        if parts and line == parts[-1][1] + 1:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in parts[:20]]
    return ", ".join([*shown, *(["…"] if len(parts) > 20 else [])])


EDIT = Tool(
    name="edit",
    description=(
        "Replace lines of a file. Your edits together are what you propose. Refused when Python "
        "no longer parses, or when a patch may not change the file."
    ),
    arguments=EditFile,
    run=_edit,
    changes_tree=True,
)
UNDO = Tool(
    name="undo",
    description="Take back the last edit, or all of them.",
    arguments=Undo,
    run=_undo,
    changes_tree=True,
)
SHOW_DIFF = Tool(
    name="show_diff",
    description="Show your edits as a unified diff.",
    arguments=NoArguments,
    run=_show_diff,
)
