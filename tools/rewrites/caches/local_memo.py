"""Local memo: answers that a loop asks for again, kept for as long as the loop runs."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..hoisting.invariants import is_only_read
from ..kinds.known_calls import CALLS_ITS_ARGUMENT
from ..reading.effect import ANY_ATTRIBUTE, root_name
from ..reading.loops import (
    Invariance,
    Loop,
    anchor,
    invariance_in,
    loops_around,
    names_read,
    outermost_invariant,
)
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import is_constant
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, FunctionNode, InsertBefore, Replace
from .lookup_keys import is_plain_key, key_of, riskier

_SLOW = words(
    "datetime.datetime.strptime fractions.Fraction uuid.UUID os.path.join os.path.basename",
    "os.path.dirname os.path.splitext os.path.normpath os.path.split pathlib.PurePath",
    "pathlib.PurePosixPath urllib.parse.quote urllib.parse.unquote urllib.parse.urlsplit",
    "urllib.parse.urlparse",
)
"""Functions of the standard library that are slow and whose answers can never change."""
_REAL_WORK = (ast.For, ast.While, *COMPREHENSIONS)
_MANY_CALLS = 3
_UNIQUE = ("set", "frozenset", "dict", "range")
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)


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
    promise = 0.4
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
                promise = max(_promise(site, each) for each in group)
                if promise:
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
    key = key_of(site, call, own, varying)
    loop = _outermost(site, call, loops, has_state=own is not None)
    if key is None or loop is None or outermost_invariant(site, call) is not None:
        return None
    if own is not None and not (site.kinds.is_immutable(call) or _is_only_added(site, call)):
        return None
    text, risk = key
    if not is_plain_key(varying, text) and _in_iterable(site, call):
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
    calls = [each for each in walk(function) if isinstance(each, ast.Call)]
    return (
        any(isinstance(each, _REAL_WORK) for each in walk(function))
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
    return any(isinstance(each, ast.NotIn | ast.Is) for each in walk(test))


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


# -- what may be saved ----------------------------------------------------------------------------


def _promise(site: Site, asked: _Asked) -> float:
    """Return the share of the calls' time that may be saved, by how surely arguments repeat."""
    read = set().union(*map(names_read, asked.varying))
    loops = loops_around(site, asked.call)
    given = [loop for loop in loops if loop.targets & read]
    if any(site.kinds.is_a(each, "str", "bytes") for loop in given for each in _gone_over(loop)):
        return 0.7
    if not given or not all(isinstance(each, ast.Name) for each in asked.varying):
        return 0.4
    others = set().union(*(loop.targets for loop in loops if loop not in given))
    if len(given) < len(loops):
        # An inner loop's own variable comes round again with each turn of the outer one.
        again = all(names_read(each).isdisjoint(others) for each in _gone_over(given[0]))
        return 0.7 if again else 0.3
    unique = (
        each for loop in given for each in _gone_over(loop) if site.kinds.is_a(each, *_UNIQUE)
    )
    return 0.0 if any(unique) else 0.15


def _gone_over(loop: Loop) -> list[ast.expr]:
    """Return what a loop takes its elements from."""
    if isinstance(loop.node, COMPREHENSIONS):
        return [each.iter for each in loop.node.generators]
    return [loop.node.iter] if isinstance(loop.node, ast.For | ast.AsyncFor) else []


# -- the change -----------------------------------------------------------------------------------


def _change(site: Site, group: list[_Asked], promise: float) -> Change:
    first = group[0]
    known = site.fresh_name(f"{first.name.strip('_').lower()}_known")
    edits: list[Edit] = [InsertBefore(anchor(site, first.loop), f"{known} = {{}}")]
    for each in group:
        edits += _looked_up(site, each, known)
    shown = " ".join(site.module.segment(first.call).split())
    return Change(
        line=first.call.lineno,
        last_line=group[-1].call.lineno,
        hypothesis=f"`{shown[:60]}` is worked out again for arguments that the loop at line "
        f"{first.loop.node.lineno} has met before; a dict that lives as long as the loop knows "
        "the answers",
        edits=tuple(edits),
        risk=functools.reduce(riskier, (each.risk for each in group)),
        promise=promise,
    )


def _looked_up(site: Site, asked: _Asked, known: str) -> list[Edit]:
    """Return the edits that ask only what is not known yet."""
    call, key = asked.call, asked.key
    text = site.module.segment(call)
    plain = is_plain_key(asked.varying, key)
    name = key if plain else site.fresh_name(f"{known.removesuffix('_known')}_key")
    if not plain and key == site.module.segment(asked.varying[0]):
        text = site.module.segment_with(call, {asked.varying[0]: name})
    statement = _statement_that_asks(site, call)
    if statement is not None:
        bound = "" if plain else f"{name} = {key}\n"
        before = f"{bound}if {name} not in {known}:\n    {known}[{name}] = {text}"
        return [InsertBefore(statement, before), Replace(call, f"{known}[{name}]")]
    asked_for = name if plain else f"({name} := {key})"
    found = f"{known}[{name}] if {asked_for} in {known} else {known}.setdefault({name}, {text})"
    return [Replace(call, found)]


def _statement_that_asks(site: Site, call: ast.Call) -> ast.stmt | None:
    """Return the statement that makes a call once each time it runs, None for any other."""
    child: ast.AST = call
    for around in site.module.ancestors(call):
        if isinstance(around, ast.If):
            is_first = child is around.test and site.module.block(around) is not None
            return around if is_first else None
        if isinstance(around, ast.For):
            return around if child is around.iter else None
        if isinstance(around, ast.stmt):
            return around if isinstance(around, _SIMPLE) else None
        skips = isinstance(around, (ast.BoolOp, ast.IfExp, ast.Lambda, *COMPREHENSIONS))
        if skips or (isinstance(around, ast.Compare) and len(around.ops) > 1):
            return None
        child = around
    return None
