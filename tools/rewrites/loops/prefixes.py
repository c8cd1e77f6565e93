"""Prefixes: sums and extremes of ever longer slices, kept running instead of recomputed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..reading.loops import Invariance, anchor, invariance_in, loops_around
from ..reading.syntax import int_value, is_name, is_plain_call, same
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, Import, InsertBefore, Replace

_SEQUENCES = ("list", "tuple", "str", "range")
_EXACT = ("int", "bool")


@dataclass(frozen=True)
class _Slice:
    """`reduce(xs[:end])` or `reduce(xs[start:])` in a loop over the positions of `xs`."""

    call: ast.Call
    reduction: str
    """`sum`, `min`, `max` or `distinct`."""
    sequence: ast.Name | ast.Attribute
    bound: ast.expr
    from_start: bool
    loop: Invariance


class RunningValue:
    """Looks up running sums and extremes instead of going through a slice each time."""

    name = "running-value"
    summary = (
        "`sum(xs[:i])`, `max(xs[:i + 1])`, `len(set(xs[:i]))` in a loop use values kept running."
    )
    why_right = (
        "The sequence stays the same during the loop and the index stays inside it, so each "
        "slice's value is the previous one's with one element more. Sums of floats may differ "
        "in the last digits, because Python 3.12 adds floats more exactly inside one sum()."
    )
    risk: Risk = "medium"
    promise = 0.85
    needs: tuple[Need, ...] = ("sizes", "growth")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each kind of slice that is reduced in a loop."""
        done: set[tuple[str, str, bool]] = set()
        found = [each for call in site.scope.of_type(ast.Call) if (each := _slice(site, call))]
        for first in found:
            key = (first.reduction, ast.dump(first.sequence), first.from_start)
            if key in done:
                continue
            done.add(key)
            together = [
                each
                for each in found
                if (each.reduction, ast.dump(each.sequence), each.from_start) == key
                and each.loop.loop.node is first.loop.loop.node
            ]
            change = _change(site, first, together)
            if change is not None:
                yield change


def _slice(site: Site, call: ast.Call) -> _Slice | None:
    if not is_plain_call(call, arguments=1):
        return None
    reduction = site.module.qualified(call.func)
    part = call.args[0]
    if reduction == "len" and isinstance(part, ast.Call) and is_plain_call(part, arguments=1):
        is_set = site.module.qualified(part.func) == "set"
        reduction, part = ("distinct", part.args[0]) if is_set else (reduction, part)
    if reduction not in ("sum", "min", "max", "distinct") or not isinstance(part, ast.Subscript):
        return None
    if not isinstance(part.slice, ast.Slice) or part.slice.step is not None:
        return None
    sequence = part.value
    if not isinstance(sequence, ast.Name | ast.Attribute) or not _is_sequence(site, sequence):
        return None
    lower, upper = part.slice.lower, part.slice.upper
    from_start = lower is None or int_value(lower) == 0
    if from_start == (upper is None):
        return None
    bound = upper if from_start else lower
    if bound is None:
        return None
    if reduction == "distinct" and not from_start:
        return None
    return _in_range(site, call, reduction, sequence, bound, from_start=from_start)


def _is_sequence(site: Site, node: ast.expr) -> bool:
    # What is sliced and summed by position is a sequence; an array would be a kind of its own.
    kind = site.kinds.of(node)
    return kind is None or kind.name in (*_SEQUENCES, "sequence", "iterable")


def _in_range(
    site: Site,
    call: ast.Call,
    reduction: str,
    sequence: ast.Name | ast.Attribute,
    bound: ast.expr,
    *,
    from_start: bool,
) -> _Slice | None:
    """Return the slice when its bound is a loop's index, with a known range."""
    for loop in loops_around(site, call):
        span = _index_range(site, loop.node, bound, sequence)
        if span is None:
            continue
        low, past_length = span
        offset = _offset(bound)
        least, beyond = low + offset, past_length + offset
        # An empty slice has no extreme, and a bound past the end means the whole sequence.
        needs = 1 if reduction in ("min", "max") and from_start else 0
        limit = 0 if from_start else (-1 if reduction in ("min", "max") else 0)
        if least < needs or beyond > limit:
            return None
        invariance = invariance_in(site, loop)
        rebinds = isinstance(loop.node, ast.For) and _index_name(bound) in invariance.effects.bound
        if rebinds or not invariance.holds(sequence):
            return None
        return _Slice(call, reduction, sequence, bound, from_start, invariance)
    return None


def _offset(bound: ast.expr) -> int:
    if isinstance(bound, ast.BinOp):
        step = int_value(bound.right) or 0
        return step if isinstance(bound.op, ast.Add) else -step
    return 0


def _index_name(bound: ast.expr) -> str | None:
    """Return the name in `i`, `i + 1` or `i - 1`, None for any other expression."""
    match bound:
        case ast.Name(id=name):
            return name
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub(), right=step):
            return name if int_value(step) is not None else None
    return None


def _index_range(
    site: Site, loop: ast.AST, bound: ast.expr, sequence: ast.expr
) -> tuple[int, int] | None:
    """Return the least value of a loop's index and its greatest one relative to the length."""
    name = _index_name(bound)
    clauses = getattr(loop, "generators", [loop])
    for clause in clauses:
        iterable = getattr(clause, "iter", None)
        if not isinstance(iterable, ast.Call):
            continue
        function = site.module.qualified(iterable.func)
        if function == "enumerate" and is_plain_call(iterable, arguments=1):
            target = clause.target
            is_index = isinstance(target, ast.Tuple) and name and is_name(target.elts[0], name)
            if is_index and _is_as_long(site, iterable.args[0], sequence):
                return 0, -1
        if function == "range" and name and is_name(clause.target, name):
            return _range_bounds(site, iterable, sequence)
    return None


def _range_bounds(site: Site, call: ast.Call, sequence: ast.expr) -> tuple[int, int] | None:
    if call.keywords or not 1 <= len(call.args) <= 2:
        return None
    low = 0 if len(call.args) == 1 else int_value(call.args[0])
    if low is None or low < 0:
        return None
    beyond = _length_offset(site, call.args[-1], sequence)
    return None if beyond is None else (low, beyond - 1)


def _length_offset(site: Site, stop: ast.expr, sequence: ast.expr) -> int | None:
    """Return `k` when an expression is `len(sequence) + k`."""
    if isinstance(stop, ast.BinOp) and isinstance(stop.op, ast.Add | ast.Sub):
        inner, step = _length_offset(site, stop.left, sequence), int_value(stop.right)
        if inner is None or step is None:
            return None
        return inner + step if isinstance(stop.op, ast.Add) else inner - step
    if isinstance(stop, ast.Name):
        bound = site.scope.bindings.get(stop.id, [])
        value = bound[0].value if len(bound) == 1 else None
        return None if value is None else _length_offset(site, value, sequence)
    if isinstance(stop, ast.Call) and site.module.qualified(stop.func) == "len":
        return 0 if stop.args and _is_as_long(site, stop.args[0], sequence) else None
    return None


def _is_as_long(site: Site, other: ast.expr, sequence: ast.expr) -> bool:
    """Return whether a sequence is another one, or was made from it element by element."""
    if same(other, sequence):
        return True
    if not isinstance(sequence, ast.Name) or not isinstance(other, ast.Name):
        return False
    bound, others = (site.scope.bindings.get(each.id, []) for each in (sequence, other))
    if len(bound) != 1 or len(others) != 1 or not isinstance(bound[0].value, ast.ListComp):
        return False
    clauses = bound[0].value.generators
    made_from_other = len(clauses) == 1 and not clauses[0].ifs and same(clauses[0].iter, other)
    untouched = not {sequence.id, other.id} & site.effects.of(site.function.body).mutated
    return made_from_other and untouched


def _change(site: Site, first: _Slice, together: list[_Slice]) -> Change | None:
    text = site.module.segment(first.sequence)
    where = anchor(site, first.loop.loop)
    if isinstance(where, ast.While):
        return None
    base = text.rpartition(".")[2]
    if first.reduction == "distinct":
        name, build, imports = _distinct(site, base, text)
    else:
        found = _accumulated(site, first, base, text)
        if found is None:
            return None
        name, build, imports = found
    # Entry k is the reduction of the first k elements for sums, of the first k + 1 for extremes.
    shift = -1 if first.reduction in ("min", "max") and first.from_start else 0
    edits: list[Edit] = [InsertBefore(where, build), *imports]
    edits.extend(Replace(each.call, f"{name}[{_shifted(each.bound, shift)}]") for each in together)
    element = site.kinds.element(first.sequence)
    exact = first.reduction != "sum" or (element is not None and element.name in _EXACT)
    return Change(
        line=first.call.lineno,
        hypothesis=f"`{ast.unparse(first.call)}` goes through the slice again in every iteration, "
        "which is quadratic; a value kept running takes one pass",
        edits=tuple(edits),
        risk="low" if exact and element is not None else "medium",
    )


def _shifted(bound: ast.expr, shift: int) -> str:
    if not shift:
        return ast.unparse(bound)
    if isinstance(bound, ast.BinOp):
        total = _offset(bound) + shift
        left = ast.unparse(bound.left)
        if total == 0:
            return left
        return f"{left} {'+' if total > 0 else '-'} {abs(total)}"
    return f"{ast.unparse(bound)} - 1"


def _accumulated(
    site: Site, first: _Slice, base: str, text: str
) -> tuple[str, str, list[Import]] | None:
    found = site.module.reference("itertools.accumulate")
    if found is None:
        return None
    accumulate, imports = found
    side = "running" if first.from_start else "remaining"
    name = site.fresh_name(f"{base}_{side}_{first.reduction}")
    values = text if first.from_start else f"reversed({text})"
    if first.reduction == "sum":
        built = f"[0, *{accumulate}({values})]"
    else:
        built = f"list({accumulate}({values}, {first.reduction}))"
    end = "" if first.from_start else "[::-1]"
    return name, f"{name} = {built}{end}", imports


def _distinct(site: Site, base: str, text: str) -> tuple[str, str, list[Import]]:
    name = site.fresh_name(f"{base}_running_distinct")
    met = site.fresh_name(f"{base}_met")
    each = site.fresh_name(f"each_{base}")
    build = (
        f"{met} = set()\n{name} = [0]\nfor {each} in {text}:\n"
        f"    {met}.add({each})\n    {name}.append(len({met}))\n"
    )
    return name, build, []
