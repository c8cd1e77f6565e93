"""Reductions: whole collections built or walked only to learn one thing about them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import is_pure_expression
from ..reading.scopes import target_names
from ..reading.syntax import assigned_name, int_value, is_plain_call, same
from ..reading.uses import uses_of, within
from ..rewrite import Change, Risk, Site
from ..writing.edit import InsertAfter, Replace

_COPIES = ("list", "tuple", "sorted")
_DICTS = ("dict", "defaultdict", "Counter")


class ShortCircuit:
    """Stops at the first answer instead of building a list of all."""

    name = "short-circuit"
    summary = (
        "`any([…])`, `all([…])`, `len([… if …]) > 0` and `if [… if …]:` stop at the first element "
        "that decides."
    )
    why_right = (
        "The elements are computed without side effects, so those after the deciding one need not "
        "be; an exception that a later element would raise no longer is."
    )
    risk: Risk = "low"
    promise = 0.5
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each list built to be reduced."""
        for built in site.scope.of_type(ast.ListComp):
            change = _truth_of(site, built)
            if change is not None:
                yield change
        for call in site.scope.of_type(ast.Call):
            name = site.module.qualified(call.func)
            if not is_plain_call(call, arguments=1) or not isinstance(call.args[0], ast.ListComp):
                continue
            built = call.args[0]
            if not _is_pure_comprehension(site, built):
                continue
            if name in ("any", "all"):
                text = site.module.segment(built)[1:-1]
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis=f"the list is built whole before {name}() looks at its first "
                    "element; a generator stops at the one that decides",
                    edits=(Replace(call, f"{name}({text})"),),
                    risk=self.risk,
                )
            elif name == "len":
                change = _emptiness(site, call, built)
                if change is not None:
                    yield change


def _is_pure_comprehension(site: Site, built: ast.ListComp) -> bool:
    return not any(each.is_async for each in built.generators) and is_pure_expression(site, built)


def _emptiness(site: Site, call: ast.Call, built: ast.ListComp) -> Change | None:
    """Change `len([x for x in xs if test]) > 0` and the like to `any(test for x in xs)`."""
    parent = site.module.parents[call]
    if not isinstance(parent, ast.Compare) or len(parent.ops) != 1 or parent.left is not call:
        return None
    bound = int_value(parent.comparators[0])
    operator = parent.ops[0]
    if (bound, type(operator)) in ((0, ast.Gt), (0, ast.NotEq), (1, ast.GtE)):
        negation = ""
    elif (bound, type(operator)) in ((0, ast.Eq), (1, ast.Lt)):
        negation = "not "
    else:
        return None
    text = _any_of(site, built)
    if text is None:
        return None
    return Change(
        line=call.lineno,
        last_line=call.end_lineno,
        hypothesis="all matches are collected only to see whether there is one; any() stops at the "
        "first",
        edits=(Replace(parent, f"{negation}{text}"),),
        risk="low",
    )


def _truth_of(site: Site, built: ast.ListComp) -> Change | None:
    """Change `if [x for x in xs if test]:` to `if any(test for x in xs):`."""
    match site.module.parents[built]:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            is_test = test is built
        case ast.UnaryOp(op=ast.Not()):
            is_test = True
        case _:
            return None
    if not is_test or not _is_pure_comprehension(site, built):
        return None
    text = _any_of(site, built)
    if text is None:
        return None
    return Change(
        line=built.lineno,
        last_line=built.end_lineno,
        hypothesis="all matches are collected only to see whether there is one; any() stops at the "
        "first",
        edits=(Replace(built, text),),
        risk="low",
    )


def _any_of(site: Site, built: ast.ListComp) -> str | None:
    last = built.generators[-1]
    if not last.ifs:
        return None
    clauses: list[str] = []
    for clause in built.generators:
        tests = [] if clause is last else clause.ifs
        shown = "".join(f" if {site.module.segment(each)}" for each in tests)
        target, iterable = site.module.segment(clause.target), site.module.segment(clause.iter)
        clauses.append(f"for {target} in {iterable}{shown}")
    test = " and ".join(
        f"({site.module.segment(each)})"
        if isinstance(each, ast.BoolOp | ast.IfExp) and len(last.ifs) > 1
        else site.module.segment(each)
        for each in last.ifs
    )
    return f"any({test} {' '.join(clauses)})"


class NeedlessCopy:
    """Looks into a collection itself instead of into a copy made for one look."""

    name = "needless-copy"
    summary = "`x in list(y)`, `x in d.keys()`, `len(list(d))`, `sorted(list(y))` drop the copy."
    why_right = (
        "The copy is used once and dropped at once; a set, dict or list answers the same question "
        "itself."
    )
    risk: Risk = "low"
    promise = 0.5
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each copy."""
        for node in site.scope.nodes:
            found: tuple[ast.expr, str, float] | None = None
            if isinstance(node, ast.Compare):
                found = _in_copy(site, node)
            elif isinstance(node, ast.For | ast.comprehension):
                found = _iterated_keys(site, node)
            elif isinstance(node, ast.Call):
                found = _copy_of_copy(site, node)
            if found is not None:
                copy, text, promise = found
                yield Change(
                    line=copy.lineno,
                    hypothesis=f"`{' '.join(site.module.segment(copy).split())[:60]}` makes a copy "
                    "only to look at it once",
                    edits=(Replace(copy, text),),
                    risk=self.risk,
                    promise=promise,
                )


def _in_copy(site: Site, node: ast.Compare) -> tuple[ast.expr, str, float] | None:
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
        return None
    container = node.comparators[0]
    keys = _keys_of(site, container)
    if keys is not None:
        return container, keys, 0.1
    if not isinstance(container, ast.Call) or not is_plain_call(container, arguments=1):
        return None
    if site.module.qualified(container.func) not in (*_COPIES, "set", "frozenset"):
        return None
    inner = container.args[0]
    keys = _keys_of(site, inner)
    if keys is not None and site.kinds.is_hashable(node.left):
        return container, keys, 0.9
    known = ("list", "tuple", "range", "view")
    if site.kinds.is_a(inner, *known):
        return container, site.module.segment(inner), 0.5
    if site.kinds.is_a(inner, "set", "frozenset", *_DICTS) and site.kinds.is_hashable(node.left):
        return container, site.module.segment(inner), 0.9
    return None


def _keys_of(site: Site, node: ast.expr) -> str | None:
    """Return the dict when an expression is `d.keys()` of something known to be one."""
    match node:
        case ast.Call(func=ast.Attribute(value=mapping, attr="keys"), args=[], keywords=[]):
            return site.module.segment(mapping) if site.kinds.is_a(mapping, *_DICTS) else None
    return None


def _iterated_keys(
    site: Site, node: ast.For | ast.comprehension
) -> tuple[ast.expr, str, float] | None:
    keys = _keys_of(site, node.iter)
    return None if keys is None else (node.iter, keys, 0.02)


def _copy_of_copy(site: Site, node: ast.Call) -> tuple[ast.expr, str, float] | None:
    """Find a copy handed to something that makes its own, or only counts."""
    outer = site.module.qualified(node.func)
    takes = ("sorted", "set", "frozenset", "list", "tuple", "sum", "min", "max", "any", "all")
    if not node.args or not isinstance(node.args[0], ast.Call):
        return None
    inner = node.args[0]
    if not is_plain_call(inner, arguments=1) or len(node.args) != 1:
        return None
    copies = site.module.qualified(inner.func)
    argument = inner.args[0]
    if outer in takes and copies in ("list", "tuple"):
        # sum() and the like of an iterator that the copy drained first: the same elements.
        return inner, _bare(site, argument), 0.3
    if outer in ("set", "frozenset", "len", "sum", "any", "all") and copies == "sorted":
        if outer == "len" and not site.kinds.is_a(argument, "list", "tuple", "set", *_DICTS):
            return None
        element = site.kinds.element(argument)
        exact = element is not None and element.name in ("int", "str", "bool", "bytes")
        if outer == "sum" and not exact:
            return None
        return inner, _bare(site, argument), 0.7
    has_length = ("list", "tuple", "set", "str", "range", "view", *_DICTS)
    if outer == "len" and copies in ("list", "tuple") and site.kinds.is_a(argument, *has_length):
        return inner, _bare(site, argument), 0.7
    return None


def _bare(site: Site, node: ast.expr) -> str:
    return site.module.segment(node)


class StopWhenFound:
    """Leaves a search loop once its answer cannot change any more."""

    name = "stop-when-found"
    summary = "A loop that only sets a flag to a constant when it finds something breaks at once."
    why_right = (
        "Later iterations could only set the same flag to the same constant; the loop's test has "
        "no side effects, and neither the loop variable nor an iterator is used afterwards."
    )
    risk: Risk = "medium"
    promise = 0.5
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each search loop without a way out."""
        for loop in site.scope.of_type(ast.For):
            setting = _flag_setting(site, loop)
            if setting is not None:
                yield Change(
                    line=loop.lineno,
                    last_line=loop.end_lineno,
                    hypothesis="the loop goes on after its answer is certain; a break ends it",
                    edits=(InsertAfter(setting, "break"),),
                    risk=self.risk,
                )


def _flag_setting(site: Site, loop: ast.For) -> ast.stmt | None:
    """Return the statement that sets the flag when that is all a loop can do."""
    if loop.orelse or len(loop.body) != 1 or not isinstance(loop.body[0], ast.If):
        return None
    test = loop.body[0]
    setting = test.body[0]
    name = assigned_name(setting)
    if test.orelse or len(test.body) != 1 or name is None or setting.lineno == test.lineno:
        return None
    targets = target_names(loop.target)
    is_constant = isinstance(setting, ast.Assign) and isinstance(setting.value, ast.Constant)
    if not is_constant or name in targets or not is_pure_expression(site, test.test):
        return None
    reads_flag = any(within(site, use.node, [test.test]) for use in uses_of(site, name))
    needed_after = any(
        not within(site, use.node, [loop]) for each in targets for use in uses_of(site, each)
    )
    if reads_flag or needed_after or not _is_left_alone(site, loop.iter):
        return None
    return setting


def _is_left_alone(site: Site, iterable: ast.expr) -> bool:
    """Return whether nobody can tell that a loop did not go through all of something."""
    if isinstance(iterable, ast.Name | ast.Attribute):
        return site.kinds.of(iterable) is not None and not site.kinds.is_a(iterable, "iterator")
    if not isinstance(iterable, ast.Call):
        return False
    if site.kinds.is_a(iterable, "iterator"):
        # `enumerate(list)` and the like are iterators too, but nobody else holds them.
        return _is_own_iterator(site, iterable)
    return is_pure_expression(site, iterable)


def _is_own_iterator(site: Site, node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return site.module.qualified(node.func) in ("enumerate", "zip", "reversed") and all(
        site.kinds.of(each) is not None and not site.kinds.is_a(each, "iterator")
        for each in node.args
    )


class JoinedChecks:
    """Asks once for several prefixes or types."""

    name = "joined-checks"
    summary = (
        "`s.startswith(a) or s.startswith(b)` and chains of isinstance ask once, with a tuple."
    )
    why_right = "Both accept a tuple and document that it means any of its elements."
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each chain."""
        for node in site.scope.of_type(ast.BoolOp):
            if not isinstance(node.op, ast.Or):
                continue
            text = _joined(site, node)
            if text is not None:
                yield Change(
                    line=node.lineno,
                    hypothesis="each check is a call of its own; one call with a tuple does the "
                    "same in compiled code",
                    edits=(Replace(node, text),),
                    risk=self.risk,
                )


def _joined(site: Site, node: ast.BoolOp) -> str | None:
    """Return the one call that asks what a chain of `or` asks, None for any other chain."""
    calls = [each for each in node.values if isinstance(each, ast.Call) and not each.keywords]
    first = calls[0] if len(calls) == len(node.values) else None
    if first is None or not all(same(each.func, first.func) for each in calls):
        return None
    if any(isinstance(argument, ast.Starred) for each in calls for argument in each.args):
        return None
    if site.module.qualified(first.func) == "isinstance":
        return _joined_types(site, calls)
    if isinstance(first.func, ast.Attribute) and first.func.attr in ("startswith", "endswith"):
        return _joined_prefixes(site, first.func, calls)
    return None


def _joined_types(site: Site, calls: list[ast.Call]) -> str | None:
    first = calls[0]
    if any(len(each.args) != 2 or not same(each.args[0], first.args[0]) for each in calls):
        return None
    if not isinstance(first.args[0], ast.Name | ast.Attribute):
        return None
    options = _flattened(site, [each.args[1] for each in calls])
    return f"isinstance({site.module.segment(first.args[0])}, ({options}))"


def _joined_prefixes(site: Site, func: ast.Attribute, calls: list[ast.Call]) -> str | None:
    options = [each.args[0] for each in calls if len(each.args) == 1]
    known = all(site.kinds.is_a(each, "str", "bytes", "tuple") for each in options)
    plain = isinstance(func.value, ast.Name | ast.Attribute)
    is_text = site.kinds.is_a(func.value, "str") or not site.module.methods.get(func.attr)
    if len(options) != len(calls) or not (known and plain and is_text):
        return None
    return f"{site.module.segment(func)}(({_flattened(site, options)}))"


def _flattened(site: Site, options: list[ast.expr]) -> str:
    shown: list[str] = []
    for each in options:
        parts = each.elts if isinstance(each, ast.Tuple) else [each]
        shown.extend(site.module.segment(part) for part in parts)
    return ", ".join(shown)
