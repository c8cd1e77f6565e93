"""Sees what a workload script computes and throws away.

Most published workloads return nothing (`_ = f(x)`), so a wrong answer would go unnoticed. In the
launch that records the answer, `workload()` is compiled with two additions: the value of each
expression statement is noted, and so are the local variables when it returns. That launch is never
timed. CPython 3.8 and later, standard library alone.
"""

import ast
import types

MOST_DISCARDED = 1000

_NO_DATA = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)
_DISCARDED = "__perfagent_discarded__"
_LOCALS = "__perfagent_locals__"


class Observer:
    """Notes the values of one call of `workload()`.

    Args:
        encode: Turns a value into plain JSON, at once: the value may change later.
    """

    def __init__(self, encode):
        self.encode = encode
        self.discarded = []
        self.discarded_count = 0
        self.locals = None
        self.globals_before = {}

    def compile(self, text, file, namespace):
        """Compile a script with the additions, and give `namespace` what they call."""
        tree = ast.parse(text, file)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == "workload":
                _instrument(node)
        ast.fix_missing_locations(tree)
        namespace[_DISCARDED] = self.note_discarded
        namespace[_LOCALS] = self.note_locals
        return compile(tree, file, "exec", dont_inherit=True)

    def note_discarded(self, value):
        """Take the value of an expression statement."""
        if value is None:
            return
        self.discarded_count += 1
        if len(self.discarded) < MOST_DISCARDED:
            self.discarded.append(self.encode(value))

    def note_locals(self, variables):
        """Take the local variables at the end of the call."""
        self.locals = {
            name: value for name, value in variables.items() if not isinstance(value, _NO_DATA)
        }

    def note_globals(self, workload, namespace):
        """Remember the script's variables that `workload` names, as they are before the call."""
        code = getattr(workload, "__code__", None)
        names = [name for name in (code.co_names if code else ()) if not name.startswith("__")]
        self.globals_before = {name: self._global(name, namespace) for name in names}

    def before_call(self, prepare, workload, namespace):
        """Return `prepare` followed by `note_globals`."""

        def prepare_and_note():
            prepared = prepare()
            self.note_globals(workload, namespace)
            return prepared

        return prepare_and_note

    def parts(self, result, namespace):
        """Return the encoded parts of the answer, by name."""
        parts = {}
        if result is not None:
            parts["return value"] = self.encode(result)
        elif self.locals:
            parts["locals"] = self.encode(self.locals)
        changed = {
            name: namespace[name]
            for name, before in self.globals_before.items()
            if name in namespace and self._global(name, namespace) != before
        }
        if changed:
            parts["globals"] = self.encode(changed)
        for number, value in enumerate(self.discarded, start=1):
            parts["discarded value %d" % number] = value
        if self.discarded_count > len(self.discarded):
            parts["discarded values"] = self.encode(self.discarded_count)
        return parts

    def _global(self, name, namespace):
        value = namespace.get(name)
        if value is None or isinstance(value, _NO_DATA):
            return None
        return self.encode(value)


def module_parts(encode, namespace, before):
    """Return the answer of a script without functions: the variables it leaves behind."""
    left = {
        name: value
        for name, value in namespace.items()
        if name not in before and not name.startswith("__") and not isinstance(value, _NO_DATA)
    }
    return {"variables": encode(left)} if left else {}


def _instrument(function):
    for statement in function.body:
        _Discarding().visit(statement)
    note = ast.Expr(_call(_LOCALS, _call("locals")))
    docstring = [s for s in function.body[:1] if _is_constant(s)]
    body = function.body[len(docstring) :]
    if body:
        finishing = ast.Try(body=body, handlers=[], orelse=[], finalbody=[note])
        function.body = docstring + [finishing]


def _is_constant(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _call(name, *arguments):
    return ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=list(arguments), keywords=[])


class _Discarding(ast.NodeTransformer):
    """Hands the value of each expression statement to the observer; nested functions stay."""

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Constant):
            return node
        node.value = ast.copy_location(_call(_DISCARDED, node.value), node.value)
        return node

    def visit(self, node):
        nested = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        return node if isinstance(node, nested) else super().visit(node)
