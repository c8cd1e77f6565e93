"""Invalidation: answers remembered on an instance until a method changes what they depend on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.annotations import dataclass_options, is_method_like_property
from ..kinds.known_calls import READING_METHODS
from ..reading.effect import ANY_ATTRIBUTE
from ..reading.scopes import FUNCTIONS, all_arguments
from ..reading.syntax import body_without_docstring
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertAfter, InsertBefore, Replace
from .instances import (
    attributes_changed,
    can_hold_answers,
    has_setter,
    returns_constant,
    works_hard,
)
from .private_state import PrivateState, Write

_OWN_WAYS = ("__copy__", "__setattr__", "__setstate__", "__getstate__", "__reduce__")
_SHARES = ("threading", "copy", "multiprocessing", "weakref")


class CachedUntilWritten:
    """Remembers on the instance what depends on private state, and forgets it when that changes."""

    name = "cache-until-written"
    summary = (
        "A method or property that only reads private attributes remembers its answer until a "
        "method of the class writes one of them."
    )
    why_right = (
        "No other file mentions the attributes, only methods of the class touch them, their values "
        "are made by the class or immutable and never handed out, and each statement that changes "
        "one forgets the answer. It would differ for a shallow copy that shares its containers "
        "with the original, or if a thread asked while another writes."
    )
    risk: Risk = "medium"
    promise = 0.5
    needs: tuple[Need, ...] = ("repeats", "writes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield at most one change for a method."""
        function, owner = site.function, site.module.owner(site.function)
        if owner is None or not isinstance(function, ast.FunctionDef):
            return
        if [each.arg for each in all_arguments(function.args)] != ["self"]:
            return
        plain = not function.decorator_list or is_method_like_property(function)
        if not plain or function.name.startswith("__") or has_setter(owner, function):
            return
        if not _can_forget(site, owner) or not works_hard(site) or not returns_constant(site):
            return
        state = _state_read(site, owner)
        writes = state.writes() if state else None
        if not state or not writes:
            return
        yield _change(site, function, writes, sorted(state.names))


def _can_forget(site: Site, owner: ast.ClassDef) -> bool:
    """Return whether instances can hold an answer that only the class's own methods make stale."""
    if not can_hold_answers(site, owner) or (dataclass_options(owner) or {}).get("frozen"):
        return False
    defined = {child.name for child in owner.body if isinstance(child, FUNCTIONS)}
    imported = any(site.module.is_import(name) for name in _SHARES if name in site.module.bindings)
    return defined.isdisjoint(_OWN_WAYS) and not imported


def _state_read(site: Site, owner: ast.ClassDef) -> PrivateState | None:
    """Return the attributes that the method's answer depends on, None when others may matter."""
    summary = site.effects.summary(site.function)
    if not summary.changes_nothing or site.scope.is_generator:
        return None
    read = summary.attributes_read
    if ANY_ATTRIBUTE in read or not all(map(site.effects.is_stable_global, summary.globals_read)):
        return None
    known = (READING_METHODS | site.module.names_of_modules) - site.module.attribute_stores.keys()
    methods = {name for name in read if name in site.module.methods}
    if any(map(site.is_replaced_elsewhere, methods - {site.function.name})):
        return None
    names = read - known - methods
    changed = names & attributes_changed(site)
    return PrivateState(site, owner, names) if changed else None


def _change(site: Site, function: ast.FunctionDef, writes: list[Write], names: list[str]) -> Change:
    answer = site.fresh_name(f"_{function.name.strip('_')}_known")
    known = f"self.{answer}"
    body = body_without_docstring(function)
    edits: list[Edit] = [InsertBefore(function, f"{answer} = None")]
    if not isinstance(body[0], ast.Return):
        edits.append(InsertBefore(body[0], f"if {known} is not None:\n    return {known}"))
    for each in site.scope.of_type(ast.Return):
        assert each.value is not None
        kept = f"{known} = {site.module.segment(each.value)}\n"
        kept = f"if {known} is None:\n    {kept}" if each is body[0] else kept
        edits.append(Replace(each, f"{kept}return {known}"))
    forget = f"{known} = None"
    for write in writes:
        if write.before:
            edits.append(InsertBefore(write.statement, forget))
        if write.after:
            edits.append(InsertAfter(write.statement, forget))
    listed = ", ".join(f"self.{name}" for name in names)
    return Change(
        line=function.lineno,
        hypothesis=f"{site.qualname} works out the same answer again until {listed} changes; "
        "remembered on the instance, and forgotten where one of them is written, it costs once",
        edits=tuple(edits),
        risk="medium",
        whole_function=True,
    )
