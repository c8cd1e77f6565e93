"""What the names in a module mean: which dotted name an expression stands for.

Imports under any alias, at any depth, plain renamings (`t = time`) and the usual detours
(`__import__("time")`, `sys.modules["time"]`, `getattr(time, "time")`) are seen through. A name
means one thing in a whole function or module; the order of assignments is not followed.
"""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterator, Mapping

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BUILTINS = frozenset(dir(builtins)) - {"__doc__", "__name__", "__spec__", "__loader__"} | {
    "__builtins__"
}


class Scope:
    """The names of a module, or of one function in it."""

    def __init__(
        self,
        *,
        parent: Scope | None,
        imported: Mapping[str, str],
        bound: frozenset[str],
        nodes: list[ast.AST],
    ) -> None:
        self._parent = parent
        self._imported = imported
        self._bound = bound
        self._renamed: dict[str, str] = {}
        # Renamings of renamings are rare; two rounds see through them.
        for node in nodes * 2:
            self._add_renaming(node)

    @classmethod
    def of_module(cls, tree: ast.Module) -> Scope:
        """Return the outermost scope; it knows the imports of the whole module."""
        imported: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported.update(imported_names(node))
        nodes = list(_own_nodes(tree.body))
        return cls(parent=None, imported=imported, bound=_bound(nodes), nodes=nodes)

    def of_function(self, function: Function) -> Scope:
        """Return the scope inside a function that stands in this one."""
        body = [function.body] if isinstance(function, ast.Lambda) else function.body
        nodes = list(_own_nodes(body))
        bound = _bound(nodes) | frozenset(parameter.arg for parameter in parameters(function))
        return Scope(parent=self, imported=self._imported, bound=bound, nodes=nodes)

    @property
    def imported(self) -> Mapping[str, str]:
        """Every name that an import binds anywhere in the module, with what it stands for."""
        return self._imported

    def is_renamed(self, name: str) -> bool:
        """Return whether a name is a renaming here, not what an import statement bound."""
        return name in self._renamed or (self._parent is not None and self._parent.is_renamed(name))

    def resolve(self, node: ast.AST | None) -> str | None:
        """Return the absolute dotted name that an expression stands for, None for other values.

        Examples: `time.time`, `builtins.open`; what is imported from the same package starts with
        a dot.
        """
        if isinstance(node, ast.Name):
            return self._resolve_name(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.resolve(node.value)
            return f"{owner}.{node.attr}" if owner else None
        if isinstance(node, ast.Call):
            return self._resolve_call(node)
        if isinstance(node, ast.Subscript):
            owner, key = self.resolve(node.value), literal_text(node.slice)
            if owner == "sys.modules" and key:
                return key
            if owner and owner.endswith(".__dict__") and key:
                return f"{owner.removesuffix('.__dict__')}.{key}"
        return None

    def _resolve_name(self, name: str) -> str | None:
        if name in self._renamed:
            return self._renamed[name]
        if self._parent is not None:
            return None if name in self._bound else self._parent._resolve_name(name)
        if name in self._imported:
            return self._imported[name]
        if name in _BUILTINS and name not in self._bound:
            return name if name == "__builtins__" else f"builtins.{name}"
        return None

    def _resolve_call(self, node: ast.Call) -> str | None:
        function = self.resolve(node.func)
        first = node.args[0] if node.args else None
        if function in {"builtins.__import__", "importlib.import_module"}:
            return literal_text(first)
        if function in {"sys.modules.get", "sys.modules.__getitem__"}:
            return literal_text(first)
        if function == "builtins.getattr" and len(node.args) >= 2:
            owner, name = self.resolve(first), literal_text(node.args[1])
            return f"{owner}.{name}" if owner and name else None
        if function == "builtins.vars" and first is not None:
            owner = self.resolve(first)
            return f"{owner}.__dict__" if owner else None
        return None

    def _add_renaming(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            target, value = node.target, node.value
        else:
            return
        if not isinstance(target, ast.Name) or target.id in self._imported:
            return
        if (dotted := self.resolve(value)) and not dotted.startswith("builtins."):
            self._renamed.setdefault(target.id, dotted)


def parsed(text: str) -> ast.Module | None:
    """Return the syntax tree of a Python file, None when this interpreter cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parameters(function: Function) -> list[ast.arg]:
    """Return all parameters of a function, `*args` and `**kwargs` at the end."""
    arguments = function.args
    extra = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def imported_names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield (local name, absolute dotted name) for each name that an import binds."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            top = alias.name.split(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
        else:
            dots = "." * node.level
            module = f"{dots}{node.module}." if node.module else dots
            yield alias.asname or alias.name, f"{module}{alias.name}"


def literal_text(node: ast.AST | None) -> str | None:
    """Return the text of a string literal, also of literals joined with `+`; None otherwise."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = literal_text(node.left), literal_text(node.right)
        return left + right if left is not None and right is not None else None
    return None


def _own_nodes(body: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    """Yield the nodes of a scope; of functions and classes inside it, the definition alone."""
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
            pending.extend(reversed(list(ast.iter_child_nodes(node))))


def _bound(nodes: list[ast.AST]) -> frozenset[str]:
    names: set[str] = set()
    shared: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            shared.update(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, _DEFINITIONS):
            names.add(node.name)
    return frozenset(names - shared)
