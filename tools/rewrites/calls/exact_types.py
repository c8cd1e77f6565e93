"""Exact types: slow questions about a value's class, asked after a quick one about its type."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..kinds.abstracts import ABSTRACTS, BUILTIN_TYPES, PREDICATES, Abstract, instances_of
from ..reading.module_source import OWN
from ..reading.syntax import is_name, is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

_MOST_TYPES = 3
_LEAST_SHARE = 0.1
"""Share of the calls seen with a type below which a test for it would cost more than it saves."""
_UNSEEN = 0.5
"""What the usual types are taken to make up where nobody looked."""


@dataclass(frozen=True)
class Question:
    """What a slow test says of the builtin types."""

    members: frozenset[str]
    """Types that surely pass."""
    others: frozenset[str]
    """Types that surely fail."""
    usual: tuple[str, ...]
    """Types to try first when nothing is known of the values."""


class ExactTypeFirst:
    """Asks for the exact type before it asks an abstract class."""

    name = "exact-type-first"
    summary = (
        "`isinstance(x, Mapping)` and other tests against abstract classes try the exact builtin "
        "types first."
    )
    why_right = (
        "An exact dict, list or int passes or fails the abstract test for certain, and any other "
        "value is still put to it. It would differ if somebody registered a builtin type with an "
        "abstract class it does not belong to."
    )
    risk: Risk = "low"
    promise = 0.4
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change with all such tests of the function."""
        edits: list[Replace] = []
        shares: list[float] = []
        for call in site.scope.of_type(ast.Call):
            question = question_of(site, call)
            if question is None:
                continue
            tested = call.args[0]
            assert isinstance(tested, ast.Name)
            types, share = _types_to_try(site, call, question)
            if types:
                rest = site.module.segment(call)
                edits.append(Replace(call, _in_order(tested.id, types, question, rest)))
                shares.append(share)
        if edits:
            yield Change(
                line=edits[0].node.lineno,
                last_line=edits[-1].node.lineno,
                hypothesis=_hypothesis(site, edits),
                edits=tuple(edits),
                risk=self.risk,
                promise=0.8 * sum(shares) / len(shares),
            )


def _hypothesis(site: Site, edits: list[Replace]) -> str:
    assert isinstance(edits[0].node, ast.expr)
    asked = " ".join(site.module.segment(edits[0].node).split())
    count = f" and {len(edits) - 1} more" if len(edits) > 1 else ""
    return (
        f"`{asked}`{count} goes through the abstract class's own machinery at each call; the "
        "exact type answers most of them at once"
    )


def question_of(site: Site, call: ast.Call) -> Question | None:
    """Return what a call asks about a variable's type when that is slow, else None."""
    name = site.module.qualified(call.func)
    if name in PREDICATES and is_plain_call(call, arguments=1):
        known = PREDICATES[name]
        found: Question | None = Question(known.members, BUILTIN_TYPES - known.members, known.usual)
    elif name == "isinstance" and is_plain_call(call, arguments=2):
        found = _of_classes(classes_named(site, call.args[1]))
    else:
        return None
    tested = call.args[0]
    is_variable = isinstance(tested, ast.Name) and site.module.is_local(tested)
    return found if is_variable else None


def classes_named(site: Site, node: ast.expr) -> list[str | None]:
    """Return the full names of the classes in an `isinstance` test, None for an unknown one."""
    if isinstance(node, ast.Tuple):
        return [name for each in node.elts for name in classes_named(site, each)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*classes_named(site, node.left), *classes_named(site, node.right)]
    name = site.module.qualified(node)
    if name is not None and name.startswith(OWN):
        bound = site.module.bindings.get(name.removeprefix(OWN), [])
        value = bound[0].value if len(bound) == 1 else None
        if isinstance(value, ast.Tuple):
            return classes_named(site, value)
    return [name]


def _of_classes(names: Sequence[str | None]) -> Question | None:
    """Return what a test against some classes says, None when no abstract one slows it down."""
    members: frozenset[str] = frozenset()
    usual: list[str] = []
    quick: set[str] = set()
    is_slow = False
    is_complete = True
    for name in names:
        abstract: Abstract | None = ABSTRACTS.get(name or "")
        builtin = instances_of(name or "")
        if abstract is not None:
            is_slow = True
            members |= abstract.members
            is_complete = is_complete and abstract.is_complete
            usual += [each for each in abstract.usual if each not in (*usual, *quick)]
        elif builtin is not None:
            members |= builtin
            # The interpreter is quick about the classes before the first abstract one.
            if is_slow:
                usual.append(str(name))
            else:
                quick.add(str(name))
        else:
            is_complete = False
    if not is_slow:
        return None
    return Question(members, BUILTIN_TYPES - members if is_complete else frozenset(), tuple(usual))


def _asked_before(site: Site, call: ast.Call) -> set[str]:
    """Return the types that the tests in front of this one, in the same condition, ask for."""
    tested = call.args[0]
    assert isinstance(tested, ast.Name)
    found: set[str] = set()
    child: ast.AST = call
    for around in site.module.ancestors(call):
        if isinstance(around, ast.stmt):
            break
        if isinstance(around, ast.BoolOp):
            for each in around.values:
                if each is child:
                    break
                found |= _exact_types_asked(each, tested.id)
        child = around
    return found


def _exact_types_asked(node: ast.expr, name: str) -> set[str]:
    match node:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[tested]), comparators=[ast.Name(id=asked)]
        ):
            return {asked} if is_name(tested, name) else set()
        case ast.Compare(left=tested, comparators=[ast.Constant(value=None)]):
            return {"NoneType"} if is_name(tested, name) else set()
    return set()


def _types_to_try(site: Site, call: ast.Call, question: Question) -> tuple[list[str], float]:
    """Return which types to test for, the likeliest first, and the share of values they settle."""
    tested, asked = call.args[0], _asked_before(site, call)
    assert isinstance(tested, ast.Name)
    if asked - {"NoneType"}:
        return [], 0.0
    seen = types_seen(site, tested)
    if not seen:
        types = list(question.usual[:2])
        return types, _UNSEEN if types else 0.0
    settled = [
        (name, share)
        for name, share in seen
        if share >= _LEAST_SHARE and name in (question.members | question.others) - asked
    ][:_MOST_TYPES]
    return [name for name, _ in settled], sum(share for _, share in settled)


def types_seen(site: Site, name: ast.Name) -> tuple[tuple[str, float], ...]:
    """Return the types a variable was seen with and their shares; empty when nobody looked.

    That is known of parameters that keep what they were given.
    """
    facts = site.facts.parameter(name.id) if site.facts else None
    is_kept = len(site.scope.bindings.get(name.id, ())) == 1
    return facts.types if facts and is_kept else ()


def _in_order(name: str, types: Sequence[str], question: Question, rest: str) -> str:
    """Return a test that tries types in their order and then whatever `rest` says."""
    text, joined = rest, ""
    for each in reversed(types):
        passes = each in question.members
        word = "or" if passes else "and"
        if joined not in ("", word):
            text = f"({text})"
        text, joined = f"{_exact_test(name, each, wanted=passes)} {word} {text}", word
    return text


def _exact_test(name: str, builtin: str, *, wanted: bool) -> str:
    operator = "is" if wanted else "is not"
    return (
        f"{name} {operator} None" if builtin == "NoneType" else f"type({name}) {operator} {builtin}"
    )
