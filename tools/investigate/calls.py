"""Who calls a function and what it calls: by the source, and as the profile saw it."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Sequence

from pydantic import Field

from ...errors import ToolError
from ...profiles.views.edges import Edge, callees_seen, callers_seen
from ..sources.callees import callees
from ..sources.capped import fitting, short
from ..sources.sources import PythonSource, Reference
from .bench import Bench
from .grep import grep
from .reading import SYMBOL
from .symbols import Symbol, is_test, the_symbol
from .tool import MOST_CHARACTERS, Arguments, Tool

_MOST_FILES = 40
"""Files that are parsed for the uses of one name."""
_MOST_SEEN = 12
_MOST_UNKNOWN = 20


class Callers(Arguments):
    """Arguments of `callers`."""

    symbol: str = Field(description=SYMBOL)


class Callees(Arguments):
    """Arguments of `callees`."""

    symbol: str = Field(description=SYMBOL)


def _callers(bench: Bench, asked: Callers) -> str:
    symbol = the_symbol(bench, asked.symbol)
    seen = callers_seen(bench.best_profile, bench.seen.places, symbol.path, symbol.qualname)
    uses, more_files = _uses(bench, symbol)
    rows = _seen_rows(seen, f"{symbol.qualname} was called by", "this function being called")
    rows.append(f"Uses of the name `{symbol.node.name}` in the source (by name alone):")
    rows += [f"- {use}" for use in uses] or ["- none"]
    shown = fitting(rows, MOST_CHARACTERS)
    if len(shown) < len(rows):
        shown.append(f"… {len(rows) - len(shown):,} more uses; search_text lists them")
    if more_files:
        shown.append(f"… {more_files:,} more files hold the name; search_text lists them")
    return "\n".join(shown)


def _callees(bench: Bench, asked: Callees) -> str:
    symbol = the_symbol(bench, asked.symbol)
    seen = callees_seen(bench.best_profile, bench.seen.places, symbol.path, symbol.qualname)

    def open_source(path: str) -> PythonSource:
        if not (bench.scratch.tree / path).is_file():
            raise ToolError(f"no file {path}")
        return bench.source(path)

    found = callees(symbol.source, symbol.qualname, open_source)
    rows = _seen_rows(seen, f"{symbol.qualname} called", "a call that it made")
    rows.append("Calls in its source that lead to this repository:")
    rows += [f"- {path}:{name}{_times(count)}" for (path, name), count in found.found] or ["- none"]
    if found.unknown:
        names = [f"{short(name, 60)}{_times(n)}" for name, n in found.unknown[:_MOST_UNKNOWN]]
        left = len(found.unknown) - len(names)
        more = f" … and {left} more" if left > 0 else ""
        rows.append(f"Other calls, not followed: {', '.join(names)}{more}")
    shown = fitting(rows, MOST_CHARACTERS)
    if len(shown) < len(rows):
        shown.append(f"… {len(rows) - len(shown):,} more lines; read_symbol shows the source")
    return "\n".join(shown)


def _seen_rows(seen: Sequence[Edge], begin: str, nothing: str) -> list[str]:
    if not seen:
        return [f"The profile of the best version shows no sample of {nothing}."]
    rows = [f"In the profile of the best version {begin}:"]
    for edge in seen[:_MOST_SEEN]:
        owner = "" if edge.owner == "repository" else f" ({edge.owner})"
        rows.append(f"- {edge.path}:{edge.function}{owner}, {edge.share:.1%} of the workload")
    if len(seen) > _MOST_SEEN:
        rows.append(f"- … {len(seen) - _MOST_SEEN} more with less")
    return rows


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""


def _uses(bench: Bench, symbol: Symbol) -> tuple[list[Reference], int]:
    """Return where a name is used, tests last, and how many files were not looked into."""
    name = symbol.node.name
    # Lines that only import or define the name are no use of it.
    pattern = rf"^(?!\s*(?:from|import|def|class|#)\b).*\b{re.escape(name)}\b"
    paths = sorted(
        {each.path for each in grep(bench, pattern, ("*.py",))},
        key=lambda path: (is_test(path), -_nearness(path, symbol.path), path),
    )
    found: list[Reference] = []
    for path in paths[:_MOST_FILES]:
        try:
            source = bench.source(path)
        except ToolError:
            continue
        found += [source.reference(node) for node in _nodes(source, name)]
    return list(dict.fromkeys(found)), max(len(paths) - _MOST_FILES, 0)


def _nearness(path: str, other: str) -> int:
    """Return how long the path of the folder is that two files have in common."""
    return len(posixpath.commonpath(["/" + path, "/" + other]))


def _nodes(source: PythonSource, name: str) -> Iterator[ast.expr]:
    """Yield the expressions that read a name or an attribute called so, in the file's order."""
    found: list[ast.expr] = []
    for node in ast.walk(source.tree):
        is_name = isinstance(node, ast.Name) and node.id == name
        is_attribute = isinstance(node, ast.Attribute) and node.attr == name
        if (is_name or is_attribute) and isinstance(node.ctx, ast.Load):  # pyright: ignore[reportAttributeAccessIssue] both have it
            found.append(node)  # pyright: ignore[reportArgumentType] both are expressions
    yield from sorted(found, key=lambda node: (node.lineno, node.col_offset))


CALLERS = Tool(
    name="callers",
    description=(
        "List who calls a function: the callers in the profile, with their share of the time, and "
        "the uses of its name in the source."
    ),
    arguments=Callers,
    run=_callers,
)
CALLEES = Tool(
    name="callees",
    description=(
        "List what a function calls: the callees in the profile, with their share of the time, "
        "and the calls in its source that lead to this repository."
    ),
    arguments=Callees,
    run=_callees,
)
