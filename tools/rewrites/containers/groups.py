"""Groups: dicts whose entries are made when a key first comes, by a defaultdict."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ....profiles.facts.facts import Need
from ..kinds.kind import NUMBERS
from ..reading.loops import is_pure_expression, loops_around, names_read
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import (
    assigned_name,
    int_value,
    is_empty_container,
    is_name,
    is_plain_call,
    method_statement,
    same,
)
from ..reading.uses import Use, is_private_local, is_seen_on_failure, may_be_caught, uses_of, within
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, Edit, InsertAfter, Replace

_SAFE_ARGUMENTS = words("len sorted list tuple set dict sum min max any all bool enumerate")
_SAFE_METHODS = words("items keys values get")
_ADDING = {"list": "append", "set": "add"}


@dataclass
class _Filling:
    """What of a function fills one dict."""

    factory: str = ""
    """`list`, `set`, `dict` or `int`."""
    edits: list[Edit] = field(default_factory=list)
    nodes: list[ast.AST] = field(default_factory=list)
    """Code in which every mention of the dict is accounted for."""
    agrees: bool = True
    """False when entries of different kinds are made."""

    def add(self, factory: str, edit: Edit, *nodes: ast.AST) -> None:
        self.agrees = self.agrees and self.factory in ("", factory)
        self.factory = factory
        self.edits.append(edit)
        self.nodes.extend(nodes)


class DefaultedGroups:
    """Lets a defaultdict make a dict's entries."""

    name = "defaulted-groups"
    summary = (
        "`if k not in d: d[k] = []` and `d.setdefault(k, [])` in a loop become lookups in a "
        "collections.defaultdict, made a dict again after the loop."
    )
    why_right = (
        "The dict is made in the function, and while it is a defaultdict it is only filled, or "
        "read in ways that make no entries; the same entries come in the same order."
    )
    risk: Risk = "low"
    promise = 0.15
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each dict that is filled in a loop."""
        for statement in [*site.scope.of_type(ast.Assign), *site.scope.of_type(ast.AnnAssign)]:
            name = assigned_name(statement)
            if name is None or not is_private_local(site, name):
                continue
            if len(site.scope.bindings[name]) == 1:
                change = _change(site, statement, name)
                if change is not None:
                    yield change


def _change(site: Site, start: ast.Assign | ast.AnnAssign, name: str) -> Change | None:
    block, found = site.module.block(start), site.module.reference("collections.defaultdict")
    if not is_empty_container(site.module, start.value, "dict") or block is None or found is None:
        return None
    assert start.value is not None
    filling = _filling(site, name)
    loop = next((each for each in block if _holds(site, each, filling.nodes)), None)
    if not isinstance(loop, ast.For | ast.While | ast.With | ast.If) or not filling.agrees:
        return None
    others = [
        use
        for use in uses_of(site, name)
        if use.kind != "bind" and not within(site, use.node, filling.nodes)
    ]
    safe = [use for use in others if _is_safe(use)]
    after = [use for use in others if use.node.lineno > (loop.end_lineno or loop.lineno)]
    if any(use not in safe and use not in after for use in others):
        return None
    if any(use.node.lineno < start.lineno for use in others) or is_seen_on_failure(
        site, loop, name
    ):
        return None
    defaultdict, imports = found
    edits = [Replace(start.value, f"{defaultdict}({filling.factory})"), *filling.edits, *imports]
    if any(use not in safe for use in after):
        edits.append(InsertAfter(loop, f"{name} = dict({name})"))
    return Change(
        line=min(getattr(each, "lineno", loop.lineno) for each in filling.nodes),
        last_line=max(getattr(each, "end_lineno", loop.lineno) for each in filling.nodes),
        hypothesis=f"each key of `{name}` is searched for before its entry is; a defaultdict "
        "searches once",
        edits=tuple(edits),
        risk="low",
    )


def _holds(site: Site, statement: ast.stmt, nodes: list[ast.AST]) -> bool:
    return bool(nodes) and all(within(site, each, [statement]) for each in nodes)


def _is_safe(use: Use) -> bool:
    """Return whether a use neither makes an entry nor shows what kind of dict it is."""
    if use.kind in ("membership", "truth", "iterate", "compare"):
        return True
    if use.kind == "argument":
        return use.name in _SAFE_ARGUMENTS
    return use.kind == "method" and use.name in _SAFE_METHODS


def _filling(site: Site, name: str) -> _Filling:
    filling = _Filling()
    for use in uses_of(site, name):
        if any(within(site, use.node, [each]) for each in filling.nodes):
            continue
        if not loops_around(site, use.node):
            continue
        if use.kind == "method" and use.name == "setdefault":
            _add_setdefault(site, use, filling)
        elif use.kind == "membership":
            _add_test(site, use, name, filling)
        elif use.kind == "set item":
            _add_total(site, use, name, filling)
    return filling


def _add_setdefault(site: Site, use: Use, filling: _Filling) -> None:
    call = use.call
    factory = _factory(site, call.args[1]) if is_plain_call(call, arguments=2) else None
    if factory is not None:
        key = site.module.segment(call.args[0])
        filling.add(factory, Replace(call, f"{use.node.id}[{key}]"), call)


def _factory(site: Site, value: ast.expr) -> str | None:
    """Return what makes an entry's first value, None for values that differ or cost something."""
    for kind in ("list", "set", "dict"):
        if is_empty_container(site.module, value, kind):
            return kind
    return "int" if int_value(value) == 0 else None


def _add_test(site: Site, use: Use, name: str, filling: _Filling) -> None:
    """Account for `if k not in d: …` that makes an entry, and what it is made for."""
    test, statement = use.parent, site.module.statement(use.node)
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or len(test.comparators) != 1:
        return
    block = site.module.block(statement)
    if not isinstance(statement, ast.If) or statement.test is not test or block is None:
        return
    key = test.left
    if not is_pure_expression(site, key) or may_be_caught(site, statement):
        # After an exception in between, an entry that nothing was put into would be left or lack.
        return
    absent, present = statement.body, statement.orelse
    if isinstance(test.ops[0], ast.In):
        absent, present = present, absent
    made = _made(absent, name, key)
    if made is None or len(absent) != 1:
        return
    if present:
        added = _added_alike(site, made, present, name, key)
        if added is not None:
            factory, text = added
            filling.add(factory, Replace(statement, text), statement)
        return
    factory = _factory(site, made)
    following = block[block.index(statement) + 1 :]
    entry = _entry(site, following[0], name, key) if following else None
    if factory is not None and entry is not None:
        filling.add(factory, Delete(statement), statement, entry)


def _made(block: list[ast.stmt], name: str, key: ast.expr) -> ast.expr | None:
    """Return the value of `d[k] = value` when that is a block's first statement."""
    match block:
        case [ast.Assign(targets=[ast.Subscript() as target], value=value), *_]:
            is_entry = is_name(target.value, name) and same(target.slice, key)
            return value if is_entry else None
    return None


def _added_alike(
    site: Site, made: ast.expr, present: list[ast.stmt], name: str, key: ast.expr
) -> tuple[str, str] | None:
    """Return what makes an entry, and the statement, when both branches add the same to it."""
    if len(present) != 1:
        return None
    statement = present[0]
    for factory, method in _ADDING.items():
        call = method_statement(statement, method)
        if call is None or not is_plain_call(call, arguments=1):
            continue
        assert isinstance(call.func, ast.Attribute)
        holds = made.elts if isinstance(made, ast.List if factory == "list" else ast.Set) else []
        is_same = len(holds) == 1 and same(holds[0], call.args[0])
        if is_same and _is_entry(call.func.value, name, key):
            return factory, site.module.segment(statement)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        adds = same(statement.value, made) and site.kinds.is_a(made, *NUMBERS)
        if adds and _is_entry(statement.target, name, key):
            return "int", site.module.segment(statement)
    return None


def _is_entry(node: ast.AST, name: str, key: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and is_name(node.value, name) and same(node.slice, key)


def _entry(site: Site, statement: ast.stmt, name: str, key: ast.expr) -> ast.Subscript | None:
    """Return the `d[k]` that a simple statement certainly looks up, when it is the only one."""
    if not isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign):
        return None
    if names_read(key) & site.effects.of([statement]).bound:
        return None
    entries = [each for each in walk(statement) if is_name(each, name)]
    found = site.module.parents[entries[0]] if len(entries) == 1 else None
    if not isinstance(found, ast.Subscript) or not _is_entry(found, name, key):
        return None
    if isinstance(found.ctx, ast.Store) and not isinstance(statement, ast.AugAssign):
        return None
    skipping = (ast.BoolOp, ast.IfExp, ast.Lambda, *COMPREHENSIONS)
    around = site.module.ancestors(found)
    return None if any(isinstance(each, skipping) for each in _until(around, statement)) else found


def _until(around: Iterator[ast.AST], last: ast.AST) -> Iterator[ast.AST]:
    for each in around:
        if each is last:
            return
        yield each


def _add_total(site: Site, use: Use, name: str, filling: _Filling) -> None:
    """Account for `d[k] = d.get(k, 0) + number`."""
    statement = site.module.statement(use.node)
    match statement:
        case ast.Assign(
            targets=[ast.Subscript() as target],
            value=ast.BinOp(left=ast.Call() as call, op=ast.Add(), right=added),
        ):
            key = target.slice
        case _:
            return
    is_get = isinstance(call.func, ast.Attribute) and call.func.attr == "get"
    if not is_get or not is_plain_call(call, arguments=2) or int_value(call.args[1]) != 0:
        return
    assert isinstance(call.func, ast.Attribute)
    both = is_name(call.func.value, name) and same(call.args[0], key)
    if (
        both
        and not may_be_caught(site, statement)
        and is_pure_expression(site, key)
        and site.kinds.is_a(added, *NUMBERS)
    ):
        entry = f"{name}[{site.module.segment(key)}]"
        text = f"{entry} += {site.module.segment(added)}"
        filling.add("int", Replace(statement, text), statement)
