"""Lifted: functions and classes defined anew in every call though they depend on none."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.annotations import dataclass_options
from ..kinds.known_calls import CALLS_ITS_ARGUMENT
from ..reading.scopes import COMPREHENSIONS, FUNCTIONS, target_names
from ..reading.syntax import assigned_name, is_constant
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Change, Risk, Site
from ..writing.edit import Constant, Definition, Delete, Edit, FunctionNode, Replace
from .constants import is_imported_above

_Definition = FunctionNode | ast.ClassDef
_MADE_BY_CALL = frozenset(("collections.namedtuple", "enum.Enum", "enum.IntEnum"))
_PLAIN_BASES = words(
    "object Exception ValueError TypeError KeyError RuntimeError dict list tuple set str int float",
    "enum.Enum enum.IntEnum typing.NamedTuple",
)
_IN_CLASSES = ("property", "staticmethod", "classmethod")
_BUILTINS = frozenset(dir(builtins))


class LiftedDefinition:
    """Defines for the module what a function defines in every call."""

    name = "lift-definition"
    summary = (
        "A nested function, class or namedtuple that uses nothing of the function around it is "
        "defined once, for the module."
    )
    why_right = (
        "It reads only module-level names and its own, it is only called (or asked about by "
        "isinstance), and nothing is set on it, so one serves every call. A class's instances from "
        "different calls are now of one type."
    )
    risk: Risk = "low"
    promise = 0.8
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each definition."""
        for node in site.scope.nodes:
            if isinstance(node, ast.Assign):
                edits = _lifted_call(site, node)
            elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                edits = _lifted(site, node)
            else:
                continue
            if edits:
                kind = "function" if isinstance(node, FUNCTIONS) else "class"
                yield Change(
                    line=node.lineno,
                    hypothesis=f"the {kind} defined at line {node.lineno} is made anew in every "
                    f"call of {site.qualname} though it uses nothing of it; once is enough",
                    edits=tuple(edits),
                    risk="low" if kind == "function" else "medium",
                )


# -- what may be lifted ---------------------------------------------------------------------------


def _lifted(site: Site, node: _Definition) -> list[Edit] | None:
    uses = _uses(site, node, node.name)
    if not uses or _captures(site, node) or _is_mangled(site, node):
        return None
    if not all(_is_there(site, each) for each in _needed_at_once(site, node)):
        return None
    if isinstance(node, ast.ClassDef):
        # A class keeps its name, which a star import elsewhere must not put over another.
        if not _is_plain_class(site, node) or not _is_free(site, node.name):
            return None
        if site.is_replaced_elsewhere(node.name):
            return None
        name = node.name
    else:
        if node.decorator_list or not _has_constant_defaults(node):
            return None
        name = site.fresh_name(f"_{node.name.lstrip('_')}")
    text = _text(site, node, name)
    place = site.module.top_level(site.function)
    edits: list[Edit] = [Definition(name, f"{text}\n", place), Delete(node, text)]
    inside = set(walk(node))
    if name != node.name:
        edits += [Replace(use, name) for use in uses if use not in inside]
    return edits


def _lifted_call(site: Site, node: ast.Assign) -> list[Edit] | None:
    """Return edits that move a `Point = namedtuple("Point", "x y")` to the module."""
    name, value = assigned_name(node), node.value
    if name is None or not isinstance(value, ast.Call):
        return None
    if site.module.qualified(value.func) not in _MADE_BY_CALL or not is_imported_above(site, value):
        return None
    parts = [*value.args, *(each.value for each in value.keywords)]
    fixed = all(
        is_constant(each) or (isinstance(each, ast.List) and all(map(is_constant, each.elts)))
        for each in parts
    )
    uses = _uses(site, node, name) if fixed else None
    if not uses:
        return None
    text, fresh = site.module.segment(value), site.fresh_name(f"_{name.lstrip('_')}")
    constant = Constant(fresh, text, site.module.top_level(site.function))
    return [constant, Delete(node, text), *(Replace(use, fresh) for use in uses)]


def _is_free(site: Site, name: str) -> bool:
    """Return whether nothing of the module goes by a name yet."""
    module = site.module
    return name not in module.bindings and name not in _BUILTINS and not module.has_star_import


def _uses(site: Site, node: ast.stmt, name: str) -> list[ast.Name] | None:
    """Return where a definition is used, None unless all that happens there is a call of it."""
    own = {node, *getattr(node, "targets", [])}
    again = [
        each for each in walk(site.function) if each not in own and name in _names_bound_by(each)
    ]
    if len(site.scope.bindings.get(name, ())) != 1 or again:
        return None
    found = [
        each
        for each in walk(site.function)
        if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load)
    ]
    return found if all(_is_call(site, each, node) for each in found) else None


def _names_bound_by(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return set(names)
    return set()


def _is_call(site: Site, use: ast.Name, node: ast.stmt) -> bool:
    parent = site.module.parents[use]
    if isinstance(parent, ast.keyword):
        call = site.module.parents[parent]
        sorts = isinstance(call, ast.Call) and _sorts(site, call)
        return sorts and parent.arg == "key" and isinstance(node, FUNCTIONS)
    if not isinstance(parent, ast.Call):
        return False
    called = site.module.qualified(parent.func)
    if isinstance(node, FUNCTIONS) and use in parent.args:
        position = CALLS_ITS_ARGUMENT.get(called or "")
        return position is not None and parent.args.index(use) == position
    return parent.func is use or (called == "isinstance" and use in parent.args[1:])


def _sorts(site: Site, call: ast.Call) -> bool:
    by_method = isinstance(call.func, ast.Attribute) and call.func.attr == "sort"
    return by_method or site.module.qualified(call.func) in CALLS_ITS_ARGUMENT


def _captures(site: Site, node: _Definition) -> bool:
    """Return whether a definition reads or sets a variable of the functions around it."""
    outers = [each for each in site.module.ancestors(node) if isinstance(each, FUNCTIONS)]
    outer_names = {name for each in outers for name in site.module.scope(each).bindings}
    around = {
        name
        for each in site.module.ancestors(node)
        if isinstance(each, ast.ClassDef)
        for name in target_names(each)
    }
    return any(
        (isinstance(each, ast.Nonlocal | ast.Global))
        or (
            isinstance(each, ast.Name)
            and each.id != node.name
            and each.id in (outer_names | around | {"super", "__class__", "locals", "eval", "exec"})
            and not _is_bound_inside(site, each, node)
        )
        for each in walk(node)
    )


def _is_bound_inside(site: Site, name: ast.Name, node: _Definition) -> bool:
    for around in site.module.ancestors(name):
        if isinstance(around, COMPREHENSIONS):
            if any(name.id in target_names(each.target) for each in around.generators):
                return True
        elif isinstance(around, (*FUNCTIONS, ast.Lambda)):
            is_own = around is not node or name not in _evaluated_outside(node)
            if is_own and name.id in site.module.scope(around).bindings:
                return True
        if around is node:
            return False
    return False


def _evaluated_outside(node: _Definition) -> set[ast.AST]:
    """Return the parts of a function's head, which are evaluated where it is defined."""
    if isinstance(node, ast.ClassDef):
        return set()
    heads = [node.args, *([node.returns] if node.returns else [])]
    return {part for each in heads for part in walk(each)}


def _needed_at_once(site: Site, node: _Definition) -> Iterator[str]:
    """Yield the names that are looked up when a definition is made, not when it is used."""
    bindings = site.module.bindings.get("annotations", [])
    postponed = any(getattr(each.node, "module", "") == "__future__" for each in bindings)
    heads: list[ast.AST] = []
    for each in walk(node):
        if isinstance(each, (*FUNCTIONS, ast.Lambda)):
            heads += [] if postponed else [each.args, getattr(each, "returns", None) or each.args]
        elif isinstance(each, ast.ClassDef):
            heads += [*each.bases, *each.decorator_list]
        elif isinstance(each, ast.AnnAssign) and not postponed:
            heads.append(each.annotation)
    yield from (part.id for each in heads for part in walk(each) if isinstance(part, ast.Name))


def _is_there(site: Site, name: str) -> bool:
    """Return whether a name means something before the site's function is defined."""
    bound = site.module.bindings.get(name)
    if bound is None:
        return name in _BUILTINS
    top = site.module.top_level(site.function)
    return len(bound) == 1 and getattr(bound[0].node, "lineno", top.lineno) < top.lineno


def _is_mangled(site: Site, node: _Definition) -> bool:
    """Return whether a name in a definition has the class around it in its real name."""
    in_class = any(isinstance(each, ast.ClassDef) for each in site.module.ancestors(node))
    return in_class and any(
        name.startswith("__") and not name.endswith("__")
        for each in walk(node)
        for name in (getattr(each, "attr", ""), getattr(each, "id", ""))
        if isinstance(name, str)
    )


def _has_constant_defaults(function: FunctionNode) -> bool:
    defaults = [*function.args.defaults, *function.args.kw_defaults]
    return all(each is None or is_constant(each) for each in defaults)


def _is_plain_class(site: Site, node: ast.ClassDef) -> bool:
    """Return whether making a class has no effect but the class, and nothing in it may change."""
    if node.keywords or len(node.decorator_list) > (dataclass_options(node) is not None):
        return False
    bases = [site.module.qualified(each) for each in node.bases]
    return all(name in _PLAIN_BASES for name in bases) and all(map(_is_plain_member, node.body))


def _is_plain_member(member: ast.stmt) -> bool:
    if isinstance(member, FUNCTIONS):
        plain = all(isinstance(d, ast.Name) and d.id in _IN_CLASSES for d in member.decorator_list)
        return plain and _has_constant_defaults(member)
    if isinstance(member, ast.Assign | ast.AnnAssign | ast.Expr):
        return member.value is None or is_constant(member.value)
    return isinstance(member, ast.Pass)


# -- the text -------------------------------------------------------------------------------------


def _text(site: Site, node: _Definition, name: str) -> str:
    """Return a definition for the module; a class keeps the name that it is known by."""
    renamed: dict[ast.expr, str] = {
        each: name for each in walk(node) if isinstance(each, ast.Name) and each.id == node.name
    }
    last = site.module.lines[(node.end_lineno or node.lineno) - 1].encode()
    comment = last[node.end_col_offset :].decode().strip()
    text = site.module.segment_with(node, renamed) + (f"  {comment}" if comment else "")
    if isinstance(node, ast.ClassDef):
        decorators = [f"@{site.module.segment(each)}\n" for each in node.decorator_list]
        inner = site.module.lines[node.body[0].lineno - 1][: node.body[0].col_offset]
        margin = inner[node.col_offset :] if not inner.strip() else site.module.indent
        known_by = f'{margin}__qualname__ = "{site.qualname}.<locals>.{node.name}"'
        return f"{''.join(decorators)}{text}\n{known_by}"
    kind = "async def " if isinstance(node, ast.AsyncFunctionDef) else "def "
    return text.replace(f"{kind}{node.name}", f"{kind}{name}", 1)
