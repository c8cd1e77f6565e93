"""A source file as the rewrites see it: its tree, who encloses whom, and what names mean."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import accumulate

from ..writing.edit import FunctionNode, Import
from .scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    Binding,
    FunctionScope,
    all_arguments,
    bindings_in,
    own_nodes,
    target_names,
)
from .walks import NodeKinds, children, walk

OWN = "<module>."
"""How `qualified` starts the name of what the module itself defines."""

_WORD = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"['\"](\w+)(?=['\"])")
_BUILTINS = frozenset(dir(builtins))


class ModuleSource:
    """One parsed file; every answer about it is worked out once."""

    def __init__(self, path: str, text: str, tree: ast.Module) -> None:
        self.path = path
        self.text = text
        self.tree = tree
        self.lines = text.splitlines(keepends=True)
        self.answers: dict[str, object] = {}
        """What was worked out about the whole module already, by name of the question."""
        self._scopes: dict[ast.AST, FunctionScope] = {}
        self._meanings: dict[ast.AST, str | None] = {}
        self._locals: dict[ast.Name, list[Binding] | None] = {}

    @classmethod
    def parse(cls, path: str, text: str) -> ModuleSource | None:
        """Return the module; None when this interpreter cannot parse the text."""
        # Form feeds and the like are line ends to str.splitlines, but not to the parser.
        if re.search("[\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]", text) or text.startswith("\ufeff"):
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return cls(path, text, tree)

    @cached_property
    def newline(self) -> str:
        """The line end that the file uses first."""
        return "\r\n" if self.lines and self.lines[0].endswith("\r\n") else "\n"

    @cached_property
    def indent(self) -> str:
        """By what the file indents its first block; four spaces when it has none."""
        for statement in self.tree.body:
            body: list[ast.stmt] = getattr(statement, "body", [])
            margin = self.lines[body[0].lineno - 1][: body[0].col_offset] if body else ""
            if margin and not margin.strip():
                return margin
        return "    "

    @cached_property
    def words(self) -> set[str]:
        """Every identifier-like word anywhere in the text."""
        return set(_WORD.findall(self.text))

    @cached_property
    def words_quoted(self) -> set[str]:
        """Every identifier-like word that stands alone between two quotes."""
        return set(_QUOTED.findall(self.text))

    def fresh_name(self, wanted: str, taken: Collection[str] = ()) -> str:
        """Return a name nobody in the module mentions: `wanted`, or it with a number."""
        name, number = wanted, 2
        while name in self.words or name in taken or name in _BUILTINS:
            name, number = f"{wanted}_{number}", number + 1
        return name

    # -- the tree ---------------------------------------------------------------------------

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Every node's parent."""
        return {child: node for node in self.nodes for child in children(node)}

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node, outer ones first."""
        return walk(self.tree)

    @cached_property
    def kinds(self) -> NodeKinds:
        """Every node by type."""
        return NodeKinds(self.nodes)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around a node, innermost first."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement that a node is or belongs to."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def block(self, statement: ast.stmt) -> list[ast.stmt] | None:
        """Return the list of statements that holds a statement; None for an `elif`."""
        parent = self.parents[statement]
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and any(each is statement for each in block):
                is_elif = isinstance(parent, ast.If) and name == "orelse" and len(block) == 1
                starts = self.lines[statement.lineno - 1].lstrip()
                if is_elif and isinstance(statement, ast.If) and starts.startswith("elif"):
                    return None
                return block
        return None

    def top_level(self, node: ast.AST) -> ast.stmt:
        """Return the statement of the module's own body that holds a node."""
        last = node
        for each in self.ancestors(node):
            if isinstance(each, ast.Module):
                break
            last = each
        assert isinstance(last, ast.stmt)
        return last

    def segment(self, node: ast.expr | ast.stmt, *, in_brackets: bool = False) -> str:
        """Return a node's source as written, its later lines moved left by its block's margin.

        Args:
            node: what to show.
            in_brackets: False puts an expression that needs them in parentheses to span several
                lines; True leaves it bare, for a place that is inside brackets anyway.
        """
        return self.segment_with(node, {}, in_brackets=in_brackets)

    def segment_with(
        self, node: ast.expr | ast.stmt, inner: dict[ast.expr, str], *, in_brackets: bool = False
    ) -> str:
        """Return a node's source with other text in the place of some of its parts.

        Args:
            node: what to show; it may be one of the parts itself.
            inner: new text by part; parts that are not in the node do not matter, and of parts
                within parts the outer one counts.
            in_brackets: see `segment`.
        """
        start, end = self._span(node)
        replaced = [
            (*self._span(each), inner[each])
            for each in (walk(node) if inner else ())
            if isinstance(each, ast.expr) and each in inner
        ]
        pieces: list[str] = []
        for first, last, new in sorted(replaced, key=lambda each: (each[0], -each[1])):
            if first >= start:
                pieces += [self.text[start:first], new]
                start = last
        text = "".join([*pieces, self.text[start:end]])
        if "\n" not in text:
            return text
        text = self._moved_left(node, text)
        if isinstance(node, ast.expr) and not in_brackets and not _stands_alone(text):
            return f"({text})"
        return text

    def head(self, function: FunctionNode) -> str:
        """Return a function's `def` line and docstring, for another function to take its place."""
        docstring = ast.get_docstring(function, clean=False)
        shown = f"    {self.segment(function.body[0])}\n" if docstring else ""
        returns = f" -> {self.segment(function.returns)}" if function.returns else ""
        return f"def {function.name}({self._arguments(function)}){returns}:\n{shown}"

    def _arguments(self, function: FunctionNode) -> str:
        """Return parameters as written, where they stand plainly on one line."""
        listed = all_arguments(function.args)
        parts = [each for each in walk(function.args) if isinstance(each, ast.arg | ast.expr)]
        plain = function.args.posonlyargs == [] and function.args.args != []
        if not plain or len({each.lineno for each in parts}) != 1:
            return ast.unparse(function.args)
        end = max(each.end_col_offset or 0 for each in parts)
        line = self.lines[listed[0].lineno - 1].encode()
        return line[listed[0].col_offset : end].decode()

    def _moved_left(self, node: ast.expr | ast.stmt, text: str) -> str:
        """Return text without the margin of its first line, but strings as they are."""
        first = self.lines[node.lineno - 1]
        margin = len(first) - len(first.lstrip())
        fixed = {
            line - node.lineno
            for each in walk(node)
            if isinstance(each, ast.Constant | ast.JoinedStr)
            for line in range(each.lineno + 1, (each.end_lineno or each.lineno) + 1)
        }
        return "\n".join(
            line if number == 0 or number in fixed else line[:margin].lstrip() + line[margin:]
            for number, line in enumerate(text.split("\n"))
        )

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        last, column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._offset(node.lineno, node.col_offset), self._offset(last, column)

    def _offset(self, line: int, column: int) -> int:
        """Return the index in the text of a place that the syntax tree names."""
        before = self.lines[line - 1].encode()[:column].decode()
        return self._line_starts[line - 1] + len(before)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *accumulate(map(len, self.lines))]

    # -- functions and classes --------------------------------------------------------------

    @cached_property
    def functions(self) -> list[tuple[str, FunctionNode]]:
        """Every function with its qualified name, outer ones first."""
        found: list[tuple[str, FunctionNode]] = []

        def visit(node: ast.AST, prefix: str) -> None:
            for child in children(node):
                if isinstance(child, FUNCTIONS):
                    found.append((prefix + child.name, child))
                    visit(child, f"{prefix}{child.name}.<locals>.")
                elif isinstance(child, ast.ClassDef):
                    visit(child, f"{prefix}{child.name}.")
                elif not isinstance(child, ast.expr):
                    visit(child, prefix)

        visit(self.tree, "")
        return found

    def functions_named(self, name: str) -> list[FunctionNode]:
        """Return the functions of a bare name, methods and nested ones too, outer ones first."""
        return self._functions_by_name.get(name, [])

    def functions_from(self, line: int) -> list[tuple[str, FunctionNode]]:
        """Return the functions that start at a line, their decorators included."""
        return self._functions_by_line.get(line, [])

    def qualname(self, function: FunctionNode) -> str:
        """Return the qualified name of one of the module's functions."""
        return self._qualnames[function]

    @cached_property
    def _qualnames(self) -> dict[FunctionNode, str]:
        return {function: name for name, function in self.functions}

    @cached_property
    def _functions_by_line(self) -> dict[int, list[tuple[str, FunctionNode]]]:
        found: dict[int, list[tuple[str, FunctionNode]]] = {}
        for name, function in self.functions:
            first = min([function.lineno, *(each.lineno for each in function.decorator_list)])
            found.setdefault(first, []).append((name, function))
        return found

    @cached_property
    def _functions_by_name(self) -> dict[str, list[FunctionNode]]:
        found: dict[str, list[FunctionNode]] = {}
        for _, function in self.functions:
            found.setdefault(function.name, []).append(function)
        return found

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The classes of the module's own body that no other binding shares a name with."""
        return {
            name: bound[0].node
            for name, bound in self.bindings.items()
            if len(bound) == 1 and isinstance(bound[0].node, ast.ClassDef)
        }

    @cached_property
    def methods(self) -> dict[str, list[tuple[ast.ClassDef, FunctionNode]]]:
        """Every method of the module's classes, by bare name."""
        found: dict[str, list[tuple[ast.ClassDef, FunctionNode]]] = {}
        for owner in self.classes.values():
            for child in owner.body:
                if isinstance(child, FUNCTIONS):
                    found.setdefault(child.name, []).append((owner, child))
        return found

    def owner(self, function: ast.AST) -> ast.ClassDef | None:
        """Return the class whose body holds a function, None when it is no method."""
        parent = self.parents.get(function)
        return parent if isinstance(parent, ast.ClassDef) else None

    def enclosing_function(self, node: ast.AST) -> FunctionNode | None:
        """Return the innermost `def` around a node, None at module level."""
        return next((each for each in self.ancestors(node) if isinstance(each, FUNCTIONS)), None)

    def scope(self, function: FunctionNode | ast.Lambda) -> FunctionScope:
        """Return a function's scope."""
        if function not in self._scopes:
            self._scopes[function] = FunctionScope(function)
        return self._scopes[function]

    # -- names ------------------------------------------------------------------------------

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        """Every binding of a module-level name, also those that functions make by `global`."""
        found: dict[str, list[Binding]] = {}
        for binding in bindings_in(own_nodes(self.tree)):
            found.setdefault(binding.name, []).append(binding)
        declaring = {
            self.enclosing_function(each) for each in self.kinds.of(ast.Global, ast.Nonlocal)
        }
        for _, function in self.functions if declaring else ():
            if function not in declaring:
                continue
            scope = self.scope(function)
            for binding in bindings_in(scope.nodes):
                if binding.name in scope.declared_elsewhere:
                    found.setdefault(binding.name, []).append(binding)
        return found

    @cached_property
    def imported(self) -> set[str]:
        """The top-level packages that the module imports anywhere, by their own names."""
        whole = [each.name for node in self.kinds.of(ast.Import) for each in node.names]
        parts = [node.module for node in self.kinds.of(ast.ImportFrom) if not node.level]
        return {name.partition(".")[0] for name in [*whole, *parts] if name}

    @cached_property
    def has_star_import(self) -> bool:
        """True when some name may come from a `from x import *`."""
        return any(node.names[0].name == "*" for node in self.kinds.of(ast.ImportFrom))

    def qualified(self, node: ast.AST) -> str | None:
        """Return what a name or dotted name means, None when that is not certain.

        Builtins go by their bare name (`len`, `str.maketrans`), imported things by their full one
        (`re.match`), what the module defines by `<module>.name`. Local variables mean nothing, nor
        do attributes of the module's variables.
        """
        if not isinstance(node, ast.Name | ast.Attribute):
            return None
        if node in self._meanings:
            return self._meanings[node]
        meaning = self._meanings[node] = self._work_out_meaning(node)
        return meaning

    def _work_out_meaning(self, node: ast.Name | ast.Attribute) -> str | None:
        if isinstance(node, ast.Attribute):
            base = self.qualified(node.value)
            if base is None or (
                base.startswith(OWN) and base.removeprefix(OWN) not in self.classes
            ):
                return None
            return f"{base}.{node.attr}"
        local = self._local_bindings(node)
        if local is not None:
            return _imported(node.id, local)
        bound = self.bindings.get(node.id)
        if bound is not None:
            if all(isinstance(each.node, ast.Import | ast.ImportFrom) for each in bound):
                return _imported(node.id, bound)
            return OWN + node.id
        return node.id if node.id in _BUILTINS and not self.has_star_import else None

    def _local_bindings(self, node: ast.Name) -> list[Binding] | None:
        """Return the bindings of the local variable that a name means, None when it is global."""
        if node not in self._locals:
            self._locals[node] = self._find_local(node)
        return self._locals[node]

    def _find_local(self, node: ast.Name) -> list[Binding] | None:
        at_class_level = True
        for around in self.ancestors(node):
            if isinstance(around, COMPREHENSIONS):
                if any(node.id in target_names(each.target) for each in around.generators):
                    return []
            elif isinstance(around, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
                scope = self.scope(around)
                if node.id in scope.bindings:
                    return scope.bindings[node.id]
                at_class_level = False
            elif (
                isinstance(around, ast.ClassDef)
                and at_class_level
                and any(node.id in target_names(child) for child in around.body)
            ):
                return []
        return None

    def function_meant(self, node: ast.AST) -> FunctionNode | None:
        """Return the function of this module, nested ones included, that a name surely means."""
        if not isinstance(node, ast.Name):
            return None
        bound = self._local_bindings(node)
        bound = self.bindings.get(node.id, []) if bound is None else bound
        if len(bound) == 1 and isinstance(bound[0].node, FUNCTIONS):
            return bound[0].node
        return None

    def is_import(self, name: str) -> bool:
        """Return whether a module-level name is only ever an imported one."""
        return all(
            isinstance(each.node, ast.Import | ast.ImportFrom) for each in self.bindings[name]
        )

    def is_local(self, node: ast.Name) -> bool:
        """Return whether a name means a local variable of some function around it."""
        return self._local_bindings(node) is not None

    def reference(
        self, dotted: str, *, before: ast.stmt | None = None
    ) -> tuple[str, list[Import]] | None:
        """Return how to write a standard-library name here, and the import that this needs.

        Args:
            dotted: such as `functools.lru_cache`.
            before: a module-level statement when the name is needed as soon as that one runs; None
                when it is needed only inside functions.

        Returns:
            The shortest expression an existing import allows, else the bare last name with the
            import to add; None when both names are taken for something else.
        """
        module, _, name = dotted.rpartition(".")
        for wanted in (dotted, module):
            for local, meaning in self._imports.items():
                if meaning != wanted:
                    continue
                node = self.bindings[local][0].node
                if self._is_shadowed(local) or node not in self.tree.body:
                    continue
                if before is not None and getattr(node, "lineno", 0) >= before.lineno:
                    continue
                return (local if wanted == dotted else f"{local}.{name}"), []
        if name not in self.words and name not in _BUILTINS:
            return name, [Import(module, name)]
        if module not in self.words:
            return dotted, [Import(module, None)]
        return None

    def _is_shadowed(self, name: str) -> bool:
        return any(name in self.scope(function).bindings for _, function in self.functions)

    @cached_property
    def _imports(self) -> dict[str, str | None]:
        """What each module-level name stands for that one import alone binds."""
        return {
            local: _imported(local, bound)
            for local, bound in self.bindings.items()
            if len(bound) == 1 and isinstance(bound[0].node, ast.Import | ast.ImportFrom)
        }

    @cached_property
    def names_of_modules(self) -> set[str]:
        """The attributes that are looked up in imported modules."""
        imported = {name for name in self.bindings if self.is_import(name)}
        return {
            node.attr
            for node in self.kinds.of(ast.Attribute)
            if isinstance(node.value, ast.Name) and node.value.id in imported
        }

    @cached_property
    def names_stored(self) -> set[str]:
        """Every plain name that is assigned or deleted anywhere, in whatever scope."""
        return {each.id for each in self.kinds.of(ast.Name) if not isinstance(each.ctx, ast.Load)}

    @cached_property
    def attribute_stores(self) -> dict[str, list[ast.Attribute]]:
        """Every place that assigns or deletes an attribute, by the attribute's name."""
        found: dict[str, list[ast.Attribute]] = {}
        for node in self.kinds.of(ast.Attribute):
            if not isinstance(node.ctx, ast.Load):
                found.setdefault(node.attr, []).append(node)
        return found


def _imported(name: str, bound: list[Binding]) -> str | None:
    """Return the one full name that all these imports give `name`, else None."""
    meanings: set[str | None] = set()
    for binding in bound:
        node = binding.node
        if not isinstance(node, ast.Import | ast.ImportFrom):
            return None
        for alias in node.names:
            if (alias.asname or alias.name.partition(".")[0]) != name:
                continue
            if isinstance(node, ast.Import):
                meanings.add(alias.name if alias.asname else name)
            else:
                meanings.add(f"{'.' * node.level}{node.module or ''}.{alias.name}")
    return meanings.pop() if len(meanings) == 1 else None


def _stands_alone(text: str) -> bool:
    """Return whether an expression over several lines needs no brackets around it."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True
