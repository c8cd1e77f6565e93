"""Growth: containers rebuilt whole to add one element."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import loops_around
from ..reading.syntax import assigned_name, is_name, is_plain_call
from ..reading.uses import Use, is_private_local, is_seen_on_failure, uses_of, within
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertAfter, Replace

_UNSHARED = frozenset(
    (
        "bind",
        "index",
        "slice",
        "membership",
        "compare",
        "iterate",
        "argument",
        "truth",
        "format",
        "set item",
        "delete item",
        "method",
        "return",
        "augment",
        "operand",
    )
)


class GrownInPlace:
    """Adds to a container in place instead of building a longer copy."""

    name = "grow-in-place"
    summary = (
        "`a = a + [x]`, `d = {**d, k: v}`, `s = s | {x}` and `s = s.union(x)` in a loop change the "
        "container."
    )
    why_right = (
        "The container is made in the function and nobody else holds it while it grows, so "
        "changing it cannot be told from replacing it by a longer copy."
    )
    risk: Risk = "medium"
    promise = 0.85
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each container that is copied to grow."""
        for name, bound in site.scope.bindings.items():
            if not is_private_local(site, name):
                continue
            grown: list[Edit] = []
            lines: list[int] = []
            starts: list[ast.AST] = []
            for binding in bound:
                statement = binding.node
                edit = (
                    _growth_edit(site, statement, name)
                    if isinstance(statement, ast.Assign)
                    else None
                )
                if edit is not None and loops_around(site, statement):
                    grown.append(edit)
                    lines.append(edit.node.lineno)
                else:
                    starts.append(statement)
            if grown and _is_unshared(site, name, starts):
                yield Change(
                    line=lines[0],
                    hypothesis=f"`{name}` is copied whole each time it gets one more element, "
                    "which is quadratic; changing it in place is not",
                    edits=tuple(grown),
                    risk=self.risk,
                )


def _growth_edit(site: Site, statement: ast.Assign, name: str) -> Replace | None:
    """Return the edit that grows a container in place, None when a statement does not grow it."""
    if assigned_name(statement) != name:
        return None
    match statement.value:
        case ast.BinOp(left=left, right=added) if is_name(left, name) and not _reads(added, name):
            text = _grown(site, statement.value.op, added)
        case ast.Call(func=ast.Attribute(value=left, attr="union"), args=[_, *_] as added):
            text = _united(site, statement.value, added, name) if is_name(left, name) else None
        case ast.Dict(keys=[None, *_]) as value:
            text = _merged_dict(site, value, name)
        case ast.List(elts=[ast.Starred(value=first), *rest]) if is_name(first, name):
            text = None if any(_reads(each, name) for each in rest) else _appended(site, rest)
        case _:
            text = None
    if text is None:
        return None
    return Replace(statement, "\n".join(f"{name}{line}" for line in text.split("\n")))


def _united(site: Site, call: ast.Call, added: list[ast.expr], name: str) -> str | None:
    """Return the method call that does to a set what `union` would give a larger copy of."""
    is_plain = is_plain_call(call, arguments=len(added))
    if not is_plain or any(_reads(each, name) for each in added):
        return None
    return f".update({', '.join(site.module.segment(each) for each in added)})"


def _reads(node: ast.AST, name: str) -> bool:
    return any(is_name(each, name) for each in walk(node))


def _grown(site: Site, operator: ast.operator, added: ast.expr) -> str | None:
    """Return the method call that does what `+` or `|` with something known does."""
    if isinstance(operator, ast.Add) and site.kinds.is_a(added, "list"):
        if isinstance(added, ast.List):
            return _appended(site, added.elts)
        return f".extend({site.module.segment(added)})"
    if isinstance(operator, ast.BitOr) and site.kinds.is_a(added, "set", "dict"):
        if isinstance(added, ast.Set) and len(added.elts) == 1:
            return f".add({site.module.segment(added.elts[0])})"
        return f".update({site.module.segment(added)})"
    return None


def _appended(site: Site, elements: list[ast.expr]) -> str | None:
    if not elements:
        return None
    if len(elements) == 1 and not isinstance(elements[0], ast.Starred):
        return f".append({site.module.segment(elements[0])})"
    return f".extend([{', '.join(site.module.segment(each) for each in elements)}])"


def _merged_dict(site: Site, value: ast.Dict, name: str) -> str | None:
    """Return what to do to `d` for `d = {**d, k: v}`, a line for each entry."""
    if not is_name(value.values[0], name) or len(value.values) < 2:
        return None
    lines: list[str] = []
    for key, item in zip(value.keys[1:], value.values[1:], strict=True):
        if _reads(item, name) or (key is not None and _reads(key, name)):
            return None
        text = site.module.segment(item)
        shown = f".update({text})" if key is None else f"[{site.module.segment(key)}] = {text}"
        lines.append(shown)
    return "\n".join(lines)


def _is_unshared(site: Site, name: str, starts: list[ast.AST]) -> bool:
    """Return whether the container starts new and no other name or object gets hold of it."""
    for start in starts:
        value = getattr(start, "value", None)
        if assigned_name(start) != name or not _is_new(site, value):
            return False
    return bool(starts) and all(_is_private(site, use) for use in uses_of(site, name))


def _is_new(site: Site, value: ast.expr | None) -> bool:
    if isinstance(value, ast.List | ast.Set | ast.Dict | ast.ListComp | ast.SetComp | ast.DictComp):
        return True
    return isinstance(value, ast.Call) and site.module.qualified(value.func) in (
        "list",
        "set",
        "dict",
        "sorted",
    )


def _is_private(site: Site, use: Use) -> bool:
    if use.kind == "return":
        return True
    if use.kind == "iterate":
        # Growing what is being iterated over would not end; a longer copy does.
        return not any(
            isinstance(loop.node, ast.For) and loop.node is use.parent
            for other in uses_of(site, use.node.id)
            if other.kind == "bind"
            for loop in loops_around(site, other.node)
        )
    if use.kind == "other":
        if isinstance(use.parent, ast.Dict):
            unpacked = zip(use.parent.keys, use.parent.values, strict=True)
            return any(key is None and value is use.node for key, value in unpacked)
        return isinstance(use.parent, ast.Starred)
    return use.kind in _UNSHARED and use.name not in ("iter", "zip", "enumerate", "reversed", "map")


class FlattenedByChain:
    """Flattens a list of lists with itertools.chain."""

    name = "flatten-by-chain"
    summary = "`sum(lists, [])` becomes `list(itertools.chain.from_iterable(lists))`."
    why_right = (
        "Both put the elements of all lists into one new list, in order; sum also refuses inner "
        "sequences that are not lists."
    )
    risk: Risk = "low"
    promise = 0.9
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each sum of lists."""
        for call in site.scope.of_type(ast.Call):
            iterable = _summed_lists(site, call)
            found = site.module.reference("itertools.chain")
            if iterable is None or found is None:
                continue
            chain, imports = found
            text = site.module.segment(iterable, in_brackets=True)
            if not (isinstance(iterable, ast.GeneratorExp) and text.startswith("(")):
                text = f"({text})"
            yield Change(
                line=call.lineno,
                last_line=call.end_lineno,
                hypothesis="adding lists up copies everything gathered so far for each list, which "
                "is quadratic; chain takes each element once",
                edits=(Replace(call, f"list({chain}.from_iterable{text})"), *imports),
                risk=self.risk,
            )


def _summed_lists(site: Site, call: ast.Call) -> ast.expr | None:
    name = site.module.qualified(call.func)
    if name == "sum" and is_plain_call(call, arguments=2):
        start = call.args[1]
        return call.args[0] if isinstance(start, ast.List) and not start.elts else None
    if name == "functools.reduce" and is_plain_call(call, arguments=3):
        start, function = call.args[2], call.args[0]
        adds = site.module.qualified(function) == "operator.add" or _is_addition(function)
        if adds and isinstance(start, ast.List) and not start.elts:
            return call.args[1]
    return None


def _is_addition(function: ast.expr) -> bool:
    if not isinstance(function, ast.Lambda) or len(function.args.args) != 2:
        return False
    first, second = (each.arg for each in function.args.args)
    body = function.body
    return (
        isinstance(body, ast.BinOp)
        and isinstance(body.op, ast.Add)
        and is_name(body.left, first)
        and is_name(body.right, second)
    )


class TupleGrowth:
    """Builds a growing tuple as a list."""

    name = "tuple-growth"
    summary = "A tuple that grows in a loop by `t = t + (x,)` or `t += (x,)` is built as a list."
    why_right = "The loop only adds to the tuple; a list gathers the same elements and becomes it."
    risk: Risk = "low"
    promise = 0.85
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each tuple and loop."""
        for loop in [*site.scope.of_type(ast.For), *site.scope.of_type(ast.While)]:
            change = _tuple_growth(site, loop)
            if change is not None:
                yield change


def _tuple_growth(site: Site, loop: ast.For | ast.While) -> Change | None:
    block = site.module.block(loop)
    if block is None or block.index(loop) == 0 or loop.orelse:
        return None
    start = block[block.index(loop) - 1]
    name = assigned_name(start)
    if name is None or not isinstance(start, ast.Assign) or not is_private_local(site, name):
        return None
    if not isinstance(start.value, ast.Tuple):
        return None
    grown: dict[ast.stmt, ast.Tuple] = {}
    for use in uses_of(site, name):
        if not within(site, use.node, [loop]):
            continue
        statement = site.module.statement(use.node)
        added = _tuple_added(statement, name)
        if added is None:
            return None
        grown[statement] = added
    if not grown or is_seen_on_failure(site, loop, name):
        return None
    items = site.fresh_name(f"{name}_items")
    listed = ", ".join(site.module.segment(each) for each in start.value.elts)
    return Change(
        line=loop.lineno,
        last_line=loop.end_lineno,
        hypothesis=f"the tuple `{name}` is copied whole for each element it gets; a list grows in "
        "place",
        edits=(
            Replace(start, f"{items} = [{listed}]"),
            *(
                Replace(statement, f"{items}.extend({site.module.segment(added)})")
                for statement, added in grown.items()
            ),
            InsertAfter(loop, f"{name} = tuple({items})"),
        ),
        risk="low",
    )


def _tuple_added(statement: ast.stmt, name: str) -> ast.Tuple | None:
    added: ast.expr | None = None
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        added = statement.value if is_name(statement.target, name) else None
    elif isinstance(statement, ast.Assign) and assigned_name(statement) == name:
        value = statement.value
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            added = value.right if is_name(value.left, name) else None
    if not isinstance(added, ast.Tuple) or any(is_name(each, name) for each in walk(added)):
        return None
    return added
