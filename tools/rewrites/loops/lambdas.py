"""Lambdas: `map` and `filter` that call one for each element, written as comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.syntax import is_plain_call, laid_out
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .comprehensions import clause_text, element_text
from .generators import is_join

_STORED = {"list": "[]", "set": "{}"}
"""What keeps all elements, and the brackets of the comprehension that makes the same."""
_GATHERS = ("tuple", "sorted", "frozenset")
"""What needs a list of all elements anyway."""
_GOES_THROUGH = ("sum", "min", "max", "any", "all", "dict")
_FORBIDDEN = (
    ast.Lambda,
    ast.GeneratorExp,
    ast.NamedExpr,
    ast.Await,
    ast.Yield,
    ast.YieldFrom,
)
"""What would see that all elements share one scope, or may not stand in a comprehension."""
_FORBIDDEN_CALLS = frozenset(("next", "super", "locals", "vars", "eval", "exec", "dir"))


class ComprehensionForLambda:
    """Computes elements in place instead of calling a lambda for each."""

    name = "comprehension-for-lambda"
    summary = (
        "`list(map(lambda x: …, xs))`, `sum(filter(lambda x: …, xs))` and loops over such a map "
        "become comprehensions."
    )
    why_right = (
        "The same expressions are worked out for the same elements in the same order, and whoever "
        "gets the elements goes through them at once."
    )
    risk: Risk = "low"
    promise = 0.35
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such call."""
        for call in site.scope.of_type(ast.Call):
            parts = _parts(site, call)
            written = None if parts is None else _written(site, call, parts)
            if written is None:
                continue
            node, text = written
            yield Change(
                line=node.lineno,
                last_line=node.end_lineno,
                hypothesis="a function is called for each element; a comprehension works the "
                "element out in place",
                edits=(Replace(node, text),),
                risk=self.risk,
            )


def _parts(site: Site, call: ast.Call) -> list[str] | None:
    """Return the element and clauses of a comprehension that yields what a call yields."""
    name = site.module.qualified(call.func)
    if name not in ("map", "filter") or call.keywords or len(call.args) < 2:
        return None
    function, *iterables = call.args
    if not isinstance(function, ast.Lambda) or not _can_stand_inside(function):
        return None
    if any(isinstance(each, ast.Starred) for each in iterables):
        return None
    targets = [each.arg for each in function.args.args]
    if len(targets) != len(iterables) or (name == "filter" and len(targets) != 1):
        return None
    target = ", ".join(targets)
    if len(iterables) == 1:
        source = clause_text(site, iterables[0])
    else:
        source = f"zip({', '.join(site.module.segment(each) for each in iterables)})"
    clause = f"for {target} in {source}"
    if name == "map":
        return [element_text(site, function.body), clause]
    return [target, clause, f"if {clause_text(site, function.body)}"]


def _can_stand_inside(function: ast.Lambda) -> bool:
    given = function.args
    special = given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults
    if special or any(isinstance(each, _FORBIDDEN) for each in walk(function.body)):
        return False
    names = {each.id for each in walk(function.body) if isinstance(each, ast.Name)}
    return not names & _FORBIDDEN_CALLS


def _written(site: Site, call: ast.Call, parts: list[str]) -> tuple[ast.expr, str] | None:
    """Return what to replace by which comprehension, None when elements are asked for later."""
    parent = site.module.parents[call]
    if isinstance(parent, ast.For | ast.comprehension) and parent.iter is call:
        return call, _shown(site, "()", parts, call)
    if not isinstance(parent, ast.Call) or parent.args[:1] != [call]:
        return None
    name = site.module.qualified(parent.func)
    if name in _STORED and is_plain_call(parent, arguments=1):
        return parent, _shown(site, _STORED[name], parts, parent)
    if name in _GATHERS or is_join(site, parent):
        return call, _shown(site, "[]", parts, call)
    return (call, _shown(site, "()", parts, call)) if name in _GOES_THROUGH else None


def _shown(site: Site, brackets: str, parts: list[str], node: ast.expr) -> str:
    return laid_out(brackets, parts, column=node.col_offset, indent=site.module.indent)
