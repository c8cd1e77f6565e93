"""Instances: methods that keep working out the same answer from state that never changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.annotations import dataclass_options, is_enum, is_method_like_property
from ..kinds.known_calls import CHANGING_METHODS
from ..reading.effect import ANY_ATTRIBUTE
from ..reading.scopes import COMPREHENSIONS, FUNCTIONS, all_arguments
from ..reading.syntax import body_without_docstring
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Rename, Replace

MAKING = frozenset(("__init__", "__new__", "__post_init__", "__setstate__"))
_TYPE_LIKE = frozenset(
    ("NamedTuple", "Protocol", "TypedDict", "type", "tuple", "str", "int", "float")
)
_UNHASHABLE = frozenset(
    ("list", "dict", "set", "deque", "iterator", "view", "sequence", "iterable")
)


class CachedOnInstance:
    """Remembers on the instance what depends on its unchanging state."""

    name = "cache-on-instance"
    summary = "A property or method that only reads state set in __init__ remembers its answer."
    why_right = (
        "The attributes it reads are assigned or changed nowhere in the module after the instance "
        "was made, and the answer cannot change either. Code elsewhere that sets such an attribute "
        "would still get the old answer."
    )
    risk: Risk = "medium"
    promise = 0.6
    needs: tuple[Need, ...] = ("repeats", "writes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield at most one change for a method."""
        function, owner = site.function, site.module.owner(site.function)
        if owner is None or not isinstance(function, ast.FunctionDef):
            return
        arguments = all_arguments(function.args)
        if not arguments or arguments[0].arg != "self":
            # A metaclass may make anything else of it, a static method for one.
            return
        if function.name.startswith("__") or not can_hold_answers(site, owner):
            return
        is_property = is_method_like_property(function)
        if (function.decorator_list and not is_property) or has_setter(owner, function):
            return
        if not works_hard(site) or not returns_constant(site):
            return
        risk = self._state_risk(site, owner, function)
        if risk is None:
            return
        edits = _as_property(site) if is_property else _as_method(site, function)
        if edits is not None:
            yield Change(
                line=function.lineno,
                hypothesis=f"{site.qualname} works out the same answer again in every call, from "
                "state that is set once; remembering it on the instance makes it cost once",
                edits=tuple(edits),
                risk=risk,
                whole_function=True,
            )

    def _state_risk(
        self, site: Site, owner: ast.ClassDef, function: ast.FunctionDef
    ) -> Risk | None:
        summary = site.effects.summary(function)
        if not summary.changes_nothing or site.scope.is_generator:
            return None
        if not all(map(site.effects.is_stable_global, summary.globals_read)):
            return None
        known = _attributes_of(site, owner)
        read = summary.attributes_read
        changed = attributes_changed(site)
        if read & changed or ANY_ATTRIBUTE in read:
            return None
        own = {
            node.attr
            for node in walk(function)
            if isinstance(node, ast.Attribute) and _is_self(function, node.value)
        }
        if not own <= known or _is_used_whole(function):
            return None
        parameters = all_arguments(function.args)[1:]
        for argument in parameters:
            kind = site.kinds.of_parameter(function, argument)
            if kind is None or kind.name in _UNHASHABLE or not site.kinds.kind_is_hashable(kind):
                return None
            if kind.name in ("number", "float"):
                # 1 and 1.0 are the same key, but need not have the same answer.
                return "high"
        options = dataclass_options(owner) or {}
        is_private = all(name.startswith("_") or name in site.module.methods for name in own)
        return "medium" if is_private or options.get("frozen") else "high"


def _is_used_whole(function: ast.FunctionDef) -> bool:
    """Return whether a method does anything with `self` but look attributes up.

    Going over it, measuring it or handing it on may read state that has no name here.
    """
    looked_up = {node.value for node in walk(function) if isinstance(node, ast.Attribute)}
    return any(
        (_is_self(function, node) and node not in looked_up)
        or (isinstance(node, ast.Name) and node.id == "super")
        for node in walk(function)
        if isinstance(node, ast.expr)
    )


def has_setter(owner: ast.ClassDef, function: ast.FunctionDef) -> bool:
    """Return whether another definition in the class builds on the property of this name."""
    return any(
        isinstance(child, FUNCTIONS) and child is not function and child.name == function.name
        for child in owner.body
    )


def _is_self(function: ast.FunctionDef, node: ast.expr) -> bool:
    arguments = all_arguments(function.args)
    return bool(arguments) and isinstance(node, ast.Name) and node.id == arguments[0].arg


def can_hold_answers(site: Site, owner: ast.ClassDef) -> bool:
    """Return whether instances surely have a plain `__dict__` that nobody looks at as a whole."""
    if is_enum(owner) or owner.keywords:
        return False
    if any(getattr(base, "id", getattr(base, "attr", "")) in _TYPE_LIKE for base in owner.bases):
        return False
    if (dataclass_options(owner) or {}).get("slots"):
        return False
    for child in owner.body:
        if isinstance(child, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == "__slots__" for each in child.targets
        ):
            return False
        if isinstance(child, FUNCTIONS) and child.name in ("__getattr__", "__getattribute__"):
            return False
    return not ({"__dict__", "vars"} & site.module.words)


def works_hard(site: Site) -> bool:
    """Return whether a call of the site's function costs clearly more than a look into a dict."""
    work = (ast.For, ast.While, *COMPREHENSIONS)
    return any(isinstance(node, work) for node in walk(site.function)) or any(
        isinstance(node, ast.Call)
        and (
            site.module.function_meant(node.func) is not None
            or (isinstance(node.func, ast.Attribute) and site.effects.method_called(node.func))
            or site.module.qualified(node.func) in ("sorted", "sum", "min", "max")
        )
        for node in walk(site.function)
    )


def returns_constant(site: Site) -> bool:
    """Return whether the site's function always returns a value, which can never change."""
    values = [each.value for each in site.scope.of_type(ast.Return)]
    if not values or any(value is None for value in values):
        return False
    result = site.kinds.result_of(site.function)
    return site.kinds.kind_is_immutable(result)


def _attributes_of(site: Site, owner: ast.ClassDef) -> set[str]:
    """Return the attributes that a class and its bases in the module define themselves."""
    names: set[str] = set()
    for base in owner.bases:
        if isinstance(base, ast.Name) and base.id in site.module.classes:
            inherited = site.module.classes[base.id]
            if inherited is not owner:
                names |= _attributes_of(site, inherited)
    for child in owner.body:
        if isinstance(child, FUNCTIONS):
            names.add(child.name)
            if child.name in MAKING:
                names |= {
                    node.attr
                    for node in walk(child)
                    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
                }
        elif isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
            names.add(child.target.id)
        elif isinstance(child, ast.Assign):
            names |= {each.id for each in child.targets if isinstance(each, ast.Name)}
    return names


def attributes_changed(site: Site) -> set[str]:
    """Return every attribute that the module assigns or changes in place outside construction."""
    known = site.module.answers.get("attributes changed")
    if isinstance(known, set):
        return known
    changed: set[str] = set()
    for node in site.module.nodes:
        name = _changed_attribute(site, node)
        if name is None:
            continue
        function = site.module.enclosing_function(node)
        making = function is not None and function.name in MAKING
        if not making:
            changed.add(name)
    site.module.answers["attributes changed"] = changed
    return changed


def _changed_attribute(site: Site, node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return node.attr
    holder: ast.AST | None = None
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        holder = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        holder = node.func.value if node.func.attr in CHANGING_METHODS else None
    while isinstance(holder, ast.Subscript):
        holder = holder.value
    return holder.attr if isinstance(holder, ast.Attribute) else None


def _as_property(site: Site) -> list[Edit] | None:
    top = site.module.top_level(site.function)
    found = site.module.reference("functools.cached_property", before=top)
    if found is None:
        return None
    cached, imports = found
    return [Replace(site.function.decorator_list[0], cached), *imports]


def _as_method(site: Site, function: ast.FunctionDef) -> list[Edit] | None:
    """Return edits that put a remembering method before the one that does the work."""
    arguments = all_arguments(function.args)
    if not arguments or function.args.vararg or function.args.kwarg:
        return None
    me, given = arguments[0].arg, [each.arg for each in arguments[1:]]
    worker = site.fresh_name(f"_find_{function.name.lstrip('_')}")
    answer = site.fresh_name(f"_{function.name.lstrip('_')}_known")
    passed = [each.arg for each in (*function.args.posonlyargs, *function.args.args)][1:]
    passed += [f"{each.arg}={each.arg}" for each in function.args.kwonlyargs]
    head = site.module.head(function)
    work = f"{me}.{worker}({', '.join(passed)})"
    if not given:
        body = (
            f'    if "{answer}" not in {me}.__dict__:\n'
            f'        {me}.__dict__["{answer}"] = {work}\n'
            f'    return {me}.__dict__["{answer}"]\n'
        )
    else:
        key = given[0] if len(given) == 1 else f"({', '.join(given)})"
        body = (
            f'    known = {me}.__dict__.setdefault("{answer}", {{}})\n'
            f"    if {key} not in known:\n"
            f"        known[{key}] = {work}\n"
            f"    return known[{key}]\n"
        )
    if not body_without_docstring(function):
        return None
    return [InsertBefore(function, head + body), Rename(function, worker)]
