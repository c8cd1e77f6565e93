"""Evidence: what is an array, a frame or a series here, and how new code asks at run time."""

from __future__ import annotations

import ast
from keyword import iskeyword

from ..reading.walks import walk
from ..rewrite import Site
from ..writing.edit import FunctionNode, Import

_TYPES = {
    "ndarray": ("numpy.ndarray",),
    "dataframe": ("pandas.DataFrame", "pandas.core.frame.DataFrame"),
    "series": ("pandas.Series", "pandas.core.series.Series"),
}
_COMPILERS = ("jit", "vectorize", "cuda", "stencil", "pythran", "cython")
_ASKS = ("ndarray", "dtype", "dtypes")


def is_array(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a numpy array, by the source or by what calls showed."""
    return _is_of(site, node, "ndarray")


def is_frame(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a pandas frame, likewise."""
    return _is_of(site, node, "dataframe")


def is_series(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a pandas series, likewise."""
    return _is_of(site, node, "series")


def _is_of(site: Site, node: ast.expr, kind: str) -> bool:
    known = site.kinds.of(node)
    if known is not None and known.name == kind:
        return True
    return seen_type(site, node) in _TYPES[kind]


def is_place(node: ast.expr) -> bool:
    """Return whether an expression is a name or attributes of one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def is_series_place(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a series that may be written again and again."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str())):
            return is_place(value)
    return is_place(node) and is_series(site, node)


def identifier(text: str) -> str:
    """Return a variable's name made of a column's."""
    word = "".join(letter if letter.isalnum() else "_" for letter in text.lower())
    return word if word.isidentifier() and not iskeyword(word) else f"column_{word}"


def seen_type(site: Site, node: ast.expr) -> str | None:
    """Return the one type that calls showed of a parameter that is never bound again, else None."""
    if site.facts is None or not isinstance(node, ast.Name):
        return None
    if len(site.scope.bindings.get(node.id, [])) != 1 or node.id not in site.scope.parameters:
        return None
    seen = site.facts.parameter(node.id)
    return None if seen is None else seen.only_type()


def uses_arrays(site: Site) -> bool:
    """Return whether the module imports numpy or pandas, and the interpreter runs the function.

    A compiler such as numba's takes only a part of the language, and makes loops fast by itself.
    """
    chain = [site.function, *site.module.ancestors(site.function)]
    decorators = [
        ast.unparse(each)
        for around in chain
        if isinstance(around, FunctionNode)
        for each in around.decorator_list
    ]
    if any(word in text for text in decorators for word in _COMPILERS):
        return False
    return bool(site.module.imported & {"numpy", "pandas"})


def package(site: Site, name: str) -> tuple[str, tuple[Import, ...]] | None:
    """Return how to write `numpy` or `pandas` here, and the import that this needs.

    Returns:
        None when the name is taken for something else, or nothing is to be written.
    """
    if not uses_arrays(site):
        return None
    marker = ".ndarray" if name == "numpy" else ".DataFrame"
    found = site.module.reference(name + marker)
    if found is not None and found[0].endswith(marker):
        return found[0].removesuffix(marker), tuple(found[1])
    return None if name in site.module.words else (name, (Import(name, None),))


def is_fallback(site: Site, node: ast.AST) -> bool:
    """Return whether a node stands where code goes when a test of types says no.

    That is how the rewrites leave the old code in place; it is not to be rewritten again.
    """
    child = node
    for around in site.module.ancestors(node):
        if isinstance(around, ast.If) and child in around.orelse and _asks_type(around.test):
            return True
        if isinstance(around, ast.IfExp) and child is around.orelse and _asks_type(around.test):
            return True
        child = around
    return False


def _asks_type(test: ast.expr) -> bool:
    return any(
        isinstance(each, ast.Attribute | ast.Name)
        and (each.attr if isinstance(each, ast.Attribute) else each.id) in _ASKS
        for each in walk(test)
    )
