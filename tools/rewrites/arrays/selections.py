"""Selections: rows of a frame selected to read one column, and dates parsed one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .evidence import is_fallback, is_frame, is_place, is_series_place, uses_arrays
from .guards import guarded_expression
from .matches import is_mask, is_of_column


class SelectedColumn:
    """Selects the column with the rows instead of copying all columns first."""

    name = "select-column-first"
    summary = "`df[df.a > 0]['b']` becomes `df.loc[df.a > 0, 'b']`."
    why_right = (
        "Both select the same rows of the column, as a new Series with the same index and name; "
        "only the copies of the other columns are not made."
    )
    risk: Risk = "low"
    promise = 0.4
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each selection."""
        if "pandas" not in site.module.imported or not uses_arrays(site):
            return
        for node in site.scope.of_type(ast.Subscript):
            match node:
                case ast.Subscript(value=ast.Subscript(value=frame, slice=mask), slice=column):
                    pass
                case _:
                    continue
            if not isinstance(node.ctx, ast.Load) or not _names_columns(column):
                continue
            known = site.kinds.of(frame)
            is_other = known is not None and not is_frame(site, frame)
            if is_other or not is_place(frame) or not is_mask(site, mask):
                continue
            if is_of_column(frame, mask):
                parts = (site.module.segment(each, in_brackets=True) for each in (mask, column))
                yield Change(
                    line=node.lineno,
                    last_line=node.end_lineno,
                    hypothesis="the rows are selected in every column of the frame before one is "
                    "read; selecting both at once copies only that one",
                    edits=(Replace(node, f"{site.module.segment(frame)}.loc[{', '.join(parts)}]"),),
                    risk=self.risk,
                )


def _names_columns(node: ast.expr) -> bool:
    """Return whether an index is a column's name, or a list of such, written out."""
    if isinstance(node, ast.List):
        return bool(node.elts) and all(map(_names_columns, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class DatesAtOnce:
    """Parses a column of dates with one call instead of one for each."""

    name = "dates-at-once"
    summary = "`s.apply(lambda x: pd.to_datetime(x, format=f))` becomes one `pd.to_datetime(s, …)`."
    why_right = (
        "With a format that is written out each text is parsed by itself either way, and missing "
        "ones become NaT; the answer has the same index and name. The new code asks at run time "
        "for a column of text that is not empty."
    )
    risk: Risk = "medium"
    promise = 0.95
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each column that is parsed one by one."""
        if not uses_arrays(site):
            return
        for call in site.scope.of_type(ast.Call):
            match call:
                case ast.Call(
                    func=ast.Attribute(value=series, attr="apply" | "map"),
                    args=[ast.Lambda(args=arguments, body=ast.Call() as parsed)],
                    keywords=[],
                ) if len(arguments.args) == 1:
                    parameter = arguments.args[0].arg
                case _:
                    continue
            if not is_series_place(site, series) or is_fallback(site, call):
                continue
            if not _parses(site, parsed, parameter):
                continue
            text = site.module.segment(series)
            once = site.module.segment_with(parsed, {parsed.args[0]: text})
            asked = [f'len({text}) and str({text}.dtype) in ("object", "str")']
            new = guarded_expression(site, asked, once, site.module.segment(call))
            yield Change(
                line=call.lineno,
                last_line=call.end_lineno,
                hypothesis="to_datetime finds out what it is given and how to parse it for every "
                "value; given the whole column it does so once",
                edits=(Replace(call, new),),
                risk=self.risk,
            )


def _parses(site: Site, call: ast.Call, parameter: str) -> bool:
    """Return whether a call parses just the parameter, by a format that is written out."""
    if site.module.qualified(call.func) != "pandas.to_datetime" or len(call.args) != 1:
        return False
    options = {each.arg: each.value for each in call.keywords}
    fixed = all(isinstance(each, ast.Constant) for each in options.values())
    only = isinstance(call.args[0], ast.Name) and call.args[0].id == parameter
    known = "format" in options and set(options) <= {"format", "errors"}
    # Times of several zones make no column of dates.
    return only and fixed and known and "%z" not in ast.unparse(options["format"]).lower()
