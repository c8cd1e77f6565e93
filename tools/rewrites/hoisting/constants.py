"""Constants: values built anew in every call though they never differ."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.syntax import is_constant
from ..reading.uses import SAFE_READS, is_private_local, uses_of
from ..reading.words import words
from ..rewrite import Change, Risk, Site
from ..writing.edit import Constant, Delete, Edit, Replace

_FEW = 4
_CONSTANT_CALLS = words(
    "set frozenset str.maketrans decimal.Decimal fractions.Fraction",
    "datetime.timedelta struct.Struct dict.fromkeys",
)
_TEXTS = words(
    "string.ascii_letters string.ascii_lowercase string.ascii_uppercase string.digits",
    "string.hexdigits string.octdigits string.punctuation string.printable string.whitespace",
)
_READING_METHODS = words(
    "get items keys values index count union intersection difference issubset",
    "issuperset isdisjoint",
)


class HoistedConstant:
    """Builds a constant table once for the module instead of in every call."""

    name = "hoist-constant"
    summary = (
        "A dict, list or set of constants that a function only reads, and text put together from "
        "constants of `string`, move to the module."
    )
    why_right = (
        "All parts are literals, and the function neither changes the object nor hands it on, so "
        "one object serves every call."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each constant object."""
        for node in site.scope.nodes:
            if isinstance(node, ast.expr) and _is_constant_object(site, node):
                change = self._change(site, node)
                if change is not None:
                    yield change

    def _change(self, site: Site, node: ast.expr) -> Change | None:
        parent = site.module.parents[node]
        wanted = site.function.name.strip("_").upper()
        edits: list[Edit]
        top = site.module.top_level(site.function)
        text = site.module.segment(node)
        match parent:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if not _is_only_read(site, name):
                    return None
                fresh = site.fresh_name(f"_{wanted}_{name.strip('_').upper()}")
                edits = [
                    Replace(use.node, fresh) for use in uses_of(site, name) if use.kind != "bind"
                ]
                edits.append(Delete(parent, text))
                if len(edits) == 1:
                    return None
            case _:
                if not _is_read_at_once(site, node, parent):
                    return None
                fresh = site.fresh_name(f"_{wanted}_{_suffix(site, node)}")
                edits = [Replace(node, fresh)]
        return Change(
            line=node.lineno,
            last_line=node.end_lineno,
            hypothesis=f"the same constant is built in every call of {site.qualname}; once for the "
            "module is enough",
            edits=(Constant(fresh, text, top), *edits),
            risk="medium" if isinstance(node, ast.Call) else self.risk,
        )


def _suffix(site: Site, node: ast.expr) -> str:
    name = site.module.qualified(node.func) if isinstance(node, ast.Call) else type(node).__name__
    known = {"Dict": "TABLE", "List": "ITEMS", "Set": "MEMBERS", "set": "MEMBERS"}
    known |= {"frozenset": "MEMBERS", "str.maketrans": "TRANSLATION", "BinOp": "TEXT"}
    return known.get(name or "", "CONSTANT")


def _is_constant_object(site: Site, node: ast.expr) -> bool:
    match node:
        case ast.Dict():
            parts = [*node.keys, *node.values]
            return len(node.keys) >= _FEW and all(
                each is not None and _is_part(each) for each in parts
            )
        case ast.List() | ast.Set():
            return len(node.elts) >= _FEW and all(map(_is_part, node.elts))
        case ast.BinOp():
            return _is_outermost_text(site, node)
        case ast.Call():
            if site.module.qualified(node.func) not in _CONSTANT_CALLS or not node.args:
                return False
            if not isinstance(node.func, ast.Name):
                # What is imported must be there before the constant is built.
                return is_imported_above(site, node) and _has_constant_arguments(node)
            return not isinstance(site.module.parents[node], ast.Call) and _has_constant_arguments(
                node
            )
    return False


def _is_outermost_text(site: Site, node: ast.BinOp) -> bool:
    """Return whether a sum is made of literals and constants of `string`, two or more at that.

    Literals alone are added up by the compiler.
    """
    parent = site.module.parents[node]
    if isinstance(parent, ast.BinOp) and _text_parts(site, parent) is not None:
        return False
    parts = _text_parts(site, node)
    return parts is not None and any(
        isinstance(each, ast.Attribute) and is_imported_above(site, each) for each in parts
    )


def _text_parts(site: Site, node: ast.expr) -> list[ast.expr] | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text_parts(site, node.left), _text_parts(site, node.right)
        return None if left is None or right is None else left + right
    is_literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
    is_text = isinstance(node, ast.Attribute) and site.module.qualified(node) in _TEXTS
    return [node] if is_literal or is_text else None


def _has_constant_arguments(node: ast.Call) -> bool:
    values = [*node.args, *(each.value for each in node.keywords)]
    return all(_is_part(each) for each in values)


def _is_part(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Set | ast.Tuple):
        return all(map(_is_part, node.elts))
    if isinstance(node, ast.Dict):
        return all(each is not None and _is_part(each) for each in (*node.keys, *node.values))
    return is_constant(node)


def is_imported_above(site: Site, node: ast.expr) -> bool:
    """Return whether what an expression names is there before the site's function is defined."""
    root = node.func if isinstance(node, ast.Call) else node
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    if root.id in ("str", "dict"):
        return True
    bound = site.module.bindings.get(root.id, [])
    top = site.module.top_level(site.function)
    return (
        len(bound) == 1
        and bound[0].node in site.module.tree.body
        and (getattr(bound[0].node, "lineno", 0) < top.lineno)
    )


def _is_only_read(site: Site, name: str) -> bool:
    if not is_private_local(site, name) or len(site.scope.bindings[name]) != 1:
        return False
    for use in uses_of(site, name):
        if use.kind == "bind" or (use.kind in SAFE_READS and _keeps_nothing(site, use.node)):
            continue
        if use.kind == "method" and use.name in _READING_METHODS:
            continue
        return False
    return True


def _keeps_nothing(site: Site, node: ast.Name) -> bool:
    """Return whether what is read out of a container cannot be changed in it."""
    kind = site.kinds.of(node)
    if kind is None:
        return False
    inner = kind.value if kind.name == "dict" else kind.element
    return site.kinds.kind_is_immutable(inner)


def _is_read_at_once(site: Site, node: ast.expr, parent: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        # Text cannot change, wherever it goes.
        return True
    match parent:
        case ast.Subscript():
            return parent.value is node and site.kinds.is_immutable(parent)
        case ast.Attribute():
            call = site.module.parents[parent]
            is_call = isinstance(call, ast.Call) and call.func is parent
            return is_call and parent.attr in _READING_METHODS and _values_stay(site, node)
        case ast.Compare():
            # Displays of constants in `in` tests are constants to the compiler already.
            return isinstance(node, ast.Dict | ast.Call) and parent.left is not node
        case ast.For() | ast.comprehension():
            return parent.iter is node and isinstance(node, ast.Dict | ast.Set | ast.Call)
        case ast.Call() if node in parent.args:
            is_text = isinstance(parent.func, ast.Attribute) and parent.func.attr == "translate"
            return is_text and isinstance(node, ast.Call)
        case ast.BinOp():
            name = site.module.qualified(node.func) if isinstance(node, ast.Call) else ""
            return name in ("decimal.Decimal", "fractions.Fraction", "datetime.timedelta")
    return False


def _values_stay(site: Site, node: ast.expr) -> bool:
    kind = site.kinds.of(node)
    inner = None if kind is None else (kind.value if kind.name == "dict" else kind.element)
    return site.kinds.kind_is_immutable(inner)
