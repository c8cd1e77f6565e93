"""Searching: lines by a pattern, definitions by a name."""

from __future__ import annotations

from itertools import islice

from pydantic import Field

from ..sources.capped import fitting, short
from .bench import Bench
from .grep import grep
from .symbols import definitions
from .tool import MOST_CHARACTERS, Arguments, Tool

_MOST_SHOWN = 80


class SearchText(Arguments):
    """Arguments of `search_text`."""

    pattern: str = Field(description="Perl-compatible regular expression.")
    path: str = Field(
        default="",
        description="Only this folder, or files matching a glob such as `*.py`.",
    )
    ignore_case: bool = Field(default=False, description="Case does not matter.")
    skip: int = Field(default=0, ge=0, description="Leave out the first matches.")


class FindSymbol(Arguments):
    """Arguments of `find_symbol`."""

    name: str = Field(description="With or without the class or module before it.")


def _search_text(bench: Bench, asked: SearchText) -> str:
    globs = (asked.path,) if asked.path else ()
    found = grep(bench, asked.pattern, globs, ignore_case=asked.ignore_case)
    if not found:
        where = f" in {asked.path}" if asked.path else ""
        return f"no line{where} matches {asked.pattern!r}"
    if asked.skip >= len(found):
        return f"there are {len(found):,} matches; skip fewer than that"
    rows = (f"{each.path}:{each.line}: {short(each.text.strip())}" for each in found[asked.skip :])
    shown = fitting(islice(rows, _MOST_SHOWN), MOST_CHARACTERS)
    end = asked.skip + len(shown)
    if end < len(found):
        files = len({each.path for each in found[end:]})
        shown.append(
            f"… {len(found) - end:,} more matches (files: {files:,}); ask with skip={end}, or "
            "narrow `pattern` or `path`"
        )
    return "\n".join(shown)


def _find_symbol(bench: Bench, asked: FindSymbol) -> str:
    found = definitions(bench, asked.name)
    if not found:
        return f"no function or class {asked.name!r} is defined here; search_text may find the name"
    rows = []
    for each in found:
        spot = bench.seen.spot(each.path, each.qualname)
        rows.append(f"{each}, {spot.total_share:.1%} of the workload" if spot else str(each))
    shown = fitting(rows[:_MOST_SHOWN], MOST_CHARACTERS)
    if len(shown) < len(rows):
        left = len(rows) - len(shown)
        shown.append(f"… {left:,} more; ask with more of the name, such as Class.method")
    return "\n".join(shown)


SEARCH_TEXT = Tool(
    name="search_text",
    description=("List lines of the repository's files that match a regular expression."),
    arguments=SearchText,
    run=_search_text,
)
FIND_SYMBOL = Tool(
    name="find_symbol",
    description=(
        "List where a name is defined as a function or class, with its share of the time."
    ),
    arguments=FindSymbol,
    run=_find_symbol,
)
