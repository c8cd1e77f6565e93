"""Which function a line belongs to, from the source alone.

Profilers name functions by what the interpreter knows: bare names before CPython 3.11, a frame of
its own for a comprehension before 3.12. The syntax tree gives every version the same answer.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path

MODULE = "<module>"
_ANONYMOUS = re.compile(r"^<.*>$")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, kw_only=True)
class FunctionSpan:
    """A function and the lines it occupies.

    Attributes:
        qualname: As `__qualname__` spells it: `Class.method`, `outer.<locals>.inner`; `<module>`
            for code outside every function, class bodies included; `<lambda>` for a lambda outside
            every `def`.
        first_line: 1-based, the first decorator's line when there is one.
        last_line: Inclusive.
    """

    qualname: str
    first_line: int
    last_line: int


@dataclass(kw_only=True)
class FunctionMap:
    """The functions of one source file.

    Comprehensions, generator expressions and lambdas belong to the function around them.

    Attributes:
        spans: Outer functions before those inside them.
        parsed: False when the text is no Python that this interpreter reads: another version's
            syntax, or Cython. There are no spans then.
    """

    lines: list[str]
    spans: list[FunctionSpan] = field(default_factory=list)
    parsed: bool = False

    @classmethod
    def parse(cls, text: str) -> FunctionMap:
        """Return the functions of a source text; of one that does not parse, the lines alone."""
        functions = cls(lines=text.splitlines())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return functions
        functions.parsed = True
        functions._collect(module, prefix="", inside_function=False)
        return functions

    @classmethod
    def read(cls, path: Path) -> FunctionMap:
        """Return the functions of a file; an empty map when it cannot be read."""
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return cls(lines=[])
        return cls.parse(text)

    def _collect(self, node: ast.AST, *, prefix: str, inside_function: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _Definition):
                name = "<lambda>" if isinstance(child, ast.Lambda) else child.name
                if isinstance(child, ast.Lambda) and inside_function:
                    self._collect(child, prefix=prefix, inside_function=True)
                    continue
                self.spans.append(_span(child, prefix + name))
                self._collect(child, prefix=f"{prefix}{name}.<locals>.", inside_function=True)
            elif isinstance(child, ast.ClassDef):
                self._collect(child, prefix=f"{prefix}{child.name}.", inside_function=False)
            else:
                self._collect(child, prefix=prefix, inside_function=inside_function)

    def find(self, line: int, reported: str) -> FunctionSpan | None:
        """Return the function that a frame at `line` belongs to.

        Args:
            line: the line being executed, 1-based.
            reported: the function's name as the profiler gave it; it settles whose line a `def`
                or a decorator is, which runs in the function around it.

        Returns:
            None when the file did not parse or the line is not in it.
        """
        if not self.parsed or not 1 <= line <= len(self.lines):
            return None
        around = [span for span in self.spans if span.first_line <= line <= span.last_line]
        name = _own_name(reported)
        if reported != MODULE:
            named = [span for span in around if name is None or _own_name(span.qualname) == name]
            if named:
                return named[-1]
            if around:
                return around[-1]
        return FunctionSpan(qualname=MODULE, first_line=1, last_line=len(self.lines))

    def source(self, span: FunctionSpan) -> str:
        """Return the text of a function, indentation as in the file, with a newline at the end."""
        lines = self.lines[span.first_line - 1 : span.last_line]
        return "\n".join([*lines, ""]) if lines else ""

    def text(self, line: int) -> str:
        """Return one line without its indentation; empty when the file has no such line."""
        return self.lines[line - 1].strip() if 1 <= line <= len(self.lines) else ""


def function_at(text: str, line: int) -> FunctionSpan | None:
    """Return the innermost function of a source text whose lines, decorators included, hold `line`.

    Args:
        text: Python source.
        line: 1-based.

    Returns:
        None for a line outside every function, and for a text that does not parse.
    """
    around = [
        span for span in FunctionMap.parse(text).spans if span.first_line <= line <= span.last_line
    ]
    return around[-1] if around else None


def _span(node: _Definition, qualname: str) -> FunctionSpan:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return FunctionSpan(qualname=qualname, first_line=first, last_line=node.end_lineno or first)


def _own_name(qualname: str) -> str | None:
    """Return the last named part: `f` of `C.f.<locals>.<genexpr>`; None for a bare `<genexpr>`."""
    for part in reversed(qualname.split(".")):
        if not _ANONYMOUS.match(part):
            return part
    return None


def enclosing_name(qualname: str) -> str:
    """Return the name without the comprehensions, generators and lambdas at its end.

    `A.f.<locals>.<listcomp>` is `A.f`; a name with nothing else in it stays as it is.
    """
    parts = qualname.split(".")
    while len(parts) > 1 and _ANONYMOUS.match(parts[-1]):
        parts.pop()
    return ".".join(parts)
