"""Membership: `x in a_list` asked again and again becomes a lookup in a set."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import MAPPINGS, Kind
from ..reading.loops import (
    Invariance,
    anchor,
    is_pure_expression,
    loops_around,
    outermost_invariant,
)
from ..reading.module_source import OWN
from ..reading.syntax import (
    assigned_name,
    describe,
    is_constant,
    is_empty_container,
    is_plain_call,
    method_statement,
    same,
)
from ..reading.uses import SAFE_READS, Use, is_private_local, uses_of
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Constant, Edit, InsertAfter, InsertBefore, Replace

_LINEAR = ("list", "tuple", "deque")
_WORTH_A_SET = 5
_GROWING = ("append", "extend", "insert")


def membership_tests(site: Site) -> Iterator[tuple[ast.Compare, ast.expr]]:
    """Yield each `x in y` and `x not in y` of the function's own code, with its `y`."""
    for node in site.scope.of_type(ast.Compare):
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            yield node, node.comparators[0]


def hashing_risk(
    site: Site, stored: Iterable[Kind | None], stored_known: bool, tested: list[ast.expr]
) -> Risk | None:
    """Return how likely it is that something put into or looked up in a set cannot be hashed.

    Args:
        site: where the set would be.
        stored: the kinds of what is put in.
        stored_known: True when there is evidence that all of that can be hashed.
        tested: what is looked up.

    Returns:
        None when something surely cannot be hashed.
    """
    kinds = [*stored, *map(site.kinds.of, tested)]
    if any(map(site.kinds.kind_is_unhashable, kinds)):
        return None
    tests_known = all(map(site.kinds.is_hashable, tested))
    if stored_known and tests_known:
        return "low"
    return "medium" if stored_known or tests_known else "high"


class SetBeforeLoop:
    """Builds a set of an unchanging list once, before the loop that searches it."""

    name = "set-before-loop"
    summary = (
        "A list, or a dict's values, that a loop searches with `in` but does not change is made a "
        "set before the loop."
    )
    why_right = (
        "A set answers `in` as the list does for values that can be hashed and whose hash agrees "
        "with their equality; a value that cannot be hashed would raise TypeError."
    )
    risk: Risk = "medium"
    promise = 0.85
    needs: tuple[Need, ...] = ("sizes", "types")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each list and loop."""
        done: set[ast.AST] = set()
        for test, container in membership_tests(site):
            kind = None if container in done else _searched_through(site, container)
            if kind is None or not is_pure_expression(site, container):
                continue
            invariance = outermost_invariant(site, container)
            if invariance is None or _is_short(site, container, invariance):
                continue
            together = [
                (each, other)
                for each, other in membership_tests(site)
                if same(other, container) and _is_inside(site, each, invariance)
            ]
            done.update(other for _, other in together)
            known = site.kinds.kind_is_hashable(kind.element)
            risk = hashing_risk(site, [kind.element], known, [each.left for each, _ in together])
            if risk is None:
                continue
            name = site.fresh_name(f"{describe(container)}_set")
            text = site.module.segment(container)
            where = anchor(site, invariance.loop)
            yield Change(
                line=test.lineno,
                hypothesis=f"`{text}` is searched from its start for every `in` inside the loop at "
                f"line {invariance.loop.node.lineno}; a set built once answers at once",
                edits=(
                    InsertBefore(where, f"{name} = set({text})"),
                    *(Replace(other, name) for _, other in together),
                ),
                risk=risk,
            )


def _searched_through(site: Site, container: ast.expr) -> Kind | None:
    """Return the kind of a variable, or of a dict's values, that `in` searches from its start."""
    if isinstance(container, ast.Call):
        func = container.func
        if not isinstance(func, ast.Attribute) or func.attr != "values":
            return None
        return site.kinds.of(container) if site.kinds.is_a(func.value, *MAPPINGS) else None
    kind = site.kinds.of(container)
    is_variable = isinstance(container, ast.Name | ast.Attribute)
    return kind if is_variable and kind is not None and kind.name in _LINEAR else None


def _is_short(site: Site, container: ast.expr, invariance: Invariance) -> bool:
    """Return whether what is searched, or the loop itself, is written out with a few elements."""
    iterable = getattr(invariance.loop.node, "iter", None)
    if isinstance(iterable, ast.Tuple | ast.List) and len(iterable.elts) < 2 * _WORTH_A_SET:
        return True
    if not isinstance(container, ast.Name):
        return False
    if site.module.qualified(container) == OWN + container.id:
        # A set of a module's constant belongs to the module, see ConstantSet.
        return site.effects.is_stable_global(container.id)
    bound = site.scope.bindings.get(container.id) or site.module.bindings.get(container.id, [])
    return any(
        isinstance(each.value, ast.Tuple | ast.List)
        and 0 < len(each.value.elts) < _WORTH_A_SET
        and len(bound) == 1
        and not any(use.name in _GROWING for use in uses_of(site, container.id))
        for each in bound
    )


def _is_inside(site: Site, node: ast.AST, invariance: Invariance) -> bool:
    return any(loop.node is invariance.loop.node for loop in loops_around(site, node))


class SeenSet:
    """Keeps a set beside, or instead of, a growing list that a loop searches."""

    name = "seen-set"
    summary = (
        "A list that grows while it is searched with `in` becomes a set, or gets one beside it."
    )
    why_right = (
        "Every value appended to the list is added to the set at once, so both answer `in` alike "
        "for values that can be hashed; the list itself stays when its order is used."
    )
    risk: Risk = "medium"
    promise = 0.9
    needs: tuple[Need, ...] = ("growth", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each list that is searched while it grows."""
        for statement in [*site.scope.of_type(ast.Assign), *site.scope.of_type(ast.AnnAssign)]:
            name = assigned_name(statement)
            if name is None or not is_private_local(site, name):
                continue
            if len(site.scope.bindings[name]) != 1 or not _is_new_list(site, statement.value):
                continue
            uses = uses_of(site, name)
            tests = [
                each for each in uses if each.kind == "membership" and loops_around(site, each.node)
            ]
            appends = _appends(site, uses)
            if tests and appends and _only_grows(site, uses, tests, statement):
                yield from self._change(site, statement, name, uses, tests, appends)

    def _change(
        self,
        site: Site,
        statement: ast.Assign | ast.AnnAssign,
        name: str,
        uses: list[Use],
        tests: list[Use],
        appends: list[ast.Call],
    ) -> Iterator[Change]:
        tested = [each.parent.left for each in tests if isinstance(each.parent, ast.Compare)]
        stored = [call.args[0] for call in appends]
        known = all(map(site.kinds.is_hashable, stored))
        risk = hashing_risk(site, map(site.kinds.of, stored), known, tested)
        only_members = all(each.kind in ("bind", "method", "membership") for each in uses)
        starts_empty = is_empty_container(site.module, statement.value, "list")
        edits = (
            _instead(statement, appends)
            if only_members and starts_empty
            else _beside(site, statement, name, tests, appends, starts_empty=starts_empty)
        )
        if edits is not None and risk is not None:
            yield Change(
                line=tests[0].node.lineno,
                hypothesis=f"the list `{name}` grows while `in` searches all of it, which is "
                "quadratic; a set answers at once",
                edits=tuple(edits),
                risk=risk,
            )


def _is_new_list(site: Site, value: ast.expr | None) -> bool:
    if value is None:
        return False
    return isinstance(value, ast.List) or is_empty_container(site.module, value, "list")


def _appends(site: Site, uses: list[Use]) -> list[ast.Call] | None:
    """Return the `append` calls, None when the list changes in any other way."""
    calls: list[ast.Call] = []
    for use in uses:
        if use.kind != "method":
            continue
        if use.name in ("index", "count", "copy"):
            continue
        statement = site.module.statement(use.node)
        call = method_statement(statement, "append")
        if call is not use.parent or call is None or not is_plain_call(call, arguments=1):
            return None
        calls.append(call)
    return calls


def _only_grows(site: Site, uses: list[Use], tests: list[Use], start: ast.stmt) -> bool:
    """Return whether nothing but `append` can change the list while it is still searched."""
    loops = [loop.node for each in tests for loop in loops_around(site, each.node)]
    last = max((getattr(loop, "end_lineno", 0) or 0) for loop in loops)
    for use in uses:
        if use.kind in SAFE_READS or use.kind in ("method", "operand"):
            continue
        if use.kind == "bind" and site.module.statement(use.node) is start:
            continue
        if use.kind in ("return", "pass", "other", "attribute") and use.node.lineno > last:
            continue
        if use.kind == "return":
            continue
        return False
    return True


def _instead(statement: ast.Assign | ast.AnnAssign, appends: list[ast.Call]) -> list[Edit]:
    assert statement.value is not None
    edits: list[Edit] = [Replace(statement.value, "set()")]
    if isinstance(statement, ast.AnnAssign):
        declared = statement.annotation
        outer = declared.value if isinstance(declared, ast.Subscript) else declared
        edits.append(Replace(outer, "set"))
    for call in appends:
        assert isinstance(call.func, ast.Attribute)
        edits.append(Replace(call.func, f"{ast.unparse(call.func.value)}.add"))
    return edits


def _beside(
    site: Site,
    statement: ast.stmt,
    name: str,
    tests: list[Use],
    appends: list[ast.Call],
    *,
    starts_empty: bool,
) -> list[Edit] | None:
    members = site.fresh_name(f"{name}_set")
    start = "set()" if starts_empty else f"set({name})"
    edits: list[Edit] = [InsertAfter(statement, f"{members} = {start}")]
    for call in appends:
        value = call.args[0]
        if any(isinstance(each, ast.Call | ast.Await | ast.NamedExpr) for each in walk(value)):
            # The value would be worked out twice: look at what was appended instead.
            added = f"{name}[-1]"
        else:
            added = site.module.segment(value)
        where = site.module.statement(call)
        edits.append(InsertAfter(where, f"{members}.add({added})"))
    edits.extend(Replace(each.node, members) for each in tests)
    return edits


class ConstantSet:
    """Searches in a frozenset where a longer constant list or tuple is searched."""

    name = "constant-set"
    summary = "`x in` a constant list or tuple of five or more becomes `x in` a frozenset."
    why_right = (
        "The elements are literals that hash as they compare; only a value that cannot be hashed "
        "would raise TypeError where the list said False."
    )
    risk: Risk = "medium"
    promise = 0.3
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each constant container that the function searches."""
        done: set[str] = set()
        for test, container in membership_tests(site):
            if site.kinds.kind_is_unhashable(site.kinds.of(test.left)):
                continue
            risk: Risk = "low" if site.kinds.is_hashable(test.left) else "medium"
            if isinstance(container, ast.List | ast.Tuple):
                if _is_long_constant(container):
                    text = site.module.segment(container)[1:-1]
                    yield Change(
                        line=test.lineno,
                        hypothesis="`in` compares with each element in turn; a set of constants is "
                        "made once by the compiler and answers at once",
                        edits=(Replace(container, f"{{{text}}}"),),
                        risk=risk,
                    )
            elif isinstance(container, ast.Name) and container.id not in done:
                done.add(container.id)
                yield from self._named(site, container, risk)

    def _named(self, site: Site, container: ast.Name, risk: Risk) -> Iterator[Change]:
        name = container.id
        if site.module.qualified(container) != OWN + name or not site.effects.is_stable_global(
            name
        ):
            return
        binding = site.module.bindings[name][0]
        value, definition = binding.value, binding.node
        if not isinstance(value, ast.List | ast.Tuple) or not _is_long_constant(value):
            return
        body = site.module.tree.body
        if definition not in body or definition is body[-1]:
            return
        assert isinstance(definition, ast.stmt)
        fresh = site.fresh_name(f"_{name.strip('_')}_SET" if name.isupper() else f"_{name}_set")
        tests = [each for _, each in membership_tests(site) if same(each, container)]
        yield Change(
            line=container.lineno,
            hypothesis=f"`in {name}` compares with each of its {len(value.elts)} elements in turn; "
            "a frozenset made once answers at once",
            edits=(
                Constant(fresh, f"frozenset({name})", definition, after=True),
                *(Replace(each, fresh) for each in tests),
            ),
            risk=risk,
            promise=min(0.2 + 0.02 * len(value.elts), 0.7),
        )


def _is_long_constant(value: ast.List | ast.Tuple) -> bool:
    return len(value.elts) >= _WORTH_A_SET and all(map(is_constant, value.elts))
