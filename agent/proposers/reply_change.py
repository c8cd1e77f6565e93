"""What a model's last reply proposes: its hypothesis, and the new text of each file it changes."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

from ...errors import ToolError
from ...tools.edits.edits import apply_edits, parse_reply, read_text
from ...tools.edits.paths import locate
from ..chat.models import Reply

_LONGEST_HYPOTHESIS = 400
_HYPOTHESIS = re.compile(r"^[\s#>*_-]*hypothesis[*_]*\s*:[*_]*[ \t]*(\S.*)$", re.I | re.MULTILINE)
_REASONING = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_NUMBER_COLUMN = re.compile(r"^ {0,5}\d+ +(?:\d{1,3}%)? *\|(?: |$)", re.MULTILINE)
_EDIT_MARK = re.compile(
    r"^[ \t]*(?:<{5,9} ?(?:SEARCH|ORIGINAL|HEAD)|\*\*\* |--- |```)", re.I | re.M
)


class NoChange(Exception):
    """The model ended the conversation without a change; the message says why."""


def hypothesis_of(text: str) -> str:
    """Return the hypothesis that a reply states, as one line; empty when it states none."""
    found = _HYPOTHESIS.search(_REASONING.sub("", text))
    if not found:
        return ""
    line = "".join(char for char in found[1] if char.isprintable()).strip()
    return line if len(line) <= _LONGEST_HYPOTHESIS else line[: _LONGEST_HYPOTHESIS - 1] + "…"


def usable_sources(
    reply: Reply, tree: Path, drafted: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the new text of each file that a reply changes.

    Args:
        reply: The model's last.
        tree: The checkout that the change is made in.
        drafted: The texts that the model's scratch tree holds otherwise. They are the change when
            the reply has no edits, and what its edits are made on when it has some.

    Raises:
        ToolError: The reply was cut off, has no edits, or has one that does not apply or leaves a
            file that does not parse; the message is for the model.
        NoChange: The model declined, or finds no change worth making.
    """
    if reply.stop == "refusal":
        raise NoChange(f"{reply.model} declined: {' '.join(reply.text.split())[:200] or 'no word'}")
    text = _REASONING.sub("", reply.text)
    if re.match(r"none\b", hypothesis_of(text), re.IGNORECASE):
        reason = " ".join(_HYPOTHESIS.sub("", text, count=1).split())[:300]
        raise NoChange(f"{reply.model} finds no change worth making: {reason or 'no reason given'}")
    if reply.stop == "length":
        raise ToolError(
            f"The reply was cut off at {reply.output_tokens:,} tokens. Think less and write only "
            "the hypothesis and the blocks; choose a change that fits."
        )
    drafted = drafted or {}
    if drafted and not _EDIT_MARK.search(text):
        return checked(tree, drafted)
    try:
        sources = apply_edits(tree, parse_reply(text), drafted=drafted)
    except ToolError:
        bare = _NUMBER_COLUMN.sub("", text)
        if bare == text:
            raise
        sources = apply_edits(tree, parse_reply(bare), drafted=drafted)
    return checked(tree, sources)


def checked(tree: Path, sources: Mapping[str, str]) -> dict[str, str]:
    """Return the texts as they are.

    Raises:
        ToolError: A Python file that parsed, or is new, no longer parses.
    """
    for path, new in sources.items():
        _check_syntax(tree, path, new)
    return dict(sources)


def _check_syntax(tree: Path, path: str, new: str) -> None:
    """Raise ToolError when a Python file that parsed, or is new, no longer parses."""
    if not path.endswith(".py") or _syntax_error(new) is None:
        return
    old = locate(tree, path)
    # The repository may be written for a newer Python than the one that runs here.
    if old.exists() and _syntax_error(read_text(old)) is not None:
        return
    raise ToolError(f"After the edits {path} does not parse: {_syntax_error(new)}")


def _syntax_error(text: str) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}: {(error.text or '').strip()}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return None
