"""Clauses: what `for x in a`, `for x, y in zip(a, b)` and `for i in range(n)` go through."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..reading.loops import names_read
from ..reading.scopes import target_names
from ..reading.walks import walk
from ..rewrite import Site
from .accesses import Access, Accesses, Axis, axis_of, shapes_asked
from .elementwise import Elementwise
from .evidence import is_array, is_place
from .guards import of_all
from .row_reductions import RowReductions, is_product, reduction_of
from .values import Element, Value

_COUNTED = Value("int", native=True)


@dataclass
class Clauses:
    """The heads of one or more loops over arrays, one in the other."""

    site: Site
    np: str
    heads: list[tuple[ast.expr, ast.expr]]
    """Targets and iterables, outermost first."""
    inside: Sequence[ast.AST]
    """The code that runs for each element."""
    changing: set[str] = field(default_factory=set)
    """Names that this code binds."""
    arrays: dict[str, int] = field(default_factory=dict)
    """How many dimensions each array must have, by its text."""
    places: set[str] = field(default_factory=set)
    """Texts of the indices that are looked up."""
    elements: dict[str, Element] = field(default_factory=dict)
    """What the names stand for."""
    rows: dict[str, str] = field(default_factory=dict)
    """The array whose rows a name goes through."""
    picked: dict[str, ast.expr] = field(default_factory=dict)
    """The indices that a name goes through."""
    assumed: bool = False
    """True when what the names go through counts as arrays unless it is known to be none."""
    axes: list[Axis] = field(default_factory=list)
    read: dict[str, list[Access]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        changing = self.targets | self.changing
        self.reductions = RowReductions(self.site, self.np, self.axes, changing, self.rows)

    @property
    def targets(self) -> set[str]:
        """The names that the heads bind."""
        return {name for target, _ in self.heads for name in target_names(target)}

    @property
    def is_over_arrays(self) -> bool:
        """True when an element of an array was met."""
        return bool(self.arrays or self.read or self.reductions.met)

    def bind(self) -> bool:
        """Note what the heads' names go through; False when that is nothing known."""
        for target, iterable in self.heads:
            axis = axis_of(self.site, target, iterable)
            if axis is not None:
                self.axes.append(axis)
        if self.axes:
            return len(self.axes) == len(self.heads) == len(self.targets)
        if len(self.heads) != 1:
            return False
        match self.heads[0]:
            case ast.Tuple(elts=names), ast.Call(func=func, args=arrays, keywords=[]):
                is_zip = self.site.module.qualified(func) == "zip"
                fits = is_zip and len(names) == len(arrays) > 1
                # Beside an array an unknown value is likely one too, and is asked in any case.
                self.assumed = any(is_array(self.site, each) for each in arrays)
                if self.site.module.qualified(func) == "enumerate" and len(arrays) == 1:
                    return self._bind_enumerated(names, arrays[0])
                return fits and all(map(self._bind_name, names, arrays))
        return self._bind_name(*self.heads[0])

    def _bind_enumerated(self, names: list[ast.expr], array: ast.expr) -> bool:
        if len(names) != 2 or not isinstance(names[0], ast.Name) or not is_place(array):
            return False
        count = f"len({self.site.module.segment(array)})"
        self.elements[names[0].id] = Element(f"{self.np}.arange({count})", _COUNTED)
        return is_array(self.site, array) and self._bind_name(names[1], array)

    def _bind_name(self, target: ast.expr, iterable: ast.expr) -> bool:
        if not isinstance(target, ast.Name) or not is_place(iterable):
            return False
        text, kind = self.site.module.segment(iterable), self.site.kinds.of(iterable)
        if not is_array(self.site, iterable) and not (kind is None and self.assumed):
            self.picked[target.id] = iterable
            return kind is None or kind.name == "list"
        if self._goes_through_rows(target.id):
            self.rows[target.id] = text
        else:
            self.elements[target.id] = Element(text)
            self.picked[target.id] = iterable
        return True

    def element(self, node: ast.expr) -> Element | None:
        """Return the element of an array that an expression is, None for any other."""
        if isinstance(node, ast.Name):
            return self._named(node.id)
        reduced = self.reductions.element(node)
        if reduced is not None:
            return reduced
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int() as index)):
                if name in self.rows:
                    self.arrays[self.rows[name]] = 2
                    return Element(f"{self.rows[name]}[:, {index}]")
            case ast.Subscript(value=base, slice=ast.Name(id=name)) if name in self.picked:
                return self._gathered(base, self.picked[name])
        return self._accessed(node) if self.axes and isinstance(node, ast.Subscript) else None

    def _named(self, name: str) -> Element | None:
        found = self.elements.get(name)
        if found is not None and found.value.kind == "element":
            self.arrays[found.text] = 1
        for position, axis in enumerate(self.axes):
            if axis.name == name:
                inner = len(self.axes) - 1 - position
                return Element(axis.numbers(self.np, inner), _COUNTED)
        return found

    def _gathered(self, base: ast.expr, indices: ast.expr) -> Element | None:
        """Return the elements of an array at the places that a clause goes through."""
        if not self.is_outer(base) or not is_place(base) or not is_array(self.site, base):
            return None
        text, places = self.site.module.segment(base), self.site.module.segment(indices)
        if self.arrays.setdefault(text, 1) != 1:
            return None
        self.places.add(places)
        return Element(f"{text}[{places}]")

    def _accessed(self, node: ast.Subscript) -> Element | None:
        access = Accesses(self.site, self.axes, self.targets | self.changing).of(node)
        if access is None or not is_array(self.site, access.base):
            return None
        fixed = [each for each in access.indices if isinstance(each, str) and each.isidentifier()]
        text = access.over(self.axes)
        if fixed or text is None:
            return None
        self.read.setdefault(access.text, []).append(access)
        return Element(text)

    def is_outer(self, node: ast.expr) -> bool:
        """Return whether an expression has the same value for every element."""
        return not names_read(node) & (self.targets | self.changing)

    def _goes_through_rows(self, name: str) -> bool:
        """Return whether what a name goes through are rows, by what is done with them."""
        uses = [
            self.site.module.parents[each]
            for root in self.inside
            for each in walk(root)
            if isinstance(each, ast.Name) and each.id == name
        ]
        return bool(uses) and all(map(self._takes_row, uses))

    def _takes_row(self, node: ast.AST) -> bool:
        """Return whether code takes an item at a fixed place of a row, or reduces it."""
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return True
        for around in (node, *self.site.module.ancestors(node)):
            if reduction_of(self.site, around) is not None or is_product(self.site, around):
                return True
            if around in self.inside or isinstance(around, ast.stmt):
                return False
        return False

    def guard(self, reader: Elementwise) -> list[str] | None:
        """Return what must hold at run time for whole arrays, None when that cannot be."""
        each, int64 = self.site.fresh_name("each"), f"{self.np}.int64"
        is_number = f"type({each}) is {self.np}.ndarray and {each}.dtype in"
        numbers = [*self.arrays, *self.read]
        found = of_all(self.site, each, f"{is_number} ({self.np}.float64, {int64})", numbers)
        is_places = f"{self.np}.ndim({each}) == 1 and {self.np}.asarray({each}).dtype == {int64}"
        found += of_all(self.site, each, is_places, sorted(self.places))
        if reader.chooses and len(numbers) > 1:
            found.append(" == ".join(f"{text}.dtype" for text in numbers))
        shapes = shapes_asked(self.read, self.axes)
        for number in sorted(set(self.arrays.values())):
            texts = [f"{text}.ndim" for text, asked in self.arrays.items() if asked == number]
            found.append(" == ".join([*texts, str(number)]))
        if shapes is None:
            return None
        found += [*shapes, *self.reductions.conditions()]
        if not self.axes:
            found.append(" == ".join(self._lengths()) + " > 0")
        found += of_all(
            self.site, each, f"isinstance({each}, (int, float, {int64}))", reader.scalars
        )
        if reader.limit:
            counted = [axis.end() for axis in self.axes if axis.stop]
            counted += [] if self.axes else [self._lengths()[0]]
            found += of_all(
                self.site, each, f"abs({each}) < {reader.limit}", [*counted, *reader.scalars]
            )
        return found

    def _lengths(self) -> list[str]:
        """Return the lengths of what the one head goes through."""
        iterable = self.heads[0][1]
        arrays = iterable.args if isinstance(iterable, ast.Call) else [iterable]
        return [f"len({self.site.module.segment(each)})" for each in arrays]
