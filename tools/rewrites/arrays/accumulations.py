"""Accumulations: loops over arrays that only add up, count, or keep the largest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ....profiles.facts.facts import Need
from ..loops.comprehensions import is_needed_after
from ..reading.loops import names_read
from ..reading.syntax import int_value, is_name
from ..reading.uses import is_private_local
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .clauses import Clauses
from .elementwise import Elementwise
from .evidence import is_fallback, package
from .guards import guarded, of_all
from .values import Element, Value, bracketed, is_quiet

_DEEPEST = 3


class AccumulatingLoop:
    """Adds up an expression over whole arrays, in the order of the loop."""

    name = "accumulating-loop"
    summary = "`for x, y in zip(a, b): total += x * y` adds up with a running sum of arrays."
    why_right = (
        "A running sum adds the same numbers in the same order as the loop, so the total is the "
        "same to the last bit. The new code asks at run time for arrays of 64-bit floats or "
        "integers of equal length, and else runs the old loop. Powers of floats may differ in the "
        "last bit."
    )
    risk: Risk = "high"
    promise = 0.9
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop, or nest of loops, that only accumulates."""
        found = package(site, "numpy")
        taken: set[ast.AST] = set()
        for loop in site.scope.of_type(ast.For):
            if found is None or loop in taken or is_fallback(site, loop):
                continue
            heads, body = _heads(loop)
            clauses = Clauses(site, found[0], heads, body, _stored(body))
            written = _Accumulating(site, loop, body, clauses).written() if clauses.bind() else None
            if written is None:
                continue
            taken.update(walk(loop))
            names = ", ".join(f"`{each}`" for each in written[2])
            yield Change(
                line=loop.lineno,
                last_line=loop.end_lineno,
                hypothesis=f"the loop accumulates {names} one element at a time through the "
                "interpreter; numpy does so for whole arrays in compiled code",
                edits=(Replace(loop, written[0]), *found[1]),
                risk="low" if written[1] else self.risk,
            )


def _heads(loop: ast.For) -> tuple[list[tuple[ast.expr, ast.expr]], list[ast.stmt]]:
    """Return the targets and iterables of a nest of loops, and its innermost statements."""
    heads: list[tuple[ast.expr, ast.expr]] = []
    body: list[ast.stmt] = [loop]
    while len(body) == 1 and isinstance(body[0], ast.For) and len(heads) < _DEEPEST:
        if body[0].orelse:
            return [], []
        heads.append((body[0].target, body[0].iter))
        body = body[0].body
    return heads, body


def _stored(body: list[ast.stmt]) -> set[str]:
    return {
        each.id
        for statement in body
        for each in walk(statement)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


@dataclass
class _Accumulating:
    """A loop that is read statement by statement."""

    site: Site
    loop: ast.For
    body: list[ast.stmt]
    clauses: Clauses
    temporaries: dict[str, Value] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    _met: dict[str, set[str]] = field(default_factory=dict)
    """The loop variables that each temporary depends on."""
    totals: list[str] = field(default_factory=list)
    """Names that numbers are added to."""
    counts: list[str] = field(default_factory=list)
    """Names that count matches."""

    def written(self) -> tuple[str, bool, list[str]] | None:
        """Return the new text, whether it is exact, and the names that accumulate."""
        reader = Elementwise(self.site, self.clauses.np, self._element, self.clauses.is_outer)
        if not all(self._statement(reader, each) for each in self.body):
            return None
        names = [*self.totals, *self.counts]
        if not names or not self.clauses.is_over_arrays or not self._leaves_nothing():
            return None
        guard = self.clauses.guard(reader)
        if guard is None:
            return None
        each = self.site.fresh_name("each")
        unknown = [name for name in self.totals if not self._starts_small(name)]
        numbers = f"(float, {self.clauses.np}.float64, {self.clauses.np}.int64)"
        is_small = f"type({each}) is int and abs({each}) < 2**62"
        is_small = f"(type({each}) in {numbers} or {is_small})"
        guard += of_all(self.site, each, is_small, unknown)
        guard += of_all(self.site, each, f"type({each}) is int", self.counts)
        text = guarded(self.site, guard, self.lines, self.loop)
        return None if text is None else (text, reader.exact, names)

    def _leaves_nothing(self) -> bool:
        names = self.clauses.targets | set(self.temporaries)
        return not any(is_needed_after(self.site, self.loop, each) for each in names)

    def _element(self, node: ast.expr) -> Element | None:
        if isinstance(node, ast.Name) and node.id in self.temporaries:
            return Element(node.id, self.temporaries[node.id])
        return self.clauses.element(node)

    # -- statements ---------------------------------------------------------------------------

    def _statement(self, reader: Elementwise, statement: ast.stmt) -> bool:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self._temporary(reader, name, value)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                return self._total(reader, name, value, None)
            case ast.If(test=test, body=[ast.AugAssign() as only], orelse=[]):
                if isinstance(only.target, ast.Name) and isinstance(only.op, ast.Add):
                    return self._total(reader, only.target.id, only.value, test)
        return False

    def _temporary(self, reader: Elementwise, name: str, value: ast.expr) -> bool:
        once = len(self.site.scope.bindings.get(name, ())) == 1
        if not once or not is_private_local(self.site, name):
            return False
        given = reader.read(value)
        if given is None:
            return False
        self.temporaries[name] = given
        self._met[name] = self._names_met(value)
        self.lines.append(f"{name} = {reader.text(value)}")
        return True

    def _total(
        self, reader: Elementwise, name: str, value: ast.expr, test: ast.expr | None
    ) -> bool:
        """Write `total += value`, for all elements or for those that pass a test."""
        if not self._only_accumulates(name):
            return False
        np, chosen = self.clauses.np, ""
        if test is not None:
            asked = reader.read(test)
            if asked is None or asked.kind != "bool" or not self._is_full(test):
                return False
            chosen = reader.text(test)
            if int_value(value) == 1:
                self.counts.append(name)
                self.lines.append(f"{name} += int({np}.count_nonzero({chosen}))")
                return True
        given = reader.read(value)
        if given is None or given.native or not given.settled or not self._is_full(value):
            return False
        text = reader.text(value)
        if test is not None:
            # The value is worked out where it is not wanted, too.
            if not is_quiet(self.site, value):
                return False
            matches = self.site.fresh_name("matches")
            added = f"{np}.append({name}, {bracketed(text)}[{matches}])"
            self.lines += [f"{matches} = {chosen}", f"if {matches}.any():"]
            self.lines.append(f"{self.site.module.indent}{name} = {np}.cumsum({added})[-1]")
        else:
            text = f"{bracketed(text)}.ravel()" if len(self.clauses.axes) > 1 else text
            self.lines.append(f"{name} = {np}.cumsum({np}.append({name}, {text}))[-1]")
        self.totals.append(name)
        return True

    # -- names --------------------------------------------------------------------------------

    def _only_accumulates(self, name: str) -> bool:
        """Return whether a loop does nothing with a variable but add to it, at one place."""
        inside = [each for each in walk(self.loop) if is_name(each, name)]
        return len(inside) == 1 and is_private_local(self.site, name)

    def _starts_small(self, name: str) -> bool:
        """Return whether all that a variable is ever set to, not added, is a small number."""
        return all(
            isinstance(each.node, ast.AugAssign) or _is_small(each.value)
            for each in self.site.scope.bindings[name]
        )

    def _names_met(self, node: ast.expr) -> set[str]:
        """Return the loop variables that an expression depends on, through temporaries too."""
        names = names_read(node)
        through = [self._met[name] for name in names & set(self._met)]
        return (names & self.clauses.targets).union(*through)

    def _is_full(self, node: ast.expr) -> bool:
        """Return whether an expression has one value for each turn of the innermost loop."""
        met = self._names_met(node)
        return met >= self.clauses.targets if self.clauses.axes else bool(met)


def _is_small(node: ast.expr | None) -> bool:
    """Return whether an expression is a number that fits into 64 bits, written out."""
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(value, float) or (type(value) is int and abs(value) < 2**62)
