"""Lookups: dicts asked twice for one key, or asked in a way that raises when it is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import MAPPINGS
from ..reading.syntax import assigned_name, is_constant, is_empty_container, is_name, same
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, Edit, Replace

_MISSED = ("KeyError", "LookupError")


def _got(site: Site, lookup: ast.Subscript, default: ast.expr) -> str:
    """Return the call of `get` that looks the same up."""
    mapping, key = site.module.segment(lookup.value), site.module.segment(lookup.slice)
    if isinstance(lookup.slice, ast.Tuple) and not key.startswith("("):
        key = f"({key})"
    if isinstance(default, ast.Constant) and default.value is None:
        return f"{mapping}.get({key})"
    return f"{mapping}.get({key}, {site.module.segment(default)})"


def _is_lookup(site: Site, node: ast.expr | None, *kinds: str) -> bool:
    """Return whether an expression looks a plain key up in a variable that holds a dict."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return False
    parts = [node.value, *(node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice])]
    return all(map(_is_plain, parts)) and site.kinds.is_a(node.value, *kinds)


def _is_plain(node: ast.expr) -> bool:
    """Return whether an expression is one that raises no KeyError and costs nothing."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name | ast.Constant)


def _is_ready(site: Site, node: ast.expr | None) -> bool:
    """Return whether a default can be given even when it is not needed."""
    if node is None:
        return False
    if isinstance(node, ast.Name):
        # Any other local may have no value yet.
        return node.id in site.scope.parameters or not site.module.is_local(node)
    empty = any(is_empty_container(site.module, node, each) for each in ("list", "dict", "set"))
    return empty or is_constant(node)


def _outcome(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """Return where a statement puts a value (`return` or `name =`) and the value."""
    if isinstance(statement, ast.Return) and statement.value is not None:
        return "return", statement.value
    name = assigned_name(statement)
    if name is None or not isinstance(statement, ast.Assign):
        return None
    return f"{name} =", statement.value


class GetForTest:
    """Looks a key up once instead of testing for it first."""

    name = "get-for-test"
    summary = "`d[k] if k in d else default`, also as statements, becomes `d.get(k, default)`."
    why_right = "Both give the key's value where there is one, and the same default where not."
    risk: Risk = "low"
    promise = 0.12
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each lookup behind a test."""
        for node in [*site.scope.of_type(ast.IfExp), *site.scope.of_type(ast.If)]:
            edits = _by_expression(site, node) if isinstance(node, ast.IfExp) else None
            if isinstance(node, ast.If):
                edits = _by_statement(site, node)
            if edits is not None:
                yield Change(
                    line=node.lineno,
                    last_line=node.end_lineno,
                    hypothesis="the key is hashed and searched for twice; `get` does it once",
                    edits=tuple(edits),
                    risk=self.risk,
                )


def _chosen(
    site: Site, test: ast.expr, first: ast.expr, second: ast.expr
) -> tuple[ast.Subscript, ast.expr] | None:
    """Return the lookup and the default when a test chooses between just these."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    if isinstance(test.ops[0], ast.NotIn):
        first, second = second, first
    elif not isinstance(test.ops[0], ast.In):
        return None
    if not _is_lookup(site, first, *MAPPINGS) or not _is_ready(site, second):
        return None
    assert isinstance(first, ast.Subscript)
    is_tested = same(test.left, first.slice) and same(test.comparators[0], first.value)
    return (first, second) if is_tested else None


def _by_expression(site: Site, node: ast.IfExp) -> list[Edit] | None:
    chosen = _chosen(site, node.test, node.body, node.orelse)
    return None if chosen is None else [Replace(node, _got(site, *chosen))]


def _by_statement(site: Site, node: ast.If) -> list[Edit] | None:
    block = site.module.block(node)
    if block is None or len(node.body) != 1 or len(node.orelse) > 1:
        return None
    following = block[block.index(node) + 1 :]
    first = _outcome(node.body[0])
    others = node.orelse or (following[:1] if first and first[0] == "return" else [])
    second = _outcome(others[0]) if others else None
    if first is None or second is None or first[0] != second[0]:
        return None
    chosen = _chosen(site, node.test, first[1], second[1])
    if chosen is None:
        return None
    edits: list[Edit] = [Replace(node, f"{first[0]} {_got(site, *chosen)}")]
    return edits if node.orelse else [*edits, Delete(others[0])]


class GetForKeyError:
    """Asks for a default instead of catching the exception of a missing key."""

    name = "get-for-keyerror"
    summary = "`try: v = d[k]` with `except KeyError: v = default` becomes `v = d.get(k, default)`."
    why_right = (
        "Looking a plain key up in a dict raises KeyError only when it is missing; a class of its "
        "own with `__missing__` would be asked there."
    )
    risk: Risk = "medium"
    promise = 0.3
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such `try`."""
        for node in site.scope.of_type(ast.Try):
            edits = _without_exception(site, node)
            if edits is not None:
                yield Change(
                    line=node.lineno,
                    last_line=node.end_lineno,
                    hypothesis="a missing key makes, raises and catches an exception, which costs "
                    "many times what `get` does",
                    edits=tuple(edits),
                    risk=self.risk,
                )


def _without_exception(site: Site, node: ast.Try) -> list[Edit] | None:
    if len(node.body) != 1 or len(node.handlers) != 1 or node.orelse or node.finalbody:
        return None
    handler, found = node.handlers[0], _outcome(node.body[0])
    is_missed = handler.type is not None and site.module.qualified(handler.type) in _MISSED
    if found is None or not is_missed or handler.name or len(handler.body) != 1:
        return None
    if not _is_lookup(site, found[1], "dict"):
        return None
    default, more = _default(site, node, handler.body[0], found[0])
    if default is None or not _is_ready(site, default):
        return None
    assert isinstance(found[1], ast.Subscript)
    return [Replace(node, f"{found[0]} {_got(site, found[1], default)}"), *more]


def _default(
    site: Site, node: ast.Try, handling: ast.stmt, where: str
) -> tuple[ast.expr | None, list[Edit]]:
    """Return the value for a missing key, and what to do away with besides the `try`."""
    other = _outcome(handling)
    if other is not None:
        return (other[1] if other[0] == where else None), []
    block = site.module.block(node)
    if not isinstance(handling, ast.Pass) or block is None or block.index(node) == 0:
        return None, []
    # The value that was there before stays.
    before = block[block.index(node) - 1]
    start = _outcome(before)
    if start is None or start[0] != where or where == "return":
        return None, []
    name = assigned_name(before) or ""
    mentions = [each for each in walk(node.body[0]) if is_name(each, name)]
    return (None if len(mentions) > 1 else start[1]), [Delete(before)]
