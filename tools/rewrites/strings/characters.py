"""Characters: strings taken apart to drop or replace single characters."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ....profiles.facts.facts import Need
from ..loops.comprehensions import is_needed_after, is_plain_local
from ..reading.literals import characters_in, pairs_of
from ..reading.syntax import assigned_name, in_parentheses, is_name, is_plain_call, string_literal
from ..reading.uses import is_seen_on_failure
from ..rewrite import Change, Risk, Site
from ..writing.edit import Constant, Delete, Edit, Replace

_MOST_REPLACES = 8
"""More calls of `replace` than this cost more than one `translate`."""


class ReplacedCharacters:
    """Drops or replaces characters with `str.replace` or `str.translate`."""

    name = "replaced-characters"
    summary = (
        '`"".join(c for c in s if c not in ",.")` and loops like it become `s.replace` calls, or '
        "one `s.translate`."
    )
    why_right = (
        "The characters and what stands for them are constants, and no replacement makes a "
        "character that a later one would replace again."
    )
    risk: Risk = "low"
    promise = 0.7
    needs: tuple[Need, ...] = ("sizes", "types")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each string that is taken apart."""
        for call in site.scope.of_type(ast.Call):
            change = _joined(site, call)
            if change is not None:
                yield change
        for loop in site.scope.of_type(ast.For):
            change = _built(site, loop)
            if change is not None:
                yield change


def _joined(site: Site, call: ast.Call) -> Change | None:
    """Change `"".join(…)` over the characters of a string."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "join":
        return None
    if not is_plain_call(call, arguments=1) or not _is_empty(func.value):
        return None
    built = call.args[0]
    if not isinstance(built, ast.GeneratorExp | ast.ListComp) or len(built.generators) != 1:
        return None
    clause = built.generators[0]
    if clause.is_async or not isinstance(clause.target, ast.Name):
        return None
    replaced = _replaced(site, clause.target.id, built.elt, clause.ifs)
    written = None if replaced is None else _written(site, clause.iter, replaced)
    if written is None:
        return None
    text, constants = written
    return _change(site, call, [Replace(call, text), *constants])


def _built(site: Site, loop: ast.For) -> Change | None:
    """Change a loop over the characters of a string that builds another string."""
    block = site.module.block(loop)
    if block is None or block.index(loop) == 0 or loop.orelse:
        return None
    start = block[block.index(loop) - 1]
    name = assigned_name(start)
    if name is None or not isinstance(start, ast.Assign) or not _is_empty(start.value):
        return None
    if not is_plain_local(site, name) or not isinstance(loop.target, ast.Name):
        return None
    if is_needed_after(site, loop, loop.target.id) or is_seen_on_failure(site, loop, name):
        return None
    tests, element = _piece(loop.body, name)
    if element is None or name == loop.target.id or is_name(loop.iter, name):
        return None
    replaced = _replaced(site, loop.target.id, element, tests)
    written = None if replaced is None else _written(site, loop.iter, replaced)
    if written is None:
        return None
    text, constants = written
    return _change(site, loop, [Replace(loop, f"{name} = {text}"), Delete(start), *constants])


def _change(site: Site, node: ast.expr | ast.stmt, edits: Sequence[Edit]) -> Change:
    return Change(
        line=node.lineno,
        last_line=node.end_lineno,
        hypothesis="the string is taken apart and put together again a character at a time; "
        "compiled code replaces characters in one go",
        edits=tuple(edits),
        risk="low",
    )


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""


def _piece(body: list[ast.stmt], name: str) -> tuple[list[ast.expr], ast.expr | None]:
    """Return the tests and the expression that a loop's body adds to a string."""
    first = body[0]
    if isinstance(first, ast.If) and len(body) == 2 and not first.orelse:
        if len(first.body) == 1 and isinstance(first.body[0], ast.Continue):
            passed = ast.UnaryOp(ast.Not(), first.test)
            return [passed], _added(body[1:], name)
        return [], None
    if isinstance(first, ast.If) and len(body) == 1 and not first.orelse:
        return [first.test], _added(first.body, name)
    return [], _added(body, name)


def _added(body: list[ast.stmt], name: str) -> ast.expr | None:
    if len(body) != 1:
        return None
    match body[0]:
        case ast.AugAssign(target=target, op=ast.Add(), value=value):
            return value if is_name(target, name) else None
        case ast.If(test=test, body=then, orelse=orelse):
            first, second = _added(then, name), _added(orelse, name)
            return None if first is None or second is None else ast.IfExp(test, first, second)
    return None


# -- what becomes of which character --------------------------------------------------------------


def _replaced(
    site: Site, name: str, element: ast.expr, tests: list[ast.expr]
) -> dict[str, str] | None:
    """Return what stands for which character; all others stay. None for anything else."""
    if not tests:
        return _mapped(site, name, element)
    tested = _tested(site, tests[0], name) if len(tests) == 1 else None
    if tested is None or not is_name(element, name):
        return None
    characters, is_in = tested
    return None if is_in else dict.fromkeys(characters, "")


def _mapped(site: Site, name: str, element: ast.expr) -> dict[str, str] | None:
    if is_name(element, name):
        return {}
    if isinstance(element, ast.Call):
        return _looked_up(site, name, element)
    if not isinstance(element, ast.IfExp):
        return None
    tested = _tested(site, element.test, name)
    if tested is None:
        return None
    characters, is_in = tested
    inside, outside = element.body, element.orelse
    if not is_in:
        inside, outside = outside, inside
    others = _mapped(site, name, outside)
    if others is None or not isinstance(inside, ast.Constant) or type(inside.value) is not str:
        return None
    return others | dict.fromkeys(characters, inside.value)


def _looked_up(site: Site, name: str, call: ast.Call) -> dict[str, str] | None:
    """Return the table of `table.get(c, c)`."""
    is_get = isinstance(call.func, ast.Attribute) and call.func.attr == "get"
    if not is_get or not is_plain_call(call, arguments=2):
        return None
    assert isinstance(call.func, ast.Attribute)
    if not all(is_name(each, name) for each in call.args):
        return None
    pairs = pairs_of(site, call.func.value)
    if pairs is None:
        return None
    return {key: value for key, value in pairs.items() if len(key) == 1}


def _tested(site: Site, test: ast.expr, name: str) -> tuple[list[str], bool] | None:
    """Return the characters a test is about, and whether it holds for them or for all others."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _tested(site, test.operand, name)
        return None if inner is None else (inner[0], not inner[1])
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not is_name(test.left, name):
        return None
    operator, other = test.ops[0], test.comparators[0]
    if isinstance(operator, ast.In | ast.NotIn):
        characters = characters_in(site, other)
        return None if characters is None else (characters, isinstance(operator, ast.In))
    if not isinstance(operator, ast.Eq | ast.NotEq) or not isinstance(other, ast.Constant):
        return None
    if not isinstance(other.value, str) or len(other.value) != 1:
        return None
    return [other.value], isinstance(operator, ast.Eq)


# -- how it is written ----------------------------------------------------------------------------


def _written(
    site: Site, text: ast.expr, replaced: dict[str, str]
) -> tuple[str, list[Constant]] | None:
    """Return the expression that replaces characters, and the constants it needs."""
    if not site.kinds.is_a(text, "str"):
        return None
    ordered = _in_order([(old, new) for old, new in replaced.items() if old != new])
    shown = in_parentheses(site.module.segment(text), text)
    if ordered and len(ordered) <= _MOST_REPLACES:
        calls = "".join(
            f".replace({string_literal(old)}, {string_literal(new)})" for old, new in ordered
        )
        return shown + calls, []
    if not ordered or not all((old + new).isascii() and len(new) < 2 for old, new in ordered):
        # Only a table of plain characters for plain characters is fast.
        return None
    wanted = f"_{site.function.name.strip('_').upper()}_TRANSLATION"
    name = site.fresh_name(wanted)
    kept = [(old, new) for old, new in ordered if new]
    groups = [
        "".join(old for old, _ in kept),
        "".join(new for _, new in kept),
        "".join(old for old, new in ordered if not new),
    ]
    table = f"str.maketrans({', '.join(map(string_literal, groups))})"
    place = site.module.top_level(site.function)
    return f"{shown}.translate({name})", [Constant(name, table, place)]


def _in_order(pairs: list[tuple[str, str]]) -> list[tuple[str, str]] | None:
    """Return replacements in an order in which none undoes or repeats another, if there is one."""
    for listed in (pairs, pairs[::-1]):
        made = ""
        for old, new in listed:
            if old in made:
                break
            made += new
        else:
            return listed
    return None
