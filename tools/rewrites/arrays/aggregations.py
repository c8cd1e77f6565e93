"""Aggregations: groups of a frame reduced by a Python function that pandas knows by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .evidence import is_fallback, is_place, uses_arrays
from .guards import guarded_expression

_EXACT = frozenset(("min", "max", "count", "nunique", "any", "all", "median"))
_ROUNDED = frozenset(("sum", "mean"))
_NUMBERS = '("int64", "float64", "bool")'


class NamedAggregation:
    """Reduces groups with pandas' own function instead of one Python call a group."""

    name = "named-aggregation"
    summary = "`df.groupby(k)['a'].apply(lambda g: g.max())` becomes `df.groupby(k)['a'].max()`."
    why_right = (
        "pandas' own reduction answers the same for columns of numbers, with the same index; the "
        "new code asks at run time for such columns, and for keys that are no categories. Sums and "
        "means of floats add in another order and may differ in the last bits."
    )
    risk: Risk = "high"
    promise = 0.9
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such reduction."""
        if not uses_arrays(site):
            return
        for call in site.scope.of_type(ast.Call):
            if is_fallback(site, call):
                continue
            reduced = _reduced(site, call)
            if reduced is None:
                continue
            text = guarded_expression(
                site, reduced.conditions(site), reduced.text(site), site.module.segment(call)
            )
            yield Change(
                line=call.lineno,
                last_line=call.end_lineno,
                hypothesis="a Python function is called with an object made for every group; "
                f"pandas computes {reduced.function} of all groups in compiled code",
                edits=(Replace(call, text),),
                risk="high" if reduced.function in _ROUNDED else "medium",
            )


@dataclass(frozen=True)
class _Reduced:
    """A column of a frame's groups, and what it is reduced with."""

    frame: ast.expr
    groups: ast.Call
    """The call of `groupby`."""
    keys: list[str]
    column: str
    function: str
    is_named: bool
    """Whether the answer bears the column's name."""

    def text(self, site: Site) -> str:
        """Return the reduction by name."""
        named = f'{site.module.segment(self.groups)}["{self.column}"].{self.function}()'
        return named if self.is_named else f"{named}.rename(None)"

    def conditions(self, site: Site) -> list[str]:
        """Return what must hold at run time."""
        frame = site.module.segment(self.frame)
        asked = [f'len({frame}) and str({frame}["{self.column}"].dtype) in {_NUMBERS}']
        return asked + [f'str({frame}["{key}"].dtype) != "category"' for key in self.keys]


def _reduced(site: Site, call: ast.Call) -> _Reduced | None:
    """Return the reduction that a call of `apply` or `agg` with a lambda makes."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=groups, attr="apply" | "agg" | "aggregate" as how),
            args=[ast.Lambda(args=arguments, body=body)],
            keywords=[],
        ) if len(arguments.args) == 1 and not arguments.defaults:
            parameter = arguments.args[0].arg
        case _:
            return None
    match groups:
        case ast.Subscript(value=ast.Call() as grouped, slice=ast.Constant(value=str() as column)):
            function, is_named = _reduction(body, ast.Name(parameter)), True
        case ast.Call() if how == "apply":
            grouped, is_named = groups, False
            column = _column_reduced(body, parameter)
            function = _reduction(body, ast.Subscript(ast.Name(parameter), ast.Constant(column)))
        case _:
            return None
    found = _grouped(grouped)
    if found is None or column is None or function is None or column in found[1]:
        return None
    return _Reduced(found[0], grouped, found[1], column, function, is_named)


def _reduction(body: ast.expr, whole: ast.expr) -> str | None:
    """Return the name of the method that is all that is called, on just this value."""
    match body:
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=[], keywords=[]):
            known = name in _EXACT | _ROUNDED and ast.unparse(value) == ast.unparse(whole)
            return name if known else None
    return None


def _column_reduced(body: ast.expr, parameter: str) -> str | None:
    match body:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as it))
            )
        ) if name == parameter:
            return it
    return None


def _grouped(call: ast.Call) -> tuple[ast.expr, list[str]] | None:
    """Return the frame and the columns that it is grouped by, when they are written out."""
    match call:
        case ast.Call(func=ast.Attribute(value=frame, attr="groupby"), args=[keys]):
            pass
        case _:
            return None
    if not is_place(frame) or any(each.arg not in ("sort", "observed") for each in call.keywords):
        return None
    listed = keys.elts if isinstance(keys, ast.List) else [keys]
    names = [
        each.value
        for each in listed
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return (frame, names) if names and len(names) == len(listed) else None
