"""Scalars: numpy's functions called with single numbers, where Python's own are quicker."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.syntax import is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Import, Replace
from .evidence import seen_type, uses_arrays
from .sinks import is_tested, loses_type
from .values import is_never_negative

_TESTS = {"numpy.isnan": "isnan", "numpy.isinf": "isinf", "numpy.isfinite": "isfinite"}
_ABSOLUTE = ("numpy.abs", "numpy.absolute", "numpy.fabs")


class ScalarMath:
    """Asks `math` about one number instead of making an array of it."""

    name = "scalar-math"
    summary = "`np.isnan(x)`, `np.sqrt(x)` and `np.abs(x)` of one number use math and abs."
    why_right = (
        "math answers the same for one number, to the last bit; square roots only where what is "
        "under them cannot be negative. The answer is Python's own number, where no one can tell. "
        "The argument is taken to be one number, as its annotation or what it is made of says."
    )
    risk: Risk = "medium"
    promise = 0.3
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each call with a single number."""
        if not uses_arrays(site):
            return
        for call in site.scope.of_type(ast.Call):
            if not is_plain_call(call, arguments=1) or not _is_number(site, call.args[0]):
                continue
            found = _instead(site, call)
            if found is not None:
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis=f"`{site.module.segment(call.func)}` makes an array of the one "
                    "number it is given; Python's own function does not",
                    edits=(Replace(call.func, found[0]), *found[1]),
                    risk=self.risk,
                )


def _is_number(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is one number, by the source or by what calls showed."""
    return site.kinds.is_a(node, "int", "float") or seen_type(site, node) in ("int", "float")


def _instead(site: Site, call: ast.Call) -> tuple[str, list[Import]] | None:
    """Return Python's own function for a call of numpy's, and the import that it needs."""
    name = site.module.qualified(call.func) or ""
    if name in _TESTS:
        return site.module.reference(f"math.{_TESTS[name]}") if is_tested(site, call) else None
    if name in _ABSOLUTE:
        return ("abs", []) if loses_type(site, call) else None
    if name == "numpy.sqrt" and is_never_negative(call.args[0]) and loses_type(site, call):
        return site.module.reference("math.sqrt")
    return None
