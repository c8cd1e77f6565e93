"""Dispatch: chains of type tests, entered where the values that were seen come out."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..kinds.abstracts import ABSTRACTS, BUILTIN_TYPES, instances_of
from ..reading.loops import is_pure_expression
from ..reading.scopes import FUNCTIONS
from ..reading.syntax import is_name, is_plain_call
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace
from .exact_types import classes_named

_LEAST_SHARE = 0.8
"""Share of the calls seen in which a parameter must have been of one type."""
_LEAST_WEIGHT = 3
_ABSTRACT_WEIGHT = 4
"""How many plain tests a test against an abstract class costs as much as, cautiously."""
_MOST_LINES = 6


@dataclass(frozen=True)
class _Branch:
    """One test of a chain and what runs when it passes; no test for an `else`."""

    test: ast.expr | None
    body: list[ast.stmt]


class HotBranchFirst:
    """Puts the branch for the type that a parameter nearly always has first."""

    name = "specialize"
    summary = (
        "A chain of type tests is entered by an exact test for the one type that was seen, when "
        "that type's branch comes late."
    )
    why_right = (
        "The exact type fails the tests in front of its branch and passes its own for certain, so "
        "the same statements run; other types, subclasses too, go through the old chain."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each chain; nothing where nobody looked at the values."""
        for facts in site.facts.parameters if site.facts else ():
            seen, share = facts.types[0] if facts.types else ("", 0.0)
            is_kept = len(site.scope.bindings.get(facts.name, ())) == 1
            if share < _LEAST_SHARE or seen not in BUILTIN_TYPES - {"NoneType"} or not is_kept:
                continue
            taken: set[ast.If] = set()
            for chain in site.scope.of_type(ast.If):
                if chain in taken:
                    continue
                row = [chain, *_row(site, chain)]
                taken.update(
                    part for each in row for part in walk(each) if isinstance(part, ast.If)
                )
                change = _entered_early(site, chain, facts.name, seen)
                if change is not None:
                    yield change


def _entered_early(site: Site, chain: ast.If, name: str, seen: str) -> Change | None:
    row = [_Branch(each.test, each.body) for each in _row(site, chain)]
    skipped: list[ast.expr] = []
    for branch in row or _branches(chain):
        passes = branch.test is None or _verdict(site, branch.test, name, seen)
        if branch.test is not None and not is_pure_expression(site, branch.test):
            return None
        if passes:
            return _change(site, chain, name, seen, branch, skipped, in_front=bool(row))
        if passes is None:
            return None
        assert branch.test is not None
        skipped.append(branch.test)
    return None


def _branches(chain: ast.If) -> list[_Branch]:
    found = [_Branch(chain.test, chain.body)]
    while len(chain.orelse) == 1 and isinstance(chain.orelse[0], ast.If):
        chain = chain.orelse[0]
        found.append(_Branch(chain.test, chain.body))
    return [*found, _Branch(None, chain.orelse)] if chain.orelse else found


def _row(site: Site, first: ast.If) -> list[ast.If]:
    """Return the `if` statements in a row, from the first on, that have no `else` and leave."""
    block = site.module.block(first) or []
    found: list[ast.If] = []
    for each in block[block.index(first) :] if block else ():
        if not isinstance(each, ast.If) or each.orelse or not _leaves(each.body[-1]):
            break
        found.append(each)
    return found


def _leaves(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break)


def _verdict(site: Site, test: ast.expr, name: str, seen: str) -> bool | None:
    """Return whether a value of exactly the type passes a test, None when that is not certain."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _verdict(site, operand, name, seen)
            return None if inner is None else not inner
        case ast.BoolOp(op=operator, values=values):
            decides = isinstance(operator, ast.Or)
            for each in values:
                answer = _verdict(site, each, name, seen)
                if answer is None or answer is decides:
                    return answer
            return not decides
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[other]):
            negated = isinstance(test.ops[0], ast.IsNot)
            if is_name(left, name) and isinstance(other, ast.Constant) and other.value is None:
                return negated
            asked = instances_of(site.module.qualified(other) or "")
            if asked is None or not _is_type_of(site, left, name):
                return None
            return is_name(other, seen) != negated
        case ast.Call() if site.module.qualified(test.func) == "isinstance":
            if is_plain_call(test, arguments=2) and is_name(test.args[0], name):
                return _is_instance(classes_named(site, test.args[1]), seen)
    return None


def _is_type_of(site: Site, node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and site.module.qualified(node.func) == "type"
        and is_plain_call(node, arguments=1)
        and is_name(node.args[0], name)
    )


def _is_instance(classes: Sequence[str | None], seen: str) -> bool | None:
    is_certain = True
    for each in classes:
        abstract, builtin = ABSTRACTS.get(each or ""), instances_of(each or "")
        if seen in (abstract.members if abstract else builtin or ()):
            return True
        is_certain = is_certain and (builtin is not None or bool(abstract and abstract.is_complete))
    return False if is_certain else None


def _change(
    site: Site,
    chain: ast.If,
    name: str,
    seen: str,
    branch: _Branch,
    skipped: list[ast.expr],
    *,
    in_front: bool,
) -> Change | None:
    if sum(_weight(site, each) for each in skipped) < _LEAST_WEIGHT:
        return None
    lines = _copied(site, branch.body)
    if lines is None or site.module.block(chain) is None:
        return None
    fast = f"if type({name}) is {seen}:\n" + "".join(f"    {line}\n" for line in lines)
    edit: Edit = InsertBefore(chain, fast)
    if not in_front:
        edit = Replace(chain, f"{fast}el{site.module.segment(chain)}")
    last = skipped[-1]
    return Change(
        line=chain.lineno,
        last_line=last.end_lineno,
        hypothesis=f"`{name}` was nearly always of type {seen}, which the chain of tests at line "
        f"{chain.lineno} comes to only after {len(skipped)} others",
        edits=(edit,),
        risk="low",
    )


def _copied(site: Site, body: list[ast.stmt]) -> list[str] | None:
    """Return a branch's lines for a second place, None when it is not fit to be there twice."""
    text = "\n".join(map(site.module.segment, body))
    several_lines = any(
        isinstance(each, ast.Constant | ast.JoinedStr) and each.end_lineno != each.lineno
        for statement in body
        for each in walk(statement)
    )
    lines = text.split("\n")
    is_fit = lines != [""] and len(lines) <= _MOST_LINES and "#" not in text
    defines = any(isinstance(each, (*FUNCTIONS, ast.ClassDef)) for each in body)
    return lines if is_fit and not several_lines and not defines else None


def _weight(site: Site, test: ast.expr) -> int:
    """Return what a test costs, in plain `isinstance` tests."""
    total = 0
    for each in walk(test):
        if isinstance(each, ast.Call) and len(each.args) == 2:
            named = classes_named(site, each.args[1])
            total += sum(_ABSTRACT_WEIGHT if name in ABSTRACTS else 1 for name in named)
    return total
