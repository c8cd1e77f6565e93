"""Rendering: edits applied to a file's text through LibCST, everything else left byte for byte.

Only the functions that hold an edit are parsed into a concrete tree and printed again; LibCST
prints what was not edited exactly as it was. Imports and constants are whole lines put between
statements.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from itertools import pairwise

import libcst as cst

from ..reading.module_source import ModuleSource
from ..reading.scopes import FUNCTIONS
from .edit import (
    Constant,
    Definition,
    Delete,
    Edit,
    ForInstead,
    Import,
    Replace,
)
from .import_lines import with_imports
from .locating import Located, Locator, UnrenderableError, comments_in, place_of

_Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
_LineEdit = Import | Constant | Definition


class Renderer:
    """Renders edits of one module; each function is parsed once."""

    def __init__(self, module: ModuleSource) -> None:
        self._module = module
        self._fragments: dict[ast.stmt, _Fragment] = {}

    def render(self, edits: Sequence[Edit]) -> str:
        """Return the module's whole text with the edits applied.

        Raises:
            UnrenderableError: the edits overlap, do not fit the text's layout, or the outcome does
                not parse.
        """
        tree_edits = [edit for edit in edits if not isinstance(edit, _LineEdit)]
        check_apart(tree_edits)
        groups: dict[ast.stmt, list[Edit]] = {}
        for edit in tree_edits:
            groups.setdefault(_unit(self._module, place_of(edit)), []).append(edit)
        lines = list(self._module.lines)
        try:
            for statement, group in groups.items():
                fragment = self._fragment(statement)
                # Later lines keep their places, so that constants still find theirs.
                span = slice(fragment.first - 1, fragment.last)
                emptied = [""] * (fragment.last - fragment.first)
                lines[span] = [fragment.edited(group), *emptied]
            new = [each for each in edits if isinstance(each, Constant | Definition)]
            _insert_new_names(self._module, lines, new)
            imports = [each for each in edits if isinstance(each, Import)]
            text = with_imports("".join(lines), imports, self._module.newline)
        except (cst.ParserSyntaxError, cst.CSTValidationError) as error:
            raise UnrenderableError(str(error)) from error
        _check_parses(text)
        return text

    def _fragment(self, statement: ast.stmt) -> _Fragment:
        if statement not in self._fragments:
            self._fragments[statement] = _Fragment(self._module, statement)
        return self._fragments[statement]


def _unit(module: ModuleSource, node: ast.AST) -> ast.stmt:
    """Return the outermost function around a node (itself included), else what is top level."""
    chain = [node, *module.ancestors(node)]
    functions = [each for each in chain if isinstance(each, FUNCTIONS)]
    return functions[-1] if functions else module.top_level(node)


def check_apart(edits: Iterable[Edit]) -> None:
    """Check that no edit changes what another one replaces.

    Raises:
        UnrenderableError: two of them overlap.
    """
    spans = sorted(
        (*_start(edit.node), *_end(edit.node))
        for edit in edits
        if isinstance(edit, Replace | Delete)
    )
    for (_, _, *end), (*start, _, _) in pairwise(spans):
        if start < end:
            raise UnrenderableError("edits overlap")
    for edit in edits:
        if isinstance(edit, Replace | Delete):
            continue
        line = place_of(edit).lineno
        for first_line, _, last_line, last_column in spans:
            anchored = place_of(edit)
            same = (first_line, last_line, last_column) == (line, *_end(anchored))
            if first_line < line <= last_line and not same:
                raise UnrenderableError("edits overlap")


def _start(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _check_parses(text: str) -> None:
    try:
        compile(text, "<rewritten>", "exec", dont_inherit=True, flags=ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise UnrenderableError(str(error)) from error


# -- one module-level statement -------------------------------------------------------------------


def _first_line(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


class _Fragment:
    """The text of one function (or top-level statement) as a concrete tree of its own."""

    def __init__(self, module: ModuleSource, statement: ast.stmt) -> None:
        self.first = _first_line(statement)
        self.last = statement.end_lineno or statement.lineno
        self._module = module
        text = "".join(module.lines[self.first - 1 : self.last])
        # Indented code is a block of something: a class is what methods are used to.
        self._head = f"class _:{module.newline}" if statement.col_offset else ""
        self._tree = cst.parse_module(self._head + text)
        self._locator = Locator(module, self._tree, self.first - 1 - bool(self._head))

    def edited(self, edits: Iterable[Edit]) -> str:
        changes = self._locator.locate(edits)
        path = self._locator.path_to(changes)
        return self._tree.visit(_Applier(self._tree, changes, path)).code.removeprefix(self._head)


class _Applier(cst.CSTTransformer):
    """Makes the located changes in one pass over the nodes on the way to them."""

    def __init__(self, fragment: cst.Module, changes: Located, path: set[cst.CSTNode]) -> None:
        super().__init__()
        self._fragment = fragment
        self._changes = changes
        self._path = path

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node in self._path

    def on_leave(
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]:
        if original_node not in self._path:
            return updated_node
        if original_node in self._changes.expressions:
            return self._changes.expressions[original_node]
        updated = updated_node
        if isinstance(updated, cst.FunctionDef):
            updated = self._edit_function(original_node, updated)
        if isinstance(updated, cst.While) and original_node in self._changes.loops:
            return _as_for(updated, self._changes.loops[original_node])
        if isinstance(updated, cst.IndentedBlock | cst.Module):
            assert isinstance(original_node, cst.IndentedBlock | cst.Module)
            return self._edit_block(original_node, updated)
        return updated

    def _edit_function(self, original: cst.CSTNode, updated: cst.FunctionDef) -> cst.FunctionDef:
        if original in self._changes.decorated:
            edit = self._changes.decorated[original]
            new = [cst.Decorator(cst.parse_expression(edit.text))]
            there = list(updated.decorators)
            both = there + new if edit.innermost else new + there
            updated = updated.with_changes(decorators=both)
        if original in self._changes.renamed:
            updated = updated.with_changes(name=cst.Name(self._changes.renamed[original]))
        return updated

    def _edit_block(
        self, original: cst.IndentedBlock | cst.Module, updated: cst.IndentedBlock | cst.Module
    ) -> cst.CSTNode:
        body: list[_Statement] = []
        comments: list[cst.EmptyLine] = []
        for before, after in zip(original.body, updated.body, strict=True):
            assert isinstance(after, _Statement)
            if before in self._changes.deleted:
                comments.extend(self._comments(before, self._changes.deleted[before]))
                continue
            group = self._edit_statement(before, after, is_module=isinstance(original, cst.Module))
            if comments:
                leading = [*comments, *group[0].leading_lines]
                group[0] = group[0].with_changes(leading_lines=leading)
                comments = []
            body.extend(group)
        if not body:
            raise UnrenderableError("nothing left of a block")
        return updated.with_changes(body=body, footer=[*comments, *updated.footer])

    def _edit_statement(
        self, before: cst.CSTNode, after: _Statement, *, is_module: bool
    ) -> list[_Statement]:
        group: list[_Statement] = [after]
        if before in self._changes.replaced:
            text = self._changes.replaced[before]
            group = _statements(text)
            kept = self._comments(before, text)
            group[0] = group[0].with_changes(leading_lines=[*kept, *group[0].leading_lines])
        inserted = [
            each for text in self._changes.before.get(before, []) for each in _statements(text)
        ]
        if inserted:
            # Blank lines and comments over the anchor stay over the whole group.
            inserted[0] = inserted[0].with_changes(leading_lines=group[0].leading_lines)
            gap = [cst.EmptyLine(indent=False)] if isinstance(after, cst.FunctionDef) else []
            group[0] = group[0].with_changes(leading_lines=gap)
            group = [*inserted, *group]
        for text in self._changes.after.get(before, []):
            added = _statements(text)
            if isinstance(added[0], cst.FunctionDef):
                blank = [cst.EmptyLine(indent=False)] * (2 if is_module else 1)
                added[0] = added[0].with_changes(leading_lines=blank)
            group.extend(added)
        return group

    def _comments(self, node: cst.CSTNode, text: str) -> list[cst.EmptyLine]:
        """Return the empty lines over a statement and every comment in it that `text` lacks."""
        assert isinstance(node, _Statement)
        bare = node.with_changes(leading_lines=[])
        inside = comments_in(self._fragment.code_for_node(bare))
        again = comments_in(text)
        return [
            *node.leading_lines,
            *(cst.EmptyLine(comment=cst.Comment(each)) for each in inside if each not in again),
        ]


def _as_for(loop: cst.While, edit: ForInstead) -> cst.For:
    target = cst.parse_expression(edit.target)
    assert isinstance(target, cst.Name)
    return cst.For(
        target=target,
        iter=cst.parse_expression(edit.iterable),
        body=loop.body,
        leading_lines=loop.leading_lines,
    )


def _statements(text: str) -> list[_Statement]:
    parsed = cst.parse_module(text)
    first, *others = parsed.body
    # Comments over the first statement are the module's.
    leading = [*parsed.header, *first.leading_lines]
    return [first.with_changes(leading_lines=leading), *others]


# -- constants and functions ----------------------------------------------------------------------


def _insert_new_names(
    module: ModuleSource, lines: list[str], new: list[Constant | Definition]
) -> None:
    """Put assignments and functions over or under the module-level statements they name."""
    assignments: dict[int, str] = {}
    functions: dict[int, str] = {}
    for each in new:
        line = _above_comments(module, _first_line(each.place))
        if isinstance(each, Definition):
            text = each.text.replace("\r\n", "\n").replace("\n", module.newline)
            functions[line] = functions.get(line, "") + text + module.newline * 2
            continue
        text = each.text.replace("\r\n", "\n").replace("\n", module.newline)
        assignment = f"{each.name} = {text}{module.newline}"
        if each.after:
            last = (each.place.end_lineno or each.place.lineno) - 1
            end = "" if lines[last].endswith("\n") else module.newline
            lines[last] += end + assignment
        else:
            assignments[line] = assignments.get(line, "") + assignment
    for line in assignments.keys() | functions.keys():
        is_apart = line == 1 or not module.lines[line - 2].strip()
        padding = "" if is_apart else module.newline
        above = assignments[line] + module.newline * 2 if line in assignments else ""
        lines[line - 1] = padding + above + functions.get(line, "") + lines[line - 1]


def _above_comments(module: ModuleSource, line: int) -> int:
    while line > 1 and module.lines[line - 2].startswith("#"):
        line -= 1
    return line
