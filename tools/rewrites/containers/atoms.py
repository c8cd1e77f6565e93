"""Atoms: values that a copy gives back as they are, so that asking for one is all cost."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..calls.exact_types import types_seen
from ..reading.loops import loops_around
from ..reading.syntax import is_name, is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

_ATOMS = ("str", "int", "float", "bool", "bytes", "complex", "NoneType")
_USUAL = ("str", "int", "float")
_LEAST_SHARE = 0.1
_MOST_TYPES = 3


class UncopiedAtom:
    """Does not ask for a copy of a string or a number."""

    name = "uncopied-atom"
    summary = "`copy.deepcopy(x)` is not called for an exact str, int or float."
    why_right = (
        "A copy of an exact string or number is the object itself, and any other value is still "
        "copied."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each call that copies a variable."""
        for call in site.scope.of_type(ast.Call):
            copies = ("copy.deepcopy", "copy.copy") if site.facts else ("copy.deepcopy",)
            if site.module.qualified(call.func) not in copies or not call.args:
                continue
            tested = call.args[0]
            if not isinstance(tested, ast.Name) or not site.module.is_local(tested):
                continue
            types, share = _types_to_try(site, call, tested)
            if not types or _is_guarded(site, call):
                continue
            tests = " or ".join(_exact_test(tested.id, each) for each in types)
            yield Change(
                line=call.lineno,
                hypothesis=f"`{site.module.segment(call)}` goes through a registry only to give "
                "a string or a number back; a look at the exact type saves that",
                edits=(Replace(call, f"{tested.id} if {tests} else {site.module.segment(call)}"),),
                risk=self.risk,
                promise=0.8 * share if site.facts else self.promise,
            )


def _types_to_try(site: Site, call: ast.Call, tested: ast.Name) -> tuple[list[str], float]:
    """Return the atoms to look for, the likeliest first, and the share of the values they are."""
    seen = types_seen(site, tested)
    if seen:
        found = [each for each in seen if each[0] in _ATOMS and each[1] >= _LEAST_SHARE]
        found = found[:_MOST_TYPES]
        return [name for name, _ in found], sum(share for _, share in found)
    kind = site.kinds.of(tested)
    # What a loop meets are parts of something, and most parts are atoms in the end.
    looked_into = any(
        isinstance(each, ast.Attribute | ast.Subscript) and is_name(each.value, tested.id)
        for each in site.scope.nodes
    )
    is_part = kind is None and not looked_into and bool(loops_around(site, call))
    return (list(_USUAL), 1.0) if is_part and is_plain_call(call, arguments=1) else ([], 0.0)


def _is_guarded(site: Site, call: ast.Call) -> bool:
    """Return whether the call is the other side of a choice by type already."""
    parent = site.module.parents[call]
    return isinstance(parent, ast.IfExp) and "type(" in ast.unparse(parent.test)


def _exact_test(name: str, atom: str) -> str:
    return f"{name} is None" if atom == "NoneType" else f"type({name}) is {atom}"
