"""Reading code: a stretch of a file, a function or class with what it leans on."""

from __future__ import annotations

from pydantic import Field

from ..capped import capped
from ..function_context import function_context
from ..sources import read_lines
from .bench import Bench
from .symbols import the_symbol
from .tool import MOST_CHARACTERS, Arguments, Tool

SYMBOL = (
    "Name of the function or class: `Class.method`, `package.module.function` or, to be exact, "
    "`path/to/file.py:Class.method`."
)


class ReadFile(Arguments):
    """Arguments of `read_file`."""

    path: str = Field(description="The file, relative to the repository's root.")
    start_line: int = Field(default=1, ge=1, description="First line to show, from 1.")
    end_line: int | None = Field(
        default=None, ge=1, description="Last line to show; null for the end of the file."
    )


class ReadSymbol(Arguments):
    """Arguments of `read_symbol`."""

    symbol: str = Field(description=SYMBOL)


def _read_file(bench: Bench, asked: ReadFile) -> str:
    return read_lines(
        bench.scratch.tree, asked.path, asked.start_line, asked.end_line, most=MOST_CHARACTERS
    )


def _read_symbol(bench: Bench, asked: ReadSymbol) -> str:
    symbol = the_symbol(bench, asked.symbol)
    text = function_context(symbol.source, symbol.qualname).text()
    return capped(text, MOST_CHARACTERS, f"ask read_file for {symbol.path}")


READ_FILE = Tool(
    name="read_file",
    description="Show lines of a file of the scratch tree, with their numbers.",
    arguments=ReadFile,
    run=_read_file,
)
READ_SYMBOL = Tool(
    name="read_symbol",
    description=(
        "Show a function or class of the scratch tree with line numbers, and with it the head and "
        "`__init__` of its class and the imports and constants of its module that it uses."
    ),
    arguments=ReadSymbol,
    run=_read_symbol,
)
