"""Strings: a string or bytes that grow piece by piece become a list of pieces, joined once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..reading.syntax import assigned_name, is_name
from ..reading.uses import is_private_local, is_seen_on_failure, uses_of, within
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertAfter, Replace

_JOINED_BY = {"str": '""', "bytes": 'b""'}
"""What joins the pieces of each kind."""


class JoinedPieces:
    """Collects the pieces of a string that a loop builds, and joins them after the loop."""

    name = "join-pieces"
    summary = (
        "`text += piece` in a loop, of strings or bytes, appends to a list that is joined after it."
    )
    why_right = (
        "The loop only adds to the string and never looks at it, so joining all pieces in order "
        "gives the same string; a piece that is no string raises TypeError either way."
    )
    risk: Risk = "low"
    promise = 0.5
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each string and loop."""
        for loop in [*site.scope.of_type(ast.For), *site.scope.of_type(ast.While)]:
            block = site.module.block(loop)
            if block is None or loop.orelse:
                continue
            for start in _string_starts(site, block, loop):
                change = _change(site, start, loop)
                if change is not None:
                    yield change


def _string_starts(site: Site, block: list[ast.stmt], loop: ast.stmt) -> Iterator[ast.Assign]:
    """Yield the assignments of strings in the block just before a loop."""
    for statement in reversed(block[: block.index(loop)]):
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            return
        name = assigned_name(statement)
        if name and isinstance(statement, ast.Assign) and is_private_local(site, name):
            between = block[block.index(statement) + 1 : block.index(loop)]
            is_read = any(within(site, use.node, between) for use in uses_of(site, name))
            if site.kinds.is_a(statement.value, *_JOINED_BY) and not is_read:
                yield statement


@dataclass(frozen=True)
class _Growth:
    """A statement that makes the string longer."""

    pieces: list[ast.expr]
    """In the order they are written."""
    prepends: bool
    copies: bool
    """True when the interpreter cannot extend the old string in place."""


def _change(site: Site, start: ast.Assign, loop: ast.For | ast.While) -> Change | None:
    name = assigned_name(start) or ""
    inside = [use for use in uses_of(site, name) if within(site, use.node, [loop])]
    growths: dict[ast.stmt, _Growth] = {}
    for use in inside:
        statement = site.module.statement(use.node)
        grown = _growth(statement, name)
        if grown is None:
            return None
        growths[statement] = grown
    pieces = [piece for each in growths.values() for piece in each.pieces]
    if not pieces or len({each.prepends for each in growths.values()}) != 1:
        return None
    if any(is_name(each, name) for piece in pieces for each in walk(piece)):
        return None
    kinds = [site.kinds.of(piece) for piece in pieces]
    made = site.kinds.of(start.value)
    if made is None or any(kind is not None and kind.name != made.name for kind in kinds):
        return None
    if is_seen_on_failure(site, loop, name):
        return None
    risk: Risk = "low" if all(kinds) else "medium"
    return _build(site, start, loop, growths, made.name, risk)


def _build(
    site: Site,
    start: ast.Assign,
    loop: ast.For | ast.While,
    growths: dict[ast.stmt, _Growth],
    made: str,
    risk: Risk,
) -> Change:
    name = assigned_name(start) or ""
    parts = site.fresh_name(f"{name}_parts")
    is_empty = isinstance(start.value, ast.Constant) and not start.value.value
    first = "" if is_empty else site.module.segment(start.value)
    edits: list[Edit] = [Replace(start, f"{parts} = [{first}]")]
    prepends = False
    for statement, growth in growths.items():
        prepends = growth.prepends
        texts = [site.module.segment(piece) for piece in growth.pieces]
        listed = ", ".join(reversed(texts) if prepends else texts)
        added = f"append({listed})" if len(texts) == 1 else f"extend(({listed}))"
        edits.append(Replace(statement, f"{parts}.{added}"))
    joined = f"reversed({parts})" if prepends else parts
    edits.append(InsertAfter(loop, f"{name} = {_JOINED_BY[made]}.join({joined})"))
    lines = [statement.lineno for statement in growths]
    # Only a string can be extended in place, and only where nothing else is added in between.
    copies = made == "bytes" or any(each.copies for each in growths.values())
    return Change(
        line=min(lines),
        last_line=max(lines),
        hypothesis=f"`{name}` is copied to grow by a piece in each iteration of the loop at line "
        f"{loop.lineno}; a list joined once copies each piece once",
        edits=tuple(edits),
        risk=risk,
        promise=0.7 if copies else 0.25,
    )


def _growth(statement: ast.stmt, name: str) -> _Growth | None:
    """Return what a statement adds to a string; None when it does anything else."""
    if isinstance(statement, ast.AugAssign):
        grows = is_name(statement.target, name) and isinstance(statement.op, ast.Add)
        return _Growth([statement.value], prepends=False, copies=False) if grows else None
    if not isinstance(statement, ast.Assign) or assigned_name(statement) != name:
        return None
    terms = _terms(statement.value)
    if len(terms) < 2:
        return None
    if is_name(terms[0], name):
        return _Growth(terms[1:], prepends=False, copies=len(terms) > 2)
    if is_name(terms[-1], name):
        return _Growth(terms[:-1], prepends=True, copies=True)
    return None


def _terms(value: ast.expr) -> list[ast.expr]:
    """Return what `a + b + c` adds up, in order."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return [*_terms(value.left), value.right]
    return [value]
