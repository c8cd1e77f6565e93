"""Preparations: what a function makes of an unchanging argument at each call in a loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ....profiles.facts.facts import Need
from ..reading.effect import ANY_ATTRIBUTE
from ..reading.loops import (
    Invariance,
    Loop,
    anchor,
    enclosing_try,
    invariance_in,
    is_certain_to_run,
    is_pure_expression,
    loops_around,
    names_read,
)
from ..reading.scopes import all_arguments
from ..reading.syntax import assigned_name, body_without_docstring
from ..reading.uses import is_private_local, uses_of, within
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace
from .invariants import is_cheap, is_reading


@dataclass(frozen=True)
class _Prepared:
    """A call in a loop, and the first statements of what it calls that need not run each time."""

    call: ast.Call
    function: ast.FunctionDef
    loop: Loop
    steps: tuple[ast.Assign, ...]
    given: dict[str, ast.expr]
    """What the call gives for each parameter."""


class PreparedOnce:
    """Does what a called function begins with, on arguments that stay, before the loop."""

    name = "prepare-once"
    summary = (
        "A function called in a loop that first makes a set, an index or a pattern of an argument "
        "that stays the same gets it made once, before the loop."
    )
    why_right = (
        "What is made depends on arguments that the loop does not change, and is only read "
        "afterwards, so each call made the same. It is now also made when the loop runs no "
        "iteration. The function itself still does all of it for everybody else."
    )
    risk: Risk = "medium"
    promise = 0.6
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such call."""
        for call in site.scope.of_type(ast.Call):
            found = _prepared(site, call)
            if found is not None:
                yield _change(site, found)


def _prepared(site: Site, call: ast.Call) -> _Prepared | None:
    function = site.module.function_meant(call.func)
    loops = loops_around(site, call)
    if not loops or not _can_be_split(site, function):
        return None
    assert isinstance(function, ast.FunctionDef)
    given = _given(function, call)
    if given is None:
        return None
    best: _Prepared | None = None
    for loop in loops:
        where = anchor(site, loop)
        again = isinstance(where, ast.While) and where is not loop.node
        steps = _steps(site, function, given, invariance_in(site, loop))
        if again or not steps or enclosing_try(site, call, loop):
            break
        if best is None or len(steps) == len(best.steps):
            best = _Prepared(call, function, loop, tuple(steps), given)
    return best


def _can_be_split(site: Site, function: ast.AST | None) -> bool:
    """Return whether a function is a plain one of the module, each statement on its own lines."""
    if not isinstance(function, ast.FunctionDef) or function is site.function:
        return False
    arguments = function.args
    plain = not (function.decorator_list or arguments.vararg or arguments.kwarg)
    nested = site.module.scope(function).names_inside_nested
    starts = [each.lineno for each in body_without_docstring(function)]
    return (
        plain
        and site.module.parents[function] is site.module.tree
        and not site.module.scope(function).is_generator
        and not nested
        and len(set(starts)) == len(starts)
        and starts[:1] > [function.lineno]
    )


def _given(function: ast.FunctionDef, call: ast.Call) -> dict[str, ast.expr] | None:
    """Return what a call gives for each parameter it names, None for star arguments."""
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if any(isinstance(each, ast.Starred) for each in call.args) or len(call.args) > len(names):
        return None
    given = dict(zip(names, call.args, strict=False))
    for each in call.keywords:
        if each.arg is None or each.arg in given:
            return None
        given[each.arg] = each.value
    return given


def _steps(
    site: Site, function: ast.FunctionDef, given: dict[str, ast.expr], invariance: Invariance
) -> list[ast.Assign]:
    """Return the first statements of a function that come to the same in every turn of a loop."""
    inside = replace(site, function=function, qualname=function.name, answers={})
    made: set[str] = set()
    found: list[ast.Assign] = []
    for statement in body_without_docstring(function)[:-1]:
        name = assigned_name(statement)
        if not isinstance(statement, ast.Assign) or name is None:
            break
        once = len(inside.scope.bindings[name]) == 1
        if not once or not _stays(inside, statement.value, given, made, invariance):
            break
        made.add(name)
        found.append(statement)
    while found and not all(_is_only_read(inside, each, found) for each in found):
        found.pop()
    return found if any(not is_cheap(inside, each.value) for each in found) else []


def _is_only_read(inside: Site, step: ast.Assign, steps: list[ast.Assign]) -> bool:
    """Return whether the function leaves alone, and keeps to itself, what a step makes."""
    name = assigned_name(step) or ""
    if inside.kinds.is_immutable(step.value):
        return True
    if inside.kinds.is_a(step.value, "iterator", "defaultdict"):
        # Going through the one, and looking into the other, changes it.
        return False
    rest = [use for use in uses_of(inside, name) if not within(inside, use.node, steps)]
    return is_private_local(inside, name) and all(
        is_reading(inside, step.value, use) for use in rest
    )


def _stays(
    inside: Site,
    value: ast.expr,
    given: dict[str, ast.expr],
    made: set[str],
    invariance: Invariance,
) -> bool:
    """Return whether a value that the function makes is the same in every turn of the loop."""
    if not is_pure_expression(inside, value):
        return False
    read = inside.effects.of([value])
    attributes = {each.attr for each in walk(value) if isinstance(each, ast.Attribute)}
    if ANY_ATTRIBUTE in read.attributes_read:
        return False
    if (attributes | read.attributes_read) & invariance.effects.attribute_names:
        return False
    if read.globals_read & invariance.effects.globals_written:
        return False
    parameters = {each.arg for each in all_arguments(inside.function.args)}
    for name in names_read(value):
        if name in made:
            continue
        if name in parameters:
            kept = len(inside.scope.bindings[name]) == 1
            if not kept or name not in given or not _is_same(inside, given[name], invariance):
                return False
        elif name in inside.scope.bindings or not _is_fixed(inside, name):
            return False
    return True


def _is_same(site: Site, argument: ast.expr, invariance: Invariance) -> bool:
    return is_pure_expression(site, argument) and invariance.holds(argument)


def _is_fixed(site: Site, name: str) -> bool:
    """Return whether an outer name means the same all the time: a builtin, or bound once."""
    return name not in site.module.bindings or site.effects.is_stable_global(name)


# -- the change -----------------------------------------------------------------------------------


def _change(site: Site, found: _Prepared) -> Change:
    module, function = site.module, found.function
    worker = site.fresh_name(f"_{function.name.lstrip('_')}_prepared")
    texts = {name: _in_brackets(site, value) for name, value in found.given.items()}
    lines: list[str] = []
    for step in found.steps:
        name = assigned_name(step)
        assert name is not None
        inner: dict[ast.expr, str] = {
            node: texts[node.id]
            for node in walk(step.value)
            if isinstance(node, ast.Name) and node.id in texts
        }
        made = module.segment_with(step.value, inner)
        texts[name] = site.fresh_name(name)
        lines.append(f"{texts[name]} = {made}")
    prepared = [texts[assigned_name(step) or ""] for step in found.steps]
    passed = [module.segment(each) for each in found.call.args]
    passed += [f"{each.arg}={module.segment(each.value)}" for each in found.call.keywords]
    edits: list[Edit] = [
        InsertBefore(anchor(site, found.loop), module.newline.join(lines)),
        Replace(found.call, f"{worker}({', '.join([*prepared, *passed])})"),
        Replace(function, _split(site, found, worker)),
    ]
    certain = is_certain_to_run(site, found.call, found.loop)
    return Change(
        line=found.call.lineno,
        hypothesis=f"{function.name} begins each call in the loop at line "
        f"{found.loop.node.lineno} with the same work on the same arguments; once before the loop "
        "is enough",
        edits=tuple(edits),
        risk="medium" if certain else "high",
    )


def _in_brackets(site: Site, value: ast.expr) -> str:
    text = site.module.segment(value)
    return text if isinstance(value, ast.Name | ast.Attribute | ast.Subscript) else f"({text})"


def _split(site: Site, found: _Prepared, worker: str) -> str:
    """Return the function's text as two: what it prepares, and what it does with that."""
    function, lines = found.function, site.module.lines
    last = found.steps[-1].end_lineno or found.steps[-1].lineno
    head = "".join(lines[function.lineno - 1 : last])
    rest = "".join(lines[last : function.end_lineno])
    margin = lines[found.steps[0].lineno - 1][: found.steps[0].col_offset]
    names = [assigned_name(step) or "" for step in found.steps]
    positional = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    passed = [*names, *positional, *(f"{each.arg}={each.arg}" for each in function.args.kwonlyargs)]
    returns = f" -> {site.module.segment(function.returns)}" if function.returns else ""
    # Preparations come first, so that parameters with defaults may follow.
    taken = ", ".join([*names, ast.unparse(function.args)])
    # The lines around end as the file's do, and a text has ends of one sort.
    newline = site.module.newline
    return (
        f"{head}{margin}return {worker}({', '.join(passed)}){newline * 3}"
        f"def {worker}({taken}){returns}:{newline}{rest}"
    )
