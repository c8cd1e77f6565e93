"""Branches: long chains of comparisons with constants that only choose a constant."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..reading.syntax import assigned_name, is_constant, string_literal
from ..rewrite import Change, Risk, Site
from ..writing.edit import Constant, Delete, Edit, Replace

_FEWEST = 6
"""Comparing with fewer constants costs no more than a lookup."""
_LONGEST_LINE = 100


@dataclass(frozen=True)
class _Chain:
    """A chain like `if x == "a": return 1` / `elif x == "b": return 2`."""

    subject: str
    outcome: str
    """`return`, or `name =`."""
    entries: dict[str, str]
    """What comes of which constant, both as written."""
    type: type
    """Of all constants."""
    others: tuple[ast.stmt, ...]
    """The last `else`."""


class TableForChain:
    """Looks a constant up in a table instead of comparing with one constant after another."""

    name = "table-for-chain"
    summary = (
        '`if x == "a": return 1` / `elif x == "b": return 2` … with six or more constants becomes '
        "a lookup in a dict of the module."
    )
    why_right = (
        "The constants are all strings or all integers, each is met at its first mention, and "
        "what comes of them is constant too; a value that cannot be hashed would raise TypeError."
    )
    risk: Risk = "medium"
    promise = 0.25
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each chain."""
        taken: set[ast.stmt] = set()
        for statement in site.scope.of_type(ast.If):
            block = site.module.block(statement)
            if block is None or statement in taken:
                continue
            chain, together = _chain_from(site, statement, block)
            taken.update(together)
            if chain is not None and len(chain.entries) >= _FEWEST:
                change = _change(site, statement, chain, together, block)
                if change is not None:
                    yield change


def _chain_from(
    site: Site, statement: ast.If, block: list[ast.stmt]
) -> tuple[_Chain | None, list[ast.If]]:
    """Return the chain that starts at a statement, and the statements that make it up."""
    chain = _chain(site, statement)
    together = [statement]
    if chain is None or chain.outcome != "return" or chain.others:
        return chain, together
    # One `if` that returns after another is a chain as well.
    for following in block[block.index(statement) + 1 :]:
        more = _chain(site, following) if isinstance(following, ast.If) else None
        if more is None or not _goes_on(chain, more):
            break
        entries = chain.entries | {
            key: value for key, value in more.entries.items() if key not in chain.entries
        }
        chain = _Chain(chain.subject, "return", entries, chain.type, more.others)
        together.append(following)  # pyright: ignore[reportArgumentType]
        if chain.others:
            break
    return chain, together


def _goes_on(first: _Chain, second: _Chain) -> bool:
    alike = first.subject == second.subject and first.type is second.type
    return alike and second.outcome == "return"


def _chain(site: Site, statement: ast.If) -> _Chain | None:
    subject = ""
    outcome = ""
    entries: dict[str, str] = {}
    types: set[type] = set()
    node: ast.If = statement
    while True:
        tested, chosen = _tested(node.test), _chosen(node.body)
        if tested is None or chosen is None:
            return None
        subject, outcome = subject or tested[0], outcome or chosen[0]
        if (subject, outcome) != (tested[0], chosen[0]):
            return None
        types.update(type(each.value) for each in tested[1])
        for each in tested[1]:
            value = each.value
            key = string_literal(value) if isinstance(value, str) else repr(value)
            entries.setdefault(key, site.module.segment(chosen[1]))
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
            break
        node = node.orelse[0]
    if types not in ({str}, {int}) or outcome == f"{subject} =":
        return None
    return _Chain(subject, outcome, entries, types.pop(), tuple(node.orelse))


def _tested(test: ast.expr) -> tuple[str, list[ast.Constant]] | None:
    """Return the variable of `x == constant` or `x in (constant, …)`, and the constants."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    if not isinstance(test.left, ast.Name):
        return None
    other = test.comparators[0]
    if isinstance(test.ops[0], ast.Eq) and isinstance(other, ast.Constant):
        return test.left.id, [other]
    if isinstance(test.ops[0], ast.In) and isinstance(other, ast.Tuple | ast.List | ast.Set):
        constants = [each for each in other.elts if isinstance(each, ast.Constant)]
        return (test.left.id, constants) if len(constants) == len(other.elts) else None
    return None


def _chosen(block: list[ast.stmt]) -> tuple[str, ast.expr] | None:
    """Return where a branch puts its constant (`return` or `name =`) and the constant."""
    statement = block[0]
    if len(block) != 1:
        return None
    if isinstance(statement, ast.Return):
        value, outcome = statement.value, "return"
    elif isinstance(statement, ast.Assign):
        value, outcome = statement.value, f"{assigned_name(statement)} ="
    else:
        return None
    is_known = value is not None and is_constant(value) and not outcome.startswith("None")
    return (outcome, value) if is_known and value is not None else None


def _change(
    site: Site, first: ast.If, chain: _Chain, together: list[ast.If], block: list[ast.stmt]
) -> Change | None:
    assert isinstance(first.test, ast.Compare)
    kind = site.kinds.of(first.test.left)
    if site.kinds.kind_is_unhashable(kind):
        return None
    name = site.fresh_name(f"_{site.function.name.strip('_').upper()}_BY_{chain.subject.upper()}")
    entries = [f"{key}: {value}" for key, value in chain.entries.items()]
    table = f"{{{', '.join(entries)}}}"
    if len(name) + len(table) + 3 > _LONGEST_LINE or "\n" in table:
        table = "{\n" + "".join(f"{site.module.indent}{each},\n" for each in entries) + "}"
    written = _written(site, chain, name, block[block.index(together[-1]) + 1 :])
    if written is None:
        return None
    text, needless = written
    edits: list[Edit] = [Constant(name, table, site.module.top_level(site.function))]
    edits.append(Replace(first, text))
    edits += [Delete(each) for each in (*together[1:], *needless)]
    return Change(
        line=first.lineno,
        last_line=together[-1].end_lineno,
        hypothesis=f"`{chain.subject}` is compared with up to {len(entries)} constants in turn; a "
        "table answers at once",
        edits=tuple(edits),
        risk="low" if kind is not None and kind.name in ("str", "int") else "medium",
    )


def _written(
    site: Site, chain: _Chain, name: str, following: list[ast.stmt]
) -> tuple[str, list[ast.stmt]] | None:
    """Return the statements that look up, and those after the chain that they do away with."""
    others = list(chain.others)
    needless = following[:1] if chain.outcome == "return" and not others else []
    last = _chosen(others or needless) if others or needless else None
    if last is not None and last[0] == chain.outcome:
        default = "" if _is_none(last[1]) else f", {site.module.segment(last[1])}"
        return f"{chain.outcome} {name}.get({chain.subject}{default})", needless
    text = f"if {chain.subject} in {name}:\n    {chain.outcome} {name}[{chain.subject}]"
    if not others:
        return text, []
    shown = [site.module.segment(each) for each in others]
    if any("\n" in each for each in shown):
        return None
    return text + "\nelse:\n" + "\n".join(f"    {each}" for each in shown), []


def _is_none(node: ast.expr) -> bool:
    """Return whether an expression is None itself."""
    return isinstance(node, ast.Constant) and node.value is None
