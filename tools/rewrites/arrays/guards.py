"""Guards: what new code asks of its arrays at run time before it takes them whole."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable

from ..reading.syntax import laid_out
from ..reading.walks import walk
from ..rewrite import Site

_LONGEST_LINE = 100
_INDENTED = 24
"""About where a condition stands in a function's `if`."""


def of_all(site: Site, each: str, condition: str, values: Iterable[str]) -> list[str]:
    """Return a condition on each of some values, as one test; no test for no values.

    Args:
        site: where it is asked.
        each: how `condition` names a value.
        condition: what is asked.
        values: texts of what it is asked of.
    """
    listed = list(dict.fromkeys(values))
    if not listed:
        return []
    if len(listed) == 1:
        return [re.sub(rf"\b{each}\b", lambda _: listed[0], condition)]
    clause = f"for {each} in ({', '.join(listed)})"
    return [
        "all" + laid_out("()", [condition, clause], column=_INDENTED, indent=site.module.indent)
    ]


def apart(each: str, np: str, written: str, others: list[str]) -> list[str]:
    """Return the test that an array shares no memory with others; no test for no others."""
    if len(others) == 1:
        return [f"not {np}.may_share_memory({written}, {others[0]})"]
    shares = f"{np}.may_share_memory({written}, {each})"
    return [f"not any({shares} for {each} in ({', '.join(others)}))"] if others else []


def guarded_expression(site: Site, conditions: list[str], fast: str, old: str) -> str:
    """Return an expression that is the fast one where the conditions hold and else the old one."""
    text = f"{fast} if {' and '.join(conditions)} else {old}"
    if len(text) + _INDENTED <= _LONGEST_LINE and "\n" not in text:
        return text
    lines = [fast, "if " + "\nand ".join(conditions), f"else {old}"]
    return f"(\n{textwrap.indent(chr(10).join(lines), site.module.indent)}\n)"


def guarded(site: Site, conditions: list[str], fast: list[str], old: ast.stmt) -> str | None:
    """Return an `if` that takes the fast way where the conditions hold and else the old one.

    Returns:
        None when the old code cannot be indented, for a text over several lines in it.
    """
    for node in walk(old):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.lineno != node.end_lineno:
            return None
    indent = site.module.indent
    head = f"if {conditions[0]}:"
    if len(conditions) > 1:
        asked = f"\n{indent}and ".join(each.replace("\n", f"\n{indent}") for each in conditions)
        head = f"if (\n{indent}{asked}\n):"
    new = textwrap.indent("\n".join(fast), indent)
    return f"{head}\n{new}\nelse:\n{textwrap.indent(site.module.segment(old), indent)}"
