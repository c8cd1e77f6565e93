"""Templates: strings put together by `format` or `%` from a constant template."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import is_pure_expression
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

_PLAIN_LITERAL = re.compile(r"""(["'])((?!\1)(?:[^\\\n\r]|\\[^N\n\r])*?)\1""")
"""One string literal without prefix, on one line, without named characters."""
_PLAIN_EXPRESSION = re.compile(r"[\w.()\[\],+\-*/ ]+")
"""What may stand in an f-string of any Python from 3.8: no quotes, braces, colons, backslashes."""
_CONVERSIONS = {None: "", "s": "!s", "r": "!r", "a": "!a"}
_NO_TUPLE = ("str", "int", "float", "number", "bool", "list", "set", "dict", "NoneType")
_INSIDE_OUT = (ast.Lambda, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.IfExp)


class FStringForFormat:
    """Puts values into an f-string that the compiler takes apart, not `format` in every call."""

    name = "fstring-for-format"
    summary = '`"{}-{}".format(a, b)` and `"<%s>" % text` become f-strings.'
    why_right = (
        "An f-string formats each value as an empty format does, in the same order; the values "
        "are worked out without side effects."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each template."""
        for node in site.scope.nodes:
            text: str | None = None
            if isinstance(node, ast.Call):
                text = _from_format(site, node)
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
                text = _from_percent(site, node)
            # What is said when something fails is no hot code.
            if text is not None and not isinstance(site.module.statement(node), ast.Raise):
                assert isinstance(node, ast.expr)
                yield Change(
                    line=node.lineno,
                    last_line=node.end_lineno,
                    hypothesis="the template is taken apart in every call; the compiler takes an "
                    "f-string apart once",
                    edits=(Replace(node, text),),
                    risk=self.risk,
                )


def _literal(site: Site, node: ast.expr) -> tuple[str, str] | None:
    """Return the quote and the source between the quotes of a plain string, else None."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    found = _PLAIN_LITERAL.fullmatch(site.module.segment(node))
    return None if found is None else (found[1], found[2])


def _shown(site: Site, node: ast.expr) -> str | None:
    """Return an expression's text as it may stand in an f-string, None when it may not."""
    text = site.module.segment(node)
    if not _PLAIN_EXPRESSION.fullmatch(text):
        return None
    return None if any(isinstance(each, _INSIDE_OUT) for each in walk(node)) else text


def _from_format(site: Site, call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "format":
        return None
    literal, given = _literal(site, call.func.value), _given(call)
    if literal is None or not given:
        return None
    if len(given) > 1 and not all(is_pure_expression(site, each) for each in given.values()):
        # All values were worked out before the first was formatted.
        return None
    quote, body = literal
    used: list[str] = []
    pieces: list[str] = []
    try:
        parts = list(string.Formatter().parse(body))
    except ValueError:
        return None
    for before, field, spec, conversion in parts:
        pieces.append(_doubled(before))
        if field is None:
            continue
        name = field or str(len(used))
        text = _shown(site, given[name]) if name in given and not spec else None
        if text is None or conversion not in _CONVERSIONS:
            return None
        pieces.append(f"{{{text}{_CONVERSIONS[conversion]}}}")
        used.append(name)
    is_each_once = sorted(used) == sorted(given)
    return f"f{quote}{''.join(pieces)}{quote}" if is_each_once else None


def _given(call: ast.Call) -> dict[str, ast.expr] | None:
    """Return a call's arguments by position or name, None when some are only known later."""
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    if any(each.arg is None for each in call.keywords):
        return None
    by_name = {each.arg: each.value for each in call.keywords if each.arg}
    return {str(index): each for index, each in enumerate(call.args)} | by_name


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _from_percent(site: Site, node: ast.BinOp) -> str | None:
    literal = _literal(site, node.left)
    # Tuples are for several fields; newer compilers make f-strings of those by themselves.
    if literal is None or not site.kinds.is_a(node.right, *_NO_TUPLE):
        return None
    quote, body = literal
    before, field, after = body.partition("%s")
    text = _shown(site, node.right)
    if not field or "%" in before + after or text is None:
        return None
    conversion = "" if site.kinds.is_a(node.right, "str") else "!s"
    return f"f{quote}{_doubled(before)}{{{text}{conversion}}}{_doubled(after)}{quote}"
