"""Patterns: constant regular expressions and struct formats, compiled once for the module."""

from __future__ import annotations

import ast
import re
import struct
import warnings
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.module_source import OWN
from ..reading.syntax import same
from ..rewrite import Change, Risk, Site
from ..writing.edit import Constant, Edit, Replace

# The position of the flags argument, and how many arguments come between pattern and flags.
_RE_FUNCTIONS = {
    "match": 2,
    "search": 2,
    "fullmatch": 2,
    "findall": 2,
    "finditer": 2,
    "split": 3,
    "sub": 4,
    "subn": 4,
}
_STRUCT_FUNCTIONS = frozenset(
    ("pack", "unpack", "pack_into", "unpack_from", "iter_unpack", "calcsize")
)


class CompiledPattern:
    """Compiles a constant pattern once instead of looking it up at each call."""

    name = "compiled-pattern"
    summary = (
        "`re.match(constant, …)` and `struct.unpack(constant, …)` use an object compiled once."
    )
    why_right = (
        "The pattern and its flags are constants, so the compiled object is the one that each call "
        "would look up; it is compiled when the module is imported."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each pattern the function uses."""
        done: set[ast.AST] = set()
        for call in site.scope.of_type(ast.Call):
            if call in done or not _is_direct(call):
                continue
            name = site.module.qualified(call.func) or ""
            module_name, _, function = name.rpartition(".")
            together = [
                each
                for each in site.scope.of_type(ast.Call)
                if _is_direct(each) and _compiles_the_same(site, call, each)
            ]
            done.update(together)
            if module_name == "re" and function == "compile":
                change = _hoisted_compile(site, call)
            elif module_name == "re" and function in _RE_FUNCTIONS:
                change = _compiled(site, call, together)
            elif module_name == "struct" and function in _STRUCT_FUNCTIONS:
                change = _struct(site, call, together)
            else:
                continue
            if change is not None:
                yield change


def _is_direct(call: ast.Call) -> bool:
    """Return whether a call is `module.function(…)` with arguments that can be told apart."""
    return (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and not any(isinstance(each, ast.Starred) for each in call.args)
        and all(each.arg is not None for each in call.keywords)
    )


def _flags(site: Site, call: ast.Call) -> ast.expr | None:
    """Return the flags argument of a function of `re`, None when it has none."""
    name = (site.module.qualified(call.func) or "").rpartition(".")[2]
    for keyword in call.keywords:
        if keyword.arg == "flags":
            return keyword.value
    position = _RE_FUNCTIONS.get(name, 1)
    return call.args[position] if len(call.args) > position else None


def _compiles_the_same(site: Site, first: ast.Call, second: ast.Call) -> bool:
    """Return whether two calls need the same compiled object."""
    names = [site.module.qualified(each.func) or "" for each in (first, second)]
    modules = [name.rpartition(".")[0] for name in names]
    if modules[0] != modules[1] or not first.args or not second.args:
        return False
    if "re.compile" in names and first is not second:
        return False
    known = _RE_FUNCTIONS if modules[0] == "re" else _STRUCT_FUNCTIONS
    if names[1] != "re.compile" and names[1].rpartition(".")[2] not in known:
        return False
    flags = [_flags(site, each) if modules[0] == "re" else None for each in (first, second)]
    return same(first.args[0], second.args[0]) and ast.dump(
        flags[0] or ast.Constant(0)
    ) == ast.dump(flags[1] or ast.Constant(0))


def _pattern(site: Site, node: ast.expr) -> tuple[object, ast.stmt | None] | None:
    """Return a constant pattern's value and the statement that defines it, if it has a name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value, None
    if isinstance(node, ast.Name) and site.module.qualified(node) == OWN + node.id:
        bound = site.module.bindings[node.id]
        value, definition = bound[0].value, bound[0].node
        is_constant = isinstance(value, ast.Constant) and isinstance(value.value, str | bytes)
        if len(bound) == 1 and is_constant and definition in site.module.tree.body:
            assert isinstance(definition, ast.stmt)
            return value.value, definition  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]
    return None


def _flags_value(site: Site, node: ast.expr | None) -> int | None:
    """Return the value of a constant flags expression, None when it is not constant."""
    if node is None:
        return 0
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _flags_value(site, node.left), _flags_value(site, node.right)
        return None if left is None or right is None else left | right
    name = site.module.qualified(node) or ""
    if name.startswith("re.") and hasattr(re, name.removeprefix("re.")):
        value = getattr(re, name.removeprefix("re."))
        return int(value) if isinstance(value, re.RegexFlag) else None
    return None


def _is_valid(pattern: object, flags: int) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern, flags)  # type: ignore[call-overload]
    except (re.error, ValueError, TypeError, OverflowError, RecursionError, Warning):
        return False
    return True


def define(
    site: Site, wanted: str, text: str, module_name: str, definition: ast.stmt | None
) -> tuple[str, Edit] | None:
    """Return the name and definition of a constant that needs `module_name` imported above it.

    Args:
        site: where it is used.
        wanted: its name, if nobody has that yet.
        text: its value.
        module_name: the name by which the module knows what the value is made of.
        definition: the statement it goes under; None puts it over the site's function.
    """
    top = site.module.top_level(site.function)
    place = definition or top
    for bound in site.module.bindings.get(module_name, []):
        imports = isinstance(bound.node, ast.Import) and bound.node in site.module.tree.body
        if imports and getattr(bound.node, "lineno", 0) < place.lineno:
            name = site.fresh_name(wanted)
            return name, Constant(name, text, place, after=definition is not None)
    return None


def _constant_name(site: Site, suffix: str, node: ast.expr) -> str:
    base = node.id if isinstance(node, ast.Name) else site.function.name
    return f"_{base.strip('_').upper()}_{suffix}"


def _compiled(site: Site, call: ast.Call, together: list[ast.Call]) -> Change | None:
    pattern = _pattern(site, call.args[0]) if call.args else None
    flags = _flags(site, call)
    value = _flags_value(site, flags)
    if pattern is None or value is None or not _is_valid(pattern[0], value):
        return None
    arguments = site.module.segment(call.args[0], in_brackets=True)
    if flags is not None:
        arguments += f", {site.module.segment(flags)}"
    wanted = _constant_name(site, "PATTERN", call.args[0])
    compile_call = f"{ast.unparse(_module_of(call.func))}.compile({arguments})"
    found = define(site, wanted, compile_call, _root(call.func), pattern[1])
    if found is None:
        return None
    name, constant = found
    if any(keyword.arg == "pattern" for each in together for keyword in each.keywords):
        return None
    edits = (constant, *_method_calls(site, name, together))
    return Change(
        line=call.lineno,
        hypothesis="the constant pattern is looked up in re's cache at every call; a pattern "
        "compiled with the module is called directly",
        edits=edits,
        risk="low",
    )


def _module_of(func: ast.expr) -> ast.expr:
    assert isinstance(func, ast.Attribute)
    return func.value


def _root(func: ast.expr) -> str:
    return (
        func.value.id
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
        else ""
    )


def _hoisted_compile(site: Site, call: ast.Call) -> Change | None:
    if not 1 <= len(call.args) <= 2 or any(each.arg != "flags" for each in call.keywords):
        return None
    pattern = _pattern(site, call.args[0])
    value = _flags_value(site, _flags(site, call))
    if pattern is None or value is None or not _is_valid(pattern[0], value):
        return None
    wanted = _constant_name(site, "PATTERN", call.args[0])
    found = define(site, wanted, site.module.segment(call), _root(call.func), pattern[1])
    if found is None:
        return None
    name, constant = found
    return Change(
        line=call.lineno,
        hypothesis="a constant pattern is compiled (or looked up) at every call of the function; "
        "once for the module is enough",
        edits=(constant, Replace(call, name)),
        risk="low",
    )


def _struct(site: Site, call: ast.Call, together: list[ast.Call]) -> Change | None:
    pattern = _pattern(site, call.args[0]) if call.args else None
    if pattern is None or not isinstance(pattern[0], str | bytes):
        return None
    try:
        struct.calcsize(pattern[0])
    except struct.error:
        return None
    wanted = _constant_name(site, "FORMAT", call.args[0])
    text = f"{_root(call.func)}.Struct({site.module.segment(call.args[0])})"
    found = define(site, wanted, text, _root(call.func), pattern[1])
    if found is None:
        return None
    name, constant = found
    edits = (constant, *_method_calls(site, name, together))
    return Change(
        line=call.lineno,
        hypothesis="the constant format is looked up in struct's cache at every call; a Struct "
        "made with the module is called directly",
        edits=edits,
        risk="low",
    )


def _method_calls(site: Site, name: str, calls: list[ast.Call]) -> list[Edit]:
    """Return edits that make calls of a module's functions calls of a compiled object's methods."""
    texts: dict[ast.expr, str] = {}
    # Inner calls come later in source order, and outer ones are made of their new text.
    for call in reversed(calls):
        module_name, _, function = (site.module.qualified(call.func) or "").rpartition(".")
        last = _RE_FUNCTIONS[function] if module_name == "re" else len(call.args)
        given = [site.module.segment_with(each, texts) for each in call.args[1:last]]
        given += [
            f"{each.arg}={site.module.segment_with(each.value, texts)}"
            for each in call.keywords
            if each.arg != "flags"
        ]
        is_size = function == "calcsize"
        texts[call] = f"{name}.size" if is_size else f"{name}.{function}({', '.join(given)})"
    outermost = [
        call for call in calls if not any(each in texts for each in site.module.ancestors(call))
    ]
    return [Replace(call, texts[call]) for call in outermost]
