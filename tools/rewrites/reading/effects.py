"""Effects: what running a piece of code may change, as far as the source tells.

Calls into the module itself are followed; a call to anything unknown may change whatever it is
given. Aliases made outside the function (the same list reached through another object) are not
seen: the gate's tests and answers guard against those.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ..kinds.kind import ARRAYS, Kind
from ..kinds.kinds import Kinds
from ..kinds.known_arrays import READING_ARRAYS, WINDOWS, outputs
from ..kinds.known_calls import (
    CALLS_ITS_ARGUMENT,
    CHANGES_FIRST_ARGUMENT,
    CHANGING_METHODS,
    READING_METHODS,
    STRING_METHODS,
    TELLING_METHODS,
    TELLS_ONLY,
    is_pure,
)
from ..writing.edit import FunctionNode
from .effect import ANY_ATTRIBUTE, Effects, root_name
from .module_source import OWN, ModuleSource
from .scopes import BINDING, all_arguments, bindings_in
from .sharing import Sharing
from .walks import walk

_DEEPEST = 12
"""Calls within calls that a summary follows."""


_LOOK_UP = ("getattr", "hasattr")


class EffectsReader:
    """Answers for one module; a function's summary is worked out once."""

    def __init__(self, module: ModuleSource, kinds: Kinds) -> None:
        self._module = module
        self._kinds = kinds
        self._sharing = Sharing(module, kinds)
        self._summaries: dict[FunctionNode, Effects] = {}
        self._open: list[FunctionNode] = []
        self._lowest_touched = _DEEPEST
        self._changed_names: set[str] | None = None

    # -- questions ----------------------------------------------------------------------------

    def of(self, nodes: Iterable[ast.AST]) -> Effects:
        """Return the effects of running some statements or expressions any number of times."""
        effects = Effects()
        for root in nodes:
            for node in walk(root):
                self._add_node(effects, node)
        return effects

    def is_pure_function(self, function: FunctionNode) -> bool:
        """Return whether a function's answer depends on its arguments alone and nothing changes.

        Module-level variables that the module itself never changes count as constants.
        """
        if isinstance(function, ast.AsyncFunctionDef) or self._module.scope(function).is_generator:
            return False
        summary = self.summary(function)
        return summary.changes_nothing and all(map(self.is_stable_global, summary.globals_read))

    def is_stable_global(self, name: str) -> bool:
        """Return whether a module-level name is bound once and its object not visibly changed."""
        bound = self._module.bindings.get(name, [])
        return len(bound) == 1 and name not in self._names_changed_somewhere()

    def summary(self, function: FunctionNode) -> Effects:
        """Return what calling a function does to its caller's world.

        `mutated` then holds names of parameters; locals are gone.
        """
        if function in self._summaries:
            return self._summaries[function]
        if function in self._open:
            self._lowest_touched = min(self._lowest_touched, self._open.index(function))
            return Effects()
        if len(self._open) >= _DEEPEST:
            return Effects(unknown=True)
        depth = len(self._open)
        outer_lowest, self._lowest_touched = self._lowest_touched, _DEEPEST
        self._open.append(function)
        summary = self._summarize(function)
        self._open.pop()
        # An answer inside a cycle of calls lacks what its callers do: only the outermost counts.
        if self._lowest_touched >= depth:
            self._summaries[function] = summary
        self._lowest_touched = min(outer_lowest, self._lowest_touched)
        return summary

    # -- one node -----------------------------------------------------------------------------

    def _add_node(self, effects: Effects, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                effects.bound.add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            if not isinstance(node.ctx, ast.Load):
                self._add_change(effects, node)
        elif isinstance(node, ast.AugAssign):
            if isinstance(node.target, ast.Name) and self._may_change_target(node):
                effects.mutated.add(node.target.id)
        elif isinstance(node, ast.Call):
            self._add_call(effects, node)
        elif isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.AsyncFor | ast.With):
            effects.unknown = True
        elif isinstance(node, ast.Global):
            effects.globals_written.update(node.names)
        elif node.__class__ in BINDING:
            effects.bound.update(binding.name for binding in bindings_in([node]))

    def _may_change_target(self, node: ast.AugAssign) -> bool:
        """Return whether an augmented assignment to a name may change its object in place."""
        if not self._kinds.is_immutable(node.value):
            return True
        # Adding a number to a list fails; to an array it changes the array.
        assert isinstance(node.target, ast.Name)
        return self._may_be_array(node.target)

    def _may_be_array(self, node: ast.expr) -> bool:
        kind = self._kinds.of(node)
        if kind is None:
            return bool(self._module.imported & {"numpy", "pandas"})
        return kind.name in ARRAYS

    def _add_change(self, effects: Effects, node: ast.Attribute | ast.Subscript) -> None:
        """Record that what an attribute or item chain stands for changes."""
        if isinstance(node, ast.Attribute):
            effects.attributes.add((root_name(node), node.attr))
        else:
            self._add_mutation(effects, node.value)

    def _add_mutation(self, effects: Effects, node: ast.AST) -> None:
        """Record that the object an expression gives may be changed in place."""
        while isinstance(node, ast.Subscript | ast.Starred):
            node = node.value
        if isinstance(node, ast.Name):
            effects.mutated.add(node.id)
        elif isinstance(node, ast.Attribute):
            effects.attributes.add((root_name(node), node.attr))
            if node.attr in WINDOWS and self._may_be_array(node.value):
                self._add_mutation(effects, node.value)
        elif isinstance(node, ast.Call):
            for name in self._sharing.roots(node):
                effects.mutated.add(name)
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            for each in node.elts:
                self._add_mutation(effects, each)
        elif isinstance(node, ast.IfExp):
            self._add_mutation(effects, node.body)
            self._add_mutation(effects, node.orelse)
        elif isinstance(node, ast.BoolOp):
            for each in node.values:
                self._add_mutation(effects, each)

    # -- calls --------------------------------------------------------------------------------

    def _add_call(self, effects: Effects, call: ast.Call) -> None:
        name = self._module.qualified(call.func)
        own = self._module.function_meant(call.func)
        if own is not None:
            # A decorator may do anything, but the usual ones only cache or check.
            self._add_summary(effects, self.summary(own), own, call, receiver=None)
        elif name is not None and name.startswith(OWN) and "." not in name.removeprefix(OWN):
            self._add_own_call(effects, call, name.removeprefix(OWN))
        elif name is not None and name in TELLS_ONLY:
            effects.tells = True
        elif name is not None and name in CHANGES_FIRST_ARGUMENT and call.args:
            self._add_mutation(effects, call.args[0])
        elif name is not None and is_pure(name):
            for each in outputs(call, name):
                self._add_mutation(effects, each)
            if name in CALLS_ITS_ARGUMENT:
                self._add_functions_passed(effects, call, CALLS_ITS_ARGUMENT[name])
        elif isinstance(call.func, ast.Attribute) and (name is None or name.startswith(OWN)):
            self._add_method_call(effects, call, call.func)
        elif _is_logging(call.func):
            effects.tells = True
        else:
            self._add_unknown_call(effects, call)

    def _add_own_call(self, effects: Effects, call: ast.Call, name: str) -> None:
        bound = self._module.bindings.get(name, [])
        node = bound[0].node if len(bound) == 1 else None
        if isinstance(node, ast.ClassDef):
            self._add_construction(effects, call, node)
        else:
            self._add_unknown_call(effects, call)

    def _add_construction(self, effects: Effects, call: ast.Call, owner: ast.ClassDef) -> None:
        for method in ("__new__", "__init__", "__post_init__"):
            for each, function in self._module.methods.get(method, []):
                if each is not owner:
                    continue
                summary = self.summary(function)
                first = _first_parameter(function)
                outside = Effects(
                    mutated=summary.mutated - {first},
                    attributes={(root, name) for root, name in summary.attributes if root != first},
                    globals_written=summary.globals_written,
                    globals_read=summary.globals_read,
                    attributes_read=summary.attributes_read,
                    unknown=summary.unknown,
                    tells=summary.tells,
                )
                self._add_summary(effects, outside, function, call, receiver=ast.Constant(None))

    def _add_method_call(self, effects: Effects, call: ast.Call, func: ast.Attribute) -> None:
        own = self.method_called(func)
        kind = self._kinds.of(func.value)
        if kind is not None and kind.name in ARRAYS:
            self._add_array_method(effects, call, func, kind)
        elif own is not None:
            is_static = any(_is_named(each, "staticmethod") for each in own.decorator_list)
            by_class = self._module.qualified(func.value) in self._class_names()
            receiver = None if is_static or by_class else func.value
            self._add_summary(effects, self.summary(own), own, call, receiver=receiver)
        elif func.attr in CHANGING_METHODS:
            self._add_mutation(effects, func.value)
            if func.attr == "sort":
                self._add_functions_passed(effects, call)
        elif func.attr in READING_METHODS:
            if func.attr == "sub":
                self._add_functions_passed(effects, call, 0)
            if func.attr not in STRING_METHODS and self._kinds.of(func.value) is None:
                effects.attributes_read.add(ANY_ATTRIBUTE)
        elif _is_logging(func):
            effects.tells = True
        else:
            self._add_unknown_call(effects, call)
            self._add_mutation(effects, func.value)
            root = root_name(func.value)
            if root:
                effects.mutated.add(root)

    def _add_array_method(
        self, effects: Effects, call: ast.Call, func: ast.Attribute, kind: Kind
    ) -> None:
        in_place = any(each.arg in ("inplace", "out") for each in call.keywords)
        if func.attr not in READING_ARRAYS[kind.name]:
            self._add_unknown_call(effects, call)
            in_place = True
        if in_place:
            self._add_mutation(effects, func.value)
            for each in call.keywords:
                self._add_mutation(effects, each.value)

    def method_called(self, func: ast.Attribute) -> FunctionNode | None:
        """Return the module's method that `receiver.name` means, None when that is not clear.

        Known by the receiver's kind, else, for a plain variable, by being the only method of that
        name around. A method that a class of the module overrides, or that is left to subclasses,
        is not clear.
        """
        candidates = self._module.methods.get(func.attr, [])
        if not candidates:
            return None
        named = self._module.qualified(func.value) or ""
        if named in self._class_names():
            return self._inherited(named.removeprefix(OWN), func.attr)
        kind = self._kinds.of(func.value)
        if kind is not None:
            owner = kind.name.removeprefix(OWN)
            found = self._inherited(owner, func.attr)
            if found is None or _is_left_open(found) or self._is_overridden(owner, func.attr):
                return None
            return found
        if func.attr in CHANGING_METHODS or func.attr in READING_METHODS:
            return None
        around = self._module.enclosing_function(func)
        delegates = around is not None and around.name == func.attr
        if len(candidates) != 1 or delegates or not isinstance(func.value, ast.Name):
            return None
        return None if _is_left_open(candidates[0][1]) else candidates[0][1]

    def _inherited(self, owner: str, name: str) -> FunctionNode | None:
        """Return the method that a class of the module has, its own or a base's in the module."""
        for each, function in self._module.methods.get(name, []):
            if each.name == owner:
                return function
        bases = self._bases(owner)
        return next((found for base in bases if (found := self._inherited(base, name))), None)

    def _bases(self, owner: str) -> list[str]:
        node = self._module.classes.get(owner)
        listed = [base.id for base in node.bases if isinstance(base, ast.Name)] if node else []
        return [name for name in listed if name in self._module.classes and name != owner]

    def _is_overridden(self, owner: str, name: str) -> bool:
        return any(
            each.name != owner and owner in self._ancestors(each.name)
            for each, _ in self._module.methods.get(name, [])
        )

    def _ancestors(self, owner: str) -> set[str]:
        found: set[str] = set()
        todo = self._bases(owner)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self._bases(name))
        return found

    def _class_names(self) -> set[str]:
        return {OWN + name for name in self._module.classes}

    def _add_functions_passed(
        self, effects: Effects, call: ast.Call, position: int | None = None
    ) -> None:
        """Add the effects of the `key` and of the argument that a known function calls."""
        passed = [each.value for each in call.keywords if each.arg == "key"]
        if position is not None and len(call.args) > position:
            passed.append(call.args[position])
        for each in passed:
            # A lambda's body is looked at where it stands; a replacement may be plain text.
            if isinstance(each, ast.Lambda | ast.Constant) or self._kinds.is_a(each, "str"):
                continue
            own = self._module.function_meant(each)
            if own is not None:
                summary = self.summary(own)
                effects.unknown |= not summary.changes_nothing
                effects.globals_read |= summary.globals_read
                effects.attributes_read |= summary.attributes_read
            elif not is_pure(self._module.qualified(each) or "") and not _is_string_method(each):
                effects.unknown = True

    def _add_unknown_call(self, effects: Effects, call: ast.Call) -> None:
        effects.unknown = True
        for each in [*call.args, *(keyword.value for keyword in call.keywords)]:
            self._add_mutation(effects, each)

    def _add_summary(
        self,
        effects: Effects,
        summary: Effects,
        function: FunctionNode,
        call: ast.Call,
        *,
        receiver: ast.expr | None,
    ) -> None:
        given = dict(_arguments(function, call, receiver))
        for name in summary.mutated:
            for each in given.get(name, []):
                self._add_mutation(effects, each)
        for root, attribute in summary.attributes:
            for each in given.get(root, [None]):
                effects.attributes.add(("" if each is None else root_name(each), attribute))
        effects.globals_written |= summary.globals_written
        effects.globals_read |= summary.globals_read
        effects.attributes_read |= summary.attributes_read
        effects.unknown = effects.unknown or summary.unknown
        effects.tells = effects.tells or summary.tells

    # -- summaries ----------------------------------------------------------------------------

    def _summarize(self, function: FunctionNode) -> Effects:
        raw = self.of(function.body)
        scope = self._module.scope(function)
        result = Effects(
            globals_written=set(raw.globals_written),
            globals_read=set(raw.globals_read),
            attributes_read=set(raw.attributes_read),
            unknown=raw.unknown or bool(_undeclared_calls(function)),
            tells=raw.tells,
        )
        for name in raw.mutated:
            self._add_origin(result, function, name)
        for root, attribute in raw.attributes:
            self._add_attribute_origin(result, function, root, attribute)
        for node in walk(function):
            if isinstance(node, ast.Attribute):
                result.attributes_read.add(node.attr)
            elif isinstance(node, ast.Call) and self._module.qualified(node.func) in _LOOK_UP:
                result.attributes_read.add(ANY_ATTRIBUTE)
            elif isinstance(node, ast.Name) and self._is_global_variable(node):
                result.globals_read.add(node.id)
        for name in scope.declared_elsewhere:
            if name in raw.bound:
                result.globals_written.add(name)
        return result

    def _is_global_variable(self, node: ast.Name) -> bool:
        bound = self._module.bindings.get(node.id)
        if not bound or not isinstance(node.ctx, ast.Load) or self._module.is_local(node):
            return False
        return (
            not all(
                isinstance(each.node, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef)
                for each in bound
            )
            or len(bound) > 1
        )

    def _add_origin(self, result: Effects, function: FunctionNode, name: str) -> None:
        for origin in self.origins(function, name):
            if origin in self._module.scope(function).parameters:
                result.mutated.add(origin)
            else:
                result.globals_written.add(origin)

    def _add_attribute_origin(
        self, result: Effects, function: FunctionNode, root: str, attribute: str
    ) -> None:
        if not root:
            result.attributes.add(("", attribute))
            return
        for origin in self.origins(function, root):
            is_parameter = origin in self._module.scope(function).parameters
            result.attributes.add((origin if is_parameter else "", attribute))

    def origins(self, function: FunctionNode, name: str) -> set[str]:
        """Return the parameters and outer names whose objects a local name may share.

        Empty for a name that only ever holds objects made in the function itself.
        """
        return self._sharing.origins(function, name)

    def _names_changed_somewhere(self) -> set[str]:
        """Return every name on which the module does something that changes an object."""
        if self._changed_names is None:
            self._changed_names = {
                root_name(node.func if isinstance(node, ast.Call) else node)
                for node in self._module.kinds.of(ast.Subscript, ast.Attribute, ast.Call)
                if _changes_something(node)
            } - {""}
        return self._changed_names


def _is_logging(func: ast.expr) -> bool:
    return (
        isinstance(func, ast.Attribute)
        and func.attr in TELLING_METHODS
        and "log" in ast.unparse(func.value).lower()
    )


def _is_string_method(node: ast.expr) -> bool:
    """Return whether a function is one like `str.lower`, or a call that makes a known one."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in ("itemgetter", "attrgetter", "cmp_to_key")
        case ast.Attribute(value=ast.Name(), attr=name):
            return name in READING_METHODS or name == "__getitem__"
    return False


def _changes_something(node: ast.AST) -> bool:
    """Return whether a node assigns an item or attribute, or calls a changing method."""
    match node:
        case ast.Subscript() | ast.Attribute():
            return not isinstance(node.ctx, ast.Load)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in CHANGING_METHODS
    return False


def _is_left_open(function: FunctionNode) -> bool:
    """Return whether a method does nothing itself: it waits to be overridden."""
    if any("abstract" in ast.unparse(each) for each in function.decorator_list):
        return True
    return all(
        isinstance(each, ast.Pass | ast.Raise)
        or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in function.body
    )


def _first_parameter(function: FunctionNode) -> str:
    listed = all_arguments(function.args)
    return listed[0].arg if listed else ""


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _undeclared_calls(function: FunctionNode) -> list[ast.AST]:
    """Return the statements of a function that nothing else here accounts for."""
    return [
        node
        for node in walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Nonlocal)
    ]


def _arguments(
    function: FunctionNode, call: ast.Call, receiver: ast.expr | None
) -> Iterator[tuple[str, list[ast.expr]]]:
    """Yield for each parameter what a call may give to it."""
    positional = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    given = list(call.args) if receiver is None else [receiver, *call.args]
    if any(isinstance(each, ast.Starred) for each in given):
        everything = [*given, *(each.value for each in call.keywords)]
        for argument in all_arguments(function.args):
            yield argument.arg, everything
        return
    for name, value in zip(positional, given, strict=False):
        yield name, [value]
    if function.args.vararg:
        yield function.args.vararg.arg, given[len(positional) :]
    rest: list[ast.expr] = []
    for keyword in call.keywords:
        if keyword.arg is None:
            rest.append(keyword.value)
        else:
            yield keyword.arg, [keyword.value]
    if function.args.kwarg:
        yield function.args.kwarg.arg, [*rest, *(each.value for each in call.keywords)]
