"""Sees what a workload script computes and throws away.

Most published workloads return nothing (`_ = f(x)`), so a wrong answer would go unnoticed. In the
launch that records the answer, `workload()` is compiled with additions that note values when they
come up: of each expression statement, of each assignment to a name that is bound more than once
(in a loop, or again further down) or is thrown away (`_`) beside a return value, and of each loop
over what a call yields; and the local variables when it returns. A generator that is returned or
left in a variable is run then. That launch is never timed.

Not seen: values that functions of the script called by `workload()` throw away themselves (what
they return and what they change is), those that `x += …` passes through in a loop (its last one
is), and attributes or items that are overwritten before the end.

CPython 3.8 and later, standard library alone.
"""

import ast
import hashlib
import itertools
import json
import os
import types
from typing import Any, List

MOST_NOTED = 1000
"""Values of one statement that are kept; of so many again, times MOST_DIGESTED, the digest is."""

MOST_DIGESTED = 20
MOST_YIELDED = 1000

_NO_DATA = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)
_ONE_SHOT = (types.GeneratorType, map, filter, zip, enumerate)
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_NOTE = "__perfagent_note__"
_LOCALS = "__perfagent_locals__"


class Observer:
    """Notes the values of one call of `workload()`.

    Args:
        encode: Turns a value into plain JSON, at once: the value may change later.
    """

    def __init__(self, encode):
        self.encode = encode
        self.noted = {}
        self.counts = {}
        self.digests = {}
        self.locals = None
        self.globals_before = {}
        # With a room of its own: what is only hashed must not take the answer's.
        self._answers = _sibling("perfagent_answer")
        self._tree = os.getcwd()

    def compile(self, text, file, namespace):
        """Compile a script with the additions, and give `namespace` what they call."""
        tree = ast.parse(text, file)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == "workload":
                _instrument(node)
        ast.fix_missing_locations(tree)
        namespace[_NOTE] = self.note
        namespace[_LOCALS] = self.note_locals
        return compile(tree, file, "exec", dont_inherit=True)

    def note(self, place, value):
        """Take the value of a statement, and return it."""
        if value is None and place.startswith("discarded"):
            return value
        count = self.counts[place] = self.counts.get(place, 0) + 1
        if count <= MOST_NOTED:
            self.noted["value %d %s" % (count, place)] = self.encode(value)
        elif count <= MOST_NOTED * MOST_DIGESTED:
            digest = self.digests.setdefault(place, hashlib.sha256())
            digest.update(self._digest(value).encode("ascii"))
        return value

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
        """Return the encoded parts of the answer, by name.

        "globals" are the script's variables that the call changed; "inputs" those it did not,
        which matter where the other version changed them.
        """
        parts = {}
        if result is not None:
            parts.update(value_parts(self.encode, "return value", result))
        elif self.locals:
            left = dict(self.locals)
            for name, value in self.locals.items():
                if _is_one_shot(value):
                    left[name] = type(value).__name__
                    parts.update(value_parts(self.encode, "locals[%r]" % name, value))
            parts["locals"] = self.encode(left)
        parts.update(self.noted)
        for place, digest in self.digests.items():
            parts["further values %s" % place] = self.encode(digest.hexdigest())
        for place, count in self.counts.items():
            if count > MOST_NOTED:
                parts["count of values %s" % place] = self._count(place, count)
        parts.update(self._globals(namespace))
        return parts

    def _count(self, place, count):
        encoded = self.encode(count)
        if count > MOST_NOTED * MOST_DIGESTED:
            most = MOST_NOTED * MOST_DIGESTED
            encoded["doubts"].append("only the first %d values %s are compared" % (most, place))
        return encoded

    def _globals(self, namespace):
        named = {
            name: namespace[name] for name in self.globals_before if _is_data(namespace.get(name))
        }
        changed = {
            name: value
            for name, value in named.items()
            if self._digest(value) != self.globals_before[name]
        }
        unchanged = {name: value for name, value in named.items() if name not in changed}
        parts = {}
        if changed:
            parts["globals"] = self.encode(changed)
        if unchanged:
            parts["inputs"] = self.encode(unchanged)
        return parts

    def _global(self, name, namespace):
        value = namespace.get(name)
        return self._digest(value) if _is_data(value) else None

    def _digest(self, value):
        text = json.dumps(self._answers.encode(value, self._tree))
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def module_parts(encode, namespace, before):
    """Return the answer of a script without functions: the variables it leaves behind."""
    left = {
        name: value
        for name, value in namespace.items()
        if name not in before and not name.startswith("__") and not isinstance(value, _NO_DATA)
    }
    return {"variables": encode(left)} if left else {}


def value_parts(encode, name, value):
    """Return a value as parts of the answer: one, or for a generator each item it yields.

    Of an endless one the first MOST_YIELDED are taken; an exception ends it and is its last item.
    """
    if not _is_one_shot(value):
        return {name: encode(value)}
    parts = {name: encode(type(value).__name__)}
    items = itertools.islice(value, MOST_YIELDED + 1)
    for number in range(MOST_YIELDED):
        try:
            # At once: many a generator yields one list again and again.
            parts["%s[%d]" % (name, number)] = encode(next(items))
        except StopIteration:
            return parts
        except Exception as error:
            parts["%s[%d]" % (name, number)] = encode(error)
            return parts
    doubt = "only the first %d items of %s are compared" % (MOST_YIELDED, name)
    parts[name]["doubts"].append(doubt)
    return parts


def _is_one_shot(value):
    kind = type(value)
    return isinstance(value, _ONE_SHOT) or kind.__module__ == "itertools"


def _is_data(value):
    return value is not None and not isinstance(value, _NO_DATA)


def _sibling(name):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    module = types.ModuleType(name)
    module.__file__ = path
    with open(path, encoding="utf-8") as stream:
        exec(compile(stream.read(), path, "exec", dont_inherit=True), module.__dict__)
    return module


def _instrument(function):
    noting = _Noting(function)
    body: List[Any] = [noting.visit(statement) for statement in function.body]
    note = ast.Expr(ast.Call(func=_name(_LOCALS), args=[_call("locals")], keywords=[]))
    docstring = [statement for statement in body[:1] if _is_constant(statement)]
    body = body[len(docstring) :]
    if body:
        finishing = ast.Try(body=body, handlers=[], orelse=[], finalbody=[note])
        function.body = [*docstring, finishing]


def _is_constant(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _name(name):
    return ast.Name(id=name, ctx=ast.Load())


def _call(name, *arguments):
    return ast.Call(func=_name(name), args=list(arguments), keywords=[])


def _own_nodes(function):
    """Yield the nodes of a function that are not inside another one."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _NESTED):
            waiting.extend(ast.iter_child_nodes(node))


def _stored(target):
    """Return the names that an assignment's target binds."""
    return [
        node.id
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


class _Noting(ast.NodeTransformer):
    """Hands values that would be lost to the observer; nested functions stay as they are."""

    def __init__(self, function):
        nodes = list(_own_nodes(function))
        bound = [name for node in nodes for name in _bound(node)]
        self.bound_again = {name for name in bound if bound.count(name) > 1}
        self.returns = any(isinstance(node, ast.Return) and node.value for node in nodes)
        self.loops = 0

    def visit(self, node):
        return node if isinstance(node, _NESTED) else super().visit(node)

    def visit_Expr(self, node):
        self.generic_visit(node)
        if not isinstance(node.value, ast.Constant):
            node.value = _noted("discarded in line %d" % node.lineno, node.value)
        return node

    def visit_Assign(self, node):
        self.generic_visit(node)
        names = [name for target in node.targets for name in _stored(target)]
        self._note_value(node, names)
        return node

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        if node.value is not None:
            self._note_value(node, _stored(node.target))
        return node

    def visit_NamedExpr(self, node):
        self.generic_visit(node)
        node.value = _noted("of %s in line %d" % (node.target.id, node.lineno), node.value)
        return node

    def visit_For(self, node):
        names = _stored(node.target)
        makes = any(isinstance(part, ast.Call) for part in ast.walk(node.iter))
        counts = isinstance(node.iter, ast.Call) and getattr(node.iter.func, "id", "") == "range"
        self._visit_loop(node)
        if names and makes and not counts:
            place = "of %s in line %d" % (", ".join(names), node.lineno)
            value = _name(names[0])
            if len(names) > 1:
                value = ast.Tuple(elts=[_name(name) for name in names], ctx=ast.Load())
            node.body.insert(0, ast.copy_location(ast.Expr(_noted(place, value)), node))
        return node

    def visit_While(self, node):
        return self._visit_loop(node)

    def _visit_loop(self, node):
        self.loops += 1
        self.generic_visit(node)
        self.loops -= 1
        return node

    def _note_value(self, node, names):
        again = bool(names) and (self.loops > 0 or self.bound_again.intersection(names))
        thrown_away = self.returns and any(name.startswith("_") for name in names)
        if again or thrown_away:
            place = "of %s in line %d" % (", ".join(names), node.lineno)
            node.value = _noted(place, node.value)


def _bound(node):
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    is_binding = isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr))
    return [name for target in targets for name in _stored(target)] if is_binding else []


def _noted(place, value):
    # The place of the value's own code stays, for tracebacks.
    return ast.copy_location(_call(_NOTE, ast.Constant(place, kind=None), value), value)
