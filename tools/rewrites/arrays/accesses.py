"""Accesses: `a[i]`, `a[i, j - 1]` and the like inside loops over ranges, as slices of the whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..reading.syntax import int_value, is_plain_call
from ..rewrite import Site
from .evidence import is_place


@dataclass(frozen=True)
class Axis:
    """One loop `for i in range(…)`: its variable and where it starts and stops."""

    name: str
    start: int
    stop: str
    """Text of what the stop is counted from; empty for a plain number."""
    extra: int
    """What is added to `stop`."""
    whole: str = ""
    """Text of what `stop` is the length of, when it starts at 0 and nothing is added."""

    def end(self, offset: int = 0) -> str:
        """Return the text of the stop, moved by an offset."""
        extra = self.extra + offset
        if not self.stop:
            return str(extra)
        if not extra:
            return self.stop
        return f"{self.stop} {'+' if extra > 0 else '-'} {abs(extra)}"

    def slice(self, offset: int = 0) -> str:
        """Return the text of the slice that the loop goes through, moved by an offset."""
        first = self.start + offset
        return f"{first or ''}:{self.end(offset)}"

    def offset_of(self, index: ast.expr) -> int | None:
        """Return how far beside the loop's variable an index is, None for any other index."""
        base, offset = _counted(index)
        if not isinstance(base, ast.Name) or base.id != self.name:
            return None
        # Below 0 an index counts from the end, which a slice would not.
        return offset if self.start + offset >= 0 else None

    def numbers(self, np: str, inner: int = 0) -> str:
        """Return the text of the numbers that the loop counts through, as an array.

        Args:
            np: how numpy is written.
            inner: how many loops are inside this one; each adds a dimension.
        """
        first = f"{self.start}, " if self.start else ""
        turned = f"[:{', None' * inner}]" if inner else ""
        return f"{np}.arange({first}{self.end()}){turned}"


def axis_of(site: Site, target: ast.expr, call: ast.expr) -> Axis | None:
    """Return the axis that `for target in call` goes along, None when it is no plain range."""
    if not isinstance(target, ast.Name) or not isinstance(call, ast.Call):
        return None
    if site.module.qualified(call.func) != "range" or call.keywords:
        return None
    if len(call.args) not in (1, 2) or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    start = int_value(call.args[0]) if len(call.args) == 2 else 0
    if start is None or start < 0:
        return None
    stop, extra = _counted(call.args[-1])
    if isinstance(stop, ast.Constant):
        return Axis(target.id, start, "", extra)
    if not is_simple_count(site, stop):
        return None
    whole = _length_of(site, stop) if not (start or extra) else ""
    return Axis(target.id, start, site.module.segment(stop), extra, whole)


def _counted(node: ast.expr) -> tuple[ast.expr, int]:
    """Return what a number is counted from, and the literal that is added to it."""
    value = int_value(node)
    if value is not None:
        return ast.Constant(value), value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        value = int_value(node.right)
        if value is not None:
            return node.left, value if isinstance(node.op, ast.Add) else -value
    return node, 0


def is_simple_count(site: Site, node: ast.expr) -> bool:
    """Return whether a number is a name, a length or an extent, free to be written again."""
    match node:
        case ast.Name():
            return True
        case ast.Call(func=func) if is_plain_call(node, arguments=1):
            return site.module.qualified(func) == "len" and is_place(node.args[0])
        case ast.Attribute(value=value, attr="size"):
            return is_place(value)
        case ast.Subscript(value=ast.Attribute(value=value, attr="shape"), slice=index):
            return is_place(value) and int_value(index) is not None
    return False


def _length_of(site: Site, stop: ast.expr) -> str:
    match stop:
        case ast.Call(args=[whole]):
            return site.module.segment(whole)
        case ast.Subscript(value=ast.Attribute(value=whole), slice=ast.Constant(value=0)):
            return site.module.segment(whole)
    return ""


@dataclass(frozen=True)
class Access:
    """One element of an array, by the axes that its indices go along."""

    base: ast.expr
    text: str
    """Of the base."""
    indices: tuple[tuple[Axis, int] | str, ...]
    """The axis and the offset on it, or the text of an index that stays the same."""

    @property
    def axes(self) -> list[str]:
        """Names of the axes, in the order of the indices."""
        return [each[0].name for each in self.indices if not isinstance(each, str)]

    def over(self, loops: list[Axis]) -> str | None:
        """Return the text of all the elements at once, fit to be combined with others.

        Args:
            loops: the axes of the whole nest, outermost first; each makes one dimension.

        Returns:
            None when the indices turn the axes round in a way that slices cannot say.
        """
        names = [each.name for each in loops]
        order = [names.index(each) for each in self.axes]
        if len(set(order)) != len(order):
            return None
        turned = len(loops) == 2 and order == [1, 0]
        if order != sorted(order) and not turned:
            return None
        parts: list[str] = []
        for each in self.indices:
            parts.append(each if isinstance(each, str) else each[0].slice(each[1]))
        if len(parts) == 1 and self._is_whole():
            parts = [":"]
        if order and not turned:
            parts = _with_new_axes(parts, self.indices, names)
        if parts == [":"]:
            return self.text
        return f"{self.text}[{', '.join(parts)}]{'.T' if turned else ''}"

    def _is_whole(self) -> bool:
        first = self.indices[0]
        if isinstance(first, str) or first[1]:
            return False
        return first[0].whole == self.text


def _with_new_axes(
    parts: list[str], indices: tuple[tuple[Axis, int] | str, ...], names: list[str]
) -> list[str]:
    """Return index texts with `None` for each inner loop that an element does not depend on."""
    placed: list[str] = []
    position: int | None = None
    for part, index in zip(parts, indices, strict=True):
        if not isinstance(index, str):
            here = names.index(index[0].name)
            if position is not None:
                placed += ["None"] * (here - position - 1)
            position = here
        placed.append(part)
    assert position is not None
    return placed + ["None"] * (len(names) - position - 1)


class Accesses:
    """Recognizes the elements that a nest of loops reads and writes."""

    def __init__(self, site: Site, loops: list[Axis], changing: set[str]) -> None:
        """Recognize for a nest.

        Args:
            site: where it stands.
            loops: its axes, outermost first.
            changing: names that change while it runs, its own variables among them.
        """
        self._site = site
        self._by_name = {each.name: each for each in loops}
        self._changing = changing

    def of(self, node: ast.expr) -> Access | None:
        """Return the access that an expression is, None when it is no element of an array."""
        indices: list[ast.expr] = []
        while isinstance(node, ast.Subscript):
            inner = node.slice
            indices = [*(inner.elts if isinstance(inner, ast.Tuple) else [inner]), *indices]
            node = node.value
        if not indices or not is_place(node):
            return None
        read = [self._index(each) for each in indices]
        if any(each is None for each in read) or all(isinstance(each, str) for each in read):
            return None
        found = tuple(each for each in read if each is not None)
        return Access(node, self._site.module.segment(node), found)

    def _index(self, node: ast.expr) -> tuple[Axis, int] | str | None:
        value = int_value(node)
        if value is not None:
            return str(value)
        base, _ = _counted(node)
        if isinstance(base, ast.Name) and base.id in self._by_name:
            axis = self._by_name[base.id]
            offset = axis.offset_of(node)
            return None if offset is None else (axis, offset)
        if isinstance(node, ast.Name) and node.id not in self._changing:
            return node.id
        return None


def shapes_asked(read: dict[str, list[Access]], axes: list[Axis]) -> list[str] | None:
    """Return the conditions that arrays have the dimensions and extents that loops go through.

    Args:
        read: the accesses, by the text of their array.
        axes: the loops' axes; each must have an iteration.

    Returns:
        None when one array is used in two shapes, or a loop never runs.
    """
    dimensions: dict[int, list[str]] = {}
    reached: dict[str, list[str]] = {}
    for text, accesses in read.items():
        number = len(accesses[0].indices)
        if any(len(access.indices) != number for access in accesses):
            return None
        dimensions.setdefault(number, []).append(f"{text}.ndim")
        for position in range(number):
            for end in _ends(accesses, position):
                reached.setdefault(end, []).append(f"{text}.shape[{position}]")
    found = [" == ".join([*texts, str(number)]) for number, texts in dimensions.items()]
    for axis in axes:
        if axis.stop:
            reached.setdefault(axis.end(), [])
        elif axis.extra <= axis.start:
            return None
    starts = {axis.end(): axis.start for axis in axes if axis.stop}
    for end, extents in reached.items():
        shown = [extents[0] if len(extents) == 1 else f"min({', '.join(extents)})"]
        beyond = f" > {starts[end]}" if end in starts else ""
        found.append(f"{' >= '.join([*(shown if extents else []), end])}{beyond}")
    return found


def _ends(accesses: list[Access], position: int) -> Iterator[str]:
    """Yield how far an array must reach for the indices at one position."""
    furthest: dict[str, tuple[Axis, int]] = {}
    for access in accesses:
        index = access.indices[position]
        if not isinstance(index, str):
            known = furthest.get(index[0].name, index)
            furthest[index[0].name] = max(known, index, key=lambda pair: pair[1])
    for axis, offset in furthest.values():
        if not (axis.whole == accesses[0].text and position == 0 and offset <= 0):
            yield axis.end(offset)
