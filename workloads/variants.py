"""The workload with other inputs, on which an honest optimization is as right and as fast.

A script may say itself how its inputs vary: by a function `vary(number)`, which is called once,
after the script was read and before anything else of it runs. Otherwise the literals of the script
are changed a little: seeds become other seeds, numbers grow by a thirty-second, digits and vowels
of longer texts change places. Whether a variant makes sense is for the base to show: one with which
it fails is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .workload import Workload

VARY = "vary"
"""The function by which a script says how its inputs vary."""

_SEEDING = frozenset({"seed", "Random", "RandomState", "default_rng", "SystemRandom", "PCG64"})
_LEAST_NUMBER = 10
_LARGEST_NUMBER = 10**12
_GROWTH = 32
_LEAST_TEXT = 12
_OTHER_SEED = 1009
_MOST_SINGLE = 4
_CHANGED_TEXT = str.maketrans("aeiouAEIOU0123456789", "eiouaEIOUA1234567890")
_SETTINGS = frozenset({"axis", "dtype", "encoding", "indent", "mode", "ndigits", "errors", "sep"})


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A workload with other inputs.

    Attributes:
        workload: The workload as it is then.
        change: What is other, in words: "3000 becomes 3093 in line 7, …".
    """

    workload: Workload
    change: str


def variants(workload: Workload) -> tuple[Variant, ...]:
    """Return variants of a script that defines `workload()`, the ones to prefer first.

    Returns:
        () for other workloads, and for a script without a literal that could be changed.
    """
    if workload.kind != "script" or not workload.has_workload:
        return ()
    tree = ast.parse(workload.text)
    if any(isinstance(n, ast.FunctionDef) and n.name == VARY for n in tree.body):
        return tuple(
            _variant(workload, f"{workload.text}\n{VARY}({number})\n", f"{VARY}({number})")
            for number in (1, 2)
        )
    changes = list(_changes(tree))
    kinds = ({"seed", "number", "text"}, {"seed", "number"}, {"text"}, {"seed"})
    groups = [[each for each in changes if each.kind in kind] for kind in kinds]
    groups += [[each] for each in changes[:_MOST_SINGLE]]
    chosen: list[list[_Change]] = []
    for group in groups:
        if group and group not in chosen:
            chosen.append(group)
    return tuple(
        _variant(workload, _changed(workload.text, group), _words(group)) for group in chosen
    )


@dataclass(frozen=True, kw_only=True)
class _Change:
    kind: str
    line: int
    column: int
    old: int | float | str
    new: int | float | str


def _variant(workload: Workload, text: str, change: str) -> Variant:
    return Variant(workload=replace(workload, text=text), change=change)


def _words(group: list[_Change]) -> str:
    told = [f"{each.old!r:.30} becomes {each.new!r:.30} in line {each.line}" for each in group[:3]]
    return ", ".join(told) + (f" and {len(group) - 3} more" if len(group) > 3 else "")


def _changed(text: str, group: list[_Change]) -> str:
    places = {(each.line, each.column): each.new for each in group}
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and (node.lineno, node.col_offset) in places:
            node.value = places[node.lineno, node.col_offset]
    return ast.unparse(tree) + "\n"


def _changes(tree: ast.Module) -> Iterator[_Change]:
    """Yield the change of each literal that may be an input, in the order of the script."""
    left_alone = {id(node) for part in ast.walk(tree) for node in _not_inputs(part)}
    seeds = {id(node) for part in ast.walk(tree) for node in _seeds(part)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in left_alone:
            continue
        kind, new = _other(node.value, is_seed=id(node) in seeds)
        if new is not None and isinstance(node.value, int | float | str):
            yield _Change(
                kind=kind, line=node.lineno, column=node.col_offset, old=node.value, new=new
            )


def _other(value: object, *, is_seed: bool) -> tuple[str, int | float | str | None]:
    if isinstance(value, bool):
        return "", None
    if isinstance(value, int):
        if is_seed:
            return "seed", value + _OTHER_SEED
        if _LEAST_NUMBER <= abs(value) <= _LARGEST_NUMBER:
            step = max(1, abs(value) // _GROWTH)
            return "number", value + step if value > 0 else value - step
    elif isinstance(value, float) and value and not value.is_integer():
        return "number", value * (1 + 1 / _GROWTH)
    elif isinstance(value, str) and len(value) >= _LEAST_TEXT:
        changed = value.translate(_CHANGED_TEXT)
        return "text", changed if changed != value else None
    return "", None


def _seeds(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call):
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _SEEDING:
            yield from (*node.args, *(keyword.value for keyword in node.keywords))
        yield from (k.value for k in node.keywords if k.arg in {"seed", "random_state"})


def _not_inputs(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the literals in a node that steer the script rather than feed it."""
    if isinstance(node, ast.Expr):
        yield node.value  # documentation
    elif isinstance(node, ast.JoinedStr):
        yield from ast.walk(node)
    elif isinstance(node, ast.Subscript):
        yield from ast.walk(node.slice)
    elif isinstance(node, ast.Dict):
        yield from (key for key in node.keys if key is not None)
    elif isinstance(node, ast.keyword) and node.arg in _SETTINGS:
        yield node.value
    elif isinstance(node, ast.Compare):
        yield from (node.left, *node.comparators)
