"""Growing: arrays and frames copied whole each time a loop adds a piece to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..reading.loops import Loop, invariance_in, loops_around, names_read
from ..reading.syntax import assigned_name, is_name
from ..reading.uses import is_seen_on_failure, uses_of, within
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertAfter, InsertBefore, Replace

_JOINS = {
    "numpy.concatenate": ("axis",),
    "numpy.vstack": (),
    "numpy.hstack": (),
    "numpy.column_stack": (),
    "pandas.concat": ("ignore_index", "sort", "axis"),
}


class GrownArray:
    """Collects the pieces in a list and joins them once."""

    name = "grow-array-once"
    summary = (
        "`a = np.append(a, x)` and `df = pd.concat([df, part])` in a loop join all parts once."
    )
    why_right = (
        "Joining all pieces at once puts them in the same order and widens types as joining them "
        "one by one does, for pieces of numbers; a piece is left alone between being collected and "
        "joined, as far as the source tells. Where numbers, truth values and texts mix, what is "
        "widened first can differ."
    )
    risk: Risk = "medium"
    promise = 0.9
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each array or frame that a loop makes longer."""
        for name in sorted(site.scope.bindings):
            if name in site.scope.declared_elsewhere or name in site.scope.names_inside_nested:
                continue
            grown = [each for each in _growth_of(site, name) if loops_around(site, each.statement)]
            change = _collected(site, name, grown) if grown else None
            if change is not None:
                yield change


@dataclass(frozen=True)
class _Growth:
    """A statement that makes an array longer by some pieces."""

    statement: ast.Assign
    join: str
    """What joins the array and a list of the pieces: text with `{array}` and `{pieces}`."""
    pieces: tuple[ast.expr, ...]


def _growth_of(site: Site, name: str) -> Iterator[_Growth]:
    for binding in site.scope.bindings[name]:
        statement = binding.node
        if isinstance(statement, ast.Assign) and assigned_name(statement) == name:
            growth = _read(site, statement, name)
            if growth is not None:
                yield growth


def _read(site: Site, statement: ast.Assign, name: str) -> _Growth | None:
    call = statement.value
    if not isinstance(call, ast.Call) or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    function = site.module.qualified(call.func)
    options = {each.arg: each.value for each in call.keywords}
    if not all(isinstance(each, ast.Constant) for each in options.values()):
        return None
    if function == "numpy.append":
        return _appended(site, statement, call, name, options)
    if function not in _JOINS or not set(options) <= set(_JOINS[function]) or len(call.args) != 1:
        return None
    match call.args[0]:
        case ast.List(elts=[first, *pieces]) | ast.Tuple(elts=[first, *pieces]) if pieces:
            starred = any(isinstance(each, ast.Starred) for each in pieces)
            if starred or not is_name(first, name):
                return None
        case _:
            return None
    shown = "".join(f", {each.arg}={site.module.segment(each.value)}" for each in call.keywords)
    join = f"{site.module.segment(call.func)}([{{array}}, *{{pieces}}]{shown})"
    return _Growth(statement, join, tuple(pieces))


def _appended(
    site: Site,
    statement: ast.Assign,
    call: ast.Call,
    name: str,
    options: dict[str | None, ast.expr],
) -> _Growth | None:
    if len(call.args) != 2 or not is_name(call.args[0], name) or set(options) - {"axis"}:
        return None
    np = site.module.segment(call.func).removesuffix("append")
    if "axis" in options:
        axis = site.module.segment(options["axis"])
        join = f"{np}concatenate([{{array}}, *{{pieces}}], axis={axis})"
    else:
        join = f"{np}concatenate([{np}ravel({{array}}), *map({np}ravel, {{pieces}})])"
    # A bare `append` says nothing of where its like is to be found.
    return _Growth(statement, join, (call.args[1],)) if np.endswith(".") else None


def _collected(site: Site, name: str, grown: list[_Growth]) -> Change | None:
    """Return the change for statements that grow one array alike, in one loop."""
    join = grown[0].join
    loop = _outermost(site, name, grown)
    if loop is None or any(each.join != join for each in grown):
        return None
    if any(name in names_read(piece) for each in grown for piece in each.pieces):
        return None
    if not all(_stays(site, loop, each.statement, x) for each in grown for x in each.pieces):
        return None
    assert isinstance(loop.node, ast.stmt)
    if is_seen_on_failure(site, loop.node, name):
        return None
    parts = site.fresh_name(f"{name}_parts")
    edits: list[Edit] = [InsertBefore(loop.node, f"{parts} = []")]
    for each in grown:
        texts = [site.module.segment(piece, in_brackets=True) for piece in each.pieces]
        added = f"append({texts[0]})" if len(texts) == 1 else f"extend(({', '.join(texts)}))"
        edits.append(Replace(each.statement, f"{parts}.{added}"))
    joined = join.format(array=name, pieces=parts)
    edits.append(InsertAfter(loop.node, f"if {parts}:\n    {name} = {joined}"))
    return Change(
        line=grown[0].statement.lineno,
        hypothesis=f"`{name}` is copied whole each time a piece is added, which is quadratic; "
        "joining all pieces once is not",
        edits=tuple(edits),
        risk="medium",
    )


def _outermost(site: Site, name: str, grown: list[_Growth]) -> Loop | None:
    """Return the outermost loop in which nothing but the growth uses the array."""
    best: Loop | None = None
    own = {each.statement for each in grown}
    for loop in loops_around(site, grown[0].statement):
        if not isinstance(loop.node, ast.For | ast.While):
            return best
        inside = [use for use in uses_of(site, name) if within(site, use.node, [loop.node])]
        if any(site.module.statement(use.node) not in own for use in inside):
            return best
        if all(within(site, each, [loop.node]) for each in own):
            best = loop
    return best


def _stays(site: Site, loop: Loop, statement: ast.stmt, piece: ast.expr) -> bool:
    """Return whether a piece is the same when the loop is over as when it was collected."""
    if site.kinds.is_immutable(piece):
        return True
    invariance = invariance_in(site, loop)
    for name in names_read(piece):
        bound_here = name in invariance.bound
        if (site.effects.origins(site.function, name) - {name}) & invariance.changed:
            return False
        if name in invariance.changed and not (
            bound_here and _is_done_with(site, name, statement, loop)
        ):
            return False
    return True


def _is_done_with(site: Site, name: str, statement: ast.stmt, loop: Loop) -> bool:
    """Return whether an iteration binds a name before, and leaves it alone after a statement."""
    last = statement.end_lineno or statement.lineno
    uses = [use for use in uses_of(site, name) if within(site, use.node, [loop.node])]
    first = uses[0] if uses else None
    innermost = loops_around(site, statement)[0]
    return (
        first is not None
        and first.kind == "bind"
        and any(each.node is innermost.node for each in loops_around(site, first.node)[:1])
        and all(use.node.lineno <= last for use in uses)
    )
