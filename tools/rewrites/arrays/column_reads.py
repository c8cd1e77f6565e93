"""Column reads: single values of a frame read, or written, again and again in a loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ....profiles.facts.facts import Need
from ..kinds.known_arrays import FRAME_ATTRIBUTES
from ..reading.loops import loops_around
from ..reading.scopes import target_names
from ..reading.syntax import int_value, is_name
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace
from .evidence import identifier, is_frame, package, uses_arrays
from .guards import guarded_expression

_PLAIN = '("object", "int64", "float64", "bool", "int32", "float32", "str")'
"""Types of columns whose values are the same objects, however they are read."""
_CONTAINERS = ("list", "tuple", "dict", "set", "ndarray", "series", "dataframe", "arraylike")

Access = Literal["label", "position", "row"]


@dataclass(frozen=True)
class _Read:
    """One value of one column."""

    node: ast.Subscript | ast.Attribute
    column: str
    index: ast.expr
    access: Access
    sure: bool = True
    """False when something else than a frame might be read so."""


class ColumnReads:
    """Reads a column's values from an array taken before the loop."""

    name = "column-reads"
    summary = "`df.loc[i, 'a']`, `df['a'].iloc[i]` and `df.iloc[i]['a']` in a loop read an array."
    why_right = (
        "An array of the column holds the same objects. The new code asks at run time whether the "
        "column is of a plain type and, where labels are read, whether they count from 0, and else "
        "reads as before; the loop changes neither the column nor, as far as can be seen, the "
        "frame's rows. The frame's columns are taken to have distinct names."
    )
    risk: Risk = "medium"
    promise = 0.9
    needs: tuple[Need, ...] = ("types", "sizes", "writes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop over a frame's rows by number."""
        found = package(site, "pandas")
        for loop in site.scope.of_type(ast.For):
            if found is None or loops_around(site, loop):
                continue
            for name in sorted(_names_in(loop)):
                reads = _reads_of(site, loop, name)
                if reads:
                    yield _from_arrays(site, found[0], loop, name, reads)


def _names_in(loop: ast.For) -> set[str]:
    return {each.id for each in walk(loop) if isinstance(each, ast.Name)}


def _reads_of(site: Site, loop: ast.For, frame: str) -> list[_Read]:
    """Return the reads of a frame's columns in a loop; none when anything else is done to it."""
    reads: list[_Read] = []
    written: set[str] = set()
    for node in walk(loop):
        if not is_name(node, frame) or not isinstance(node, ast.Name):
            continue
        if not isinstance(node.ctx, ast.Load) or frame in site.scope.names_inside_nested:
            return []
        read, column = _read_at(site, node), _written_at(site, node)
        if read is not None and _counts(site, loop, read):
            # What is out of reach raises another exception than before.
            if any(isinstance(each, ast.Try) for each in site.module.ancestors(read.node)):
                return []
            reads.append(read)
        elif column is not None:
            written.add(column)
        elif not _asks_extent(site, node):
            return []
    names = [each for each in walk(loop) if isinstance(each, ast.Name) and each.id == frame]
    if not any(each.sure for each in reads) and not is_frame(site, names[0]):
        return []
    reads.sort(key=lambda each: (each.node.lineno, each.node.col_offset))
    # A row of a frame that gets columns meanwhile may be of another type in the end.
    return [
        each
        for each in reads
        if each.column not in written and not (written and each.access == "row")
    ]


def _read_at(site: Site, frame: ast.Name) -> _Read | None:
    """Return the read of one value that a mention of a frame begins."""
    parent = site.module.parents[frame]
    outer = site.module.parents[parent]
    last = site.module.parents[outer]
    if isinstance(parent, ast.Attribute) and parent.attr in ("loc", "at", "iloc"):
        if not isinstance(outer, ast.Subscript) or outer.value is not parent:
            return None
        if parent.attr == "iloc":
            return _of_row(outer, last)
        return _of_pair(outer)
    column = _column(parent, frame)
    if column is None:
        return None
    if isinstance(outer, ast.Attribute) and outer.attr in ("loc", "at", "iloc", "iat", "values"):
        if isinstance(last, ast.Subscript) and last.value is outer and _is_read(last):
            access: Access = "label" if outer.attr in ("loc", "at") else "position"
            return _Read(last, column, last.slice, access, outer.attr != "values")
        return None
    if isinstance(outer, ast.Subscript) and outer.value is parent and _is_read(outer):
        return _Read(outer, column, outer.slice, "label", sure=False)
    return None


def _is_read(node: ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Load)


def _column(node: ast.AST, frame: ast.Name) -> str | None:
    """Return the column when a node is `frame['c']` or `frame.c`."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str() as name)):
            return name if value is frame and _is_read(node) else None
        case ast.Attribute(attr=name):
            return name if name not in FRAME_ATTRIBUTES else None
    return None


def _of_pair(node: ast.Subscript) -> _Read | None:
    match node.slice:
        case ast.Tuple(elts=[index, ast.Constant(value=str() as column)]) if _is_read(node):
            return _Read(node, column, index, "label")
    return None


def _of_row(row: ast.Subscript, outer: ast.AST) -> _Read | None:
    match outer:
        case ast.Subscript(value=value, slice=ast.Constant(value=str() as column)):
            if value is row and _is_read(outer):
                return _Read(outer, column, row.slice, "row")
    return None


def _written_at(site: Site, frame: ast.Name) -> str | None:
    """Return the column that a mention of a frame writes to, None when it does not."""
    parent = site.module.parents[frame]
    target = site.module.parents[parent] if isinstance(parent, ast.Attribute) else parent
    match target:
        case ast.Subscript(slice=ast.Tuple(elts=[_, ast.Constant(value=str() as column)])):
            places = isinstance(parent, ast.Attribute) and parent.attr in ("loc", "at")
            return column if places and isinstance(target.ctx, ast.Store) else None
        case ast.Subscript(value=value, slice=ast.Constant(value=str() as column)):
            stores = isinstance(target.ctx, ast.Store) and value is frame
            return column if stores else None
    return None


def _asks_extent(site: Site, frame: ast.Name) -> bool:
    """Return whether a mention of a frame only asks how long it is."""
    parent = site.module.parents[frame]
    if isinstance(parent, ast.Attribute):
        return parent.attr in ("shape", "index", "columns")
    return isinstance(parent, ast.Call) and site.module.qualified(parent.func) == "len"


def _counts(site: Site, loop: ast.For, read: _Read) -> bool:
    """Return whether the index counts through a range, and so never from the end."""
    name, offset = read.index, 0
    if isinstance(name, ast.BinOp) and isinstance(name.op, ast.Add | ast.Sub):
        offset = int_value(name.right)
        if offset is None:
            return False
        offset = offset if isinstance(name.op, ast.Add) else -offset
        name = name.left
    if not isinstance(name, ast.Name):
        return False
    for around in (each.node for each in loops_around(site, read.node)):
        if isinstance(around, ast.For) and name.id in target_names(around.target):
            start = _start(site, around)
            others = [
                each
                for each in walk(around)
                if is_name(each, name.id) and isinstance(getattr(each, "ctx", None), ast.Store)
            ]
            return start is not None and start + offset >= 0 and len(others) == 1
        if around is loop:
            return False
    return False


def _start(site: Site, loop: ast.For) -> int | None:
    """Return where a range that counts up starts; 0 for a start that is not known to be less."""
    call = loop.iter
    if not isinstance(loop.target, ast.Name) or not isinstance(call, ast.Call) or call.keywords:
        return None
    if site.module.qualified(call.func) != "range" or len(call.args) not in (1, 2):
        return None
    return int_value(call.args[0]) if len(call.args) == 2 else 0


def _from_arrays(site: Site, pd: str, loop: ast.For, frame: str, reads: list[_Read]) -> Change:
    lines: list[str] = []
    edits: list[Edit] = []
    names: dict[tuple[str, str], str] = {}
    for read in reads:
        # Told apart by how they read as well as by what.
        old = site.module.segment_with(read.node, {read.index: "at"})
        if (read.column, old) not in names:
            name = names[read.column, old] = site.fresh_name(identifier(f"{read.column}_at"))
            lines.append(f"{name} = {_accessor(site, pd, frame, read, old)}")
        index = site.module.segment(read.index)
        edits.append(Replace(read.node, f"{names[read.column, old]}({index})"))
    return Change(
        line=reads[0].node.lineno,
        hypothesis="each read of one value searches the frame's columns and index; an array of the "
        "column gives it at once",
        edits=(InsertBefore(loop, "\n".join(lines)), *edits),
        risk="medium",
    )


def _accessor(site: Site, pd: str, frame: str, read: _Read, old: str) -> str:
    """Return what gives a column's values by number: an array's items, else what did before."""
    column = f'"{read.column}"'
    values = f"{frame}[{column}]"
    conditions = [
        f"len({frame}) and {column} in {frame}",
        f'str(getattr({values}, "dtype", None)) in {_PLAIN}',
    ]
    if read.access == "label":
        conditions.append(f"{frame}.index.equals({pd}.RangeIndex(len({frame})))")
    elif read.access == "row":
        # A row of one type converts every value to it.
        conditions.append(f"{frame}.iloc[0].dtype in ({values}.dtype, object)")
    return guarded_expression(
        site, conditions, f"{values}.to_numpy().__getitem__", f"(lambda at: {old})"
    )


class ScalarAccess:
    """Uses `at` and `iat` where one value is read or written."""

    name = "scalar-access"
    summary = "`df.loc[i, 'a'] = x` with one label and one column in a loop uses `df.at`."
    why_right = (
        "`at` reads and writes the one value that `loc` does, and leaves to `loc` what it cannot "
        "do: a new label or column, a value of another type, labels that repeat. The label comes "
        "from a range, an index or an enumeration, and the value is taken to be a single one."
    )
    risk: Risk = "medium"
    promise = 0.6
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each frame and loop."""
        if not uses_arrays(site):
            return
        for loop in site.scope.of_type(ast.For):
            if loops_around(site, loop):
                continue
            found = [
                node
                for node in walk(loop)
                if isinstance(node, ast.Subscript) and _is_single(site, node)
            ]
            if found:
                yield Change(
                    line=found[0].lineno,
                    hypothesis="loc finds out each time what kind of selection it is given; at "
                    "takes one label and one column",
                    edits=tuple(
                        Replace(each.value, f"{site.module.segment(each.value.value)}.at")
                        for each in found
                        if isinstance(each.value, ast.Attribute)
                    ),
                    risk=self.risk,
                )


def _is_single(site: Site, node: ast.Subscript) -> bool:
    """Return whether a node is `frame.loc[label, "column"]` with a label that is surely one."""
    match node:
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name() as frame, attr="loc"),
            slice=ast.Tuple(elts=[label, ast.Constant(value=str())]),
        ):
            known = site.kinds.of(frame)
            if known is not None and known.name != "dataframe":
                return False
            return _is_label(site, node, label) and _takes_one(site, node)
    return False


def _is_label(site: Site, node: ast.Subscript, label: ast.expr) -> bool:
    """Return whether a label is what a loop around takes from a range, an index or the like."""
    if isinstance(label, ast.BinOp) and int_value(label.right) is not None:
        label = label.left
    if not isinstance(label, ast.Name):
        return False
    for around in (each.node for each in loops_around(site, node)):
        if not isinstance(around, ast.For) or label.id not in target_names(around.target):
            continue
        stores = [each for each in walk(around) if is_name(each, label.id)]
        if sum(isinstance(getattr(each, "ctx", None), ast.Store) for each in stores) != 1:
            return False
        match around.target, around.iter:
            case ast.Name(), ast.Attribute(attr="index"):
                return True
            case ast.Name(), ast.Call(func=func):
                return site.module.qualified(func) == "range"
            case ast.Tuple(elts=[ast.Name(id=first), *_]), ast.Call(func=func):
                numbers = site.module.qualified(func) == "enumerate"
                rows = isinstance(func, ast.Attribute) and func.attr in ("iterrows", "items")
                return first == label.id and (numbers or rows)
        return False
    return False


def _takes_one(site: Site, node: ast.Subscript) -> bool:
    """Return whether a selection is read, or is given what is likely a single value."""
    if isinstance(node.ctx, ast.Load):
        return True
    statement = site.module.parents[node]
    if not isinstance(statement, ast.Assign | ast.AugAssign) or isinstance(node.ctx, ast.Del):
        return False
    kind = site.kinds.of(statement.value)
    displays = (ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.Starred)
    is_display = isinstance(statement.value, displays)
    return not is_display and (kind is None or kind.name not in _CONTAINERS)
