"""Finds: everything sorted only to take the first element that passes a test."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..loops.comprehensions import binds_names_only, is_needed_after
from ..reading.loops import is_pure_expression, names_read
from ..reading.scopes import target_names
from ..reading.syntax import is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, Replace
from .joins import body_text

_LEAVING = (ast.Break, ast.Return, ast.Raise)


class FirstOfSorted:
    """Looks for the least element among those that pass the test, without sorting any."""

    name = "first-of-sorted"
    summary = (
        "`for x in sorted(xs): if test: …; break` goes through `heapq.nsmallest(1, [x for x in xs "
        "if test])`."
    )
    why_right = (
        "Of the elements that pass the test the loop meets the one that sorts first, and leaves; "
        "heapq documents nsmallest as equal to the slice of the sorted list, ties included. The "
        "test has no side effects; it now sees every element, so one that it cannot stand and "
        "that sorted behind the first to pass would raise."
    )
    risk: Risk = "medium"
    promise = 0.6
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop over a sorted copy that ends at its first find."""
        for loop in site.scope.of_type(ast.For):
            edits = _edits(site, loop)
            if edits is not None:
                yield Change(
                    line=loop.lineno,
                    hypothesis="everything is sorted, but the loop ends at the first element that "
                    "passes its test; that one is found by going through them once",
                    edits=edits,
                    risk=self.risk,
                )


def _edits(site: Site, loop: ast.For) -> tuple[Edit, ...] | None:
    call, test = loop.iter, loop.body[0]
    if not isinstance(call, ast.Call) or site.module.qualified(call.func) != "sorted":
        return None
    if len(loop.body) != 1 or not isinstance(test, ast.If) or test.orelse:
        return None
    if not isinstance(test.body[-1], _LEAVING) or not _leaves_alone(site, loop, test.test):
        return None
    key, function = _key(site, call), _function(call)
    found = None if function is None else site.module.reference(f"heapq.{function}")
    body = body_text(site, test)
    if key is None or found is None or body is None:
        return None
    name, imports = found
    target = site.module.segment(loop.target)
    element = f"({target})" if isinstance(loop.target, ast.Tuple) and target[0] != "(" else target
    source = site.module.segment(call.args[0])
    condition = site.module.segment(test.test, in_brackets=True)
    passing = f"[{element} for {target} in {source} if {condition}]"
    return (
        Replace(call, f"{name}(1, {passing}{key})"),
        Replace(test, body),
        *imports,
    )


def _leaves_alone(site: Site, loop: ast.For, test: ast.expr) -> bool:
    """Return whether going through all elements, and not past the first find, goes unnoticed."""
    call = loop.iter
    assert isinstance(call, ast.Call)
    if len(call.args) != 1 or not _is_container(site, call.args[0]):
        return False
    if not binds_names_only(loop.target) or not _is_rebuilt(site, loop.target, call.args[0]):
        return False
    targets = target_names(loop.target)
    if not names_read(test) & targets or not is_pure_expression(site, test):
        return False
    return not any(is_needed_after(site, loop, each) for each in targets)


def _is_container(site: Site, node: ast.expr) -> bool:
    """Return whether an expression gives something that can be gone through without effects."""
    if isinstance(node, ast.Name | ast.Attribute):
        return not site.kinds.is_a(node, "iterator")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_view = node.func.attr in ("items", "keys", "values") and is_plain_call(node, arguments=0)
        return is_view and isinstance(node.func.value, ast.Name | ast.Attribute)
    return False


def _is_rebuilt(site: Site, target: ast.expr, source: ast.expr) -> bool:
    """Return whether the elements are what the loop's variables make when put together again."""
    if isinstance(target, ast.Name):
        return True
    if not isinstance(target, ast.Tuple) or not all(
        isinstance(each, ast.Name) for each in target.elts
    ):
        return False
    is_items = isinstance(source, ast.Call) and getattr(source.func, "attr", "") == "items"
    element = site.kinds.element(source)
    return is_items or (element is not None and element.name == "tuple")


def _function(call: ast.Call) -> str | None:
    """Return what takes the first of a sorted copy; None when the direction is no constant."""
    for keyword in call.keywords:
        if keyword.arg == "reverse":
            if not isinstance(keyword.value, ast.Constant):
                return None
            return "nlargest" if keyword.value.value else "nsmallest"
    return "nsmallest"


def _key(site: Site, call: ast.Call) -> str | None:
    """Return the key as a further argument; None when it may have effects or is not clear."""
    if any(each.arg not in ("key", "reverse") for each in call.keywords):
        return None
    for keyword in call.keywords:
        if keyword.arg == "key":
            value = keyword.value
            if isinstance(value, ast.Lambda):
                known = is_pure_expression(site, value.body)
            else:
                known = not site.effects.of([call]).unknown
            return f", key={site.module.segment(value)}" if known else None
    return ""
