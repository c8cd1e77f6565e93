"""Elementwise loops: arrays filled element by element, filled as wholes instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ....profiles.facts.facts import Need
from ..loops.comprehensions import is_needed_after
from ..reading.effect import root_name
from ..reading.loops import names_read
from ..reading.syntax import assigned_name
from ..reading.uses import is_private_local
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Import, Replace
from .accesses import Access, Accesses, Axis, axis_of, shapes_asked
from .elementwise import Elementwise
from .evidence import is_array, is_fallback, package
from .guards import apart, guarded, of_all
from .row_reductions import RowReductions
from .values import Element, Value

_IN_PLACE = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_DEEPEST = 3


class ElementwiseLoop:
    """Fills an array with one expression over whole arrays instead of one element at a time."""

    name = "elementwise-loop"
    summary = "`for i in range(n): out[i] = f(a[i], b[i])` computes whole arrays at once."
    why_right = (
        "For arrays of 64-bit floats or integers numpy does with whole arrays what the loop does "
        "with each element, to the last bit; the new code asks at run time whether they are such "
        "arrays, long enough and apart in memory, and else runs the old loop. Powers of floats may "
        "differ in the last bit."
    )
    risk: Risk = "high"
    promise = 0.95
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop, or nest of loops, that only fills arrays."""
        taken: set[ast.AST] = set()
        for loop in site.scope.of_type(ast.For):
            if loop in taken or is_fallback(site, loop):
                continue
            change = _Nest.change_of(site, loop)
            if change is not None:
                taken.update(walk(loop))
                yield change


@dataclass
class _Nest:
    """A nest of loops that is read statement by statement."""

    site: Site
    loop: ast.For
    axes: list[Axis]
    body: list[ast.stmt]
    np: str
    imports: tuple[Import, ...]
    accesses: Accesses
    changing: set[str]
    written: dict[str, Access] = field(default_factory=dict)
    read: dict[str, list[Access]] = field(default_factory=dict)
    temporaries: dict[str, Value] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    """Arrays of truth values."""
    lines: list[str] = field(default_factory=list)
    indices: set[str] = field(default_factory=set)
    keeps_type: bool = True
    """True when integers in all arrays give integers."""

    def __post_init__(self) -> None:
        self.reductions = RowReductions(self.site, self.np, self.axes, self.changing)

    @classmethod
    def change_of(cls, site: Site, loop: ast.For) -> Change | None:
        """Return the change for a nest of loops, None when it does anything else."""
        axes, body = _axes(site, loop)
        found = package(site, "numpy")
        if not axes or found is None:
            return None
        changing = {each.name for each in axes} | _assigned(body)
        accesses = Accesses(site, axes, changing)
        return cls(site, loop, axes, body, found[0], found[1], accesses, changing).change()

    def change(self) -> Change | None:
        """Return the change, None when a statement does not fit."""
        self._note_written()
        if not self.written or not self._leaves_nothing():
            return None
        reader = Elementwise(self.site, self.np, self._element, self._is_outer)
        if not all(self._statement(reader, each) for each in self.body):
            return None
        guard = self._guard(reader)
        text = None if guard is None else guarded(self.site, guard, self.lines, self.loop)
        if text is None:
            return None
        names = ", ".join(f"`{each}`" for each in self.written)
        return Change(
            line=self.loop.lineno,
            last_line=self.loop.end_lineno,
            hypothesis=f"the loop fills {names} one element at a time through the interpreter; "
            "the same expression over whole arrays runs in compiled code",
            edits=(Replace(self.loop, text), *self.imports),
            risk="low" if reader.exact else "high",
        )

    # -- what the loop may do -----------------------------------------------------------------

    def _note_written(self) -> None:
        for each in (part for node in self.body for part in walk(node)):
            if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store):
                access = self.accesses.of(each)
                if access is not None:
                    self.written.setdefault(access.text, access)
            if isinstance(each, ast.Assign) and _is_truth(each.value):
                self.flags |= {self._base(target) for target in each.targets}
            elif isinstance(each, ast.If | ast.IfExp):
                self.flags.add(self._base(each.test))
            elif isinstance(each, ast.BoolOp):
                self.flags |= set(map(self._base, each.values))
            elif isinstance(each, ast.UnaryOp) and isinstance(each.op, ast.Not):
                self.flags.add(self._base(each.operand))
        self.flags.discard("")

    def _base(self, node: ast.expr) -> str:
        """Return the text of the array that an element belongs to, empty for anything else."""
        access = self.accesses.of(node) if isinstance(node, ast.Subscript) else None
        return "" if access is None else access.text

    def _leaves_nothing(self) -> bool:
        """Return whether the arrays are known as such and nothing else outlives the loop."""
        for access in self.written.values():
            is_filled = access.axes == [each.name for each in self.axes]
            if not is_filled or not is_array(self.site, access.base):
                return False
        names = {each.name for each in self.axes} | _assigned(self.body)
        return not any(is_needed_after(self.site, self.loop, each) for each in names)

    def _is_outer(self, node: ast.expr) -> bool:
        """Return whether an expression stays the same during the loop."""
        changed = {root_name(each.base) for each in self.written.values()}
        return not names_read(node) & (self.changing | changed)

    # -- statements ---------------------------------------------------------------------------

    def _statement(self, reader: Elementwise, statement: ast.stmt) -> bool:
        """Write a statement over whole arrays; False when that cannot be done."""
        if isinstance(statement, ast.If):
            return self._choice(reader, statement)
        name = assigned_name(statement)
        if name is not None and isinstance(statement, ast.Assign):
            return self._temporary(reader, name, statement.value)
        target, value = _filled(statement)
        if target is None or value is None:
            return False
        given = reader.read(value)
        if given is None or reader.read(target) is None or not self._fits(target, given):
            return False
        operator = "="
        if isinstance(statement, ast.AugAssign):
            operator = f"{_IN_PLACE[type(statement.op)]}="
            if isinstance(statement.op, ast.Div):
                self.keeps_type = False
        self.lines.append(f"{self._whole(reader, target)} {operator} {reader.text(value)}")
        return True

    def _fits(self, target: ast.expr, given: Value) -> bool:
        """Return whether truth values go where truth values are kept, and numbers elsewhere."""
        if given.kind in ("float", "number"):
            self.keeps_type = False
        return (given.kind == "bool") == (self._base(target) in self.flags)

    def _whole(self, reader: Elementwise, target: ast.expr) -> str:
        """Return the text that assigns to all of a target."""
        text = reader.text(target)
        return text if text.endswith("]") else f"{text}[:]"

    def _temporary(self, reader: Elementwise, name: str, value: ast.expr) -> bool:
        if not is_private_local(self.site, name) or name in self.temporaries:
            return False
        if len(self.site.scope.bindings[name]) != 1:
            return False
        given = reader.read(value)
        if given is None:
            return False
        self.temporaries[name] = given
        self.lines.append(f"{name} = {reader.text(value)}")
        return True

    def _choice(self, reader: Elementwise, statement: ast.If) -> bool:
        """Write `if test: out[i] = x`, with or without an `else` that sets the same element."""
        branches = [statement.body, *([statement.orelse] if statement.orelse else [])]
        pairs = [_filled(each[0]) if len(each) == 1 else (None, None) for each in branches]
        target, first = pairs[0]
        second = pairs[1][1] if len(pairs) > 1 else target
        if target is None or first is None or second is None:
            return False
        plain = all(isinstance(each[0], ast.Assign) for each in branches)
        alike = all(each[0] is not None and _same_place(each[0], target) for each in pairs)
        if not (plain and alike):
            return False
        given = reader.read_choice(statement.test, first, second)
        if given is None or reader.read(target) is None or not self._fits(target, given[0]):
            return False
        self.lines.append(f"{self._whole(reader, target)} = {given[1]}")
        return True

    # -- elements -----------------------------------------------------------------------------

    def _element(self, node: ast.expr) -> Element | None:
        if isinstance(node, ast.Name):
            return self._named(node.id)
        reduced = self.reductions.element(node)
        if reduced is not None:
            return reduced
        access = self.accesses.of(node) if isinstance(node, ast.Subscript) else None
        if access is None or root_name(access.base) in self.changing:
            return None
        target = self.written.get(access.text)
        if target is not None and target.indices != access.indices:
            # What one iteration writes another reads: the order matters.
            return None
        kind = self.site.kinds.of(access.base)
        text = access.over(self.axes)
        if text is None or (kind is not None and kind.name != "ndarray"):
            return None
        self.read.setdefault(access.text, []).append(access)
        names = {each for each in access.indices if isinstance(each, str)}
        self.indices |= {each for each in names if each.isidentifier()}
        return Element(text, Value("bool" if access.text in self.flags else "element"))

    def _named(self, name: str) -> Element | None:
        if name in self.temporaries:
            return Element(name, self.temporaries[name])
        for position, axis in enumerate(self.axes):
            if axis.name == name:
                numbers = axis.numbers(self.np, len(self.axes) - 1 - position)
                return Element(numbers, Value("int", native=True))
        return None

    # -- the guard ----------------------------------------------------------------------------

    def _guard(self, reader: Elementwise) -> list[str] | None:
        """Return what must hold at run time, None when one array is used in two shapes."""
        each = self.site.fresh_name("each")
        shapes = shapes_asked(self.read, self.axes)
        if shapes is None:
            return None
        int64 = f"{self.np}.int64"
        numbers = f"int, {int64}" if self._keeps(reader) else f"int, float, {int64}"
        if {*self.reductions.met, *self.reductions.beside} & set(self.written):
            return None
        conditions = [*self._types(each, reader), *shapes, *self.reductions.conditions()]
        conditions += of_all(
            self.site, each, f"isinstance({each}, (int, {int64}))", sorted(self.indices)
        )
        conditions += of_all(self.site, each, f"isinstance({each}, ({numbers}))", reader.scalars)
        if reader.limit:
            counted = [axis.end() for axis in self.axes if axis.stop]
            conditions += of_all(
                self.site, each, f"abs({each}) < {reader.limit}", [*counted, *reader.scalars]
            )
        rows = {**self.reductions.met, **self.reductions.beside}
        read = {**self.read, **reader.shared, **rows}
        others = [name for name in read if name not in self.written]
        written = list(self.written)
        for position, name in enumerate(written):
            conditions += apart(each, self.np, name, [*written[position + 1 :], *others])
        return conditions

    def _keeps(self, reader: Elementwise) -> bool:
        return self.keeps_type and reader.integral

    def _types(self, each: str, reader: Elementwise) -> list[str]:
        """Return what is asked of the arrays' types.

        What is read may be of integers where floats are written: each turns into the float that
        it would turn into by itself.
        """
        is_array = f"type({each}) is {self.np}.ndarray and {each}.dtype"
        numbers = [name for name in self.read if name not in self.flags]
        flags = [name for name in self.read if name in self.flags]
        filled = [f"{name}.dtype" for name in self.written if name not in self.flags]
        found = of_all(
            self.site, each, f"{is_array} in ({self.np}.float64, {self.np}.int64)", numbers
        )
        found += of_all(self.site, each, f"{is_array} == bool", flags)
        if not self._keeps(reader) and filled:
            found.append(" == ".join([*filled, f"{self.np}.float64"]))
        elif len(numbers) > 1 and filled:
            widest = f"{self.np}.result_type({', '.join(numbers)})"
            found.append(" == ".join([*filled, widest]))
        return found


def _is_truth(node: ast.expr) -> bool:
    """Return whether an expression gives a truth value by its form."""
    match node:
        case ast.Constant(value=bool()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.BoolOp(values=values):
            return all(map(_is_truth, values))
        case ast.Call(func=ast.Attribute(attr="isnan" | "isinf" | "isfinite")):
            return True
    return False


def _axes(site: Site, loop: ast.For) -> tuple[list[Axis], list[ast.stmt]]:
    """Return the axes of a nest of loops and its innermost statements; no axes if it is none."""
    axes: list[Axis] = []
    body: list[ast.stmt] = [loop]
    while len(body) == 1 and isinstance(body[0], ast.For) and len(axes) < _DEEPEST:
        inner = body[0]
        axis = None if inner.orelse else axis_of(site, inner.target, inner.iter)
        if axis is None or axis.name in {each.name for each in axes}:
            return [], []
        outer = {each.name for each in axes}
        if any(isinstance(each, ast.Name) and each.id in outer for each in walk(inner.iter)):
            return [], []
        axes.append(axis)
        body = inner.body
    return axes, body


def _assigned(body: list[ast.stmt]) -> set[str]:
    return {
        each.id
        for statement in body
        for each in walk(statement)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def _filled(statement: ast.stmt) -> tuple[ast.expr | None, ast.expr | None]:
    """Return the element that a statement sets or adds to, and the value it gives it."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AugAssign) and type(statement.op) in _IN_PLACE:
        target = statement.target
    else:
        return None, None
    return (target, statement.value) if isinstance(target, ast.Subscript) else (None, None)


def _same_place(first: ast.expr, second: ast.expr) -> bool:
    return ast.unparse(first) == ast.unparse(second)
