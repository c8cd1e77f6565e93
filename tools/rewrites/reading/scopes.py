"""Scopes: what each function binds, and in which order its own code comes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..writing.edit import FunctionNode
from .walks import N, NodeKinds, children, walk

ScopeNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

BINDING = frozenset(
    (
        ast.Assign,
        ast.AnnAssign,
        ast.NamedExpr,
        ast.AugAssign,
        ast.For,
        ast.AsyncFor,
        ast.withitem,
        ast.Delete,
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.ExceptHandler,
        ast.MatchAs,
        ast.MatchStar,
        ast.MatchMapping,
    )
)
"""The types of nodes that may bind a name."""


@dataclass(frozen=True)
class Binding:
    """One place where a name gets a value."""

    name: str
    node: ast.AST
    """The statement, argument or comprehension clause that binds."""
    value: ast.expr | None
    """What is bound, when the name gets a whole expression's value; None for every other way
    (unpacking, augmented assignment, `with`, `except`, imports, definitions, parameters)."""


def own_nodes(scope: ast.AST) -> list[ast.AST]:
    """Return the nodes of a scope in source order, nested functions and classes not entered.

    The nested definitions themselves are in the list, with their decorators, defaults, bases and
    annotations, which run in this scope; the root is not. Comprehensions are entered.
    """
    found: list[ast.AST] = []
    if isinstance(scope, FUNCTIONS):
        stack: list[ast.AST] = list(reversed(scope.body))
    elif isinstance(scope, ast.Lambda):
        stack = [scope.body]
    else:
        stack = list(reversed(getattr(scope, "body", [])))
    while stack:
        node = stack.pop()
        found.append(node)
        inside = children(node) if node.__class__ not in _SCOPES else _evaluated_here(node)
        stack += reversed(inside)
    return found


def _evaluated_here(node: ast.AST) -> list[ast.AST]:
    """Return what of a definition runs in the scope around it."""
    if isinstance(node, FUNCTIONS):
        returns = [node.returns] if node.returns is not None else []
        return [*node.decorator_list, *_defaults(node.args), *returns]
    if isinstance(node, ast.Lambda):
        return _defaults(node.args)
    assert isinstance(node, ast.ClassDef)
    return [*node.decorator_list, *node.bases, *node.keywords]


def _defaults(arguments: ast.arguments) -> list[ast.AST]:
    return [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Return every parameter, `*args` and `**kwargs` included, in the order they are written."""
    listed = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg:
        listed.append(arguments.vararg)
    listed.extend(arguments.kwonlyargs)
    if arguments.kwarg:
        listed.append(arguments.kwarg)
    return listed


def target_names(target: ast.AST) -> set[str]:
    """Return the names that an assignment target binds (not the roots of attributes or items)."""
    return {
        node.id
        for node in walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del)
    }


def bindings_in(nodes: Iterable[ast.AST]) -> Iterator[Binding]:
    """Yield what statements and expressions bind; comprehension targets are not bindings."""
    for node in nodes:
        if node.__class__ in BINDING:
            yield from _bindings_of(node)


def _bindings_of(node: ast.AST) -> Iterator[Binding]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Name):
                    yield Binding(target.id, node, value)
                else:
                    yield from _unpacked(node, target)
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            yield Binding(name, node, value)
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield Binding(name, node, value)
        case ast.AugAssign(target=ast.Name(id=name)):
            yield Binding(name, node, None)
        case ast.For(target=target) | ast.AsyncFor(target=target):
            yield from _unpacked(node, target)
        case ast.withitem(optional_vars=target) if target is not None:
            yield from _unpacked(node, target)
        case ast.Delete(targets=targets):
            for target in targets:
                yield from _unpacked(node, target)
        case _:
            yield from (Binding(name, node, None) for name in _names_defined(node))


def _unpacked(node: ast.AST, target: ast.AST) -> Iterator[Binding]:
    yield from (Binding(name, node, None) for name in sorted(target_names(target)))


def _names_defined(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for alias in names:
                yield alias.asname or alias.name.partition(".")[0]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            yield name


@dataclass
class FunctionScope:
    """A function's own code and names."""

    function: FunctionNode | ast.Lambda
    nodes: list[ast.AST] = field(default_factory=list)
    """Its own nodes in source order, see `own_nodes`."""

    def __post_init__(self) -> None:
        self.nodes = own_nodes(self.function)

    @cached_property
    def parameters(self) -> set[str]:
        """Names of all parameters."""
        return {argument.arg for argument in all_arguments(self.function.args)}

    @cached_property
    def declared_elsewhere(self) -> set[str]:
        """Names that `global` and `nonlocal` give to an outer scope."""
        return {name for node in self.kinds.of(ast.Global, ast.Nonlocal) for name in node.names}

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        """Every binding of a local name in source order; parameters come first."""
        found: dict[str, list[Binding]] = {}
        for argument in all_arguments(self.function.args):
            found.setdefault(argument.arg, []).append(Binding(argument.arg, argument, None))
        for binding in bindings_in(self.nodes):
            if binding.name not in self.declared_elsewhere:
                found.setdefault(binding.name, []).append(binding)
        return found

    @cached_property
    def names_inside_nested(self) -> set[str]:
        """Every name that nested functions, lambdas and classes mention."""
        return {
            name.id
            for node in self.kinds.of(*_SCOPES)
            for name in walk(node)
            if isinstance(name, ast.Name)
        }

    @cached_property
    def is_generator(self) -> bool:
        """True when calling the function only makes a generator."""
        return any(self.kinds.of(ast.Yield, ast.YieldFrom))

    @cached_property
    def kinds(self) -> NodeKinds:
        """The scope's own nodes by type."""
        return NodeKinds(self.nodes)

    def of_type(self, kind: type[N]) -> list[N]:
        """Return the scope's own nodes of one concrete type, in source order."""
        return list(self.kinds.of(kind))
