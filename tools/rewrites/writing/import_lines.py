"""Import lines: adding an import where a person would, merged with what is there."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from itertools import pairwise

import libcst as cst

from .edit import Import

_ImportStatement = ast.Import | ast.ImportFrom


def with_imports(text: str, imports: Iterable[Import], newline: str) -> str:
    """Return the text with every import added that it lacks.

    An existing `from x import …` is extended; else a line is put in sorted position among the first
    imports, after the docstring and `__future__`.
    """
    for each in sorted(set(imports), key=lambda each: (each.module, each.name or "")):
        text = _with_import(text, each, newline)
    return text


def _with_import(text: str, wanted: Import, newline: str) -> str:
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    header, run = _header(tree)
    if any(_provides(statement, wanted) for statement in run):
        return text
    for statement in run:
        if _can_extend(statement, wanted, lines):
            first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
            lines[first:last] = [_extended("".join(lines[first:last]), wanted.name or "")]
            return "".join(lines)
    line = _line(wanted) + newline
    if run:
        at, blank_after = _sorted_position(run, wanted)
        lines[at:at] = [line, newline] if blank_after else [line]
    else:
        _insert_alone(lines, header, tree, line, newline)
    return "".join(lines)


def _line(wanted: Import) -> str:
    if wanted.name is None:
        return f"import {wanted.module}"
    return f"from {wanted.module} import {wanted.name}"


def _header(tree: ast.Module) -> tuple[ast.stmt | None, list[_ImportStatement]]:
    """Return the last statement that imports must follow, and the first run of imports."""
    header: ast.stmt | None = None
    run: list[_ImportStatement] = []
    for index, statement in enumerate(tree.body):
        is_docstring = (
            index == 0
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
        )
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not run and (is_docstring or is_future):
            header = statement
        elif isinstance(statement, _ImportStatement):
            run.append(statement)
        else:
            break
    return header, run


def _provides(statement: _ImportStatement, wanted: Import) -> bool:
    if wanted.name is None:
        return isinstance(statement, ast.Import) and any(
            alias.name == wanted.module and alias.asname is None for alias in statement.names
        )
    return (
        isinstance(statement, ast.ImportFrom)
        and statement.module == wanted.module
        and not statement.level
        and any(alias.name == wanted.name and not alias.asname for alias in statement.names)
    )


def _can_extend(statement: _ImportStatement, wanted: Import, lines: list[str]) -> bool:
    return (
        wanted.name is not None
        and isinstance(statement, ast.ImportFrom)
        and statement.module == wanted.module
        and not statement.level
        and statement.names[0].name != "*"
        and statement.col_offset == 0
        and ";" not in lines[(statement.end_lineno or statement.lineno) - 1]
    )


def _extended(text: str, name: str) -> str:
    module = cst.parse_module(text)
    statement = cst.ensure_type(module.body[0], cst.SimpleStatementLine)
    line = cst.ensure_type(statement.body[0], cst.ImportFrom)
    assert not isinstance(line.names, cst.ImportStar)
    aliases = list(line.names)
    at = next(
        (
            index
            for index, alias in enumerate(aliases)
            if isinstance(alias.name, cst.Name) and alias.name.value > name
        ),
        len(aliases),
    )
    new = cst.ImportAlias(name=cst.Name(name))
    if at < len(aliases):
        between = aliases[0].comma if len(aliases) > 1 else cst.MaybeSentinel.DEFAULT
        aliases.insert(at, new.with_changes(comma=between))
    else:
        between = aliases[0].comma if len(aliases) > 1 else cst.MaybeSentinel.DEFAULT
        last = aliases[-1]
        aliases[-1] = last.with_changes(comma=between)
        aliases.append(new.with_changes(comma=last.comma))
    extended = line.with_changes(names=aliases)
    return module.with_changes(body=[statement.with_changes(body=[extended])]).code


def _sort_key(module: str, is_from: bool) -> tuple[bool, str]:
    return is_from, module


def _sorted_position(run: list[_ImportStatement], wanted: Import) -> tuple[int, bool]:
    """Return the index of the line to insert at, and whether a blank line must follow."""
    group = [run[0]]
    for before, statement in pairwise(run):
        if statement.lineno > (before.end_lineno or before.lineno) + 1:
            break
        group.append(statement)
    if not _is_standard(group[0]) and not any(_is_standard(each) for each in group):
        return group[0].lineno - 1, True
    key = _sort_key(wanted.module, wanted.name is not None)
    for statement in group:
        if isinstance(statement, ast.Import):
            here = _sort_key(statement.names[0].name, is_from=False)
        else:
            here = _sort_key(statement.module or "", is_from=True)
        if here > key:
            return statement.lineno - 1, False
    return group[-1].end_lineno or group[-1].lineno, False


def _is_standard(statement: _ImportStatement) -> bool:
    if isinstance(statement, ast.ImportFrom):
        name = "" if statement.level else statement.module or ""
    else:
        name = statement.names[0].name
    return name.partition(".")[0] in sys.stdlib_module_names


def _insert_alone(
    lines: list[str], header: ast.stmt | None, tree: ast.Module, line: str, newline: str
) -> None:
    if header is not None:
        at = header.end_lineno or header.lineno
        lines[at - 1] = lines[at - 1].rstrip("\r\n") + newline
        lines[at:at] = [newline, line]
        return
    first = tree.body[0]
    at = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", []))]) - 1
    above = at
    while above > 0 and lines[above - 1].startswith("#"):
        above -= 1
    # A comment block that opens the file is a licence or a shebang, not the first statement's.
    at = above if above > 0 else at
    lines[at:at] = [line, newline, newline]
