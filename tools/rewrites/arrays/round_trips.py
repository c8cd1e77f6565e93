"""Round trips: arrays turned into lists, or into another type, and straight back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.syntax import is_plain_call, same
from ..rewrite import Change, Risk, Site
from ..writing.edit import Import, Replace
from .evidence import is_array, is_fallback, is_place, is_series_place, package
from .guards import guarded_expression


class RoundTrip:
    """Copies an array as an array instead of by way of a list of its elements."""

    name = "round-trip"
    summary = "`np.array(list(a))` and `np.array(a.tolist())` copy the array; astype twice is once."
    why_right = (
        "Made anew from its elements an array of 64-bit numbers or truth values is of the same "
        "type and shape, unless it is empty; the new code asks for that at run time."
    )
    risk: Risk = "low"
    promise = 0.95
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each way there and back."""
        found = package(site, "numpy")
        for call in site.scope.of_type(ast.Call):
            if found is None or is_fallback(site, call):
                continue
            text = _copied(site, found[0], call) or _converted(site, call)
            if text is not None:
                imports: tuple[Import, ...] = found[1] if f"{found[0]}." in text else ()
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis=f"`{site.module.segment(call)}` makes an object of every element "
                    "only to put it back",
                    edits=(Replace(call, text), *imports),
                    risk=self.risk,
                )


def _copied(site: Site, np: str, call: ast.Call) -> str | None:
    """Return a copy of the array when a call makes an array of the list of its elements."""
    if site.module.qualified(call.func) not in ("numpy.array", "numpy.asarray"):
        return None
    if not is_plain_call(call, arguments=1) or not isinstance(call.args[0], ast.Call):
        return None
    whole = _listed(site, call.args[0])
    if whole is None:
        return None
    text = site.module.segment(whole)
    conditions = [
        f"{text}.ndim > 0 and {text}.size > 0",
        f"{text}.dtype in ({np}.float64, {np}.int64, bool)",
    ]
    if is_place(whole) and is_array(site, whole):
        conditions.insert(0, f"type({text}) is {np}.ndarray")
        copied = f"{text}.copy()"
    elif is_series_place(site, whole):
        copied = f"{text}.to_numpy(copy=True)"
    else:
        return None
    return guarded_expression(site, conditions, copied, site.module.segment(call))


def _listed(site: Site, call: ast.Call) -> ast.expr | None:
    """Return what a call makes a list of the elements of."""
    match call:
        case ast.Call(func=ast.Attribute(value=whole, attr="tolist"), args=[], keywords=[]):
            return whole
        case ast.Call(func=func, args=[whole], keywords=[]):
            return whole if site.module.qualified(func) == "list" else None
    return None


def _converted(site: Site, call: ast.Call) -> str | None:
    """Return the one conversion when an array is converted to the same type twice."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Call() as inner, attr="astype"),
            args=[second],
            keywords=[],
        ):
            pass
        case _:
            return None
    match inner:
        case ast.Call(func=ast.Attribute(value=array, attr="astype"), args=[first], keywords=[]):
            alike = same(first, second) and isinstance(
                first, ast.Name | ast.Attribute | ast.Constant
            )
            return site.module.segment(inner) if alike and is_array(site, array) else None
    return None
