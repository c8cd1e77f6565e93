"""Affixes: loops that try prefixes or suffixes one after the other, mostly in vain."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..loops.comprehensions import is_needed_after
from ..reading.loops import is_pure_expression
from ..reading.syntax import is_name, is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

_ASKING = ("startswith", "endswith")
_FEW = 3


class TriedAtOnce:
    """Asks once whether any affix fits before a loop looks for the one that does."""

    name = "affixes-at-once"
    summary = (
        "`for x in affixes: if word.endswith(x): …` is entered only if `word.endswith(affixes)`."
    )
    why_right = (
        "Both methods take a tuple and document that it means any of its elements; when none "
        "fits, no iteration of the loop would have done anything."
    )
    risk: Risk = "low"
    promise = 0.5
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such loop."""
        for loop in site.scope.of_type(ast.For):
            asked = _asked(site, loop)
            if asked is None or not _is_tuple_of_text(site, loop.iter):
                continue
            assert isinstance(loop.target, ast.Name)
            if is_needed_after(site, loop, loop.target.id):
                continue
            affixes, asking = site.module.segment(loop.iter), site.module.segment(asked)
            yield Change(
                line=loop.lineno,
                last_line=loop.body[0].lineno,
                hypothesis=f"every element of `{affixes}` is tried by a call of its own, though "
                "mostly none fits; one call with the tuple tells that",
                edits=(Replace(loop.iter, f"{affixes} if {asking}({affixes}) else ()"),),
                risk="low" if site.kinds.is_a(asked.value, "str") else "medium",
            )


def _asked(site: Site, loop: ast.For) -> ast.Attribute | None:
    """Return `word.endswith` when all that a loop does depends on `word.endswith(element)`."""
    if len(loop.body) != 1 or not isinstance(loop.body[0], ast.If) or loop.body[0].orelse:
        return None
    if not isinstance(loop.target, ast.Name) or not isinstance(loop.iter, ast.Name | ast.Attribute):
        return None
    test = loop.body[0].test
    first = (
        test.values[0] if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else test
    )
    if not isinstance(first, ast.Call) or not is_plain_call(first, arguments=1):
        return None
    func = first.func
    if not isinstance(func, ast.Attribute) or func.attr not in _ASKING:
        return None
    is_element = is_name(first.args[0], loop.target.id)
    if not is_element or not isinstance(func.value, ast.Name) or func.value.id == loop.target.id:
        return None
    # A class of the module with such a method may take no tuple.
    is_text = not site.module.methods.get(func.attr)
    return func if is_text and is_pure_expression(site, loop.iter) else None


def _is_tuple_of_text(site: Site, node: ast.expr) -> bool:
    """Return whether a value is known to be a tuple of several strings."""
    kind = site.kinds.of(node)
    if kind is None or kind.name != "tuple" or 0 < len(kind.items) < _FEW:
        return False
    return kind.element is not None and kind.element.name == "str"
