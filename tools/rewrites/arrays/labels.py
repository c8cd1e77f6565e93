"""Labels: rows selected anew for each label, found for all labels at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..reading.loops import Invariance, anchor, is_pure_expression, outermost_invariant
from ..reading.syntax import describe, is_name
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace
from .evidence import identifier, is_array, is_fallback, is_place, package

_PLAIN = '("int64", "bool", "str")'


class RowsByLabel:
    """Sorts rows by their label once instead of searching them for each label."""

    name = "rows-by-label"
    summary = "`for c in np.unique(y): X[y == c]` and `df[df.k == c]` look up rows sorted once."
    why_right = (
        "The rows of a label are the places where it stands, in their order; selecting by these "
        "places gives the same copies as selecting by the comparison. The new code asks at run "
        "time for labels that are integers, truth values or texts, and else compares as before."
    )
    risk: Risk = "medium"
    promise = 0.6
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each array or column of labels and loop."""
        found = package(site, "numpy")
        done: set[str] = set()
        for loop in site.scope.of_type(ast.For):
            if not isinstance(loop.target, ast.Name) or is_fallback(site, loop):
                continue
            for first in _selections(site, loop):
                text = site.module.segment(first.labels)
                invariance = outermost_invariant(site, first.labels)
                if text in done or invariance is None or found is None:
                    continue
                done.add(text)
                alike = [
                    each
                    for each in _selections(site, loop)
                    if site.module.segment(each.labels) == text and each.frame == first.frame
                ]
                imports = () if first.frame else found[1]
                yield _looked_up(site, found[0], loop, alike, invariance, imports)


@dataclass(frozen=True)
class _Selection:
    """`values[labels == label]`, or the same of a frame by one of its columns."""

    node: ast.Subscript
    comparison: ast.Compare
    labels: ast.expr
    label: ast.expr
    frame: str
    """Text of the frame; empty for arrays."""
    column: str


def _selections(site: Site, loop: ast.For) -> list[_Selection]:
    """Return what a loop selects by comparing labels with its variable."""
    assert isinstance(loop.target, ast.Name)
    name = loop.target.id
    found: list[_Selection] = []
    stores = [each for each in walk(loop) if is_name(each, name)]
    if sum(isinstance(getattr(each, "ctx", None), ast.Store) for each in stores) != 1:
        return []
    for node in (each for root in loop.body for each in walk(root)):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            continue
        sides = [node.left, node.comparators[0]]
        if not isinstance(node.ops[0], ast.Eq) or not any(is_name(each, name) for each in sides):
            continue
        label = next(each for each in sides if is_name(each, name))
        labels = sides[0] if sides[1] is label else sides[1]
        selection = _selection(site, node, labels, label)
        if selection is not None and is_pure_expression(site, labels):
            found.append(selection)
    return found


def _selection(
    site: Site, comparison: ast.Compare, labels: ast.expr, label: ast.expr
) -> _Selection | None:
    parent = site.module.parents[comparison]
    if isinstance(parent, ast.Tuple) and parent.elts[0] is comparison:
        parent = site.module.parents[parent]
    if not isinstance(parent, ast.Subscript) or comparison not in walk(parent.slice):
        return None
    frame = _framed(labels)
    if frame is not None:
        return _of_frame(site, parent, comparison, labels, label, *frame)
    if not is_place(labels) or not is_array(site, labels) or not is_array(site, parent.value):
        return None
    return _Selection(parent, comparison, labels, label, "", "")


def _framed(labels: ast.expr) -> tuple[ast.expr, str] | None:
    """Return the frame and the column when labels are `frame["column"]`."""
    match labels:
        case ast.Subscript(value=frame, slice=ast.Constant(value=str() as column)):
            return (frame, column) if is_place(frame) else None
    return None


def _of_frame(
    site: Site,
    node: ast.Subscript,
    comparison: ast.Compare,
    labels: ast.expr,
    label: ast.expr,
    frame: ast.expr,
    column: str,
) -> _Selection | None:
    """Return the selection of a frame's rows, of all columns, by one of them."""
    if not isinstance(node.ctx, ast.Load) or "pandas" not in site.module.imported:
        return None
    if ast.unparse(node.value) != ast.unparse(frame) or node.slice is not comparison:
        return None
    kind = site.kinds.of(frame)
    if kind is not None and kind.name != "dataframe":
        return None
    text = site.module.segment(frame)
    return _Selection(node, comparison, labels, label, text, column)


def _looked_up(
    site: Site,
    np: str,
    loop: ast.For,
    alike: list[_Selection],
    invariance: Invariance,
    imports: tuple[Edit, ...],
) -> Change:
    first = alike[0]
    named = identifier(first.column) if first.frame else describe(first.labels)
    rows = site.fresh_name(f"{named}_rows")
    if first.frame:
        made = _of_column(site, first, rows)
        edits = [
            Replace(each.node, f"{each.frame}.iloc[{rows}({site.module.segment(each.label)})]")
            for each in alike
        ]
    else:
        made = _of_array(site, np, site.module.segment(first.labels), rows)
        edits = [
            Replace(each.comparison, f"{rows}({site.module.segment(each.label)})") for each in alike
        ]
    return Change(
        line=first.node.lineno,
        last_line=loop.end_lineno,
        hypothesis=f"`{site.module.segment(first.comparison)}` compares every label for each "
        "value of the loop; sorted once, the rows of each label are known",
        edits=(InsertBefore(anchor(site, invariance.loop), made), *edits, *imports),
        risk="medium",
    )


def _of_array(site: Site, np: str, labels: str, rows: str) -> str:
    order, places = site.fresh_name("order"), site.fresh_name("places")
    values, starts = site.fresh_name("values"), site.fresh_name("starts")
    indent = site.module.indent
    return (
        f"if type({labels}) is {np}.ndarray and {labels}.ndim == 1 "
        f'and {labels}.dtype.kind in "iubSU":\n'
        f'{indent}{order} = {np}.argsort({labels}, kind="stable")\n'
        f"{indent}{values}, {starts} = {np}.unique({labels}[{order}], return_index=True)\n"
        f"{indent}{places} = dict(zip({values}.tolist(), {np}.split({order}, {starts}[1:])))\n"
        f"{_defined(indent, rows, f'{places}.get(label, {order}[:0])')}"
        f"else:\n{_defined(indent, rows, f'{labels} == label')}"
    )


def _of_column(site: Site, selection: _Selection, rows: str) -> str:
    places, labels = site.fresh_name("places"), site.module.segment(selection.labels)
    indent = site.module.indent
    return (
        f'if (\n{indent}str(getattr({labels}, "dtype", None)) in {_PLAIN}\n'
        f"{indent}or all(type(each) is str for each in {labels})\n):\n"
        f'{indent}{places} = {selection.frame}.groupby("{selection.column}", sort=False).indices\n'
        f"{_defined(indent, rows, f'{places}.get(label, [])')}"
        f"else:\n{_defined(indent, rows, f'({labels} == label).to_numpy()')}"
    )


def _defined(indent: str, rows: str, value: str) -> str:
    """Return the function that looks up a label's rows, as it stands in a branch."""
    return f"{indent}def {rows}(label):\n{indent}{indent}return {value}\n"
