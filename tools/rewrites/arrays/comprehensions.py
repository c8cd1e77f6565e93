"""Comprehensions: lists and arrays made from an array's elements one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ....profiles.facts import Need
from ..edit import Import, Replace
from ..loops import names_read
from ..rewrite import Change, Risk, Site
from ..scopes import target_names
from .accesses import Access, Accesses, Axis, axis_of, is_place, shapes_asked
from .elementwise import SMALL, Elementwise
from .evidence import is_array, is_fallback, package
from .guards import guarded_expression, of_all
from .values import Element, Value

_FLOATS = ("float", "numpy.float64")
_MAKERS = ("numpy.array", "numpy.asarray")


class ArrayOfElements:
    """Computes a comprehension over an array's elements with the whole array."""

    name = "array-of-elements"
    summary = "`np.array([f(x) for x in a])` and `[f(x) for x in a]` of an array become `f(a)`."
    why_right = (
        "numpy does with a whole array of 64-bit floats or integers what it does with each of "
        "its elements; the new code asks at run time whether it is such an array, not empty and "
        "of one dimension, and else makes the comprehension. Powers of floats may differ in the "
        "last bit."
    )
    risk: Risk = "high"
    promise = 0.8
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such comprehension."""
        found = package(site, "numpy")
        if found is None:
            return
        for node in site.scope.of_type(ast.ListComp):
            if is_fallback(site, node) or len(node.generators) != 1:
                continue
            clause = node.generators[0]
            if clause.ifs or clause.is_async:
                continue
            reading = _Reading(site, found[0], node, clause)
            change = reading.change(_maker_around(site, node), found[1])
            if change is not None:
                yield change


def _maker_around(site: Site, node: ast.ListComp) -> ast.Call | None:
    """Return the call that makes an array of a comprehension, None for any other use."""
    call = site.module.parents[node]
    if not isinstance(call, ast.Call) or call.args != [node]:
        return None
    for each in call.keywords:
        if each.arg != "dtype" or site.module.qualified(each.value) not in _FLOATS:
            return None
    return call if site.module.qualified(call.func) in _MAKERS else None


@dataclass
class _Reading:
    """A comprehension that is read."""

    site: Site
    np: str
    node: ast.ListComp
    clause: ast.comprehension
    arrays: dict[str, int] = field(default_factory=dict)
    """How many dimensions each array must have, by its text."""
    places: set[str] = field(default_factory=set)
    """Texts of the indices that are looked up."""
    elements: dict[str, Element] = field(default_factory=dict)
    """What the clause's names stand for."""
    rows: dict[str, str] = field(default_factory=dict)
    """The array whose rows a name goes through."""
    picked: dict[str, ast.expr] = field(default_factory=dict)
    """The indices that a name goes through."""
    axes: list[Axis] = field(default_factory=list)
    read: dict[str, list[Access]] = field(default_factory=dict)

    def change(self, call: ast.Call | None, imports: tuple[Import, ...]) -> Change | None:
        """Return the change of the comprehension, or of the call that makes an array of it."""
        if not self._bind(self.clause.target, self.clause.iter):
            return None
        reader = Elementwise(self.site, self.np, self._element, self._is_outer)
        value = reader.read(self.node.elt)
        text = None if value is None else self._written(value, reader.text(self.node.elt), call)
        guard = self._guard(reader)
        if text is None or guard is None or not (self.arrays or self.read):
            return None
        outer = self.node if call is None else call
        return Change(
            line=self.node.lineno,
            last_line=self.node.end_lineno,
            hypothesis="each element comes out of the array as an object of its own and goes "
            "through the interpreter; the whole array goes through compiled code",
            edits=(Replace(outer, guarded_expression(self.site, guard, text, outer)), *imports),
            risk="low" if reader.exact else "high",
            promise=0.5 if call is None else None,
        )

    def _written(self, value: Value, text: str, call: ast.Call | None) -> str | None:
        """Return what makes the same list or array, None when some element's type may differ."""
        if not value.varies:
            return None
        if call is None:
            # A list keeps each element's own type, which must be numpy's.
            return f"list({text})" if value.settled and not value.native else None
        if call.keywords:
            return self.site.module.segment_with(call, {self.node: text})
        if not value.settled:
            return None
        parts = ast.Name | ast.Attribute | ast.Subscript
        # An array of its own, not a view of the one whose elements it holds.
        is_part = isinstance(ast.parse(text, mode="eval").body, parts)
        return f"{self.np}.array({text})" if is_part else text

    # -- what the names stand for -------------------------------------------------------------

    def _bind(self, target: ast.expr, iterable: ast.expr) -> bool:
        """Note what the names of a clause go through; False when that is no array."""
        axis = axis_of(self.site, target, iterable)
        if axis is not None:
            self.axes.append(axis)
            return True
        match target, iterable:
            case ast.Tuple(elts=names), ast.Call(func=func, args=arrays, keywords=[]):
                is_zip = self.site.module.qualified(func) == "zip"
                return (
                    is_zip and len(names) == len(arrays) > 1 and all(map(self._name, names, arrays))
                )
        return self._name(target, iterable)

    def _name(self, target: ast.expr, iterable: ast.expr) -> bool:
        if not isinstance(target, ast.Name) or not is_place(iterable):
            return False
        text, kind = self.site.module.segment(iterable), self.site.kinds.of(iterable)
        if not is_array(self.site, iterable):
            self.picked[target.id] = iterable
            return kind is None or kind.name == "list"
        if _goes_through_rows(self.site, self.node.elt, target.id):
            self.rows[target.id] = text
            self.arrays[text] = 2
        else:
            self.elements[target.id] = Element(text)
            self.picked[target.id] = iterable
        return True

    def _element(self, node: ast.expr) -> Element | None:
        if isinstance(node, ast.Name):
            found = self.elements.get(node.id)
            if found is not None:
                self.arrays[found.text] = 1
            return found
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int() as index)):
                if name in self.rows:
                    return Element(f"{self.rows[name]}[:, {index}]")
            case ast.Subscript(value=base, slice=ast.Name(id=name)) if name in self.picked:
                return self._gathered(base, self.picked[name])
        return self._accessed(node) if self.axes and isinstance(node, ast.Subscript) else None

    def _gathered(self, base: ast.expr, indices: ast.expr) -> Element | None:
        """Return the elements of an array at the places that a clause goes through."""
        if not self._is_outer(base) or not is_place(base) or not is_array(self.site, base):
            return None
        text, places = self.site.module.segment(base), self.site.module.segment(indices)
        if self.arrays.setdefault(text, 1) != 1:
            return None
        self.places.add(places)
        return Element(f"{text}[{places}]")

    def _accessed(self, node: ast.Subscript) -> Element | None:
        access = Accesses(self.site, self.axes, {self.axes[0].name}).of(node)
        if access is None or not is_array(self.site, access.base):
            return None
        if any(isinstance(each, str) and each.isidentifier() for each in access.indices):
            return None
        text = access.over(self.axes)
        self.read.setdefault(access.text, []).append(access)
        return None if text is None else Element(text)

    def _is_outer(self, node: ast.expr) -> bool:
        return not names_read(node) & target_names(self.clause.target)

    # -- the guard ----------------------------------------------------------------------------

    def _guard(self, reader: Elementwise) -> list[str] | None:
        each, int64 = self.site.fresh_name("each"), f"{self.np}.int64"
        is_number = f"type({each}) is {self.np}.ndarray and {each}.dtype in"
        numbers = [*self.arrays, *self.read]
        found = of_all(each, f"{is_number} ({self.np}.float64, {int64})", numbers)
        is_places = f"{self.np}.ndim({each}) == 1 and {self.np}.asarray({each}).dtype == {int64}"
        found += of_all(each, is_places, sorted(self.places))
        if reader.chooses and len(numbers) > 1:
            found.append(" == ".join(f"{text}.dtype" for text in numbers))
        shapes = shapes_asked(self.read, self.axes)
        for number in sorted(set(self.arrays.values())):
            texts = [f"{text}.ndim" for text, asked in self.arrays.items() if asked == number]
            found.append(" == ".join([*texts, str(number)]))
        if shapes is None:
            return None
        found += shapes
        if not self.axes:
            found.append(self._same_length())
        found += of_all(each, f"isinstance({each}, (int, float, {int64}))", reader.scalars)
        if reader.multiplies:
            found += of_all(each, f"abs({each}) < {SMALL}", reader.scalars)
        return found

    def _same_length(self) -> str:
        iterable = self.clause.iter
        arrays = iterable.args if isinstance(iterable, ast.Call) else [iterable]
        texts = [f"len({self.site.module.segment(each)})" for each in arrays]
        return " == ".join(texts) + " > 0"


def _goes_through_rows(site: Site, element: ast.expr, name: str) -> bool:
    """Return whether all that is done with a name is to take items at fixed places."""
    uses = [
        site.module.parents[each]
        for each in ast.walk(element)
        if isinstance(each, ast.Name) and each.id == name
    ]
    return bool(uses) and all(
        isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Constant) for each in uses
    )
