"""Functions and classes of the scratch tree by the names that people give them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from ...errors import ToolError
from ..edits.paths import relative_path
from ..sources.sources import Definition, PythonSource, first_line, last_line
from .bench import Bench
from .grep import grep

_PYTHON = ("*.py",)
_MOST_FILES = 60
"""Files that are parsed for one name."""
_MOST_CHOICES = 12
_DEFINES = r"^\s*(?:async\s+def|def|class)\s+"
_NAMED = re.compile(_DEFINES + r"(\w+)")


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A function or class, where it is defined.

    Attributes:
        qualname: As `__qualname__` spells it.
    """

    qualname: str
    node: Definition
    source: PythonSource

    @property
    def path(self) -> str:
        """Its file, relative to the repository's root."""
        return self.source.path

    @property
    def lines(self) -> range:
        """Its lines, decorators included."""
        return range(first_line(self.node), last_line(self.node) + 1)

    def __str__(self) -> str:
        kind = "class" if type(self.node).__name__ == "ClassDef" else "function"
        return f"{self.path}:{self.lines.start}-{self.lines.stop - 1} {kind} {self.qualname}"


def definitions(bench: Bench, name: str) -> list[Symbol]:
    """Return the functions and classes that a name may mean: the exact one first, tests last.

    Args:
        bench: Whose scratch tree.
        name: `function`, `Class.method`, `package.module.Class.method` or `path.py:Class.method`.

    Raises:
        ToolError: The name is none.
    """
    path, dotted = _split(name)
    if path:
        source = bench.source(relative_path(path))
        found = [_symbol(source, each) for each in source.definitions if _means(each, dotted, "")]
    else:
        found = list(_everywhere(bench, dotted))
    return sorted(found, key=lambda each: (is_test(each.path), each.qualname != dotted, each.path))


def the_symbol(bench: Bench, name: str) -> Symbol:
    """Return the one function or class that a name means.

    Of several the one whose name is just that is taken, then the one that the profile shows, then
    the one outside of tests.

    Raises:
        ToolError: There is none, or there are several; the message lists what may be meant.
    """
    found = definitions(bench, name)
    if not found:
        raise ToolError(f"no function or class {name!r} is defined here{_similar(bench, name)}")
    dotted = _split(name)[1]
    hot = {(spot.path, spot.function) for spot in bench.seen.hotspots}
    for chosen in (
        found,
        [each for each in found if each.qualname == dotted],
        [each for each in found if (each.path, each.qualname) in hot],
        [each for each in found if not is_test(each.path)],
    ):
        if len(chosen) == 1:
            return chosen[0]
    shown = "\n".join(f"- {each.path}:{each.qualname}" for each in found[:_MOST_CHOICES])
    more = len(found) - _MOST_CHOICES
    rest = f"\n… {more} more" if more > 0 else ""
    raise ToolError(f"{name!r} is defined {len(found)} times; name one of\n{shown}{rest}")


def is_test(path: str) -> bool:
    """Whether a path looks like that of a test, which is shown after other code."""
    return "test" in path.lower()


def _split(name: str) -> tuple[str, str]:
    path, colon, dotted = name.strip().rpartition(":")
    dotted = dotted.strip().removesuffix("()")
    if not re.fullmatch(r"[\w.<>]+", dotted):
        raise ToolError(
            f"{name!r} names no function: write Class.method, module.function or "
            "path/to/file.py:Class.method"
        )
    return (path.strip(), dotted) if colon else ("", dotted)


def _everywhere(bench: Bench, dotted: str) -> Iterator[Symbol]:
    last = dotted.rpartition(".")[2]
    matches = grep(bench, rf"{_DEFINES}{re.escape(last)}\b", _PYTHON)
    paths = sorted({match.path for match in matches}, key=lambda path: (is_test(path), path))
    for path in paths[:_MOST_FILES]:
        try:
            source = bench.source(path)
        except ToolError:
            continue
        module = bench.target.environment.module_name(path) or path[:-3].replace("/", ".")
        for qualname in source.definitions:
            if _means(qualname, dotted, module):
                yield _symbol(source, qualname)


def _means(qualname: str, dotted: str, module: str) -> bool:
    full = f"{module}.{qualname}"
    return qualname == dotted or full.endswith(f".{dotted}") or full == dotted


def _symbol(source: PythonSource, qualname: str) -> Symbol:
    return Symbol(qualname=qualname, node=source.definitions[qualname], source=source)


def _similar(bench: Bench, name: str) -> str:
    """Return what else might have been meant, as the end of a sentence."""
    last = re.split(r"[.:]", name.strip())[-1]
    names = {
        found[1] for match in grep(bench, _DEFINES, _PYTHON) if (found := _NAMED.match(match.text))
    }
    close = get_close_matches(last, sorted(names), n=5, cutoff=0.75)
    return f"; did you mean {', '.join(close)}?" if close else "; search_text may find the name"
