"""Local memo: answers that a loop asks for again, kept for as long as the loop runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...profiles.facts import Need
from .edit import Edit, FunctionNode, InsertBefore, Replace
from .effect import ANY_ATTRIBUTE, root_name
from .invariants import is_cheap, is_only_read
from .kind import Kind
from .known_calls import CALLS_ITS_ARGUMENT
from .loops import (
    Invariance,
    Loop,
    anchor,
    comprehension_loop,
    invariance_in,
    is_pure_expression,
    loops_around,
    names_read,
    outermost_invariant,
)
from .rewrite import RISKS, Change, Risk, Site
from .scopes import COMPREHENSIONS, all_arguments
from .syntax import is_constant, is_name
from .words import words

_SLOW = words(
    "datetime.datetime.strptime fractions.Fraction uuid.UUID os.path.join os.path.basename",
    "os.path.dirname os.path.splitext os.path.normpath os.path.split pathlib.PurePath",
    "pathlib.PurePosixPath urllib.parse.quote urllib.parse.unquote urllib.parse.urlsplit",
    "urllib.parse.urlparse",
)
"""Functions of the standard library that are slow and whose answers can never change."""
_REAL_WORK = (ast.For, ast.While, *COMPREHENSIONS)
_MANY_CALLS = 3
_WHOLE_NUMBERS = ("range", "len", "ord", "enumerate")


@dataclass(frozen=True)
class _Asked:
    """A call in a loop whose answers may be kept."""

    call: ast.Call
    loop: Loop
    """The outermost loop in which the same arguments have the same answer."""
    name: str
    """Of what is called, for a variable's name."""
    signature: tuple[object, ...]
    """Equal for calls that may share their answers."""
    varying: tuple[ast.expr, ...]
    key: str
    risk: Risk


class MemoizedLocally:
    """Keeps a pure function's answers in a dict that lives as long as the loop."""

    name = "memoize-locally"
    summary = (
        "A pure call in a loop whose arguments come again looks its answer up in a local dict."
    )
    why_right = (
        "The call changes nothing, its arguments cannot change, and what else it reads stays the "
        "same during the loop, so equal arguments have equal answers; the answers are immutable or "
        "only read. It would differ if code that the module does not show changed what a method "
        "reads, or if an argument could not be hashed."
    )
    risk: Risk = "medium"
    promise = 0.3
    needs: tuple[Need, ...] = ("repeats", "types", "writes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each function that is asked in a loop."""
        groups: dict[tuple[object, ...], list[_Asked]] = {}
        for call in site.scope.of_type(ast.Call):
            asked = _asked(site, call)
            if asked is not None:
                groups.setdefault((asked.signature, asked.loop.node), []).append(asked)
        for group in groups.values():
            if not _are_nested(site, group):
                promise = max(_promise(site, each, self.promise) for each in group)
                yield _change(site, group, promise)


# -- which calls ----------------------------------------------------------------------------------


def _asked(site: Site, call: ast.Call) -> _Asked | None:
    loops = loops_around(site, call)
    if not loops or _is_kept_already(site, call):
        return None
    own = _own_function(site, call)
    name = site.module.qualified(call.func) if own is None else own.name
    if name is None or (own is None and name not in _SLOW):
        return None
    varying = [
        each for each in (*call.args, *(k.value for k in call.keywords)) if not is_constant(each)
    ]
    if not varying or any(each.arg is None for each in call.keywords):
        return None
    key = _key(site, call, own, varying)
    loop = _outermost(site, call, loops, has_state=own is not None)
    if key is None or loop is None or outermost_invariant(site, call) is not None:
        return None
    if own is not None and not (site.kinds.is_immutable(call) or _is_only_added(site, call)):
        return None
    text, risk = key
    if not _is_plain(varying, text) and _in_iterable(site, call):
        return None
    return _Asked(
        call=call,
        loop=loop,
        name=name.rpartition(".")[2],
        signature=_signature(site, call),
        varying=tuple(varying),
        key=text,
        risk=risk,
    )


def _are_nested(site: Site, group: list[_Asked]) -> bool:
    calls = {each.call for each in group}
    return any(around in calls for each in group for around in site.module.ancestors(each.call))


def _in_iterable(site: Site, call: ast.Call) -> bool:
    """Return whether a comprehension goes over what a call gives: nothing may be named there."""
    child: ast.AST = call
    for around in site.module.ancestors(call):
        if isinstance(around, ast.comprehension) and child is around.iter:
            return True
        child = around
    return False


def _is_only_added(site: Site, call: ast.Call) -> bool:
    parent = site.module.parents[call]
    return isinstance(parent, ast.AugAssign) or is_only_read(site, call)


def _own_function(site: Site, call: ast.Call) -> FunctionNode | None:
    """Return the module's pure, hard-working function or method that is called, if it is one."""
    function = site.module.function_meant(call.func)
    if function is None and isinstance(call.func, ast.Attribute):
        receiver = call.func.value
        on_self = isinstance(receiver, ast.Name) and receiver.id == "self"
        function = site.effects.method_called(call.func) if on_self else None
    if not isinstance(function, ast.FunctionDef) or function is site.function:
        return None
    if function.decorator_list or site.module.scope(function).is_generator:
        return None
    summary = site.effects.summary(function)
    stable = all(map(site.effects.is_stable_global, summary.globals_read))
    return function if summary.changes_nothing and stable and _works_hard(site, function) else None


def _works_hard(site: Site, function: FunctionNode) -> bool:
    """Return whether a call costs clearly more than making a key and looking it up."""
    calls = [each for each in ast.walk(function) if isinstance(each, ast.Call)]
    return (
        any(isinstance(each, _REAL_WORK) for each in ast.walk(function))
        or len(calls) >= _MANY_CALLS
        or any(site.module.function_meant(each.func) is not None for each in calls)
        or any(site.module.qualified(each.func) in CALLS_ITS_ARGUMENT for each in calls)
    )


def _is_kept_already(site: Site, call: ast.Call) -> bool:
    """Return whether the code around a call stores its answer, or asks only what it has not."""
    parent = site.module.parents[call]
    if isinstance(parent, ast.Call):
        return isinstance(parent.func, ast.Attribute) and parent.func.attr == "setdefault"
    if isinstance(parent, ast.Assign):
        stored = any(isinstance(each, ast.Subscript) for each in parent.targets)
        guarded = any(
            isinstance(around, ast.If) and _asks_for_missing(around.test)
            for around in site.module.ancestors(parent)
        )
        return stored or guarded
    return isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or)


def _asks_for_missing(test: ast.expr) -> bool:
    return any(isinstance(each, ast.NotIn | ast.Is) for each in ast.walk(test))


def _signature(site: Site, call: ast.Call) -> tuple[object, ...]:
    shapes = [ast.dump(each) if is_constant(each) else "" for each in call.args]
    named = [
        (each.arg, ast.dump(each.value) if is_constant(each.value) else "")
        for each in call.keywords
    ]
    return (ast.dump(call.func), *shapes, *named)


# -- in which loop --------------------------------------------------------------------------------


def _outermost(site: Site, call: ast.Call, loops: list[Loop], *, has_state: bool) -> Loop | None:
    """Return the outermost loop during which equal arguments have equal answers."""
    if not has_state:
        return loops[-1]
    best: Loop | None = None
    for loop in loops:
        if isinstance(loop.node, ast.GeneratorExp | ast.Lambda):
            # It may run later, when things have changed.
            break
        where = anchor(site, loop)
        again = isinstance(where, ast.While) and where is not loop.node
        if again or not _keeps_state(site, call, invariance_in(site, loop)):
            break
        best = loop
    return best


def _keeps_state(site: Site, call: ast.Call, invariance: Invariance) -> bool:
    """Return whether what a call reads besides its arguments stays the same during a loop."""
    inner, during = site.effects.of([call.func, call]), invariance.effects
    root = root_name(call.func)
    return not (
        ANY_ATTRIBUTE in inner.attributes_read
        or inner.attributes_read & during.attribute_names
        or inner.globals_read & during.globals_written
        or (isinstance(call.func, ast.Attribute) and root in invariance.changed | invariance.bound)
    )


# -- the key --------------------------------------------------------------------------------------


def _key(
    site: Site, call: ast.Call, own: FunctionNode | None, varying: list[ast.expr]
) -> tuple[str, Risk] | None:
    """Return what to look an answer up by, and the risk of it; None when there is no such key."""
    parts: list[str] = []
    risk: Risk = "medium"
    for each in varying:
        if not is_pure_expression(site, each):
            return None
        if len(varying) > 1 and not is_cheap(site, each):
            return None
        kind = site.kinds.of(each) or _kind_of_parameter(site, call, own, each)
        found = _part(site, each, kind)
        if found is None:
            return None
        parts += found[0]
        risk = max(risk, found[1], key=RISKS.index)
    return (parts[0] if len(parts) == 1 else f"({', '.join(parts)})"), risk


def _kind_of_parameter(
    site: Site, call: ast.Call, own: FunctionNode | None, argument: ast.expr
) -> Kind | None:
    """Return what the called function shows of the parameter that an argument is given to."""
    if own is None:
        return None
    listed = all_arguments(own.args)[isinstance(call.func, ast.Attribute) :]
    if argument in call.args:
        position = call.args.index(argument)
        found = listed[position] if position < len(own.args.args) else None
    else:
        names = [each.arg for each in call.keywords if each.value is argument]
        found = next((each for each in listed if each.arg in names), None)
    return site.kinds.of_parameter(own, found) if found is not None else None


def _part(site: Site, node: ast.expr, kind: Kind | None) -> tuple[list[str], Risk] | None:
    """Return what of the key stands for one argument, and the risk of it."""
    if kind is None or not site.kinds.kind_is_immutable(kind):
        return None
    text = site.module.segment(node)
    if kind.name in ("float", "number", "complex"):
        # Zeros of either sign are one key, and such numbers seldom come again anyway.
        return None
    if kind.name in ("int", "bool") and not _is_whole_number(site, node):
        # 1 and True are the same key, but need not have the same answer.
        return ([text, f"type({text})"], "medium") if is_cheap(site, node) else None
    return [text], "medium" if _is_text(kind) or kind.name in ("int", "bool") else "high"


def _is_text(kind: Kind | None) -> bool:
    if kind is not None and kind.name == "tuple":
        return all(map(_is_text, kind.items or (kind.item,)))
    return kind is not None and kind.name in ("str", "bytes", "NoneType")


def _is_whole_number(site: Site, node: ast.expr) -> bool:
    """Return whether a number surely is an exact int: a counter, a length, a letter's number."""
    if isinstance(node, ast.Call):
        return site.module.qualified(node.func) in _WHOLE_NUMBERS
    if not isinstance(node, ast.Name):
        return False
    for around in site.module.ancestors(node):
        if isinstance(around, COMPREHENSIONS) and node.id in comprehension_loop(around).targets:
            return all(
                _counts(site, each.iter)
                for each in around.generators
                if isinstance(each.target, ast.Name) and each.target.id == node.id
            )
    bound = site.scope.bindings.get(node.id, [])
    return bool(bound) and all(
        isinstance(each.node, ast.For)
        and isinstance(each.node.target, ast.Name)
        and _counts(site, each.node.iter)
        for each in bound
    )


def _counts(site: Site, node: ast.expr) -> bool:
    is_range = isinstance(node, ast.Call) and site.module.qualified(node.func) == "range"
    return is_range or site.kinds.is_a(node, "bytes")


def _is_plain(varying: Sequence[ast.expr], key: str) -> bool:
    """Return whether a key is just a variable, which may be named as often as needed."""
    return len(varying) == 1 and is_name(varying[0], key)


# -- the change -----------------------------------------------------------------------------------


def _promise(site: Site, asked: _Asked, least: float) -> float:
    """Return the share of the calls' time that may be saved, by how surely arguments repeat."""
    read = set().union(*map(names_read, asked.varying))
    loops = loops_around(site, asked.call)
    # An inner loop's own variable comes round again with each turn of the outer one.
    if len(loops) > 1 and not any(read & loop.targets for loop in loops[1:]):
        return 0.7
    for loop in loops:
        iterable = getattr(loop.node, "iter", None)
        if iterable is None and isinstance(loop.node, COMPREHENSIONS):
            iterable = loop.node.generators[0].iter
        if iterable is not None and site.kinds.is_a(iterable, "str", "bytes"):
            return 0.7
    parts = any(not isinstance(each, ast.Name) for each in asked.varying)
    return 0.5 if parts or site.module.function_meant(asked.call.func) is None else least


def _change(site: Site, group: list[_Asked], promise: float) -> Change:
    first = group[0]
    known = site.fresh_name(f"{first.name.strip('_').lower()}_known")
    edits: list[Edit] = [InsertBefore(anchor(site, first.loop), f"{known} = {{}}")]
    for each in group:
        edits.append(_looked_up(site, each, known))
    shown = " ".join(site.module.segment(first.call).split())
    return Change(
        line=first.call.lineno,
        last_line=group[-1].call.lineno,
        hypothesis=f"`{shown[:60]}` is worked out again for arguments that the loop at line "
        f"{first.loop.node.lineno} has met before; a dict that lives as long as the loop knows "
        "the answers",
        edits=tuple(edits),
        risk=max((each.risk for each in group), key=RISKS.index),
        promise=promise,
    )


def _looked_up(site: Site, asked: _Asked, known: str) -> Edit:
    """Return the edit that asks only what is not known yet."""
    call, key = asked.call, asked.key
    text = site.module.segment(call)
    parent = site.module.parents[call]
    plain = _is_plain(asked.varying, key)
    name = key if plain else site.fresh_name(f"{known.removesuffix('_known')}_key")
    if not plain and key == site.module.segment(asked.varying[0]):
        text = site.module.segment_with(call, {asked.varying[0]: name})
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = site.module.segment(parent.targets[0])
        bound = "" if plain else f"{name} = {key}\n"
        return Replace(
            parent,
            f"{bound}if {name} not in {known}:\n    {known}[{name}] = {text}\n"
            f"{target} = {known}[{name}]",
        )
    asked_for = name if plain else f"({name} := {key})"
    return Replace(
        call, f"{known}[{name}] if {asked_for} in {known} else {known}.setdefault({name}, {text})"
    )
