"""Locating: the concrete nodes that stand where the syntax tree's nodes do."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from ..reading.module_source import ModuleSource
from .edit import (
    Decorate,
    Delete,
    Edit,
    ForInstead,
    InsertAfter,
    InsertBefore,
    Rename,
    Replace,
)


class UnrenderableError(Exception):
    """The edits cannot be applied to this text (two statements on a line, an `elif`, …)."""


def place_of(edit: Edit) -> ast.expr | ast.stmt:
    """Return the node that an edit of the tree changes or stands next to."""
    if isinstance(edit, Replace | Delete):
        return edit.node
    if isinstance(edit, Decorate | Rename):
        return edit.function
    if isinstance(edit, ForInstead):
        return edit.loop
    assert isinstance(edit, InsertBefore | InsertAfter)
    return edit.anchor


class Located:
    """What to do to which concrete node."""

    def __init__(self) -> None:
        self.expressions: dict[cst.CSTNode, cst.BaseExpression] = {}
        self.replaced: dict[cst.CSTNode, str] = {}
        self.before: dict[cst.CSTNode, list[str]] = {}
        self.after: dict[cst.CSTNode, list[str]] = {}
        self.deleted: dict[cst.CSTNode, str] = {}
        self.loops: dict[cst.CSTNode, ForInstead] = {}
        self.decorated: dict[cst.CSTNode, Decorate] = {}
        self.renamed: dict[cst.CSTNode, str] = {}

    @property
    def nodes(self) -> list[cst.CSTNode]:
        """Every node that something is done to, or next to."""
        return [node for each in vars(self).values() for node in each]


class Locator:
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
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        pending: list[cst.CSTNode] = [fragment]
        for node in pending:  # the list grows on the way
            children = node.children
            self._parents.update(dict.fromkeys(children, node))
            pending += children

    def path_to(self, found: Located) -> set[cst.CSTNode]:
        """Return the located nodes and all nodes around them."""
        path: set[cst.CSTNode] = set()
        for each in found.nodes:
            node: cst.CSTNode | None = each
            while node is not None and node not in path:
                path.add(node)
                node = self._parents.get(node)
        return path

    def locate(self, edits: Iterable[Edit]) -> Located:
        """Return what to do to which concrete node.

        Raises:
            UnrenderableError: an edit's node has no concrete node of its own.
        """
        found = Located()
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
                found.deleted[self._statement(edit.node)] = edit.moved
            elif isinstance(edit, ForInstead):
                found.loops[self._statement(edit.loop)] = edit
            elif isinstance(edit, Decorate):
                found.decorated[self._statement(edit.function)] = edit
            elif isinstance(edit, Rename):
                found.renamed[self._statement(edit.function)] = edit.name
        return found

    def _column(self, line: int, offset: int) -> int:
        text = self._module.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode())

    def _statement(self, node: ast.stmt) -> cst.CSTNode:
        if self._module.block(node) is None:
            raise UnrenderableError("an elif is no statement of its own")
        column = self._column(node.lineno, node.col_offset)
        found = self._statements.get((node.lineno - self._lines_above, column))
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
        before = comments_in(f"({self._fragment.code_for_node(found)}\n)")
        after = comments_in(f"({text}\n)") if before else []
        if any(each not in after for each in before):
            raise UnrenderableError("a comment would be lost")
        new = cst.parse_expression(text)
        if isinstance(new, cst.GeneratorExp) and not found.lpar:
            return new.with_changes(lpar=[], rpar=[]) if self._is_only_argument(node) else new
        if found.lpar and not new.lpar:
            return new.with_changes(lpar=found.lpar, rpar=found.rpar)
        if not new.lpar and _binds_loosely(new) and self._needs_parentheses(node, new):
            return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return new

    def _is_only_argument(self, node: ast.expr) -> bool:
        parent = self._module.parents[node]
        return isinstance(parent, ast.Call) and [*parent.args, *parent.keywords] == [node]

    def _needs_parentheses(self, node: ast.expr, new: cst.BaseExpression) -> bool:
        parent = self._module.parents[node]
        if isinstance(parent, ast.BoolOp) or _is_negation(parent):
            return not isinstance(new, cst.Comparison | cst.BinaryOperation)
        if isinstance(parent, ast.comprehension):
            return parent.target is not node
        if isinstance(parent, ast.Call):
            return parent.func is node
        if isinstance(parent, ast.Subscript):
            return parent.value is node
        return isinstance(
            parent,
            ast.BinOp
            | ast.UnaryOp
            | ast.Compare
            | ast.Attribute
            | ast.Starred
            | ast.Await
            | ast.IfExp
            | ast.FormattedValue,
        )


def comments_in(code: str) -> list[str]:
    """Return the comments of a piece of code, in order.

    Raises:
        UnrenderableError: the code cannot be taken apart.
    """
    if "#" not in code:
        return []
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, IndentationError) as error:
        raise UnrenderableError(str(error)) from error
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def _is_negation(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


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
