"""Bodies: small functions whose statements may stand where the function is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..kinds.annotations import is_method_like_property
from ..kinds.variables import default_of
from ..reading.scopes import COMPREHENSIONS, FUNCTIONS, all_arguments
from ..reading.syntax import body_without_docstring, is_constant, is_name
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Site
from ..writing.edit import FunctionNode

_MOST_NODES = 40
_MOST_STATEMENTS = 4
_MOST_CALLS = 2
_PLAIN = (
    ast.Name
    | ast.Constant
    | ast.Attribute
    | ast.Subscript
    | ast.Slice
    | ast.BinOp
    | ast.UnaryOp
    | ast.BoolOp
    | ast.Compare
    | ast.IfExp
    | ast.Call
    | ast.keyword
    | ast.Tuple
    | ast.List
    | ast.operator
    | ast.unaryop
    | ast.boolop
    | ast.cmpop
    | ast.expr_context
)
_KEEP_METHODS = words("dataclass total_ordering final runtime_checkable define frozen attrs s")
"""Decorators of classes that leave the methods as they are written."""
_LOOKS_AROUND = words("super __class__ locals globals vars dir eval exec")


@dataclass(frozen=True)
class PlainBody:
    """A function that only evaluates a few plain expressions."""

    function: FunctionNode
    parameters: tuple[str, ...]
    before: tuple[ast.stmt, ...]
    """What runs before the result is worked out: assignments and calls, in order."""
    result: ast.expr | None
    """None when it returns nothing."""

    @property
    def locals(self) -> set[str]:
        """Names that the statements bind; a parameter may be among them."""
        return {
            node.id
            for statement in self.before
            for node in walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }


def body_called(site: Site, node: ast.Call | ast.Attribute) -> PlainBody | None:
    """Return the small function of the module, or of the same class, that a node surely runs."""
    if isinstance(node, ast.Attribute):
        found = _own_method(site, node)
        return body_of(site, found) if found and is_method_like_property(found) else None
    if isinstance(node.func, ast.Attribute):
        found = _own_method(site, node.func)
    else:
        found = site.module.function_meant(node.func)
        if found is not None and site.module.parents[found] is not site.module.tree:
            return None
    if found is None or found.decorator_list or _is_replaced(site, found):
        return None
    return body_of(site, found)


def _is_replaced(site: Site, function: FunctionNode) -> bool:
    """Return whether anything in the repository may give a function's name another meaning."""
    known = site.module.answers.setdefault("replaced", {})
    assert isinstance(known, dict)
    if function not in known:
        known[function] = _is_replaced_here(site, function) or site.is_replaced_elsewhere(
            function.name
        )
    return known[function]


def _is_replaced_here(site: Site, function: FunctionNode) -> bool:
    name, module = function.name, site.module
    return (
        module.functions_named(name) != [function]
        or name in module.attribute_stores
        or name in module.words_quoted
        or name in module.names_stored
    )


def _own_method(site: Site, node: ast.Attribute) -> FunctionNode | None:
    """Return the one method that `self.name` means in a method of the same class.

    Public methods of public classes are left out: a user's own class may override them.
    """
    if not is_name(node.value, "self") or node.attr not in site.module.methods:
        return None
    owner = site.module.owner(site.function)
    listed = all_arguments(site.function.args)
    on_self = bool(listed) and listed[0].arg == "self"
    if owner is None or not on_self or site.function.decorator_list:
        return None
    found = [each for own, each in site.module.methods.get(node.attr, []) if own is owner]
    if not found or not (node.attr.startswith("_") or owner.name.startswith("_")):
        return None
    if not all_arguments(found[0].args):
        return None
    if len(site.scope.bindings["self"]) != 1 or _is_replaced(site, found[0]):
        return None
    looks_up = any(name in site.module.methods for name in ("__getattribute__", "__getattr__"))
    kept = all(_last_name(each) in _KEEP_METHODS for each in owner.decorator_list)
    return found[0] if kept and not looks_up and not owner.keywords else None


def _last_name(decorator: ast.expr) -> str:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def body_of(site: Site, function: FunctionNode) -> PlainBody | None:
    """Return what a function does, None when it is anything but small and plain."""
    arguments = function.args
    if not isinstance(function, ast.FunctionDef) or function is site.function:
        return None
    if arguments.vararg or arguments.kwarg:
        return None
    statements = body_without_docstring(function)
    result = None
    if statements and isinstance(statements[-1], ast.Return):
        result = statements[-1].value
        statements = statements[:-1]
    whole = [*statements, *([result] if result else [])]
    if not whole or len(statements) > _MOST_STATEMENTS or not all(map(_is_simple, statements)):
        return None
    nodes = [each for part in whole for each in ast.walk(part)]
    if len(nodes) > _MOST_NODES or not all(_is_plain(site, function, each) for each in nodes):
        return None
    if sum(isinstance(each, ast.Call) for each in nodes) > _MOST_CALLS:
        return None
    if any("#" in site.module.segment(part) for part in whole):
        return None
    if not statements and result is not None and _says_nothing(result):
        # A method that only says yes or no waits to be overridden.
        return None
    names = tuple(each.arg for each in all_arguments(arguments))
    return PlainBody(function, names, tuple(statements), result)


def _says_nothing(result: ast.expr) -> bool:
    """Return whether a result is a constant or an empty container."""
    return is_constant(result) or (isinstance(result, ast.List) and not result.elts)


def _is_simple(statement: ast.stmt) -> bool:
    """Return whether a statement evaluates an expression and at most stores it in one place."""
    match statement:
        case ast.Assign(targets=[ast.Name() | ast.Attribute() | ast.Subscript()]):
            return True
        case ast.AugAssign() | ast.Expr(value=ast.Call()):
            return True
    return False


def _is_plain(site: Site, function: FunctionNode, node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        # What is asked of other small functions would have to be looked through as well.
        own = site.module.function_meant(node.func) is not None
        method = isinstance(node.func, ast.Attribute) and node.func.attr in site.module.methods
        return not own and not method
    if isinstance(node, ast.Attribute):
        mangled = node.attr.startswith("__") and not node.attr.endswith("__")
        same_class = site.module.owner(function) is site.module.owner(site.function)
        return (same_class or not mangled) and node.attr not in site.module.methods
    if isinstance(node, ast.Name):
        return node.id not in _LOOKS_AROUND
    return isinstance(node, _PLAIN | ast.Assign | ast.AugAssign | ast.Expr)


def given_to(site: Site, body: PlainBody, call: ast.Call | ast.Attribute) -> dict[str, ast.expr]:
    """Return what a call gives for each parameter, in the order it is evaluated.

    Defaults come last. Empty when that is not certain, or a default is worked out somewhere else.
    """
    given: dict[str, ast.expr] = {}
    is_method = site.module.owner(body.function) is not None
    receiver = call if isinstance(call, ast.Attribute) else call.func
    if is_method:
        assert isinstance(receiver, ast.Attribute)
        given[body.parameters[0]] = receiver.value
    if isinstance(call, ast.Call):
        positional = body.function.args.posonlyargs + body.function.args.args
        names = [each.arg for each in positional][is_method:]
        if len(call.args) > len(names):
            return {}
        for name, value in [
            *zip(names, call.args, strict=False),
            *((each.arg or "", each.value) for each in call.keywords),
        ]:
            if name in given or name not in body.parameters or isinstance(value, ast.Starred):
                return {}
            given[name] = value
    for name in body.parameters:
        default = default_of(body.function, name)
        if name not in given:
            if default is None or not is_constant(default):
                return {}
            given[name] = default
    return given


def means_the_same(site: Site, body: PlainBody, call: ast.expr) -> bool:
    """Return whether the outer names that a function reads mean the same where it is called."""
    own = {*body.parameters, *body.locals}
    outer = {
        node.id
        for part in (*body.before, *([body.result] if body.result else []))
        for node in walk(part)
        if isinstance(node, ast.Name) and node.id not in own
    }
    return not outer & set(_names_bound_around(site, call))


def _names_bound_around(site: Site, node: ast.expr) -> Iterator[str]:
    for around in site.module.ancestors(node):
        if isinstance(around, COMPREHENSIONS):
            for clause in around.generators:
                yield from (each.id for each in walk(clause.target) if isinstance(each, ast.Name))
        elif isinstance(around, (*FUNCTIONS, ast.Lambda)):
            yield from site.module.scope(around).bindings


def evaluated(node: ast.expr) -> Iterator[ast.expr]:
    """Yield a plain expression's parts in the order in which they are evaluated."""
    if isinstance(node, ast.IfExp):
        children: list[ast.AST] = [node.test, node.body, node.orelse]
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        if isinstance(child, ast.keyword):
            child = child.value
        if isinstance(child, ast.expr):
            yield from evaluated(child)
    yield node
