"""Keys: small lambdas that a sort calls for each element, as functions of compiled code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import MAPPINGS
from ..kinds.known_calls import PURE_BUILTINS
from ..reading.syntax import int_value, is_name, is_plain_call, string_literal
from ..rewrite import Change, Risk, Site
from ..writing.edit import Import, Replace

_AT_ONCE = ("sorted", "min", "max", "heapq.nsmallest", "heapq.nlargest")
_LATER = ("heapq.merge", "itertools.groupby")
"""What calls its key only when somebody asks for the next element."""
_TEXT_KEYS = frozenset(("lower", "upper", "casefold", "strip", "lstrip", "rstrip", "title"))
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Mult: "mul",
    ast.BitOr: "or_",
    ast.BitAnd: "and_",
    ast.BitXor: "xor",
}

_Written = tuple[str, list[Import]]


class GetterForLambda:
    """Hands a sort a function of compiled code in the place of a lambda that does the same."""

    name = "getter-for-lambda"
    summary = (
        "`key=lambda x: x[1]` becomes `operator.itemgetter(1)`, `key=lambda x: len(x)` becomes "
        "`len`, and `reduce(lambda a, b: a * b, …)` takes `operator.mul`."
    )
    why_right = (
        "Each gives for every argument what the lambda gives, and raises what it raises; names "
        "that the lambda reads stay as they are while the call runs."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such lambda."""
        for function in site.scope.of_type(ast.Lambda):
            found = _as_key(site, function) or _as_reduction(site, function)
            if found is None:
                continue
            text, imports = found
            call = site.module.parents[function]
            yield Change(
                line=getattr(call, "lineno", function.lineno),
                last_line=function.end_lineno,
                hypothesis=f"the lambda is called for each element; `{text}` does the same in "
                "compiled code",
                edits=(Replace(function, text), *imports),
                risk=self.risk,
            )


def _parameters(function: ast.Lambda) -> list[str] | None:
    """Return the names of plain parameters, None when there are others."""
    given = function.args
    if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults:
        return None
    return [each.arg for each in given.args]


def _as_key(site: Site, function: ast.Lambda) -> _Written | None:
    parameters = _parameters(function)
    at_once = _is_called_at_once(site, function)
    if at_once is None or parameters is None or len(parameters) != 1:
        return None
    parameter, body = parameters[0], function.body
    getter = _getter(site, body, parameter, at_once=at_once)
    if getter is not None:
        maker, argument = getter
        found = site.module.reference(f"operator.{maker}")
        return None if found is None else (f"{found[0]}({argument})", found[1])
    text = _called(site, body, [parameter]) or _method(site, body, parameter)
    if text is None and at_once:
        text = _looked_up(site, body, parameter)
    return None if text is None else (text, [])


def _is_called_at_once(site: Site, function: ast.Lambda) -> bool | None:
    """Return whether all calls are over when the sort is; None when the lambda is no key."""
    parent = site.module.parents[function]
    if isinstance(parent, ast.keyword) and parent.arg == "key":
        call = site.module.parents[parent]
        assert isinstance(call, ast.Call | ast.ClassDef)
        if isinstance(call, ast.ClassDef):
            return None
        sorts = isinstance(call.func, ast.Attribute) and call.func.attr == "sort"
        name = site.module.qualified(call.func)
        if sorts or name in _AT_ONCE:
            return True
        return False if name in _LATER else None
    if not isinstance(parent, ast.Call) or parent.args[1:2] != [function]:
        return None
    return False if site.module.qualified(parent.func) == "itertools.groupby" else None


def _getter(site: Site, body: ast.expr, parameter: str, *, at_once: bool) -> tuple[str, str] | None:
    """Return `itemgetter` or `attrgetter` and its argument, None when neither does the same."""
    if isinstance(body, ast.Subscript) and is_name(body.value, parameter):
        index = body.slice
        is_text = isinstance(index, ast.Constant) and isinstance(index.value, str)
        stays = at_once and isinstance(index, ast.Name) and index.id != parameter
        if is_text or stays or int_value(index) is not None:
            return "itemgetter", site.module.segment(index)
        return None
    names: list[str] = []
    while isinstance(body, ast.Attribute):
        names.append(body.attr)
        body = body.value
    # A private name inside a class stands for another one.
    if names and is_name(body, parameter) and not any(each.startswith("__") for each in names):
        return "attrgetter", string_literal(".".join(reversed(names)))
    return None


def _called(site: Site, body: ast.expr, parameters: list[str]) -> str | None:
    """Return the function when a lambda's body only calls one with the lambda's parameters."""
    if not isinstance(body, ast.Call) or not is_plain_call(body, arguments=len(parameters)):
        return None
    passes = all(map(is_name, body.args, parameters))
    if not passes or not isinstance(body.func, ast.Name) or body.func.id in parameters:
        return None
    known = site.module.qualified(body.func) in PURE_BUILTINS
    return body.func.id if known or site.module.function_meant(body.func) else None


def _method(site: Site, body: ast.expr, parameter: str) -> str | None:
    """Return `str.lower` and the like for a lambda that calls that method of a string."""
    if not isinstance(body, ast.Call) or not is_plain_call(body, arguments=0):
        return None
    func = body.func
    if not isinstance(func, ast.Attribute) or not is_name(func.value, parameter):
        return None
    is_text = func.attr in _TEXT_KEYS and site.kinds.is_a(func.value, "str")
    return f"str.{func.attr}" if is_text else None


def _looked_up(site: Site, body: ast.expr, parameter: str) -> str | None:
    """Return the dict's own method for a lambda that looks its parameter up in a dict."""
    if isinstance(body, ast.Subscript) and is_name(body.slice, parameter):
        holder, method = body.value, "__getitem__"
    elif isinstance(body, ast.Call) and is_plain_call(body, arguments=1):
        if not isinstance(body.func, ast.Attribute) or body.func.attr != "get":
            return None
        holder, method = body.func.value, "get"
        if not is_name(body.args[0], parameter):
            return None
    else:
        return None
    if not isinstance(holder, ast.Name) or holder.id == parameter:
        return None
    return f"{holder.id}.{method}" if site.kinds.is_a(holder, *MAPPINGS) else None


def _as_reduction(site: Site, function: ast.Lambda) -> _Written | None:
    call, parameters = site.module.parents[function], _parameters(function)
    if not isinstance(call, ast.Call) or call.args[:1] != [function] or parameters is None:
        return None
    if site.module.qualified(call.func) != "functools.reduce" or len(parameters) != 2:
        return None
    body = function.body
    if isinstance(body, ast.BinOp):
        both = is_name(body.left, parameters[0]) and is_name(body.right, parameters[1])
        operator = _OPERATORS.get(type(body.op))
        return site.module.reference(f"operator.{operator}") if both and operator else None
    text = _called(site, body, parameters)
    return None if text is None else (text, [])
