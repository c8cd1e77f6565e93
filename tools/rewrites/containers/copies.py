"""Copies: containers copied where nothing would change the original, or copied too deeply."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import Kind
from ..reading.loops import Invariance, for_loop
from ..reading.syntax import is_plain_call
from ..reading.uses import SAFE_READS, is_private_local, uses_of
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

_COPIES = ("list", "tuple", "dict", "set")


class ShallowerCopy:
    """Copies as deep as the contents need instead of by `copy.deepcopy`."""

    name = "shallower-copy"
    summary = "`copy.deepcopy` of flat containers of immutable values becomes a plain copy."
    why_right = (
        "Values that cannot change need no copies, so copying the containers around them is as "
        "good as deepcopy. What is in them is known from annotations and from how they are "
        "filled; the same inner list standing twice would become two."
    )
    risk: Risk = "high"
    promise = 0.9
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each deep copy of something known."""
        for call in site.scope.of_type(ast.Call):
            if site.module.qualified(call.func) != "copy.deepcopy":
                continue
            if not is_plain_call(call, arguments=1):
                continue
            kind = site.kinds.of(call.args[0])
            text = _copy_of(site, kind, site.module.segment(call.args[0]))
            if text is not None:
                nested = "for" in text
                yield Change(
                    line=call.lineno,
                    hypothesis="deepcopy looks at every value and remembers each; the values here "
                    "cannot change, so only the containers need copies",
                    edits=(Replace(call, text),),
                    risk="high" if nested else "medium",
                )


def _copy_of(site: Site, kind: Kind | None, text: str) -> str | None:
    """Return an expression that copies `text` as deeply as its kind needs."""
    if kind is None:
        return None
    if site.kinds.kind_is_immutable(kind):
        return text
    if kind.name in ("list", "set") and site.kinds.kind_is_immutable(kind.item):
        return f"{kind.name}({text})"
    if kind.name == "dict" and site.kinds.kind_is_immutable(kind.item):
        if site.kinds.kind_is_immutable(kind.value):
            return f"dict({text})"
        inner = _copy_of(site, kind.value, "value") if _is_flat(site, kind.value) else None
        if inner is not None:
            return f"{{key: {inner} for key, value in {text}.items()}}"
    if kind.name == "list" and _is_flat(site, kind.item):
        inner = _copy_of(site, kind.item, "each")
        return None if inner is None else f"[{inner} for each in {text}]"
    return None


def _is_flat(site: Site, kind: Kind | None) -> bool:
    if kind is None or kind.name not in ("list", "dict", "set"):
        return False
    parts = [kind.item, kind.value] if kind.name == "dict" else [kind.item]
    return all(map(site.kinds.kind_is_immutable, parts))


class UncopiedIterable:
    """Iterates over a container itself when the loop leaves it alone."""

    name = "uncopied-iterable"
    summary = (
        "`for x in list(xs)` and `for x in xs[:]` iterate over an `xs` that the loop leaves alone."
    )
    why_right = (
        "The copy protects against changes during the loop, and the loop makes none that can be "
        "seen; code that the loop calls could, through another name for the same container."
    )
    risk: Risk = "medium"
    promise = 0.1
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each needless copy of what a loop goes over."""
        for loop in site.scope.of_type(ast.For):
            original = _copied(site, loop.iter)
            if original is None or site.kinds.is_a(original, "iterator"):
                continue
            if site.kinds.of(original) is None or not isinstance(
                original, ast.Name | ast.Attribute
            ):
                continue
            invariance = Invariance(site, for_loop(loop))
            if invariance.effects.unknown or not invariance.holds(original):
                continue
            yield Change(
                line=loop.lineno,
                hypothesis=f"`{site.module.segment(loop.iter)}` copies what the loop only reads",
                edits=(Replace(loop.iter, site.module.segment(original)),),
                risk=self.risk,
            )


def _copied(site: Site, node: ast.expr) -> ast.expr | None:
    """Return what an expression is a plain copy of, None when it is no copy."""
    if isinstance(node, ast.Call):
        if is_plain_call(node, arguments=1) and site.module.qualified(node.func) in _COPIES[:2]:
            return node.args[0]
        is_method = isinstance(node.func, ast.Attribute) and node.func.attr == "copy"
        if is_method and is_plain_call(node, arguments=0):
            assert isinstance(node.func, ast.Attribute)
            return node.func.value
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        part = node.slice
        return node.value if not (part.lower or part.upper or part.step) else None
    return None


class UncopiedVariable:
    """Reads a container itself where a copy of it is only read."""

    name = "uncopied-variable"
    summary = "`ys = list(xs)` whose `ys` is only read, while `xs` does not change, drops the copy."
    why_right = (
        "The copy is never changed, kept or handed on, and the original does not change while it "
        "is read, so reading the original gives the same."
    )
    risk: Risk = "medium"
    promise = 0.3
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each copy that is only read."""
        for name, bound in site.scope.bindings.items():
            value = bound[0].value
            if len(bound) != 1 or value is None or not is_private_local(site, name):
                continue
            original = _copied(site, value) or _deeply_copied(site, value)
            kind = None if original is None else site.kinds.of(original)
            if (
                kind is None
                or original is None
                or kind.name not in ("list", "dict", "set", "tuple")
            ):
                continue
            copied_kind = site.kinds.of(value)
            if copied_kind is None or copied_kind.name != kind.name:
                continue
            if not isinstance(original, ast.Name) or original.id not in site.scope.bindings:
                continue
            effects = site.effects.of(site.function.body)
            origins = site.effects.origins(site.function, original.id) | {original.id}
            changes = effects.unknown or origins & effects.mutated
            rebinds = len(site.scope.bindings[original.id]) != 1
            reads_only = all(
                use.kind in SAFE_READS or use.kind == "bind" for use in uses_of(site, name)
            )
            if changes or rebinds or not reads_only:
                continue
            yield Change(
                line=value.lineno,
                hypothesis=f"`{name}` is a copy that is only read",
                edits=(Replace(value, site.module.segment(original)),),
                risk=self.risk,
            )


def _deeply_copied(site: Site, node: ast.expr) -> ast.expr | None:
    if not isinstance(node, ast.Call) or not is_plain_call(node, arguments=1):
        return None
    copies = site.module.qualified(node.func) in ("copy.deepcopy", "copy.copy")
    return node.args[0] if copies else None
