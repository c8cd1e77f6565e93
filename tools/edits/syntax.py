"""Whether a changed file still parses, in words for whoever changed it."""

from __future__ import annotations

import ast
import warnings

from ...errors import ToolError


def check_syntax(path: str, new: str, old: str | None) -> None:
    """Refuse a text that no longer parses.

    Args:
        path: The file; only Python is looked at.
        new: Its text after the change.
        old: Its text before, None when it is a new file. One that did not parse either is left
            be: the repository may be written for a newer Python than the one that runs here.

    Raises:
        ToolError: It does not parse; the message shows the line.
    """
    problem = syntax_error(new) if path.endswith(".py") else None
    if problem is not None and (old is None or syntax_error(old) is None):
        raise ToolError(f"After the edits {path} does not parse: {problem}")


def syntax_error(text: str) -> str | None:
    """Return what is wrong with a Python text, None when it parses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}: {(error.text or '').strip()}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return None
