"""Reading code: a stretch of a file, a function or class with what it leans on."""

from __future__ import annotations

from pydantic import Field

from ..sources.capped import capped
from ..sources.function_context import function_context
from ..sources.sources import read_lines
from .bench import Bench
from .symbols import the_symbol
from .tool import MOST_CHARACTERS, Arguments, Tool

PATH = "Relative to the repository's root."
SYMBOL = "`Class.method`, `module.function`, or exactly `path/file.py:Class.method`."


class ReadFile(Arguments):
    """Arguments of `read_file`."""

    path: str = Field(description=PATH)
    start_line: int = Field(default=1, ge=0, description="First line, from 1.")
    end_line: int = Field(default=0, ge=0, description="Last line; 0 for the end.")


class ReadSymbol(Arguments):
    """Arguments of `read_symbol`."""

    symbol: str = Field(description=SYMBOL)


def _read_file(bench: Bench, asked: ReadFile) -> str:
    return read_lines(
        bench.scratch.tree,
        asked.path,
        asked.start_line,
        asked.end_line or None,
        most=MOST_CHARACTERS,
    )


def _read_symbol(bench: Bench, asked: ReadSymbol) -> str:
    symbol = the_symbol(bench, asked.symbol)
    text = function_context(symbol.source, symbol.qualname).text()
    return capped(text, MOST_CHARACTERS, f"ask read_file for {symbol.path}")


READ_FILE = Tool(
    name="read_file",
    description="Show numbered lines of a file.",
    arguments=ReadFile,
    run=_read_file,
)
READ_SYMBOL = Tool(
    name="read_symbol",
    description=(
        "Show a function or class with line numbers, the head of its class, and the imports and "
        "constants that it uses."
    ),
    arguments=ReadSymbol,
    run=_read_symbol,
)
