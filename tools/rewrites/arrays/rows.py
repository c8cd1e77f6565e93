"""Rows: loops over a frame that make an object of each row only to read columns of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from ....profiles.facts.facts import Need
from ..loops.comprehensions import is_needed_after
from ..reading.loops import Loop, comprehension_loop, for_loop, invariance_in, names_read
from ..reading.scopes import COMPREHENSIONS, target_names
from ..reading.syntax import is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace
from .evidence import is_place, uses_arrays
from .row_reads import RowRead, row_reads

_PLAIN = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)


class RowsAsArrays:
    """Goes over a frame's values instead of making a Series of each row."""

    name = "rows-as-arrays"
    summary = "`for i, row in df.iterrows()` that reads `row['a']` goes over `df.to_numpy()`."
    why_right = (
        "iterrows makes each Series from a row of the same values, so the elements are the same "
        "objects, converted in the same way where columns differ in type; only rows of dates alone "
        "are converted to timestamps first. The frame's columns are taken to have distinct names. "
        "A row of nothing but text and None would, as a Series of newer pandas, hold nan for None."
    )
    risk: Risk = "medium"
    promise = 0.95
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop over rows."""
        if not uses_arrays(site):
            return
        for loop in _row_loops(site):
            frame = _frame_of(loop.head.iter, "iterrows")
            match loop.head.target:
                case ast.Tuple(elts=[ast.Name(), ast.Name(id=row)]) if frame is not None:
                    reads = _only_reads(site, loop, row)
                    if reads:
                        yield _over_values(site, loop, frame, reads)


@dataclass(frozen=True)
class _RowLoop:
    """A loop that may go over rows: a statement, or the first clause of a comprehension."""

    head: ast.For | ast.comprehension
    anchor: ast.stmt
    """What new statements may stand before."""
    inside: tuple[ast.AST, ...]
    around: Loop


def _row_loops(site: Site) -> Iterator[_RowLoop]:
    for loop in site.scope.of_type(ast.For):
        yield _RowLoop(loop, loop, tuple(loop.body), for_loop(loop))
    for node in site.scope.nodes:
        if not isinstance(node, COMPREHENSIONS) or node.generators[0].is_async:
            continue
        statement = site.module.statement(node)
        inner = takewhile(lambda each, end=statement: each is not end, site.module.ancestors(node))
        sometimes = (*COMPREHENSIONS, ast.Lambda, ast.IfExp, ast.BoolOp, ast.comprehension)
        if isinstance(statement, _PLAIN) and not any(isinstance(each, sometimes) for each in inner):
            around = comprehension_loop(node)
            yield _RowLoop(node.generators[0], statement, around.region, around)


def _frame_of(node: ast.expr, method: str) -> ast.expr | None:
    """Return the frame when an expression is a plain call of one of its methods."""
    match node:
        case ast.Call(func=ast.Attribute(value=frame, attr=name)) if name == method:
            return frame if is_plain_call(node, arguments=0) else None
    return None


def _only_reads(site: Site, loop: _RowLoop, row: str) -> list[RowRead] | None:
    """Return the reads of a loop's row, None when it is used in any other way or elsewhere."""
    if isinstance(loop.head, ast.For) and is_needed_after(site, loop.head, row):
        return None
    target = loop.head.target
    if row in site.scope.names_inside_nested or len(target_names(target)) < len(_names(target)):
        return None
    return row_reads(site, row, [each for each in loop.inside if each is not target])


def _names(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple) else [target]


def _over_values(site: Site, loop: _RowLoop, frame: ast.expr, reads: list[RowRead]) -> Change:
    lines: list[str] = []
    text = site.module.segment(frame)
    if not is_place(frame):
        text = site.fresh_name("frame")
        lines.append(f"{text} = {site.module.segment(frame)}")
    values, columns = site.fresh_name("values"), site.fresh_name("columns")
    invariance = invariance_in(site, loop.around)
    touched = names_read(frame) & (invariance.changed | invariance.bound)
    # A write to the frame would otherwise be seen by rows that are still to come.
    copied = "copy=True" if touched or invariance.effects.unknown else ""
    lines += [
        f"{columns} = {{name: at for at, name in enumerate({text}.columns)}}",
        f"{values} = {text}.to_numpy({copied})",
        f'if {values}.dtype.kind in "mM":',
        f"{site.module.indent}{values} = {text}.astype(object).to_numpy()",
    ]
    edits: list[Edit] = [
        InsertBefore(loop.anchor, "\n".join(lines)),
        Replace(loop.head.iter, f"zip({text}.index, {values})"),
    ]
    for read in reads:
        column = f'{columns}["{read.column}"]'
        if isinstance(read.node, ast.Subscript):
            column = f"{columns}[{site.module.segment(read.node.slice)}]"
        row = site.module.segment(read.node.value)
        edits.append(Replace(read.node, f"{row}[{column}]"))
    return Change(
        line=loop.anchor.lineno,
        last_line=loop.anchor.end_lineno,
        hypothesis="iterrows makes a Series, with an index to search, of every row; the loop only "
        "reads columns by name, which the rows of the frame's values give at once",
        edits=tuple(edits),
        risk="medium",
    )


class ColumnsTogether:
    """Goes over the columns that a loop reads instead of making a named tuple of each row."""

    name = "columns-together"
    summary = "`for row in df.itertuples()` that reads `row.a` goes over `zip(df['a'], …)`."
    why_right = (
        "itertuples makes each tuple from the same iterators over the columns. A column that is "
        "missing raises KeyError where the tuple raised AttributeError."
    )
    risk: Risk = "low"
    promise = 0.5
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop over named tuples."""
        if not uses_arrays(site):
            return
        for loop in _row_loops(site):
            frame, target = _tupled(loop.head.iter), loop.head.target
            if frame is None or not isinstance(target, ast.Name) or not is_place(frame):
                continue
            reads = _only_reads(site, loop, target.id)
            attributes = [each.node for each in reads or () if isinstance(each.node, ast.Attribute)]
            if reads and len(attributes) == len(reads):
                yield _zipped(site, loop, frame, reads)


def _tupled(node: ast.expr) -> ast.expr | None:
    """Return the frame whose rows `itertuples` makes tuples of, with names."""
    match node:
        case ast.Call(func=ast.Attribute(value=frame, attr="itertuples"), args=[]):
            constants = all(isinstance(each.value, ast.Constant) for each in node.keywords)
            names = {each.arg: getattr(each.value, "value", None) for each in node.keywords}
            fits = (
                constants and set(names) <= {"index", "name"} and names.get("name", "") is not None
            )
            return frame if fits and names.get("index", True) in (True, False) else None
    return None


def _zipped(site: Site, loop: _RowLoop, frame: ast.expr, reads: list[RowRead]) -> Change:
    assert isinstance(loop.head.target, ast.Name)
    text, row = site.module.segment(frame), loop.head.target.id
    names: dict[str, str] = {}
    for read in reads:
        if read.column not in names:
            names[read.column] = site.fresh_name(f"{row}_{read.column.lower()}")
    columns = [f"{text}.index" if column == "Index" else f'{text}["{column}"]' for column in names]
    target = ", ".join(names.values())
    zipped = f"zip({', '.join(columns)})" if len(columns) > 1 else columns[0]
    return Change(
        line=loop.anchor.lineno,
        last_line=loop.anchor.end_lineno,
        hypothesis="itertuples makes a named tuple of all columns of every row; the loop reads "
        f"{len(names)} of them, which can be gone over together",
        edits=(
            Replace(loop.head.target, target),
            Replace(loop.head.iter, f"({zipped} if len({text}) else ())"),
            *(Replace(read.node, names[read.column]) for read in reads),
        ),
        risk="low",
    )
