"""Signs that answers are stored instead of computed: in literals, or from one call to the next.

A table written into the code may be honest (a moved constant) and a cache often is, so most of
these are doubts; the sure ones are inputs recognized by their digest, functions turned into
constants and equality that is always true.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection

from ..sources.names import Scope, parameters
from .signs import Sign, placed, scope_name, standing_alone, statement_key
from .watched import Severity

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LITERALS = (ast.Dict, ast.List, ast.Tuple, ast.Set)
_EQUALITY = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
_TABLE_ENTRIES = 8
_LONG_TEXT = 200
_LARGE_NUMBER = 1 << 128
_TELLING_NUMBER = 100
_TELLING_TEXT = 8
_MANY_ENTRIES = 600
_LONG_PACKED = 4000
_TELLING_PHRASE = 12
_HEX_DIGEST = re.compile(r"^[0-9a-f]{32,128}$", re.IGNORECASE)
_DIGESTS = ("hashlib.", "zlib.crc32", "zlib.adler32", "builtins.hash", "binascii.crc32")
_CACHES = ("functools.lru_cache", "functools.cache", "cachetools.", "joblib.Memory")
_CONTAINERS = frozenset(
    {"builtins.dict", "builtins.list", "builtins.set", "collections.defaultdict"}
    | {"collections.OrderedDict", "collections.Counter", "collections.deque"}
    | {"weakref.WeakKeyDictionary", "weakref.WeakValueDictionary", "threading.local"}
    | {"contextvars.ContextVar"}
)


def known_constants(trees: Collection[ast.Module]) -> frozenset[str]:
    """Return every constant in the given modules, in the form that `answer_signs` asks for."""
    return frozenset(
        _constant_key(node)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    )


def answer_signs(
    tree: ast.Module,
    *,
    known: Collection[str] = frozenset(),
    functions_before: Collection[str] = frozenset(),
    workload_constants: Collection[str] = frozenset(),
) -> list[Sign]:
    """Return the signs of stored answers in a module, in the order of the source.

    Args:
        tree: the parsed module.
        known: from `known_constants` of the code before the patch; a literal made of known
            constants alone is a moved one and no sign.
        functions_before: qualified names of the module's functions before the patch; only such a
            function can have been turned into a constant.
        workload_constants: from `known_constants` of the workload; code that asks for one of them
            knows its input.
    """
    return _Reader(tree, known, functions_before, workload_constants).read()


def function_names(tree: ast.Module) -> frozenset[str]:
    """Return the dotted names of all functions in a module: `Class.method`, `outer.inner`."""
    return frozenset(
        ".".join([*scope, node.name])
        for node, _, scope in placed(tree)
        if isinstance(node, _FUNCTIONS)
    )


class _Reader:
    def __init__(
        self,
        tree: ast.Module,
        known: Collection[str],
        functions_before: Collection[str],
        workload_constants: Collection[str],
    ) -> None:
        self._tree = tree
        self._known = known
        self._of_workload = frozenset(workload_constants) - frozenset(known)
        self._functions_before = functions_before
        self._names = Scope.of_module(tree)
        self._standing_alone = {id(node) for node in standing_alone(tree)}
        self._inside_table: set[int] = set()
        self._module_functions = {n.name for n in tree.body if isinstance(n, _FUNCTIONS)}
        self._functions = function_names(tree)
        self._found: list[Sign] = []
        self._statement: ast.AST = tree
        self._scope: tuple[str, ...] = ()

    def read(self) -> list[Sign]:
        checks: dict[type[ast.AST], tuple[Callable[..., None], ...]] = {
            **dict.fromkeys(_LITERALS, (self._check_table,)),
            **dict.fromkeys(_FUNCTIONS, (self._check_function,)),
            ast.Constant: (self._check_large_constant,),
            ast.If: (self._check_special_case,),
            ast.IfExp: (self._check_special_case,),
            ast.Compare: (self._check_digest, self._check_workload_value),
            ast.MatchValue: (self._check_workload_value,),
            ast.Assign: (self._check_kept_state,),
            ast.AnnAssign: (self._check_kept_state,),
            ast.Global: (self._check_global,),
            ast.Subscript: (self._check_identity_key,),
            ast.Call: (self._check_identity_key,),
        }
        for node, statement, scope in placed(self._tree):
            self._statement, self._scope = statement, scope
            for check in checks.get(type(node), ()):
                check(node)
        return self._found

    def _add(self, node: ast.AST, rule: str, severity: Severity, evidence: str, why: str) -> None:
        self._found.append(
            Sign(
                rule=rule,
                severity=severity,
                evidence=evidence,
                why=why,
                line=getattr(node, "lineno", 1),
                scope=scope_name(self._scope),
                statement=statement_key(self._statement),
                statement_line=getattr(self._statement, "lineno", 0),
            )
        )

    # Literals

    def _check_table(self, node: ast.Dict | ast.List | ast.Tuple | ast.Set) -> None:
        if id(node) in self._inside_table:
            return
        values = node.values if isinstance(node, ast.Dict) else node.elts
        if not values or not all(_is_literal(value) for value in values):
            return
        leaves = [leaf for leaf in ast.walk(node) if isinstance(leaf, ast.Constant)]
        if all(_constant_key(leaf) in self._known for leaf in leaves):
            return
        if isinstance(node, ast.Dict) and self._has_digest_keys(node):
            why = "is a table of literal answers under digests of inputs"
            self._add(node, "literal_answers", "reject", "digest table", why)
        elif isinstance(node, ast.Dict) and any(map(self._is_of_workload, node.keys)):
            why = "is a table of literal answers under values that the workload gives"
            self._add(node, "literal_answers", "reject", "workload table", why)
        elif len(leaves) >= _MANY_ENTRIES:
            why = f"adds a table of {len(leaves)} literal values, where code should compute"
            self._add(node, "literal_answers", "reject", f"table {ast.dump(node)[:200]}", why)
        elif len(values) >= _TABLE_ENTRIES or len(leaves) >= 2 * _TABLE_ENTRIES:
            why = f"adds a table of {len(leaves)} literal values; they may be stored answers"
            self._add(node, "literal_answers", "doubt", ast.dump(node), why)
        else:
            return
        self._inside_table.update(id(inner) for inner in ast.walk(node))

    def _has_digest_keys(self, node: ast.Dict) -> bool:
        texts = [key.value for key in node.keys if isinstance(key, ast.Constant)]
        return bool(texts) and all(isinstance(t, str) and _HEX_DIGEST.match(t) for t in texts)

    def _check_large_constant(self, node: ast.Constant) -> None:
        text = node.value
        if isinstance(text, int) and abs(text) >= _LARGE_NUMBER:
            if _constant_key(node) not in self._known:
                why = f"adds a number of {text.bit_length()} bits; it may hold answers"
                self._add(node, "literal_answers", "doubt", _constant_key(node), why)
            return
        if not isinstance(text, str | bytes) or len(text) < _LONG_TEXT:
            return
        if id(node) in self._standing_alone or _constant_key(node) in self._known:
            return
        if len(text.split()) * 50 < len(text):
            severity: Severity = "reject" if len(text) >= _LONG_PACKED else "doubt"
            why = f"adds a literal of {len(text)} characters that is no text; it may hold answers"
            self._add(node, "literal_answers", severity, _constant_key(node), why)

    def _check_special_case(self, node: ast.If | ast.IfExp) -> None:
        answer = node.body
        if isinstance(answer, list):
            self._statement = answer[0]
            answer = answer[0].value if isinstance(answer[0], ast.Return) else None
        if not _is_telling(answer):
            return
        compared = [
            side
            for test in ast.walk(node.test)
            if isinstance(test, ast.Compare)
            and all(isinstance(operator, ast.Eq | ast.In | ast.Is) for operator in test.ops)
            for side in (test.left, *test.comparators)
        ]
        if any(_is_telling(side) for side in compared):
            why = "gives a literal answer for one literal input"
            self._add(node, "special_case", "doubt", ast.dump(node.test), why)

    def _check_workload_value(self, node: ast.Compare | ast.MatchValue) -> None:
        """Find code that asks whether something is one of the values in the workload's text.

        A word may be a mode that many callers name, so it is a doubt; a large number or a phrase
        is an input.
        """
        sides = [node.value] if isinstance(node, ast.MatchValue) else [node.left, *node.comparators]
        if isinstance(node, ast.Compare) and not any(isinstance(o, _EQUALITY) for o in node.ops):
            return
        for side in sides:
            for leaf in ast.walk(side) if _is_literal(side) else ():
                if not (isinstance(leaf, ast.Constant) and self._is_of_workload(leaf)):
                    continue
                value = leaf.value
                is_word = isinstance(value, str | bytes) and len(value) < _TELLING_PHRASE
                why = f"compares with {value!r:.60}, a value that the workload gives"
                severity: Severity = "doubt" if is_word else "reject"
                self._add(node, "special_case", severity, ast.dump(leaf), why)
                return

    def _is_of_workload(self, node: ast.AST | None) -> bool:
        return (
            isinstance(node, ast.Constant)
            and _is_telling(node)
            and _constant_key(node) in self._of_workload
        )

    def _check_digest(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        if not any(_is_telling(side) for side in sides):
            return
        for side in sides:
            for call in ast.walk(side):
                function = self._names.resolve(call.func) if isinstance(call, ast.Call) else None
                if function and function.startswith(_DIGESTS):
                    why = f"compares {function.removeprefix('builtins.')}() of something with a "
                    why += "literal, to recognize one input"
                    self._add(node, "special_case", "reject", ast.dump(node), why)
                    return

    # Functions

    def _check_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        name = ".".join([*self._scope, node.name])
        self._scope = (*self._scope, node.name)
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            function = self._names.resolve(called)
            if function and function.startswith(_CACHES):
                why = f"keeps the results of {node.name} between calls"
                self._add(decorator, "kept_state", "doubt", f"cached {node.name}", why)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None and self._is_empty_container(default):
                why = f"gives {node.name} a default that lives between calls"
                self._add(default, "kept_state", "doubt", f"default of {node.name}", why)
        if node.name == "__del__":
            why = "runs code when an object dies, perhaps outside the measured time"
            self._add(node, "exit_work", "reject", "__del__", why)
        self._check_constant_function(node, name)

    def _check_constant_function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, name: str
    ) -> None:
        body = [line for line in node.body if not _stands_alone(line)]
        first = body[0] if body else None
        if not isinstance(first, ast.Return):
            return
        # The header may be an old statement; what is new is the answer.
        answer, self._statement = first.value, first
        if node.name in {"__eq__", "__ne__", "__lt__", "__contains__"}:
            if isinstance(answer, ast.Constant) and isinstance(answer.value, bool):
                why = f"makes {node.name} give {answer.value} for everything"
                self._add(first, "equality", "reject", f"constant {name}", why)
            return
        given = [argument for argument in parameters(node) if argument.arg not in {"self", "cls"}]
        if given and name in self._functions_before and _is_telling(answer):
            why = f"turns {node.name} into a constant that ignores its arguments"
            self._add(first, "literal_answers", "reject", f"constant {name}", why)

    # State

    def _check_kept_state(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                if target.value.id in self._module_functions:
                    self._add_state(node, f"{target.value.id}.{target.attr}")
            elif not isinstance(target, ast.Name) or ".".join(self._scope) in self._functions:
                continue
            elif self._is_empty_container(node.value):
                self._add_state(node, target.id)

    def _check_global(self, node: ast.Global) -> None:
        for name in node.names:
            self._add_state(node, name)

    def _add_state(self, node: ast.AST, name: str) -> None:
        why = f"keeps state in {name} between calls"
        self._add(node, "kept_state", "doubt", f"state {name}", why)

    def _is_empty_container(self, node: ast.expr | None) -> bool:
        if isinstance(node, ast.Dict | ast.List | ast.Set):
            return not (node.keys if isinstance(node, ast.Dict) else node.elts)
        if isinstance(node, ast.Call):
            return self._names.resolve(node.func) in _CONTAINERS
        return False

    def _check_identity_key(self, node: ast.Subscript | ast.Call) -> None:
        keys: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            keys = [node.slice]
        elif isinstance(node.func, ast.Attribute) and node.func.attr in {
            "get",
            "setdefault",
            "pop",
        }:
            keys = node.args[:1]
        for key in keys:
            for call in ast.walk(key):
                if isinstance(call, ast.Call) and self._names.resolve(call.func) == "builtins.id":
                    why = "finds kept results by id(), which another object can have later"
                    self._add(node, "kept_state", "doubt", "keyed by id", why)
                    return


def _constant_key(node: ast.Constant) -> str:
    return f"{type(node.value).__name__} {node.value!r}"


def _stands_alone(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_literal(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_literal(node.operand)
    if isinstance(node, ast.Dict):
        return all(_is_literal(part) for part in (*node.keys, *node.values) if part is not None)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(_is_literal(part) for part in node.elts)
    return isinstance(node, ast.Constant)


def _is_telling(node: ast.AST | None) -> bool:
    """Return whether a literal is too special for a base case: 0, "" and None say nothing."""
    if node is None or not _is_literal(node):
        return False
    leaves = [leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant)]
    if len(leaves) >= 3:
        return True
    return any(
        (isinstance(value, int | float) and abs(value) >= _TELLING_NUMBER)
        or (isinstance(value, float) and not value.is_integer() and len(repr(value)) > 4)
        or (isinstance(value, str | bytes) and len(value) >= _TELLING_TEXT)
        for value in leaves
    )
