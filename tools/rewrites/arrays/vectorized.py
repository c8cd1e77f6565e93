"""Vectorized functions: what `np.vectorize` calls for each element, computed for all at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import names_read
from ..rewrite import Change, Risk, Site
from ..writing.edit import FunctionNode, Replace
from .elementwise import Elementwise
from .evidence import is_fallback, package
from .guards import guarded_expression, of_all
from .values import Element, Value

_FLOATS = ("float", "numpy.float64")


class VectorizedExpression:
    """Writes what a vectorized function answers as an expression over whole arrays."""

    name = "expression-for-vectorize"
    summary = "`np.vectorize(f)(a)` of a function that only works out an expression is written out."
    why_right = (
        "np.vectorize calls the function with each element, and numpy's operators give the same "
        "for arrays of 64-bit floats; the new code asks at run time whether the arguments are "
        "such arrays, and not empty. Powers may differ in the last bit."
    )
    risk: Risk = "high"
    promise = 0.95
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each call of a vectorized function."""
        found = package(site, "numpy")
        if found is None:
            return
        for call in site.scope.of_type(ast.Call):
            made = _vectorized(site, call.func)
            if made is None or is_fallback(site, call) or call.keywords or not call.args:
                continue
            text, conditions, exact = _written(site, found[0], call, made) or ("", [], True)
            if text:
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis="np.vectorize calls a Python function for each element; the same "
                    "expression over whole arrays runs in compiled code",
                    edits=(
                        Replace(
                            call,
                            guarded_expression(site, conditions, text, site.module.segment(call)),
                        ),
                        *found[1],
                    ),
                    risk="low" if exact else self.risk,
                )


def _vectorized(site: Site, func: ast.expr) -> tuple[FunctionNode | ast.Lambda, bool] | None:
    """Return the function that np.vectorize was given, and whether it was told to answer floats."""
    if isinstance(func, ast.Name):
        bound = site.scope.bindings.get(func.id) or site.module.bindings.get(func.id, [])
        if len(bound) != 1 or bound[0].value is None:
            return None
        func = bound[0].value
    if not isinstance(func, ast.Call) or len(func.args) != 1:
        return None
    if site.module.qualified(func.func) != "numpy.vectorize":
        return None
    if func.keywords and not _answers_floats(site, func.keywords):
        return None
    given = func.args[0]
    function = given if isinstance(given, ast.Lambda) else site.module.function_meant(given)
    return None if function is None else (function, bool(func.keywords))


def _answers_floats(site: Site, keywords: list[ast.keyword]) -> bool:
    match keywords:
        case [ast.keyword(arg="otypes", value=ast.List(elts=[only]) | ast.Tuple(elts=[only]))]:
            return site.module.qualified(only) in _FLOATS
    return False


def _written(
    site: Site, np: str, call: ast.Call, made: tuple[FunctionNode | ast.Lambda, bool]
) -> tuple[str, list[str], bool] | None:
    """Return the expression over whole arrays, what must hold for it, and whether it is exact."""
    function, floats = made
    parameters = [each.arg for each in function.args.args]
    if len(parameters) != len(call.args) or not all(
        isinstance(each, ast.Name) for each in call.args
    ):
        return None
    texts = [site.module.segment(each) for each in call.args]
    # Elements reach the function as Python's own floats.
    value = Value("float", native=True)
    given = {name: Element(text, value) for name, text in zip(parameters, texts, strict=True)}
    reader = Elementwise(site, np, lambda _: None, lambda node: not names_read(node) & set(given))
    found = reader.read_function(function, given)
    if found is None or not found[0].varies or not (found[0].settled or floats):
        return None
    if floats and found[0].kind in ("bool", "int"):
        return None
    each = site.fresh_name("each")
    is_floats = (
        f"type({each}) is {np}.ndarray and {each}.dtype == {np}.float64 "
        f"and {each}.ndim > 0 and {each}.size > 0"
    )
    conditions = of_all(site, each, is_floats, texts)
    conditions += of_all(
        site, each, f"isinstance({each}, (int, float, {np}.int64))", reader.scalars
    )
    is_part = isinstance(ast.parse(found[1], mode="eval").body, ast.Name)
    return f"{found[1]}.copy()" if is_part else found[1], conditions, reader.exact
