"""Memoize: functions whose answer depends on their arguments alone, asked again and again."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.annotations import is_static
from ..kinds.known_calls import CALLS_ITS_ARGUMENT, CHANGING_METHODS, READING_METHODS
from ..reading.scopes import COMPREHENSIONS, FUNCTIONS, FunctionScope, all_arguments
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Change, Risk, Site
from ..writing.edit import Decorate, Edit, FunctionNode, InsertAfter, Rename

_UNHASHABLE = frozenset(
    (
        "list",
        "dict",
        "set",
        "deque",
        "defaultdict",
        "Counter",
        "iterator",
        "view",
        "sequence",
        "iterable",
    )
)
_GOES_THROUGH = words(
    "len sorted sum set list tuple zip enumerate map filter any all min max reversed iter dict",
    "frozenset collections.Counter collections.deque functools.reduce heapq.nlargest",
    "heapq.nsmallest",
)
_TAKES_MANY = ("join", "extend", "update", "union")
_COPIED = frozenset(("list", "dict", "set"))
_COMPARED_BY_TYPE = frozenset(("str", "bytes"))
_SIZE = 65536
_REAL_WORK = (ast.For, ast.While, *COMPREHENSIONS)


class Memoize:
    """Puts `functools.lru_cache` on a pure function, nested or static ones included."""

    name = "memoize"
    summary = "A pure function with hashable arguments remembers its answers (functools.lru_cache)."
    why_right = (
        "The function reads only its arguments and constants, changes nothing, and returns values "
        "that cannot change (or a fresh copy of a flat container), so an earlier answer is as good "
        "as a new one. It would not be if another module changed a constant it reads, or if an "
        "argument turned out not to be hashable."
    )
    risk: Risk = "medium"
    promise = 0.6
    needs: tuple[Need, ...] = ("repeats", "types", "writes", "raises")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield at most one change: the decorator, with a copying wrapper where needed."""
        function = site.function
        if not isinstance(function, ast.FunctionDef) or not _can_be_cached(site, function):
            return
        calls_itself = _self_calls(site)
        if not calls_itself and not _works_hard(site):
            return
        risk = _argument_risk(site)
        if risk is None or not site.effects.is_pure_function(function):
            return
        if not _outer_names_stay(site):
            return
        copied = None
        if not _returns_immutable(site):
            copied = _flat_container(site)
            if copied is None:
                return
        edits = _edits(site, function, copied, bounded=not calls_itself)
        if edits is None:
            return
        yield Change(
            line=function.lineno,
            hypothesis=_hypothesis(site, calls_itself),
            edits=tuple(edits),
            risk=risk,
            whole_function=True,
            promise=0.95 if calls_itself > 1 else self.promise,
        )


def _hypothesis(site: Site, calls_itself: int) -> str:
    name = site.qualname
    if calls_itself > 1:
        return (
            f"{name} calls itself {calls_itself} times and solves the same subproblems over and "
            "over; remembering answers makes each one cost once"
        )
    return (
        f"{name} depends on its arguments alone; if they repeat, remembering its answers saves "
        "the work"
    )


def _can_be_cached(site: Site, function: ast.FunctionDef) -> bool:
    arguments, owner = function.args, site.module.owner(function)
    if is_static(function) and owner is not None:
        defined = [each for each in owner.body if getattr(each, "name", None) == function.name]
        is_alone = len(defined) == 1
    else:
        is_alone = not function.decorator_list and owner is None
    return is_alone and not (
        arguments.vararg
        or arguments.kwarg
        or function.name.startswith("__")
        or not all_arguments(arguments)
        or (owner is None and len(site.module.bindings.get(function.name, [1])) != 1)
    )


def _self_calls(site: Site) -> int:
    return sum(
        isinstance(node, ast.Call) and _is_self_call(site, node) for node in walk(site.function)
    )


def _is_self_call(site: Site, call: ast.Call) -> bool:
    if is_static(site.function) and isinstance(call.func, ast.Attribute):
        return site.effects.method_called(call.func) is site.function
    return site.module.function_meant(call.func) is site.function


def _works_hard(site: Site) -> bool:
    """Return whether a call costs clearly more than looking up its answer."""
    for node in walk(site.function):
        if isinstance(node, _REAL_WORK):
            return True
        if isinstance(node, ast.Call):
            called = site.module.function_meant(node.func)
            if called is not None and not called.decorator_list:
                return True
            if site.module.qualified(node.func) in (*CALLS_ITS_ARGUMENT, "sum"):
                return True
    return False


def _argument_risk(site: Site) -> Risk | None:
    """Return the risk that an argument cannot be hashed or may change, None when one surely can."""
    risk: Risk = "medium"
    if _looks_into_objects(site):
        return None
    for argument in all_arguments(site.function.args):
        kind = site.kinds.of_parameter(site.function, argument)
        if kind is None:
            if _is_changed_or_iterated(site, argument.arg):
                return None
            risk = "high"
        elif kind.name in _UNHASHABLE or not site.kinds.kind_is_hashable(kind):
            if kind.name != "tuple":
                return None
            risk = "high"
    return risk


def _looks_into_objects(site: Site) -> bool:
    """Return whether an argument may be an object whose attributes the answer depends on."""
    kinds = [
        site.kinds.of_parameter(site.function, each) for each in all_arguments(site.function.args)
    ]
    if all(site.kinds.kind_is_immutable(kind) for kind in kinds):
        return False
    read = site.effects.summary(site.function).attributes_read
    known = READING_METHODS | CHANGING_METHODS | site.module.names_of_modules
    if any(
        isinstance(node, ast.Attribute) and _is_parameter(site, node.value)
        for node in site.scope.nodes
    ):
        return True
    return not read <= known


def _is_parameter(site: Site, node: ast.expr) -> bool:
    """Return whether a node is a parameter whose value might change."""
    return (
        isinstance(node, ast.Name)
        and node.id in site.scope.parameters
        and not site.kinds.is_immutable(node)
    )


def _is_changed_or_iterated(site: Site, name: str) -> bool:
    """Return whether a parameter of unknown kind is used like a container."""
    for node in site.scope.nodes:
        if not (isinstance(node, ast.Name) and node.id == name):
            continue
        match site.module.parents[node]:
            case ast.Subscript(value=taken) | ast.For(iter=taken) | ast.comprehension(iter=taken):
                is_container = taken is node
            case ast.Compare(ops=ops, comparators=others):
                searches = zip(ops, others, strict=True)
                is_container = any(
                    other is node and isinstance(each, ast.In | ast.NotIn)
                    for each, other in searches
                )
            case ast.Starred():
                is_container = True
            case ast.Assign(targets=[ast.Tuple() | ast.List()]):
                is_container = True
            case ast.Call(func=func, args=args):
                is_container = node in args and _goes_through(site, func)
            case _:
                is_container = False
        if is_container:
            return True
    return False


def _goes_through(site: Site, func: ast.expr) -> bool:
    """Return whether what is called goes through an argument."""
    if isinstance(func, ast.Attribute) and func.attr in _TAKES_MANY:
        return True
    name = site.module.qualified(func) or ""
    return name in _GOES_THROUGH or name.startswith("itertools.")


def _outer_names_stay(site: Site) -> bool:
    """Return whether what a nested function reads of the functions around it stays as it is."""
    outers = [each for each in site.module.ancestors(site.function) if isinstance(each, FUNCTIONS)]
    return all(_names_stay(site, outer) for outer in outers)


def _names_stay(site: Site, outer: FunctionNode) -> bool:
    """Return whether one of the functions around binds once, and leaves alone, what is read."""
    scope = site.module.scope(outer)
    changed = site.effects.of(outer.body).mutated | _set_from_inside(outer)
    for name in _names_followed(site, scope) & set(scope.bindings):
        bound = scope.bindings[name]
        if len(bound) != 1 or name in changed:
            return False
        node = bound[0].node
        if isinstance(node, FUNCTIONS):
            continue
        if getattr(node, "lineno", 0) > site.function.lineno:
            return False
        around = itertools.takewhile(lambda each: each is not outer, site.module.ancestors(node))
        if any(isinstance(each, ast.For | ast.While) for each in around):
            return False
    return True


def _names_followed(site: Site, scope: FunctionScope) -> set[str]:
    """Return the names that the function reads, itself or in other nested functions it calls."""
    found: set[str] = set()
    todo: list[FunctionNode] = [site.function]
    while todo:
        function = todo.pop()
        own = site.module.scope(function).bindings
        read = {node.id for node in walk(function) if isinstance(node, ast.Name)} - set(own)
        for name in read - found:
            found.add(name)
            todo.extend(
                each.node
                for each in scope.bindings.get(name, ())
                if isinstance(each.node, FUNCTIONS)
            )
    return found


def _set_from_inside(outer: FunctionNode) -> set[str]:
    """Return the names that functions inside declare as not their own."""
    return {name for node in walk(outer) if isinstance(node, ast.Nonlocal) for name in node.names}


def _returns_immutable(site: Site) -> bool:
    values = [each.value for each in site.scope.of_type(ast.Return)]
    useful = any(value is not None for value in values)
    return useful and all(value is None or _is_immutable(site, value, set()) for value in values)


def _is_immutable(site: Site, node: ast.expr, seen: set[str]) -> bool:
    """Return whether a returned value cannot change, taking the function's own answers as such."""
    if site.kinds.is_immutable(node):
        return True
    match node:
        case ast.Call(func=func, args=args):
            if _is_self_call(site, node):
                return True
            name = site.module.qualified(func)
            return (
                name in ("min", "max", "abs", "round", "pow", "tuple")
                and all(_is_immutable(site, each, seen) for each in args)
                and bool(args)
            )
        case ast.UnaryOp(operand=operand):
            return _is_immutable(site, operand, seen)
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            return _is_immutable(site, left, seen) and _is_immutable(site, right, seen)
        case ast.BoolOp(values=values) | ast.Tuple(elts=values):
            return all(_is_immutable(site, each, seen) for each in values)
        case ast.Name(id=name):
            return _is_immutable_name(site, name, seen)
    return False


def _is_immutable_name(site: Site, name: str, seen: set[str]) -> bool:
    if name in seen or name in site.scope.parameters:
        # A parameter that can be hashed is taken not to change.
        return True
    bound = site.scope.bindings.get(name)
    if not bound:
        return False
    for each in bound:
        if isinstance(each.node, ast.AugAssign):
            value: ast.expr | None = each.node.value
        else:
            value = each.value
        if value is None or not _is_immutable(site, value, seen | {name}):
            return False
    return True


def _flat_container(site: Site) -> str | None:
    """Return `list`, `dict` or `set` when that is what the function makes, of immutable parts."""
    kind = site.kinds.result_of(site.function)
    if kind is None or kind.name not in _COPIED or _self_calls(site):
        return None
    parts = [kind.item, kind.value] if kind.name == "dict" else [kind.item]
    if not all(site.kinds.kind_is_immutable(each) for each in parts):
        return None
    makes_it = all(
        each.value is not None and not _may_be_shared(site, each.value)
        for each in site.scope.of_type(ast.Return)
    )
    return kind.name if makes_it else None


def _may_be_shared(site: Site, value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and bool(site.effects.origins(site.function, value.id))


def _edits(
    site: Site, function: ast.FunctionDef, copied: str | None, *, bounded: bool
) -> list[Edit] | None:
    top = site.module.top_level(function)
    found = site.module.reference("functools.lru_cache", before=top)
    if found is None:
        return None
    cache, imports = found
    options = [f"maxsize={_SIZE}" if bounded else "maxsize=None"]
    kinds = [site.kinds.of_parameter(function, each) for each in all_arguments(function.args)]
    if not all(kind is not None and kind.name in _COMPARED_BY_TYPE for kind in kinds):
        # 1, 1.0 and True are equal keys, but need not have equal answers.
        options.append("typed=True")
    decorated = Decorate(function, f"{cache}({', '.join(options)})", innermost=is_static(function))
    edits: list[Edit] = [decorated, *imports]
    if copied is None:
        return edits
    if is_static(function):
        return None
    inner = site.fresh_name(f"_{function.name.lstrip('_')}_once")
    edits.append(Rename(function, inner))
    edits.append(InsertAfter(function, _copying_wrapper(site, function, inner, copied)))
    return edits


def _copying_wrapper(site: Site, function: ast.FunctionDef, inner: str, copied: str) -> str:
    arguments = function.args
    passed = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    passed += [f"{each.arg}={each.arg}" for each in arguments.kwonlyargs]
    return f"{site.module.head(function)}    return {copied}({inner}({', '.join(passed)}))\n"
