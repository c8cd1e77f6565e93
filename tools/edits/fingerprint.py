"""One digest for all spellings of the same change, so that a candidate is not tried twice."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from ..sources.names import parameters, parsed

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_READS_LOCALS = frozenset({"locals", "vars", "eval", "exec", "dir", "globals"})


def fingerprint(sources: Mapping[str, str]) -> str:
    """Return the SHA-256, 64 hexadecimal digits, of what some files mean.

    Comments, formatting, docstrings and the names of local variables do not count; parameters,
    annotations, the order of statements and the files' paths do. A Python file that does not
    parse or is nested too deeply, and any other file, counts by its lines without trailing blanks.

    Args:
        sources: text by path, of the files that differ from the base.
    """
    digest = hashlib.sha256()
    for path in sorted(sources):
        body = _meaning(path, sources[path])
        digest.update(f"{path}\0{len(body)}\0{body}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _meaning(path: str, text: str) -> str:
    if PurePosixPath(path).suffix in {".py", ".pyi"}:
        tree = parsed(text)
        if tree is not None:
            with suppress(RecursionError):  # it parses, but is nested deeper than this can follow
                return ast.dump(_Normalizer().visit(tree))
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


class _Scope(NamedTuple):
    """New names by old ones; those of a class body are not seen by the functions in it."""

    names: Mapping[str, str]
    is_class: bool = False


class _Normalizer(ast.NodeTransformer):
    """Drops docstrings and gives local names numbers, in the order they appear in."""

    def __init__(self) -> None:
        self._scopes: list[_Scope] = []

    def _renamed(self, name: str) -> str:
        for depth, scope in enumerate(reversed(self._scopes)):
            if name in scope.names and (depth == 0 or not scope.is_class):
                return scope.names[name]
        return name

    def _numbered(self, names: Iterable[str]) -> dict[str, str]:
        depth = len(self._scopes)
        return {name: f"<{depth}.{number}>" for number, name in enumerate(dict.fromkeys(names))}

    # Names, wherever the grammar has one

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._renamed(node.id)
        return node

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> ast.AST:
        for alias in node.names:
            if alias.asname or "." not in alias.name or isinstance(node, ast.ImportFrom):
                alias.asname = self._renamed(alias.asname or alias.name)
        return node

    visit_ImportFrom = visit_Import

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [self._renamed(name) for name in node.names]
        return node

    def _visit_capture(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> ast.AST:
        node.name = self._renamed(node.name) if node.name else None
        return self.generic_visit(node)

    visit_ExceptHandler = visit_MatchAs = visit_MatchStar = _visit_capture

    def visit_MatchMapping(self, node: ast.MatchMapping) -> ast.AST:
        node.rest = self._renamed(node.rest) if node.rest else None
        return self.generic_visit(node)

    # What formatting alone may change in the tree

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.body = _without_docstring(node.body)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        node.kind = None  # the u of u"text"
        return node

    def visit_Delete(self, node: ast.Delete) -> ast.AST:
        targets: list[ast.expr] = []
        for target in node.targets:
            targets += target.elts if isinstance(target, ast.Tuple) else [target]
        node.targets = targets
        return self.generic_visit(node)

    # Scopes

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = self._visited(node.decorator_list)
        node.bases = self._visited(node.bases)
        node.keywords = self._visited(node.keywords)
        node.name = self._renamed(node.name)
        attributes = _Bindings(node.body).names
        self._scopes.append(_Scope({name: name for name in attributes}, is_class=True))
        node.body = self._visited(_without_docstring(node.body))
        self._scopes.pop()
        return node

    def visit_FunctionDef(self, node: _Function) -> ast.AST:
        node.decorator_list = self._visited(node.decorator_list)
        node.args = self.visit(node.args)
        node.returns = self.visit(node.returns) if node.returns else None
        node.name = self._renamed(node.name)
        self._scopes.append(_Scope(self._function_names(node)))
        node.body = self._visited(_without_docstring(node.body))
        self._scopes.pop()
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def _function_names(self, node: _Function) -> dict[str, str]:
        found = _Bindings(node.body)
        kept = {parameter.arg: parameter.arg for parameter in parameters(node)}
        kept.update({name: name for name in found.fixed})
        # A function that looks at its own names depends on them.
        if any(isinstance(n, ast.Name) and n.id in _READS_LOCALS for n in ast.walk(node)):
            kept.update({name: name for name in found.names})
        return {**self._numbered(name for name in found.names if name not in kept), **kept}

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.args = self.visit(node.args)
        self._scopes.append(_Scope({argument.arg: argument.arg for argument in parameters(node)}))
        node.body = self.visit(node.body)
        self._scopes.pop()
        return node

    def _visit_comprehension(self, node: _Comprehension) -> ast.AST:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        targets = [name for part in node.generators for name in ast.walk(part.target)]
        bound = [name.id for name in targets if isinstance(name, ast.Name)]
        self._scopes.append(_Scope(self._numbered(bound)))
        for part in node.generators:
            part.target = self.visit(part.target)
            part.iter = part.iter if part is first else self.visit(part.iter)
            part.ifs = self._visited(part.ifs)
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.visit(node.key), self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        self._scopes.pop()
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def _visited(self, nodes: Sequence[Any]) -> list[Any]:
        return [self.visit(node) for node in nodes]


class _Bindings(ast.NodeVisitor):
    """The names that a function's or class's own statements bind, in order of appearance.

    `fixed` are names that cannot be renamed: global ones, and the first part of `import a.b`.
    """

    def __init__(self, body: Sequence[ast.stmt]) -> None:
        self.names: dict[str, None] = {}
        self.fixed: set[str] = set()
        self._outer: set[str] = set()
        for statement in body:
            self.visit(statement)
        for name in self._outer:
            self.names.pop(name, None)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.names.setdefault(node.id)

    def visit_FunctionDef(self, node: _Function | ast.ClassDef) -> None:
        self.names.setdefault(node.name)

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """What a lambda binds is its own."""

    def _visit_comprehension(self, node: _Comprehension) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                self.names.setdefault(inner.target.id)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self.names.setdefault(alias.asname or alias.name.split(".")[0])
            if isinstance(node, ast.Import) and not alias.asname and "." in alias.name:
                self.fixed.add(alias.name.split(".")[0])

    visit_ImportFrom = visit_Import

    def _visit_capture(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.names.setdefault(node.name)
        self.generic_visit(node)

    visit_ExceptHandler = visit_MatchAs = visit_MatchStar = _visit_capture

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.names.setdefault(node.rest)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.fixed.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self._outer.update(node.names)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements without the docstring; `pass` when nothing else is there."""
    first = body[0] if body else None
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)):
        return body
    return (body[1:] or [ast.Pass()]) if isinstance(first.value.value, str) else body
