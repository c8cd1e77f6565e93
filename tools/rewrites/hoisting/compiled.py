"""Compiled: functions of `re` that are handed a compiled pattern, whose own methods do the work."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.module_source import OWN
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

# How many arguments each takes after the pattern and before the flags.
_TAKES = {
    "match": 1,
    "search": 1,
    "fullmatch": 1,
    "findall": 1,
    "finditer": 1,
    "split": 2,
    "sub": 3,
    "subn": 3,
}


class PatternMethod:
    """Calls a compiled pattern's method instead of the function of `re` that looks for it."""

    name = "pattern-method"
    summary = "`re.search(pattern, text)` with a compiled `pattern` becomes `pattern.search(text)`."
    why_right = (
        "The functions of re hand a compiled pattern's arguments on to its method of the same "
        "name. A variable that held text after all would have no such method."
    )
    risk: Risk = "low"
    promise = 0.4
    needs: tuple[Need, ...] = ("calls", "types")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each call."""
        for call in site.scope.of_type(ast.Call):
            method = _method(site, call)
            if method is None or not isinstance(call.args[0], ast.Name | ast.Attribute):
                continue
            if not site.kinds.is_a(call.args[0], "pattern"):
                continue
            pattern = site.module.segment(call.args[0])
            yield Change(
                line=call.lineno,
                last_line=call.end_lineno,
                hypothesis=f"`re.{method}` looks for `{pattern}` in re's cache, where a pattern "
                "that is compiled already never is; its method is called directly",
                edits=(Replace(call, f"{pattern}.{method}({_arguments(site, call)})"),),
                risk="low" if _is_settled(site, call.args[0]) else "medium",
            )


def _method(site: Site, call: ast.Call) -> str | None:
    """Return the function's name when a call is one of `re` that leaves the flags alone."""
    module_name, _, name = (site.module.qualified(call.func) or "").rpartition(".")
    if module_name != "re" or name not in _TAKES or not call.args:
        return None
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    if any(each.arg in (None, "flags", "pattern") for each in call.keywords):
        return None
    return name if len(call.args) - 1 <= _TAKES[name] else None


def _arguments(site: Site, call: ast.Call) -> str:
    given = [site.module.segment(each, in_brackets=True) for each in call.args[1:]]
    given += [
        f"{each.arg}={site.module.segment(each.value, in_brackets=True)}" for each in call.keywords
    ]
    return ", ".join(given)


def _is_settled(site: Site, node: ast.expr) -> bool:
    """Return whether a name is bound once, to a compiled pattern."""
    if not isinstance(node, ast.Name):
        return False
    if site.module.qualified(node) == OWN + node.id:
        return site.effects.is_stable_global(node.id)
    bound = site.scope.bindings.get(node.id, [])
    return len(bound) == 1 and bound[0].value is not None
