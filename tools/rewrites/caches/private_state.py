"""Private state: attributes that only a class's own methods reach, and which of them write."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..kinds.kind import MAPPINGS, Kind
from ..kinds.known_calls import CHANGING_METHODS, READING_METHODS
from ..reading.scopes import COMPREHENSIONS, FUNCTIONS, own_nodes
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Site
from .instances import MAKING

_READERS = words(
    "len sum min max any all sorted list tuple set frozenset dict enumerate zip str repr reversed",
    "bool iter",
)
_FRESH = words("list dict set tuple frozenset sorted collections.deque collections.Counter")
_AT_ONCE = words(
    "append add appendleft pop popleft popitem remove discard clear insert setdefault reverse"
)
"""Changing methods that either do the whole of it or nothing."""
_ADDING = {"append": 0, "add": 0, "appendleft": 0, "insert": 1, "setdefault": 1}
"""Methods that put one element into a container, and which argument it is."""
_ADDING_ALL = ("extend", "update", "extendleft", "symmetric_difference_update")


@dataclass(frozen=True)
class Write:
    """A statement that changes an attribute, and where to say so."""

    statement: ast.stmt
    before: bool
    """Whether it must be said before it: it may be left half done, or nothing comes after it."""
    after: bool


class PrivateState:
    """Some attributes of one class of the module."""

    def __init__(self, site: Site, owner: ast.ClassDef, names: set[str]) -> None:
        self._site = site
        self._owner = owner
        self.names = names

    def writes(self) -> list[Write] | None:
        """Return every statement outside construction that changes one of the attributes.

        None when somebody else might change one, or hold what is in it.
        """
        found: dict[ast.stmt, Write] = {}
        for node in self._mentions():
            if not self._is_own(node):
                return None
            if self._is_read(node):
                continue
            write = self._write(node)
            if write is None:
                return None
            function = self._site.module.enclosing_function(node)
            if function is not None and function.name not in MAKING:
                found[write.statement] = write
        is_private = all(map(self._is_private, self.names))
        return list(found.values()) if is_private and self._makes_alone() else None

    def _mentions(self) -> Iterator[ast.Attribute]:
        for node in self._site.module.kinds.of(ast.Attribute):
            if node.attr in self.names:
                yield node

    def _is_private(self, name: str) -> bool:
        module = self._site.module
        return (
            name.startswith("_")
            and not name.startswith("__")
            and name in module.attribute_stores
            and not self._site.is_mentioned_elsewhere(name)
            and re.search(rf"['\"]{name}['\"]", module.text) is None
            and name not in module.names_stored
            and self._contents_stay(name)
        )

    def _is_own(self, node: ast.Attribute) -> bool:
        """Return whether a mention is of `self` in the body of one of the class's methods."""
        around = next(
            each
            for each in self._site.module.ancestors(node)
            if isinstance(each, (*FUNCTIONS, ast.Lambda, ast.ClassDef, ast.Module))
        )
        return (
            isinstance(around, ast.FunctionDef)
            and self._site.module.owner(around) is self._owner
            and [each.arg for each in around.args.args[:1]] == ["self"]
            and len(self._site.module.scope(around).bindings["self"]) == 1
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        )

    # -- roles --------------------------------------------------------------------------------

    def _is_read(self, node: ast.Attribute) -> bool:
        """Return whether a mention neither changes the value nor lets anybody keep it."""
        if not isinstance(node.ctx, ast.Load):
            return False
        return self._site.kinds.is_immutable(node) or self._only_looks(node)

    def _only_looks(self, node: ast.Attribute) -> bool:
        parent = self._site.module.parents[node]
        match parent:
            case ast.Subscript():
                return parent.value is node and isinstance(parent.ctx, ast.Load)
            case ast.Attribute():
                call = self._site.module.parents[parent]
                is_call = isinstance(call, ast.Call) and call.func is parent
                return is_call and parent.attr in READING_METHODS - CHANGING_METHODS
            case ast.For() | ast.comprehension():
                return parent.iter is node
            case ast.If() | ast.While() | ast.IfExp():
                return parent.test is node
            case ast.Compare() | ast.FormattedValue() | ast.UnaryOp() | ast.Starred():
                return True
            case ast.Call():
                reads = self._site.module.qualified(parent.func) in _READERS
                return node in parent.args and reads
        return False

    def _is_fresh(self, value: ast.expr | None) -> bool:
        """Return whether a value is made on the spot, or can never change."""
        if value is None or self._site.kinds.is_immutable(value):
            return True
        if isinstance(value, ast.Call):
            return self._site.module.qualified(value.func) in _FRESH
        return isinstance(value, (ast.List, ast.Dict, ast.Set, *COMPREHENSIONS))

    def _write(self, node: ast.Attribute) -> Write | None:
        """Return the statement that does nothing after it has changed what a mention names."""
        module = self._site.module
        changed: ast.expr = node
        parent = module.parents[changed]
        if isinstance(parent, ast.Subscript) and parent.value is changed:
            changed, parent = parent, module.parents[parent]
        statement = module.statement(node)
        if module.block(statement) is None:
            return None
        if isinstance(parent, ast.Attribute) and changed is node:
            call = module.parents[parent]
            if not isinstance(call, ast.Call) or parent.attr not in CHANGING_METHODS:
                return None
            return _write_by_call(statement, call, parent.attr)
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            is_target = changed in getattr(statement, "targets", [statement.__dict__.get("target")])
            stored = changed is not node or self._is_fresh(statement.value)
            slices = isinstance(changed, ast.Subscript) and isinstance(changed.slice, ast.Slice)
            return Write(statement, slices, after=True) if is_target and stored else None
        if isinstance(statement, ast.AugAssign) and statement.target is changed:
            in_steps = changed is node and not self._site.kinds.is_immutable(node)
            return Write(statement, before=in_steps, after=True)
        if isinstance(statement, ast.Delete) and statement.targets == [changed]:
            return Write(statement, before=False, after=True)
        return None

    # -- contents -----------------------------------------------------------------------------

    def _contents_stay(self, name: str) -> bool:
        """Return whether all that an attribute ever holds, or is a container of, is immutable."""
        kinds = [kind for node in self._mentions() if node.attr == name for kind in self._put(node)]
        return all(map(self._site.kinds.kind_is_immutable, kinds))

    def _put(self, node: ast.Attribute) -> Iterator[Kind | None]:
        """Yield the kinds of what a mention puts into the attribute's value."""
        kinds, module = self._site.kinds, self._site.module
        parent = module.parents[node]
        holder = module.parents[parent]
        if isinstance(parent, ast.Attribute) and isinstance(holder, ast.Call):
            position = _ADDING.get(parent.attr, len(holder.args))
            yield from map(kinds.of, holder.args[position : position + 1])
            if parent.attr in _ADDING_ALL:
                yield from (self._all_parts(kinds.of(each)) for each in holder.args)
                yield from (kinds.of(each.value) for each in holder.keywords)
        elif isinstance(node.ctx, ast.Store) and isinstance(parent, ast.Assign | ast.AnnAssign):
            value = parent.value
            if value is not None and not _is_empty(value):
                yield self._all_parts(kinds.of(value))
        elif isinstance(node.ctx, ast.Store):
            is_sum = isinstance(parent, ast.AugAssign)
            yield self._all_parts(kinds.of(parent.value)) if is_sum else None
        elif isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store):
            value = getattr(holder, "value", None)
            yield kinds.of(value) if isinstance(value, ast.expr) else None

    def _all_parts(self, kind: Kind | None) -> Kind | None:
        """Return the kind of what a value holds; of itself when it cannot change."""
        if kind is None or self._site.kinds.kind_is_immutable(kind):
            return kind
        if kind.name in MAPPINGS:
            return kind.value
        return kind.element

    # -- construction -------------------------------------------------------------------------

    def _makes_alone(self) -> bool:
        """Return whether construction asks no method, and hands the instance to nobody."""
        module = self._site.module
        if any(_makes_again(node) for node in module.nodes):
            return False
        for child in self._owner.body:
            if not isinstance(child, FUNCTIONS) or child.name not in MAKING:
                continue
            for node in own_nodes(child):
                if isinstance(node, ast.Name) and node.id in ("self", "super"):
                    parent = module.parents[node]
                    if not isinstance(parent, ast.Attribute) or parent.attr in module.methods:
                        return False
        return True


def _makes_again(node: ast.AST) -> bool:
    """Return whether an instance that is in use gives itself its first values again."""
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name in MAKING
    return False


def _write_by_call(statement: ast.stmt, call: ast.Call, method: str) -> Write | None:
    value = getattr(statement, "value", None)
    if value is not call:
        return None
    at_once = method in _AT_ONCE
    if isinstance(statement, ast.Expr | ast.Assign):
        return Write(statement, before=not at_once, after=True)
    calls = [each for each in walk(call) if isinstance(each, ast.Call)]
    if isinstance(statement, ast.Return) and calls == [call]:
        return Write(statement, before=True, after=False)
    return None


def _is_empty(value: ast.expr) -> bool:
    return isinstance(value, ast.List | ast.Dict | ast.Call) and not any(
        getattr(value, each, None) for each in ("elts", "keys", "args", "keywords")
    )
