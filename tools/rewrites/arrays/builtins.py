"""Builtins: `sum`, `min`, `sorted` and the like, asked about a numpy array."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .evidence import is_array, is_fallback, is_place, package
from .guards import guarded_expression

_EXTREMES = {"min": "argmin", "max": "argmax"}


class ArrayBuiltin:
    """Asks numpy instead of going through an array with a builtin."""

    name = "array-builtin"
    summary = "`sum(a)`, `min(a)`, `any(a)`, `sorted(a)` and `len(set(a))` of an array use numpy."
    why_right = (
        "The new code asks at run time whether it has an array of one dimension, of 64-bit floats, "
        "integers or truth values, and not empty. A running sum adds in the order of the builtin, "
        "to the last bit; the first smallest or largest element is the one the builtin finds, and "
        "arrays with a nan, whose order matters, are left to it."
    )
    risk: Risk = "low"
    promise = 0.9
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each call of a builtin with an array."""
        found = package(site, "numpy")
        if found is None:
            return
        for call in site.scope.of_type(ast.Call):
            if not is_plain_call(call, arguments=1) or is_fallback(site, call):
                continue
            name = site.module.qualified(call.func) or ""
            array = call.args[0]
            if name == "len":
                array = _set_of(site, array)
                name = "len(set)"
            if array is None or name not in _ANSWERS or not is_array(site, array):
                continue
            text = _written(site, found[0], name, array, call)
            if text is not None:
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis=f"`{site.module.segment(call)}` takes each element out of the array "
                    "as an object of its own; numpy goes over the array in compiled code",
                    edits=(Replace(call, text), *found[1]),
                    risk=self.risk,
                )


def _set_of(site: Site, node: ast.expr) -> ast.expr | None:
    """Return the array when an expression is `set(array)`."""
    if not isinstance(node, ast.Call) or not is_plain_call(node, arguments=1):
        return None
    return node.args[0] if site.module.qualified(node.func) == "set" else None


_ANSWERS = {
    # Adding to 0 makes a sum of negative zeros 0.0, as the builtin's is.
    "sum": "0 + {np}.cumsum({a})[-1]",
    "min": "{a}[{a}.argmin()]",
    "max": "{a}[{a}.argmax()]",
    "any": "bool({a}.any())",
    "all": "bool({a}.all())",
    "sorted": 'list({np}.sort({a}, kind="stable"))',
    "len(set)": "len(set({a}.tolist()))",
}
_WITHOUT_NAN = ("min", "max", "sorted")


def _written(site: Site, np: str, name: str, array: ast.expr, call: ast.Call) -> str | None:
    """Return the expression that asks numpy, else the builtin; None when it has no place."""
    text, first = site.module.segment(array), site.module.segment(array)
    old = site.module.segment(call)
    if not is_place(array):
        # The array is worked out where the first question about it is asked.
        if any(isinstance(each, (*COMPREHENSIONS, ast.Lambda)) for each in _inside(site, call)):
            return None
        text = site.fresh_name("values")
        first = f"{text} := {first}"
        old = site.module.segment_with(call, {array: text})
    conditions = [
        f"type({first}) is {np}.ndarray",
        f"{text}.ndim == 1 and {text}.size > 0",
        f"{text}.dtype in ({np}.float64, {np}.int64, bool)",
    ]
    if name in _WITHOUT_NAN:
        conditions.append(f"not {np}.isnan({text}).any()")
    answer = _ANSWERS[name].format(np=np, a=text)
    return guarded_expression(site, conditions, answer, old)


def _inside(site: Site, node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is around a node within its function."""
    for around in site.module.ancestors(node):
        if around is site.function:
            return
        yield around
