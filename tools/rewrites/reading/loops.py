"""Loops: which code runs again and again, and what stays the same while it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..kinds.known_calls import STRING_METHODS, is_pure
from ..rewrite import Site
from .effects import Effects, root_name
from .module_source import OWN
from .scopes import COMPREHENSIONS, FUNCTIONS, Comprehension, target_names
from .syntax import int_value
from .walks import walk

_LAZY = ("iter", "map", "filter", "zip", "enumerate", "super")
_CONDITIONAL = (
    ast.If,
    ast.Try,
    ast.While,
    ast.For,
    ast.AsyncFor,
    ast.ExceptHandler,
    ast.match_case,
    ast.Match,
)


@dataclass(frozen=True)
class Loop:
    """A `for`, a `while`, a comprehension, or a function called for each element of a sort."""

    node: ast.stmt | ast.expr
    region: tuple[ast.AST, ...]
    """What runs once an iteration."""
    targets: frozenset[str]
    """Names that get a new value each iteration from the loop's own head."""


def loops_around(site: Site, node: ast.AST) -> list[Loop]:
    """Return the loops in which a node runs again and again, innermost first.

    Stops at the site's function; a nested function that is called by something unknown ends the
    search, because how often it runs is not known.
    """
    found: list[Loop] = []
    child: ast.AST = node
    inside: list[ast.AST] = [node]
    for around in site.module.ancestors(node):
        if isinstance(around, FUNCTIONS):
            break
        if isinstance(around, ast.Lambda):
            if not _is_called_each(site, around):
                break
            names = frozenset(each.arg for each in around.args.args)
            found.append(Loop(around, (around.body,), names))
        elif isinstance(around, ast.For | ast.AsyncFor) and child in around.body:
            found.append(for_loop(around))
        elif isinstance(around, ast.While) and (child is around.test or child in around.body):
            found.append(Loop(around, (around.test, *around.body), frozenset()))
        elif isinstance(around, COMPREHENSIONS) and around.generators[0].iter not in inside:
            # The first iterable is evaluated once, everything else each time.
            found.append(comprehension_loop(around))
        inside.append(around)
        child = around
    return found


def for_loop(node: ast.For | ast.AsyncFor) -> Loop:
    """Return a `for` statement as a loop."""
    return Loop(node, tuple(node.body), frozenset(target_names(node.target)))


def comprehension_loop(node: Comprehension) -> Loop:
    """Return a comprehension as a loop."""
    region: list[ast.AST] = []
    if isinstance(node, ast.DictComp):
        region.extend((node.key, node.value))
    else:
        region.append(node.elt)
    for index, clause in enumerate(node.generators):
        region.extend((clause.target, *clause.ifs))
        if index:
            region.append(clause.iter)
    names = frozenset(name for each in node.generators for name in target_names(each.target))
    return Loop(node, tuple(region), names)


def headed_loops(site: Site) -> Iterator[tuple[ast.For | ast.comprehension, Loop]]:
    """Yield each loop with its target and iterable; of a comprehension its first clause.

    A later clause may depend on an earlier one.
    """
    for node in site.scope.nodes:
        if isinstance(node, ast.For):
            yield node, for_loop(node)
        elif isinstance(node, COMPREHENSIONS):
            yield node.generators[0], comprehension_loop(node)


def _is_called_each(site: Site, function: ast.Lambda) -> bool:
    """Return whether a lambda is what a sort, `min`, `map` or the like calls for each element."""
    parent = site.module.parents[function]
    call = site.module.parents[parent] if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call):
        return False
    if isinstance(parent, ast.keyword):
        sorts = isinstance(call.func, ast.Attribute) and call.func.attr == "sort"
        named = site.module.qualified(call.func)
        return parent.arg == "key" and (sorts or named in ("sorted", "min", "max"))
    is_first = bool(call.args) and call.args[0] is function
    # `map` and `filter` are lazy: what they call runs later, when names may have changed.
    return is_first and site.module.qualified(call.func) == "functools.reduce"


def anchor(site: Site, loop: Loop) -> ast.stmt:
    """Return the statement before which code runs once for the whole loop."""
    return site.module.statement(loop.node)


def names_read(node: ast.AST) -> set[str]:
    """Return the names an expression reads that it does not bind itself."""
    own = {
        name
        for each in walk(node)
        if isinstance(each, ast.comprehension)
        for name in target_names(each.target)
    } | {
        argument.arg
        for each in walk(node)
        if isinstance(each, ast.Lambda)
        for argument in each.args.args
    }
    return {
        each.id
        for each in walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    } - own


def is_pure_expression(site: Site, node: ast.expr) -> bool:
    """Return whether evaluating an expression more or less often cannot be noticed.

    Methods count only on receivers of known kind; the module's own functions when they change
    nothing.
    """
    for each in walk(node):
        if isinstance(each, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(each, ast.Call) and not _is_certain_call(site, each):
            return False
        if isinstance(each, ast.Name) and site.kinds.is_a(each, "iterator"):
            # Going through an iterator leaves it further on.
            return False
    effects = site.effects.of([node])
    # Names that comprehensions inside the expression bind are its own.
    return effects.changes_nothing and all(map(site.effects.is_stable_global, effects.globals_read))


def _is_certain_call(site: Site, call: ast.Call) -> bool:
    meant = site.module.function_meant(call.func)
    if meant is not None:
        return _is_silent(site, meant)
    name = site.module.qualified(call.func)
    if name is not None:
        return is_pure(name) and name not in _LAZY and not _may_use_up(site, call, name)
    if not isinstance(call.func, ast.Attribute):
        return False
    own = site.effects.method_called(call.func)
    if own is not None:
        return _is_silent(site, own)
    kind = site.kinds.of(call.func.value)
    if kind is not None:
        return not kind.name.startswith(OWN) and kind.name != "iterator"
    return call.func.attr in STRING_METHODS


def _may_use_up(site: Site, call: ast.Call, name: str) -> bool:
    """Return whether a call takes only some elements of what may be an iterator."""
    partly = name.startswith("itertools.") or name in ("any", "all")
    return partly and any(
        isinstance(each, ast.Name) and site.kinds.of(each) is None for each in call.args
    )


def _is_silent(site: Site, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return (
        isinstance(function, ast.FunctionDef)
        and not site.module.scope(function).is_generator
        and site.effects.summary(function).changes_nothing
    )


class Invariance:
    """Answers what stays the same during one loop."""

    def __init__(self, site: Site, loop: Loop) -> None:
        self._site = site
        self.loop = loop
        self.effects: Effects = site.effects.of(loop.region)
        self.bound = self.effects.bound | loop.targets
        self.changed = self._with_aliases(self.effects.mutated)

    def _with_aliases(self, names: set[str]) -> set[str]:
        """Add the names whose objects the changed ones may share, either way."""
        if not names:
            return set()
        function = self._site.function
        changed = set(names)
        for name in names:
            changed |= self._site.effects.origins(function, name)
        for name in self._site.scope.bindings:
            if name not in changed and self._site.effects.origins(function, name) & changed:
                changed.add(name)
        return changed

    def holds(self, node: ast.expr) -> bool:
        """Return whether an expression has the same value in every iteration.

        The expression must be pure, see `is_pure_expression`.
        """
        names = names_read(node)
        if names & self.bound:
            return False
        for name in names & self.changed:
            if not self._is_immutable_name(node, name):
                return False
        if names & self.effects.globals_written:
            return False
        inner = self._site.effects.of([node])
        if inner.globals_read & self.effects.globals_written:
            return False
        return not self._reads_changed_attribute(node, inner)

    def _is_immutable_name(self, node: ast.expr, name: str) -> bool:
        return all(
            self._site.kinds.is_immutable(each)
            for each in walk(node)
            if isinstance(each, ast.Name) and each.id == name
        )

    def _reads_changed_attribute(self, node: ast.expr, inner: Effects) -> bool:
        written = self.effects.attribute_names
        read = {each.attr for each in walk(node) if isinstance(each, ast.Attribute)}
        if (read | inner.attributes_read) & written:
            return True
        # Unknown code may set attributes of what it is given; `changed` has those names, and
        # what hangs on them is no longer certain.
        roots = {root_name(each) for each in walk(node) if isinstance(each, ast.Attribute)}
        return bool(roots & self.changed)


def invariance_in(site: Site, loop: Loop) -> Invariance:
    """Return what stays the same during a loop, worked out once a site."""
    known = site.answers.get(loop.node)
    if not isinstance(known, Invariance):
        known = Invariance(site, loop)
        site.answers[loop.node] = known
    return known


def is_certain_to_run(
    site: Site, node: ast.AST, loop: Loop, *, through_loops: bool = False
) -> bool:
    """Return whether every iteration of a loop evaluates a node, before anything can skip it.

    Args:
        site: where the loop stands.
        node: what is asked about.
        loop: a loop around it.
        through_loops: True to take it that loops in between run at least once.
    """
    child = node
    for around in site.module.ancestors(node):
        if isinstance(child, ast.stmt) and _may_leave_before(around, child):
            return False
        if around is loop.node:
            return not isinstance(around, COMPREHENSIONS) or _is_unfiltered(around, child)
        is_passed = through_loops and isinstance(around, ast.For | ast.While)
        if not is_passed and _can_be_skipped(around, child):
            return False
        child = around
    return False


def _is_unfiltered(around: Comprehension, child: ast.AST) -> bool:
    """Return whether each turn of a comprehension's first clause reaches a part of it."""
    if child is around.generators[0]:
        return True
    return len(around.generators) == 1 and not around.generators[0].ifs


def _can_be_skipped(around: ast.AST, child: ast.AST) -> bool:
    """Return whether running `around` need not run `child`, a direct part of it."""
    match around:
        case ast.BoolOp():
            return child is not around.values[0]
        case ast.IfExp():
            return child is not around.test
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return child is not around.generators[0]
        case ast.comprehension():
            return child not in (around.iter, *around.ifs[:1])
    return isinstance(around, _CONDITIONAL) and isinstance(child, ast.stmt)


def _may_leave_before(around: ast.AST, child: ast.stmt) -> bool:
    """Return whether a statement before `child` in its block may leave the block."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(around, name, None)
        if isinstance(block, list) and child in block:
            return any(
                isinstance(each, ast.Continue | ast.Break | ast.Return | ast.Raise)
                for before in block[: block.index(child)]
                for each in walk(before)
            )
    return False


def counts_up(site: Site, iterable: ast.expr) -> bool:
    """Return whether an iterable is a range that starts at 0 or more, and goes up."""
    if not isinstance(iterable, ast.Call) or site.module.qualified(iterable.func) != "range":
        return False
    first = 0 if len(iterable.args) == 1 else int_value(iterable.args[0])
    step = int_value(iterable.args[2]) if len(iterable.args) == 3 else 1
    return first is not None and first >= 0 and step is not None and step > 0


def enclosing_try(site: Site, node: ast.AST, loop: Loop) -> bool:
    """Return whether an exception of a node would be caught inside the loop."""
    for around in site.module.ancestors(node):
        if around is loop.node:
            return False
        if isinstance(around, ast.Try | ast.With):
            return True
    return False


def outermost_invariant(site: Site, node: ast.expr) -> Invariance | None:
    """Return the outermost loop, of those around a node, in all of which the node is invariant."""
    best: Invariance | None = None
    for loop in loops_around(site, node):
        invariance = invariance_in(site, loop)
        if not invariance.holds(node):
            break
        best = invariance
    return best
