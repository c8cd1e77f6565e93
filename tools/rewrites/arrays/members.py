"""Members: arrays that a loop searches with `in`, one comparison of all elements each time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import NUMBERS
from ..reading.loops import anchor, is_pure_expression, loops_around, outermost_invariant
from ..reading.syntax import describe, same
from ..rewrite import Change, Risk, Site
from ..searches.membership import membership_tests
from ..writing.edit import InsertBefore, Replace
from .evidence import is_array, is_fallback, package
from .guards import guarded_expression


class ArrayMembers:
    """Makes a set of an array's elements before the loop that searches it."""

    name = "array-members"
    summary = "`x in a` of an unchanging array inside a loop asks a set made before the loop."
    why_right = (
        "An array contains what equals one of its elements, and so does the set of them, for "
        "64-bit numbers and for texts; the new code asks at run time for such an array and else "
        "searches the array. A value that cannot be hashed would raise TypeError."
    )
    risk: Risk = "medium"
    promise = 0.9
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each array and loop."""
        found = package(site, "numpy")
        done: list[ast.expr] = []
        for test, container in membership_tests(site):
            if (
                found is None
                or is_fallback(site, test)
                or any(same(each, container) for each in done)
            ):
                continue
            if not is_array(site, container) or not is_pure_expression(site, container):
                continue
            kind = site.kinds.of(test.left)
            if kind is not None and kind.name not in (*NUMBERS, "str", "NoneType"):
                continue
            invariance = outermost_invariant(site, container)
            if invariance is None:
                continue
            done.append(container)
            loop = invariance.loop.node
            together = [
                other
                for each, other in membership_tests(site)
                if same(other, container)
                and any(around.node is loop for around in loops_around(site, each))
            ]
            name = site.fresh_name(f"{describe(container)}_set")
            text = site.module.segment(container)
            yield Change(
                line=test.lineno,
                hypothesis=f"`in {text}` compares with every element of the array each time; a set "
                "made once answers at once",
                edits=(
                    InsertBefore(anchor(site, invariance.loop), _made(site, found[0], name, text)),
                    *(Replace(each, name) for each in together),
                    *found[1],
                ),
                risk="medium" if kind is not None else "high",
            )


def _made(site: Site, np: str, name: str, text: str) -> str:
    """Return the statements that make the set, or keep the array where a set is another matter."""
    is_number = f"{name}.dtype in ({np}.float64, {np}.int64)"
    conditions = [
        f"type({name}) is {np}.ndarray",
        f"({is_number} or all(type(each) is str for each in {name}.flat))",
    ]
    chosen = guarded_expression(site, conditions, f"set({name}.ravel().tolist())", name)
    return f"{name} = {text}\n{name} = {chosen}"
