"""Growth: containers rebuilt whole to add one element."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .edit import Edit, InsertAfter, Replace
from .loops import loops_around
from .rewrite import Change, Risk, Site
from .syntax import assigned_name, is_name, is_plain_call
from .uses import Use, is_private_local, is_seen_on_failure, uses_of, within

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
    summary = "`a = a + [x]`, `d = {**d, k: v}` and `s = s | {x}` in a loop change the container."
    why_right = (
        "The container is made in the function and nobody else holds it while it grows, so changing "
        "it cannot be told from replacing it by a longer copy."
    )
    risk: Risk = "medium"
    promise = 0.85

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
                    hypothesis=f"`{name}` is copied whole each time it gets one more element, which "
                    "is quadratic; changing it in place is not",
                    edits=tuple(grown),
                    risk=self.risk,
                )


def _growth_edit(site: Site, statement: ast.Assign, name: str) -> Replace | None:
    if assigned_name(statement) != name:
        return None
    value, module = statement.value, site.module
    if isinstance(value, ast.BinOp) and is_name(value.left, name):
        if any(is_name(each, name) for each in ast.walk(value.right)):
            return None
        added = value.right
        if isinstance(value.op, ast.Add) and site.kinds.is_a(added, "list"):
            if isinstance(added, ast.List) and len(added.elts) == 1:
                element = added.elts[0]
                if not isinstance(element, ast.Starred):
                    return Replace(statement, f"{name}.append({module.segment(element)})")
            return Replace(statement, f"{name}.extend({module.segment(added)})")
        if isinstance(value.op, ast.BitOr) and site.kinds.is_a(added, "set", "dict"):
            if isinstance(added, ast.Set) and len(added.elts) == 1:
                return Replace(statement, f"{name}.add({module.segment(added.elts[0])})")
            return Replace(statement, f"{name}.update({module.segment(added)})")
    if isinstance(value, ast.Dict) and value.keys and value.keys[0] is None:
        return _merged_dict(site, statement, value, name)
    if isinstance(value, ast.List) and value.elts and isinstance(value.elts[0], ast.Starred):
        rest = value.elts[1:]
        if not is_name(value.elts[0].value, name) or not rest:
            return None
        if any(is_name(each, name) for part in rest for each in ast.walk(part)):
            return None
        if len(rest) == 1 and not isinstance(rest[0], ast.Starred):
            return Replace(statement, f"{name}.append({module.segment(rest[0])})")
        listed = ", ".join(module.segment(each) for each in rest)
        return Replace(statement, f"{name}.extend([{listed}])")
    return None


def _merged_dict(site: Site, statement: ast.Assign, value: ast.Dict, name: str) -> Replace | None:
    """Change `d = {**d, k: v}` to `d[k] = v`."""
    if not is_name(value.values[0], name) or len(value.values) < 2:
        return None
    lines: list[str] = []
    for key, item in zip(value.keys[1:], value.values[1:], strict=True):
        parts = [item] if key is None else [key, item]
        if any(is_name(each, name) for part in parts for each in ast.walk(part)):
            return None
        if key is None:
            lines.append(f"{name}.update({site.module.segment(item)})")
        else:
            lines.append(f"{name}[{site.module.segment(key)}] = {site.module.segment(item)}")
    return Replace(statement, "\n".join(lines))


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

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each sum of lists."""
        for call in site.scope.of_type(ast.Call):
            iterable = _summed_lists(site, call)
            found = site.module.reference("itertools.chain")
            if iterable is None or found is None:
                continue
            chain, imports = found
            text = site.module.segment(iterable)
            if isinstance(iterable, ast.GeneratorExp) and not text.startswith("("):
                text = f"({text})"
            yield Change(
                line=call.lineno,
                last_line=call.end_lineno,
                hypothesis="adding lists up copies everything gathered so far for each list, which "
                "is quadratic; chain takes each element once",
                edits=(Replace(call, f"list({chain}.from_iterable({text}))"), *imports),
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
    if not isinstance(added, ast.Tuple) or any(is_name(each, name) for each in ast.walk(added)):
        return None
    return added
