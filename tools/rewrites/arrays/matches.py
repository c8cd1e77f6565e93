"""Matches: masks that are only counted, only asked whether they match, or only for the first."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.known_arrays import NUMPY
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import int_value, is_plain_call
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .evidence import is_array, is_fallback, is_frame, is_series, package, uses_arrays
from .guards import guarded_expression
from .sinks import is_tested
from .values import bracketed

_PLACES = ("where", "nonzero")
_FLAT_PLACES = ("flatnonzero", "argwhere")
_TESTS = ("isnan", "isinf", "isfinite", "isclose", "logical_and", "logical_or", "logical_not")


class CountedMatches:
    """Counts what a mask matches without collecting it."""

    name = "count-matches"
    summary = "`len(a[a > 0])`, `len(np.where(m)[0])` and `(a > 0).sum()` count with numpy."
    why_right = (
        "As many elements are selected as the mask has true values, and counting those gives the "
        "same integer, of the same type. An array of a subclass whose selection hides elements, "
        "as a masked one's does, would be counted in full."
    )
    risk: Risk = "low"
    promise = 0.8
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each count."""
        found = package(site, "numpy")
        if found is None:
            return
        for node in site.scope.nodes:
            if not isinstance(node, ast.expr) or is_fallback(site, node):
                continue
            text = counted(site, found[0], node) or _summed(site, found[0], node)
            if text is not None and not _is_compared_with_zero(site, node):
                yield Change(
                    line=node.lineno,
                    last_line=node.end_lineno,
                    hypothesis=f"`{site.module.segment(node)}` copies or adds up what matches only "
                    "to know how much it is; counting the mask is enough",
                    edits=(Replace(node, text), *(found[1] if f"{found[0]}." in text else ())),
                    risk=self.risk,
                )


def counted(site: Site, np: str, node: ast.expr) -> str | None:
    """Return how to count what a length of a selection counts, None for anything else."""
    selection = _measured(site, node)
    if selection is None:
        return None
    mask = _placed(site, selection)
    if mask is not None:
        return f"int({np}.count_nonzero({site.module.segment(mask, in_brackets=True)}))"
    match selection:
        case ast.Subscript(value=whole, slice=mask) if is_mask(site, mask):
            text = site.module.segment(mask, in_brackets=True)
            if is_array(site, whole):
                return f"int({np}.count_nonzero({text}))"
            if is_series(site, whole) or (is_frame(site, whole) and is_of_column(whole, mask)):
                return f"int({bracketed(text)}.sum())"
    return None


def _measured(site: Site, node: ast.expr) -> ast.expr | None:
    """Return what an expression asks the length of: `len(x)`, `x.shape[0]`, `x.size` of places."""
    match node:
        case ast.Call(func=ast.Name(), args=[measured], keywords=[]):
            return measured if site.module.qualified(node.func) == "len" else None
        case ast.Subscript(
            value=ast.Attribute(value=measured, attr="shape"), slice=ast.Constant(value=0)
        ):
            return measured
        case ast.Attribute(value=measured, attr="size"):
            return measured if _is_flat_place(site, measured) else None
    return None


def _is_flat_place(site: Site, node: ast.expr) -> bool:
    match node:
        case ast.Subscript(value=ast.Call(func=func), slice=ast.Constant(value=0)):
            return site.module.qualified(func) in [NUMPY + each for each in _PLACES]
        case ast.Call(func=func):
            return site.module.qualified(func) == "numpy.flatnonzero"
    return False


def _placed(site: Site, node: ast.expr) -> ast.expr | None:
    """Return the mask when an expression is `np.where(mask)[0]` or the like."""
    match node:
        case ast.Subscript(value=ast.Call() as call, slice=ast.Constant(value=0)):
            names = _PLACES
        case ast.Call() as call:
            names = _FLAT_PLACES
        case _:
            return None
    known = site.module.qualified(call.func) in [NUMPY + each for each in names]
    return call.args[0] if known and is_plain_call(call, arguments=1) else None


def is_mask(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a mask by its form: made of comparisons."""
    match node:
        case ast.Compare(ops=ops):
            compares = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
            return len(ops) == 1 and isinstance(ops[0], compares)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.BitXor(), left=left, right=right):
            return is_mask(site, left) and is_mask(site, right)
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return is_mask(site, operand)
        case ast.Call(func=func):
            return site.module.qualified(func) in [NUMPY + each for each in _TESTS]
    return False


def is_of_column(whole: ast.expr, mask: ast.expr) -> bool:
    """Return whether a mask is about columns of the very frame it selects rows of."""
    text = ast.unparse(whole)
    columns = [
        each
        for each in walk(mask)
        if isinstance(each, ast.Attribute | ast.Subscript) and ast.unparse(each.value) == text
    ]
    # A comparison of the frame itself is a mask of cells.
    bare = [each for each in walk(mask) if isinstance(each, ast.expr) and _is(each, text)]
    return bool(columns) and len(columns) == len(bare) and all(map(_names_column, columns))


def _is(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == text


def _names_column(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) or (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    )


def _summed(site: Site, np: str, node: ast.expr) -> str | None:
    """Return how to count what a sum of a mask of an array counts."""
    match node:
        case ast.Call(func=ast.Attribute(value=mask, attr="sum"), args=[], keywords=[]):
            pass
        case ast.Call(func=func, args=[mask], keywords=[]):
            if site.module.qualified(func) != "numpy.sum":
                return None
        case _:
            return None
    if not is_mask(site, mask) or not is_array(site, mask):
        return None
    return f"{np}.int_({np}.count_nonzero({site.module.segment(mask, in_brackets=True)}))"


class AnyMatch:
    """Asks whether a mask matches anything instead of counting what it matches."""

    name = "any-match"
    summary = "`(a > 0).sum() > 0`, `len(a[a > 0]) == 0` and `df[m].empty` ask `any`."
    why_right = (
        "A count is above 0 exactly when some value of the mask is true, and `any` stops there; "
        "where the answer is more than tested it is made the same type."
    )
    risk: Risk = "low"
    promise = 0.5
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such question."""
        if not uses_arrays(site):
            return
        for node in site.scope.nodes:
            if not isinstance(node, ast.expr) or is_fallback(site, node):
                continue
            asked = _asked(site, node)
            if asked is None:
                continue
            mask, negated, plain = asked
            text = f"{bracketed(site.module.segment(mask, in_brackets=True))}.any()"
            if negated:
                text = f"not {text}"
            elif not plain and not is_tested(site, node):
                text = f"bool({text})"
            yield Change(
                line=node.lineno,
                last_line=node.end_lineno,
                hypothesis=f"`{site.module.segment(node)}` counts or copies all that matches to "
                "know whether anything does",
                edits=(Replace(node, text),),
                risk=self.risk,
            )


def _asked(site: Site, node: ast.expr) -> tuple[ast.expr, bool, bool] | None:
    """Return the mask that is asked for a match, whether for none, and whether `any` is exact."""
    if isinstance(node, ast.Attribute) and node.attr == "empty":
        match node.value:
            case ast.Subscript(value=whole, slice=mask) if is_mask(site, mask):
                if is_frame(site, whole) and is_of_column(whole, mask):
                    return mask, True, False
        return None
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    bound, operator = int_value(node.comparators[0]), type(node.ops[0])
    some = (bound, operator) in ((0, ast.Gt), (0, ast.NotEq), (1, ast.GtE))
    if not some and (bound, operator) not in ((0, ast.Eq), (1, ast.Lt)):
        return None
    counts = counted(site, "np", node.left)
    mask = _mask_counted(site, node.left)
    if mask is None:
        return None
    # Only where a Python number was compared is the answer one of Python's truth values.
    is_numpys = counts is None
    is_count = isinstance(node.left, ast.Call) and (
        site.module.qualified(node.left.func) == "numpy.count_nonzero"
    )
    if (is_count or (not some and is_numpys)) and not is_tested(site, node):
        return None
    return mask, not some, is_numpys


def _mask_counted(site: Site, node: ast.expr) -> ast.expr | None:
    """Return the mask that an expression counts, by length or by sum."""
    if counted(site, "np", node) is not None:
        selection = _measured(site, node)
        assert selection is not None
        mask = _placed(site, selection)
        if mask is None and isinstance(selection, ast.Subscript):
            mask = selection.slice
        return mask if mask is not None and is_mask(site, mask) else None
    match node:
        case ast.Call(func=ast.Attribute(value=mask, attr="sum"), args=[], keywords=[]):
            return mask if is_mask(site, mask) and _has_any(site, mask) else None
        case ast.Call(func=func, args=[mask], keywords=[]):
            name = site.module.qualified(func)
            if name in ("numpy.sum", "numpy.count_nonzero") and is_mask(site, mask):
                return mask if _has_any(site, mask) else None
    return None


def _has_any(site: Site, mask: ast.expr) -> bool:
    """Return whether a mask is known to have the method; a sparse matrix has none."""
    kind = site.kinds.of(mask)
    return is_array(site, mask) or (kind is not None and kind.name in ("ndarray", "series"))


def _is_compared_with_zero(site: Site, node: ast.expr) -> bool:
    parent = site.module.parents[node]
    return isinstance(parent, ast.Compare) and _asked(site, parent) is not None


class FirstMatch:
    """Finds the first match without listing them all."""

    name = "first-match"
    summary = "`np.where(m)[0][0]` asks argmax, which stops at the first true value."
    why_right = (
        "argmax of truth values is the index of the first true one. Only where there is one, in "
        "an array of one dimension, is it asked; anything else goes the old way, to its exception."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each first match."""
        found = package(site, "numpy")
        for node in site.scope.of_type(ast.Subscript):
            if found is None or is_fallback(site, node):
                continue
            mask = _first_of(site, node)
            if mask is None or any(
                isinstance(each, (*COMPREHENSIONS, ast.Lambda))
                for each in site.module.ancestors(node)
            ):
                continue
            text, first = site.module.segment(mask), site.module.segment(mask)
            if not isinstance(mask, ast.Name):
                text = site.fresh_name("matches")
                first = f"{text} := {first}"
            np = found[0]
            conditions = [
                f"type({first}) is {np}.ndarray and {text}.dtype == bool",
                f"{text}.ndim == 1 and {text}.any()",
            ]
            old = site.module.segment_with(node, {mask: text})
            yield Change(
                line=node.lineno,
                last_line=node.end_lineno,
                hypothesis=f"`{site.module.segment(node)}` lists every match to take the first",
                edits=(
                    Replace(node, guarded_expression(site, conditions, f"{text}.argmax()", old)),
                    *found[1],
                ),
                risk=self.risk,
            )


def _first_of(site: Site, node: ast.Subscript) -> ast.expr | None:
    """Return the mask when an expression is the first place where it is true."""
    if int_value(node.slice) != 0 or not isinstance(node.ctx, ast.Load):
        return None
    mask = _placed(site, node.value)
    if mask is not None and isinstance(node.value, ast.Call):
        # Of argwhere the first is an array of indices.
        is_flat = site.module.qualified(node.value.func) == "numpy.flatnonzero"
        return mask if is_flat else None
    return mask
