"""Rendering: edits applied to a file's text through LibCST, everything else left byte for byte.

Only the functions that hold an edit are parsed into a concrete tree and printed again; LibCST prints what was not edited exactly as it was. Imports and constants are whole lines
put between statements.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Sequence

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from .edit import (
    Constant,
    Decorate,
    Delete,
    Edit,
    Import,
    InsertAfter,
    InsertBefore,
    Rename,
    Replace,
)
from .import_lines import with_imports
from .module_source import ModuleSource
from .scopes import FUNCTIONS

_Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
_LineEdit = Import | Constant


class UnrenderableError(Exception):
    """The edits cannot be applied to this text (two statements on a line, an `elif`, …)."""


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
            constants = [each for each in edits if isinstance(each, Constant)]
            _insert_constants(self._module, lines, constants)
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


def place_of(edit: Edit) -> ast.expr | ast.stmt:
    """Return the node that an edit of the tree changes or stands next to."""
    if isinstance(edit, Replace | Delete):
        return edit.node
    if isinstance(edit, Decorate | Rename):
        return edit.function
    assert isinstance(edit, InsertBefore | InsertAfter)
    return edit.anchor


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
    for (_, _, *end), (*start, _, _) in zip(spans, spans[1:], strict=False):
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
        self._locator = _Locator(module, self._tree, self.first - 1 - bool(self._head))

    def edited(self, edits: Iterable[Edit]) -> str:
        changes = self._locator.locate(edits)
        return self._tree.visit(_Applier(self._tree, changes)).code.removeprefix(self._head)


class _Located:
    """What to do to which concrete node."""

    def __init__(self) -> None:
        self.expressions: dict[cst.CSTNode, cst.BaseExpression] = {}
        self.replaced: dict[cst.CSTNode, str] = {}
        self.before: dict[cst.CSTNode, list[str]] = {}
        self.after: dict[cst.CSTNode, list[str]] = {}
        self.deleted: set[cst.CSTNode] = set()
        self.decorated: dict[cst.CSTNode, str] = {}
        self.renamed: dict[cst.CSTNode, str] = {}


class _Locator:
    """Finds the concrete nodes of a fragment that stand where the syntax tree's nodes do."""

    def __init__(self, module: ModuleSource, fragment: cst.Module, lines_above: int) -> None:
        self._module = module
        self._fragment = fragment
        self._lines_above = lines_above
        wrapper = MetadataWrapper(fragment, unsafe_skip_copy=True)
        self._expressions: dict[tuple[int, int, int, int], cst.BaseExpression] = {}
        self._statements: dict[tuple[int, int], cst.CSTNode] = {}
        for node, span in wrapper.resolve(PositionProvider).items():
            if isinstance(node, cst.BaseExpression) and isinstance(span, CodeRange):
                self._expressions.setdefault(_corners(span), node)
            elif (isinstance(node, cst.SimpleStatementLine) and len(node.body) == 1) or isinstance(
                node, cst.BaseCompoundStatement
            ):
                self._statements[span.start.line, span.start.column] = node

    def locate(self, edits: Iterable[Edit]) -> _Located:
        found = _Located()
        for edit in edits:
            if isinstance(edit, Replace) and isinstance(edit.node, ast.expr):
                node = self._expression(edit.node)
                found.expressions[node] = self._replacement(edit.node, node, edit.text)
            elif isinstance(edit, Replace):
                assert isinstance(edit.node, ast.stmt)
                found.replaced[self._statement(edit.node)] = edit.text
            elif isinstance(edit, InsertBefore):
                found.before.setdefault(self._statement(edit.anchor), []).append(edit.text)
            elif isinstance(edit, InsertAfter):
                found.after.setdefault(self._statement(edit.anchor), []).append(edit.text)
            elif isinstance(edit, Delete):
                found.deleted.add(self._statement(edit.node))
            elif isinstance(edit, Decorate):
                found.decorated[self._statement(edit.function)] = edit.text
            elif isinstance(edit, Rename):
                found.renamed[self._statement(edit.function)] = edit.name
        return found

    def _column(self, line: int, offset: int) -> int:
        text = self._module.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode())

    def _statement(self, node: ast.stmt) -> cst.CSTNode:
        if self._module.block(node) is None:
            raise UnrenderableError("an elif is no statement of its own")
        line = _first_line(node)
        column = self._column(node.lineno, node.col_offset)
        found = self._statements.get((line - self._lines_above, column))
        if found is None:
            raise UnrenderableError("no statement of its own on its line")
        return found

    def _expression(self, node: ast.expr) -> cst.BaseExpression:
        last = node.end_lineno or node.lineno
        corners = (
            node.lineno - self._lines_above,
            self._column(node.lineno, node.col_offset),
            last - self._lines_above,
            self._column(last, node.end_col_offset or 0),
        )
        found = self._expressions.get(corners)
        if found is None and isinstance(node, ast.Tuple | ast.GeneratorExp):
            found = self._inside(corners)
        # Inside an f-string the interpreter's own positions may be off: compare what is there.
        if found is None or not _means(self._fragment.code_for_node(found), node):
            raise UnrenderableError("expression not found")
        return found

    def _inside(self, corners: tuple[int, int, int, int]) -> cst.BaseExpression | None:
        """Return the largest tuple or generator between two corners that may be parentheses."""
        inside = [
            (span, each)
            for span, each in self._expressions.items()
            if isinstance(each, cst.Tuple | cst.GeneratorExp)
            and span[:2] >= corners[:2]
            and span[2:] <= corners[2:]
        ]
        return min(inside, key=lambda each: each[0][:2], default=(None, None))[1]

    def _replacement(
        self, node: ast.expr, found: cst.BaseExpression, text: str
    ) -> cst.BaseExpression:
        new = cst.parse_expression(text)
        if isinstance(new, cst.GeneratorExp) and not found.lpar:
            return new.with_changes(lpar=[], rpar=[])
        if found.lpar and not new.lpar:
            return new.with_changes(lpar=found.lpar, rpar=found.rpar)
        if not new.lpar and _binds_loosely(new) and self._needs_parentheses(node):
            return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return new

    def _needs_parentheses(self, node: ast.expr) -> bool:
        parent = self._module.parents[node]
        if isinstance(parent, ast.Call):
            return parent.func is node
        if isinstance(parent, ast.Subscript):
            return parent.value is node
        return isinstance(
            parent,
            ast.BinOp
            | ast.UnaryOp
            | ast.BoolOp
            | ast.Compare
            | ast.Attribute
            | ast.Starred
            | ast.Await
            | ast.IfExp
            | ast.comprehension
            | ast.FormattedValue,
        )


def _binds_loosely(node: cst.BaseExpression) -> bool:
    return not isinstance(
        node,
        cst.Name
        | cst.Attribute
        | cst.Call
        | cst.Subscript
        | cst.BaseNumber
        | cst.BaseString
        | cst.BaseList
        | cst.BaseSet
        | cst.BaseDict,
    )


def _means(code: str, node: ast.expr) -> bool:
    try:
        parsed = ast.parse(f"({code.strip()})", mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return ast.unparse(parsed) == ast.unparse(node)


def _corners(span: CodeRange) -> tuple[int, int, int, int]:
    return span.start.line, span.start.column, span.end.line, span.end.column


class _Applier(cst.CSTTransformer):
    """Makes the located changes in one pass over the fragment."""

    def __init__(self, fragment: cst.Module, changes: _Located) -> None:
        super().__init__()
        self._fragment = fragment
        self._changes = changes

    def on_leave(
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]:
        if original_node in self._changes.expressions:
            return self._changes.expressions[original_node]
        updated = super().on_leave(original_node, updated_node)
        if isinstance(updated, cst.FunctionDef):
            updated = self._edit_function(original_node, updated)
        if isinstance(updated, cst.IndentedBlock | cst.Module):
            assert isinstance(original_node, cst.IndentedBlock | cst.Module)
            return updated.with_changes(body=self._edit_block(original_node, updated))
        return updated

    def _edit_function(self, original: cst.CSTNode, updated: cst.FunctionDef) -> cst.FunctionDef:
        if original in self._changes.decorated:
            decorator = cst.Decorator(cst.parse_expression(self._changes.decorated[original]))
            updated = updated.with_changes(decorators=[decorator, *updated.decorators])
        if original in self._changes.renamed:
            updated = updated.with_changes(name=cst.Name(self._changes.renamed[original]))
        return updated

    def _edit_block(
        self, original: cst.IndentedBlock | cst.Module, updated: cst.IndentedBlock | cst.Module
    ) -> list[_Statement]:
        body: list[_Statement] = []
        comments: list[cst.EmptyLine] = []
        for before, after in zip(original.body, updated.body, strict=True):
            assert isinstance(after, _Statement)
            if before in self._changes.deleted:
                comments.extend(self._comments(before, ""))
                continue
            group = self._edit_statement(before, after, is_module=isinstance(original, cst.Module))
            if comments:
                leading = [*comments, *group[0].leading_lines]
                group[0] = group[0].with_changes(leading_lines=leading)
                comments = []
            body.extend(group)
        if not body:
            raise UnrenderableError("nothing left of a block")
        return body

    def _edit_statement(
        self, before: cst.CSTNode, after: _Statement, *, is_module: bool
    ) -> list[_Statement]:
        group: list[_Statement] = [after]
        if before in self._changes.replaced:
            text = self._changes.replaced[before]
            group = _statements(text)
            kept = self._comments(before, text)
            group[0] = group[0].with_changes(leading_lines=kept)
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
        inside = _comment_texts(self._fragment.code_for_node(bare))
        again = _comment_texts(text)
        return [
            *node.leading_lines,
            *(cst.EmptyLine(comment=cst.Comment(each)) for each in inside if each not in again),
        ]


def _statements(text: str) -> list[_Statement]:
    return list(cst.parse_module(text).body)


def _comment_texts(code: str) -> list[str]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, IndentationError) as error:
        raise UnrenderableError(str(error)) from error
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


# -- constants ------------------------------------------------------------------------------------


def _insert_constants(module: ModuleSource, lines: list[str], constants: list[Constant]) -> None:
    """Put assignments over or under the module-level statements they name."""
    above: dict[int, str] = {}
    for constant in constants:
        assignment = f"{constant.name} = {constant.text}{module.newline}"
        if constant.after:
            last = (constant.place.end_lineno or constant.place.lineno) - 1
            end = "" if lines[last].endswith("\n") else module.newline
            lines[last] += end + assignment
        else:
            line = _above_comments(module, _first_line(constant.place))
            above[line] = above.get(line, "") + assignment
    for line, assignments in above.items():
        is_apart = line == 1 or not module.lines[line - 2].strip()
        padding = "" if is_apart else module.newline
        lines[line - 1] = padding + assignments + module.newline * 2 + lines[line - 1]


def _above_comments(module: ModuleSource, line: int) -> int:
    while line > 1 and module.lines[line - 2].startswith("#"):
        line -= 1
    return line
