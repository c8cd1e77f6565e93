"""Remainders: sequences eaten from their front by copying what is left."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import Invariance, Loop, for_loop, invariance_in
from ..reading.syntax import assigned_name, int_value, is_name, is_plain_call
from ..reading.uses import Use, is_seen_on_failure, uses_of, within
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertAfter, InsertBefore, Replace

_NEVER_CHANGE = ("str", "bytes", "tuple")


class PositionForRemainder:
    """Moves a position along a sequence instead of copying what is left of it."""

    name = "position-for-remainder"
    summary = "`s = s[1:]` in a loop becomes `position += 1`, and `s[0]` `s[position]`."
    why_right = (
        "The loop does nothing with the sequence but look at its front and take it off, so a "
        "position says all that the copies said; the rest is copied once after the loop."
    )
    risk: Risk = "medium"
    promise = 0.7
    needs: tuple[Need, ...] = ("sizes", "growth")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each sequence and outermost loop that eats it."""
        loops = [*site.scope.of_type(ast.While), *site.scope.of_type(ast.For)]
        loops.sort(key=lambda each: each.lineno)
        done: list[tuple[str, ast.stmt]] = []
        for loop in loops:
            for name in sorted(site.scope.bindings):
                if any(name == other and within(site, loop, [around]) for other, around in done):
                    continue
                change = _change(site, loop, name)
                if change is not None:
                    done.append((name, loop))
                    yield change


def _change(site: Site, loop: ast.While | ast.For, name: str) -> Change | None:
    scope = site.scope
    if name in scope.declared_elsewhere or name in scope.names_inside_nested or loop.orelse:
        return None
    if isinstance(loop, ast.For) and any(is_name(each, name) for each in walk(loop.iter)):
        return None
    inside = [use for use in uses_of(site, name) if within(site, use.node, [loop])]
    eaten = [statement for use in inside if (statement := _eats(site, use)) is not None]
    if not eaten or site.module.block(loop) is None or not _stays(site, loop, inside[0]):
        return None
    looks = [use for use in inside if not within(site, use.node, eaten)]
    if is_seen_on_failure(site, loop, name) or any(
        _looked_at(site, use, "position") is None for use in looks
    ):
        return None
    position = site.fresh_name(f"{name}_position")
    edits: list[Edit] = [InsertBefore(loop, f"{position} = 0")]
    edits += [edit for use in looks if (edit := _looked_at(site, use, position)) is not None]
    for statement in eaten:
        edits.append(Replace(statement, f"{position} += {_taken(site, statement)}"))
    if _is_needed_after(site, loop, name):
        edits.append(InsertAfter(loop, f"{name} = {name}[{position}:]"))
    return Change(
        line=eaten[0].lineno,
        last_line=eaten[-1].end_lineno,
        hypothesis=f"what is left of `{name}` is copied each time something is taken off its "
        "front, which is quadratic; a position moves on at no cost",
        edits=tuple(edits),
        risk="medium",
    )


def _eats(site: Site, use: Use) -> ast.Assign | None:
    """Return the statement `s = s[n:]` when a use is its target."""
    statement = site.module.statement(use.node)
    if use.kind != "bind" or not isinstance(statement, ast.Assign):
        return None
    if assigned_name(statement) != use.node.id:
        return None
    match statement.value:
        case ast.Subscript(value=whole, slice=ast.Slice(lower=taken, upper=None, step=None)):
            if taken is None or not is_name(whole, use.node.id):
                return None
            return statement if _is_length(site, taken, use.node.id) else None
    return None


def _is_length(site: Site, node: ast.expr, name: str) -> bool:
    """Return whether an expression is a number that is not negative, and no part of the rest."""
    number = int_value(node)
    if number is not None:
        return number >= 0
    is_call = isinstance(node, ast.Call) and site.module.qualified(node.func) == "len"
    return is_call and not any(is_name(each, name) for each in walk(node))


def _taken(site: Site, statement: ast.Assign) -> str:
    assert isinstance(statement.value, ast.Subscript)
    assert isinstance(statement.value.slice, ast.Slice)
    assert statement.value.slice.lower is not None
    return site.module.segment(statement.value.slice.lower)


def _stays(site: Site, loop: ast.While | ast.For, use: Use) -> bool:
    """Return whether nothing in the loop changes the sequence that its name starts with."""
    if site.kinds.is_a(use.node, *_NEVER_CHANGE):
        return True
    if not site.kinds.is_a(use.node, "list"):
        return False
    around = for_loop(loop) if isinstance(loop, ast.For) else _while_loop(loop)
    invariance: Invariance = invariance_in(site, around)
    name = use.node.id
    is_own = not site.effects.origins(site.function, name)
    return name not in invariance.changed and (is_own or not invariance.effects.unknown)


def _while_loop(loop: ast.While) -> Loop:
    return Loop(loop, (loop.test, *loop.body), frozenset())


def _looked_at(site: Site, use: Use, position: str) -> Edit | None:
    """Return the edit that looks at the front of what is left, None for any other use."""
    name, parent = use.node.id, use.parent
    if use.kind == "truth":
        return Replace(use.node, f"{position} < len({name})")
    if use.kind == "index" and isinstance(parent, ast.Subscript):
        index = int_value(parent.slice)
        if index is None or index < 0:
            return None
        return Replace(parent.slice, position if index == 0 else f"{position} + {index}")
    if use.kind == "slice" and isinstance(parent, ast.Subscript):
        return _front(site, parent, position)
    is_prefix = use.kind == "method" and use.name == "startswith"
    if is_prefix and is_plain_call(use.call, arguments=1):
        wanted = use.call.args[0]
        is_known = isinstance(wanted, ast.Constant) and bool(wanted.value)
        return Replace(wanted, f"{site.module.segment(wanted)}, {position}") if is_known else None
    if use.kind == "argument" and use.name == "len":
        return _length(site, use, position)
    if use.kind == "return":
        return Replace(use.node, f"{name}[{position}:]")
    return None


def _length(site: Site, use: Use, position: str) -> Edit | None:
    """Return the edit of `len(s)`, None where a position behind the end would be noticed."""
    outer = site.module.parents[use.call]
    if isinstance(outer, ast.If | ast.While) and outer.test is use.call:
        return Replace(use.call, f"{position} < len({use.node.id})")
    if not isinstance(outer, ast.Compare) or outer.left is not use.call or len(outer.ops) != 1:
        return None
    number = int_value(outer.comparators[0])
    least = {ast.Gt: 0, ast.LtE: 0, ast.GtE: 1, ast.Lt: 1}.get(type(outer.ops[0]))
    if number is None or least is None or number < least:
        return None
    return Replace(use.call, f"len({use.node.id}) - {position}")


def _front(site: Site, part: ast.Subscript, position: str) -> Edit | None:
    """Return the edit of `s[a:b]` with constant bounds that are not negative."""
    assert isinstance(part.slice, ast.Slice)
    first, beyond = part.slice.lower, part.slice.upper
    start = 0 if first is None else int_value(first)
    end = int_value(beyond)
    if part.slice.step is not None or start is None or end is None or min(start, end) < 0:
        return None
    shown = f"{position} + {start}" if start else position
    text = f"{site.module.segment(part.value)}[{shown} : {position} + {end}]"
    return Replace(part, text)


def _starts_anew(statement: ast.stmt, name: str) -> bool:
    """Return whether a statement gives a name a value that has nothing to do with its old one."""
    mentions = [each for each in walk(statement) if is_name(each, name)]
    return assigned_name(statement) == name and len(mentions) == 1


def _is_needed_after(site: Site, loop: ast.stmt, name: str) -> bool:
    """Return whether anything outside the loop may look at what it leaves."""
    block = site.module.block(loop) or []
    starts = [each for each in block[: block.index(loop)] if _starts_anew(each, name)]
    fresh_from = max((each.lineno for each in starts), default=loop.lineno)
    around = [each for each in site.module.ancestors(loop) if isinstance(each, ast.For | ast.While)]
    return any(
        use.node.lineno > loop.lineno
        or (use.node.lineno < fresh_from and within(site, use.node, around))
        for use in uses_of(site, name)
        if not within(site, use.node, [loop])
    )
