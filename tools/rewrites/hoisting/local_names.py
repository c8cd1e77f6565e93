"""Local names: attributes that are looked up over and over, read once into a local variable.

Bound methods are left alone: since Python 3.11 `out.append(x)` is faster than a local name for it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.effect import root_name
from ..reading.loops import Invariance, Loop, for_loop, invariance_in, loops_around
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import describe
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace
from .invariants import is_chain, is_read_early

_LEAST_WEIGHT = 3
_LEAST_USES = 4
_MOST_NAMES = 6


class LocalName:
    """Reads attributes once that a loop, or a function without one, looks up many times."""

    name = "local-name"
    summary = (
        "Attributes such as `self.limit` and functions such as `math.sqrt`, looked up in every "
        "turn of a loop, and chains of attributes that a function repeats, get a local name."
    )
    why_right = (
        "Nothing in the loop or function assigns one of the attributes, nor gives their owner to "
        "code that could; a property that changes by itself, or a module whose functions are "
        "replaced meanwhile, would tell the difference."
    )
    risk: Risk = "medium"
    promise = 0.1
    needs: tuple[Need, ...] = ("writes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each outermost loop, and one for the rest of the function."""
        for node in [*site.scope.of_type(ast.For), *site.scope.of_type(ast.While)]:
            if not any(isinstance(each.node, ast.stmt) for each in loops_around(site, node)):
                change = _in_loop(site, node)
                if change is not None:
                    yield change
        change = _in_a_row(site)
        if change is not None:
            yield change


# -- in a loop ------------------------------------------------------------------------------------


def _in_loop(site: Site, node: ast.For | ast.While) -> Change | None:
    if site.module.block(node) is None:
        return None
    loop = for_loop(node) if isinstance(node, ast.For) else _while_loop(node)
    invariance = invariance_in(site, loop)
    groups: dict[str, list[ast.Attribute]] = {}
    for each in site.scope.of_type(ast.Attribute):
        inside = any(around.node is node for around in loops_around(site, each))
        if inside and (_is_function(site, each) or _is_held(site, each, invariance)):
            groups.setdefault(ast.unparse(each), []).append(each)
    chosen = [
        group
        for group in groups.values()
        if sum(len(loops_around(site, each)) for each in group) >= _LEAST_WEIGHT
        and is_read_early(site, group, invariance)
    ][:_MOST_NAMES]
    if not chosen:
        return None
    names = ", ".join(f"`{site.module.segment(group[0])}`" for group in chosen)
    return Change(
        line=node.lineno,
        last_line=node.end_lineno,
        hypothesis=f"{names}: looked up again and again in the loop at line {node.lineno}, though "
        "the answer stays the same",
        edits=_named(site, chosen, node),
        risk="medium",
    )


def _while_loop(node: ast.While) -> Loop:
    return Loop(node, (node.test, *node.body), frozenset())


def _is_function(site: Site, node: ast.Attribute) -> bool:
    """Return whether a node looks a function up in an imported module to call it."""
    parent = site.module.parents[node]
    if not (isinstance(parent, ast.Call) and parent.func is node):
        return False
    root = root_name(node)
    bound = site.module.bindings.get(root, []) if root not in site.scope.bindings else []
    return (
        len(bound) == 1
        and isinstance(bound[0].node, ast.Import)
        and site.module.qualified(node) is not None
        and node.attr not in site.module.attribute_stores
    )


def _is_held(site: Site, node: ast.Attribute, invariance: Invariance) -> bool:
    """Return whether a node reads a plain attribute of a variable that stays during a loop."""
    parent = site.module.parents[node]
    is_part = isinstance(parent, ast.Attribute) or (
        isinstance(parent, ast.Call) and parent.func is node
    )
    if is_part or not isinstance(node.ctx, ast.Load) or not isinstance(node.value, ast.Name):
        return False
    if not site.module.is_local(node.value) or node.attr in site.module.methods:
        return False
    return not invariance.effects.unknown and invariance.holds(node)


def _named(site: Site, groups: list[list[ast.Attribute]], where: ast.stmt) -> tuple[Edit, ...]:
    edits: list[Edit] = []
    for group in groups:
        name = site.fresh_name(describe(group[0]))
        edits.append(InsertBefore(where, f"{name} = {site.module.segment(group[0])}"))
        edits += [Replace(each, name) for each in group]
    return tuple(edits)


# -- in a row -------------------------------------------------------------------------------------


def _in_a_row(site: Site) -> Change | None:
    """Name the chains that a function repeats outside loops, where nothing can change them."""
    effects = site.effects.of(site.function.body)
    if effects.unknown or site.scope.is_generator:
        return None
    groups: dict[str, list[ast.Attribute]] = {}
    for each in site.scope.of_type(ast.Attribute):
        if is_chain(site, each) and not loops_around(site, each):
            groups.setdefault(ast.unparse(each), []).append(each)
    chosen: list[list[ast.Attribute]] = []
    for group in groups.values():
        root = root_name(group[0])
        read = {part.attr for part in walk(group[0]) if isinstance(part, ast.Attribute)}
        stays = (
            len(site.scope.bindings.get(root, ())) == 1
            and root in site.scope.parameters
            and not _shares_with(site, root, effects.mutated)
            and read.isdisjoint(effects.attribute_names | site.module.methods.keys())
        )
        if stays and len(group) >= _LEAST_USES and _comes_first(site, group[0]):
            chosen.append(group)
    where = site.module.statement(chosen[0][0]) if chosen else None
    together = [each for each in chosen if site.module.statement(each[0]) is where][:_MOST_NAMES]
    if where is None:
        return None
    names = ", ".join(f"`{site.module.segment(group[0])}`" for group in together)
    return Change(
        line=where.lineno,
        last_line=max(each.lineno for group in together for each in group),
        hypothesis=f"{names}: looked up {_LEAST_USES} times or more in {site.qualname}, though the "
        "answer stays the same",
        edits=_named(site, together, where),
        risk="medium",
    )


def _shares_with(site: Site, root: str, mutated: set[str]) -> bool:
    """Return whether what changes may be the object a name holds, or a part of it."""
    return any(root in {name} | site.effects.origins(site.function, name) for name in mutated)


def _comes_first(site: Site, node: ast.Attribute) -> bool:
    """Return whether a statement of the function's own body evaluates a node in any case."""
    statement = site.module.statement(node)
    if statement not in site.function.body or site.module.block(statement) is None:
        return False
    child: ast.AST = node
    for around in site.module.ancestors(node):
        if around is statement:
            break
        is_test = isinstance(around, ast.IfExp) and child is around.test
        is_first = isinstance(around, ast.BoolOp) and child is around.values[0]
        skips = isinstance(around, (ast.IfExp, ast.BoolOp, ast.Lambda, *COMPREHENSIONS))
        if (skips and not (is_test or is_first)) or isinstance(around, ast.Compare):
            return False
        child = around
    return not isinstance(statement, ast.If | ast.While | ast.For) or child in (
        getattr(statement, "test", None),
        getattr(statement, "iter", None),
    )
