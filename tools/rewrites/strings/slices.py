"""Slices: parts of a string copied only to be looked at."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.literals import literal_of
from ..reading.syntax import is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace


def _part(site: Site, node: ast.expr) -> tuple[str, str, str] | None:
    """Return the text, start and end of a slice of a string, None for anything else."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
        return None
    if node.slice.step is not None or not site.kinds.is_a(node.value, "str", "bytes"):
        return None
    lower, upper = node.slice.lower, node.slice.upper
    start = "0" if lower is None else site.module.segment(lower)
    end = "" if upper is None else f", {site.module.segment(upper)}"
    return site.module.segment(node.value), start, end


class PrefixAtPosition:
    """Looks at a position of a string instead of at a copy of what follows."""

    name = "prefix-at-position"
    summary = (
        '`s[i:].startswith("x")` becomes `s.startswith("x", i)`, and `"x" in s[i:]` asks `s.find`.'
    )
    why_right = (
        "Both methods take the bounds of a slice and document that they compare just that part; "
        "what is looked for is not empty, which alone would be found past the end of a slice."
    )
    risk: Risk = "low"
    promise = 0.5
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each slice that is only looked at."""
        for node in site.scope.nodes:
            text: str | None = None
            if isinstance(node, ast.Call):
                text = _prefix(site, node)
            elif isinstance(node, ast.Compare):
                text = _contained(site, node)
            if text is not None:
                assert isinstance(node, ast.expr)
                yield Change(
                    line=node.lineno,
                    last_line=node.end_lineno,
                    hypothesis="a part of the string is copied to be looked at once; the string "
                    "itself can be looked at there",
                    edits=(Replace(node, text),),
                    risk=self.risk,
                )


def _prefix(site: Site, call: ast.Call) -> str | None:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in ("startswith", "endswith"):
        return None
    if not is_plain_call(call, arguments=1) or not _is_something(site, call.args[0]):
        return None
    part = _part(site, func.value)
    if part is None:
        return None
    text, start, end = part
    return f"{text}.{func.attr}({site.module.segment(call.args[0])}, {start}{end})"


def _is_something(site: Site, node: ast.expr) -> bool:
    """Return whether a constant is a string that is not empty, or a tuple of such."""
    literal = literal_of(site, node)
    if isinstance(literal, ast.Tuple):
        return bool(literal.elts) and all(_is_something(site, each) for each in literal.elts)
    if not isinstance(literal, ast.Constant):
        return False
    return isinstance(literal.value, str | bytes) and len(literal.value) > 0


def _contained(site: Site, node: ast.Compare) -> str | None:
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
        return None
    wanted, part = node.left, _part(site, node.comparators[0])
    if part is None or not _is_something(site, wanted) or not site.kinds.is_a(wanted, "str"):
        return None
    text, start, end = part
    operator = "!=" if isinstance(node.ops[0], ast.In) else "=="
    return f"{text}.find({site.module.segment(wanted)}, {start}{end}) {operator} -1"
