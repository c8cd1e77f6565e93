"""Powers: huge powers of integers worked out only for their remainder."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import counts_up
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import int_value, is_name, is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

_WHOLE = ("int", "bool")


class ModularPower:
    """Works out a power modulo a number without the power itself."""

    name = "modular-power"
    summary = "`a ** b % m` becomes `pow(a, b, m)` for integers."
    why_right = (
        "For integers with an exponent that is not negative both are the remainder of the same "
        "power. With a negative one, pow would give an inverse where `**` gave a float; a modulus "
        "of 0 raises ValueError in place of ZeroDivisionError."
    )
    risk: Risk = "high"
    promise = 0.9
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each remainder of a power."""
        for node in site.scope.of_type(ast.BinOp):
            parts = _power(site, node.left) if isinstance(node.op, ast.Mod) else None
            if parts is None or not _are_whole(site, [*parts, node.right]):
                continue
            base, exponent = parts
            if int_value(exponent) is not None:
                # A small power costs less than a call.
                continue
            given = (base, exponent, node.right)
            text = ", ".join(site.module.segment(each, in_brackets=True) for each in given)
            yield Change(
                line=node.lineno,
                last_line=node.end_lineno,
                hypothesis="all digits of the power are worked out to keep a remainder of it; pow "
                "with a modulus never makes the large number",
                edits=(Replace(node, f"pow({text})"),),
                risk="medium" if _is_never_negative(site, exponent) else "high",
            )


def _power(site: Site, node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return node.left, node.right
    if isinstance(node, ast.Call) and site.module.qualified(node.func) == "pow":
        return (node.args[0], node.args[1]) if is_plain_call(node, arguments=2) else None
    return None


def _are_whole(site: Site, nodes: list[ast.expr]) -> bool:
    return all(site.kinds.is_a(each, *_WHOLE) for each in nodes)


def _is_never_negative(site: Site, node: ast.expr) -> bool:
    """Return whether an integer surely is 0 or more: a length, or counted up from 0."""
    if isinstance(node, ast.Call):
        return site.module.qualified(node.func) in ("len", "abs")
    if not isinstance(node, ast.Name) or len(site.scope.bindings.get(node.id, ())) > 1:
        return False
    for around in site.module.ancestors(node):
        clauses = around.generators if isinstance(around, COMPREHENSIONS) else [around]
        for clause in clauses:
            if isinstance(clause, ast.For | ast.comprehension) and is_name(clause.target, node.id):
                return counts_up(site, clause.iter)
        if around is site.function:
            break
    return False
