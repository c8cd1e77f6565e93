"""Extremes: loops over arrays that only keep the largest or smallest element met."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..loops.comprehensions import is_needed_after
from ..reading.loops import names_read
from ..reading.scopes import target_names
from ..reading.syntax import assigned_name, same
from ..reading.uses import is_private_local
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .clauses import Clauses
from .elementwise import Elementwise
from .evidence import is_fallback, package
from .guards import guarded

_FINDS = {ast.Gt: ("argmax", ">"), ast.Lt: ("argmin", "<")}
_TURNED = {ast.Gt: ast.Lt, ast.Lt: ast.Gt}


class ExtremeLoop:
    """Finds the largest or smallest element with one question to numpy."""

    name = "extreme-loop"
    summary = "`for x in a: if x > best: best = x` asks argmax, and remembers the place if asked."
    why_right = (
        "argmax and argmin name the first largest or smallest element, which is the one the loop "
        "keeps, and it is still compared with what was best before. Arrays with a nan, and all but "
        "64-bit floats and integers of one dimension, take the old loop."
    )
    risk: Risk = "high"
    promise = 0.95
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such loop."""
        found = package(site, "numpy")
        for loop in site.scope.of_type(ast.For):
            if found is None or is_fallback(site, loop):
                continue
            written = _written(site, found[0], loop)
            if written is not None:
                yield Change(
                    line=loop.lineno,
                    last_line=loop.end_lineno,
                    hypothesis="the loop compares one element at a time through the interpreter; "
                    "numpy finds the same element in compiled code",
                    edits=(Replace(loop, written[0]), *found[1]),
                    risk="low" if written[1] else self.risk,
                )


def _written(site: Site, np: str, loop: ast.For) -> tuple[str, bool] | None:
    """Return the new text of a loop that keeps an extreme, and whether it is exact."""
    kept = _kept(loop)
    if kept is None:
        return None
    value, operator, best, place = kept
    if not _leaves_nothing(site, loop, best, place):
        return None
    changing = {best, place[0]} if place else {best}
    clauses = Clauses(site, np, [(loop.target, loop.iter)], [value], changing)
    if not clauses.bind():
        return None
    reader = Elementwise(site, np, clauses.element, clauses.is_outer)
    read = reader.read(value)
    if read is None or read.native or read.kind == "bool":
        return None
    if not read.varies or not read.settled:
        return None
    guard = clauses.guard(reader)
    if guard is None or not clauses.is_over_arrays:
        return None
    finds, symbol = _FINDS[operator]
    values, at = site.fresh_name("values"), site.fresh_name("at")
    numbers = f"(int, float, {np}.float64, {np}.int64)"
    guard.append(f"type({best}) in {numbers}")
    guard.append(f"not {np}.isnan({values} := {reader.text(value)}).any()")
    lines = [f"{at} = {values}.{finds}()", f"if {values}[{at}] {symbol} {best}:"]
    lines.append(f"{site.module.indent}{best} = {values}[{at}]")
    if place is not None:
        start = clauses.axes[0].start if clauses.axes else 0
        beyond = f" + {start}" if start else ""
        lines.append(f"{site.module.indent}{place[0]} = int({at}){beyond}")
    text = guarded(site, guard, lines, loop)
    return None if text is None else (text, reader.exact)


def _kept(
    loop: ast.For,
) -> tuple[ast.expr, type[ast.cmpop], str, tuple[str, str] | None] | None:
    """Return what a loop compares, how, where it keeps the best, and where its index, if it does.

    The index is the name that keeps it and the loop's own name for it.
    """
    if len(loop.body) != 1 or loop.orelse or not isinstance(loop.body[0], ast.If):
        return None
    test, body = loop.body[0].test, loop.body[0].body
    if loop.body[0].orelse or not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    best = assigned_name(body[0])
    sides, operator = (test.left, test.comparators[0]), type(test.ops[0])
    if isinstance(sides[0], ast.Name) and sides[0].id == best and operator in _TURNED:
        sides, operator = (sides[1], sides[0]), _TURNED[operator]
    is_best = isinstance(sides[1], ast.Name) and sides[1].id == best
    if best is None or not is_best or operator not in _FINDS:
        return None
    if not isinstance(body[0], ast.Assign) or not same(body[0].value, sides[0]):
        return None
    if len(body) == 1:
        return sides[0], operator, best, None
    counter = _counter(loop)
    place = assigned_name(body[1])
    if len(body) != 2 or place is None or counter is None or not isinstance(body[1], ast.Assign):
        return None
    if not isinstance(body[1].value, ast.Name) or body[1].value.id != counter:
        return None
    return sides[0], operator, best, (place, counter)


def _counter(loop: ast.For) -> str | None:
    """Return the name that counts a loop's turns; whether it does is for others to check."""
    match loop.target:
        case ast.Name(id=name):
            return name if isinstance(loop.iter, ast.Call) else None
        case ast.Tuple(elts=[ast.Name(id=name), ast.Name()]):
            is_enumerated = isinstance(loop.iter, ast.Call) and ast.unparse(loop.iter.func)
            return name if is_enumerated == "enumerate" else None
    return None


def _leaves_nothing(site: Site, loop: ast.For, best: str, place: tuple[str, str] | None) -> bool:
    targets = target_names(loop.target)
    names = {best, *(place[:1] if place else ())}
    if names & targets or names & names_read(loop.iter) or len(names) != (2 if place else 1):
        return False
    if not all(is_private_local(site, each) for each in names):
        return False
    return not any(is_needed_after(site, loop, each) for each in targets)
