"""Variables: what is known of the kinds of names, parameters and attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..reading.module_source import OWN, ModuleSource
from ..reading.scopes import COMPREHENSIONS, FUNCTIONS, Binding, all_arguments
from ..writing.edit import FunctionNode
from .annotations import annotated_kind, is_static
from .array_kinds import is_used_as_frame
from .kind import ARRAYS, NUMBERS, Kind, common
from .known_calls import STRING_METHODS

if TYPE_CHECKING:
    from .kinds import Kinds

_MOST_CALLS = 20
_USED_LIKE = (
    (STRING_METHODS, "str"),
    (("iterrows", "itertuples", "set_index"), "dataframe"),
    (("sort",), "list"),
    (("items", "setdefault"), "dict"),
)


class Variables:
    """The part of `Kinds` that follows names to what they were bound to."""

    def __init__(self, module: ModuleSource, kinds: Kinds) -> None:
        self._module = module
        self._kinds = kinds
        self._call_sites: dict[str, list[ast.Call]] | None = None

    def of_name(self, node: ast.Name) -> Kind | None:
        """Return the kind of a name's value where it stands, None when nothing is known."""
        for around in self._module.ancestors(node):
            if isinstance(around, COMPREHENSIONS):
                for clause in around.generators:
                    kind, found = self._from_target(clause.target, node.id, clause.iter)
                    if found:
                        return kind
            elif isinstance(around, ast.Lambda):
                if node.id in self._module.scope(around).parameters:
                    return self._lambda_parameter(around, node.id)
            elif isinstance(around, FUNCTIONS):
                bound = self._module.scope(around).bindings.get(node.id)
                if bound:
                    return self._variable(around, node.id, bound)
        bound = self._module.bindings.get(node.id)
        if bound and len(bound) == 1 and bound[0].value is not None:
            annotation = getattr(bound[0].node, "annotation", None)
            if annotation is not None:
                declared = annotated_kind(self._module, annotation)
                if declared is not None:
                    return declared
            return self._kinds.of(bound[0].value)
        return None

    def _lambda_parameter(self, function: ast.Lambda, name: str) -> Kind | None:
        """Return the element kind when a lambda is the key of a sort or the like."""
        parent = self._module.parents[function]
        call = self._module.parents[parent] if isinstance(parent, ast.keyword) else parent
        if len(function.args.args) != 1 or not isinstance(call, ast.Call):
            return None
        if self._module.qualified(call.func) in ("sorted", "min", "max") and call.args:
            return self._kinds.element(call.args[0])
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sort":
            return self._kinds.element(call.func.value)
        return None

    def _variable(self, function: FunctionNode, name: str, bound: list[Binding]) -> Kind | None:
        return self._kinds.answer(
            (function, name), lambda: self._work_out_variable(function, name, bound)
        )

    def _work_out_variable(
        self, function: FunctionNode, name: str, bound: list[Binding]
    ) -> Kind | None:
        kind = self._declared(bound) or self._bound_to(function, name, bound)
        if kind is not None and kind.element is None and not kind.items:
            return self._filled(function, name, kind)
        return kind

    def _bound_to(self, function: FunctionNode, name: str, bound: list[Binding]) -> Kind | None:
        """Return the kind of all that is bound to a name, also where that depends on the name."""
        met = [self._bound_kind(function, name, each) for each in bound]
        known = [each for each in met if each is not None]
        kind = common(known)
        if kind is None or len(known) == len(met):
            return kind
        # `text = text[1:]` keeps the kind that `text` has anyway.
        return self._kinds.assuming(
            (function, name),
            kind,
            lambda: common(self._bound_kind(function, name, each) for each in bound),
        )

    def _declared(self, bound: list[Binding]) -> Kind | None:
        for each in bound:
            if isinstance(each.node, ast.AnnAssign):
                return annotated_kind(self._module, each.node.annotation)
        return None

    def _bound_kind(self, function: FunctionNode, name: str, binding: Binding) -> Kind | None:
        node = binding.node
        if isinstance(node, ast.arg):
            return self.of_parameter(function, node)
        if binding.value is not None:
            return self._kinds.of(binding.value)
        if isinstance(node, ast.For):
            return self._from_target(node.target, name, node.iter)[0]
        if isinstance(node, ast.AugAssign):
            array = self._started_as_array(function, name)
            if array is not None:
                return array
            if self._kinds.is_a(node.value, "int") and isinstance(
                node.op, ast.Add | ast.Sub | ast.Mult
            ):
                return Kind("int")
            return self._kinds.of(node.value) or self._accumulated(function, name)
        if isinstance(node, ast.Assign):
            return self._unpacked(node, name)
        return None

    def _started_as_array(self, function: FunctionNode, name: str) -> Kind | None:
        """Return the kind of an array that a name holds first, which `+=` and the like keep."""
        start = self._module.scope(function).bindings[name][0]
        if isinstance(start.node, ast.AugAssign):
            return None
        kind = self._bound_kind(function, name, start)
        return kind if kind is not None and kind.name in ARRAYS else None

    def _accumulated(self, function: FunctionNode, name: str) -> Kind | None:
        """Return `number` when a name that something unknown is added to starts as one."""
        starts = [each.value for each in self._module.scope(function).bindings[name] if each.value]
        if starts and all(self._kinds.is_a(each, *NUMBERS) for each in starts):
            return Kind("number")
        return None

    def _unpacked(self, node: ast.Assign, name: str) -> Kind | None:
        for target in node.targets:
            if not isinstance(target, ast.Tuple | ast.List):
                continue
            value = self._kinds.of(node.value)
            for index, part in enumerate(target.elts):
                if isinstance(part, ast.Name) and part.id == name and value is not None:
                    if index < len(value.items):
                        return value.items[index]
                    return value.element if not value.items else None
        return None

    def _from_target(
        self, target: ast.expr, name: str, iterable: ast.expr
    ) -> tuple[Kind | None, bool]:
        """Return the kind that a loop gives to a name, and whether the target binds it at all."""
        if isinstance(target, ast.Name):
            return (self._kinds.element(iterable), True) if target.id == name else (None, False)
        if not isinstance(target, ast.Tuple | ast.List):
            return None, False
        return _part(target, name, self._kinds.element(iterable))

    def of_parameter(self, function: FunctionNode, argument: ast.arg) -> Kind | None:
        """Return the kind of what a parameter is given, None when nothing is known."""
        if argument.annotation is not None:
            return annotated_kind(self._module, argument.annotation)
        owner = None if is_static(function) else self._module.owner(function)
        if owner and function.args.args and function.args.args[0] is argument:
            return Kind(OWN + owner.name) if owner.name in self._module.classes else None
        if argument in (function.args.vararg, function.args.kwarg):
            return Kind("tuple") if argument is function.args.vararg else Kind("dict", Kind("str"))
        default = default_of(function, argument.arg)
        if default is not None and not _is_none(default):
            # A call that passes something else contradicts what the default suggests.
            passed = [kind for kind in self._passed(function, argument.arg) if kind is not None]
            return common([self._kinds.of(default), *passed])
        used = self._used_like(function, argument.arg)
        if used is not None:
            return used
        kind = common(self._passed(function, argument.arg))
        return None if kind == Kind("NoneType") else kind

    def _used_like(self, function: FunctionNode, name: str) -> Kind | None:
        """Return what a parameter must be for the things done to it to work."""
        for node in self._module.scope(function).nodes:
            if not (isinstance(node, ast.Name) and node.id == name):
                continue
            parent = self._module.parents[node]
            if "pandas" in self._module.imported and is_used_as_frame(self._module, node):
                return Kind("dataframe")
            if isinstance(parent, ast.Attribute):
                for methods, kind in _USED_LIKE:
                    if parent.attr in methods:
                        return Kind(kind)
            elif isinstance(parent, ast.Call) and node in parent.args:
                if self._module.qualified(parent.func) == "range":
                    return Kind("int")
            elif isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Sub | ast.FloorDiv):
                other = parent.right if parent.left is node else parent.left
                if isinstance(other, ast.Constant) and isinstance(other.value, int):
                    return Kind("number")
        return None

    def _passed(self, function: FunctionNode, name: str) -> Iterator[Kind | None]:
        """Yield what the module's own calls pass for a parameter, None for an unknown kind."""
        if self._call_sites is None:
            self._call_sites = {}
            for node in self._module.kinds.of(ast.Call):
                called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                self._call_sites.setdefault(called or "", []).append(node)
        names = [each.arg for each in all_arguments(function.args)]
        is_bound = self._module.owner(function) is not None and not is_static(function)
        position = names.index(name) - is_bound
        calls = self._call_sites.get(function.name, [])
        for call in calls[:_MOST_CALLS]:
            yield self._given(call, name, position)

    def _given(self, call: ast.Call, name: str, position: int) -> Kind | None:
        for keyword in call.keywords:
            if keyword.arg == name:
                return self._kinds.of(keyword.value)
        if 0 <= position < len(call.args):
            return self._kinds.of(call.args[position])
        # Left to its default, which says nothing of what other calls pass.
        return Kind("NoneType")

    def _filled(self, function: FunctionNode, name: str, kind: Kind) -> Kind:
        """Return a container's kind with what the function puts into it."""
        items: list[Kind | None] = []
        values: list[Kind | None] = []
        for node in self._module.scope(function).nodes:
            if not (isinstance(node, ast.Name) and node.id == name):
                continue
            parent = self._module.parents[node]
            if isinstance(parent, ast.Attribute) and parent.attr in ("append", "add", "appendleft"):
                call = self._module.parents[parent]
                if isinstance(call, ast.Call) and len(call.args) == 1:
                    items.append(self._kinds.of(call.args[0]))
            elif isinstance(parent, ast.Attribute) and parent.attr in (
                "extend",
                "update",
                "insert",
            ):
                return kind
            elif isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store):
                holder = self._module.parents[parent]
                if kind.name == "dict" and isinstance(holder, ast.Assign):
                    items.append(self._kinds.of(parent.slice))
                    values.append(self._kinds.of(holder.value))
        return Kind(kind.name, common(items), common(values))

    def of_attribute(self, node: ast.Attribute) -> Kind | None:
        """Return the kind of an attribute of one of the module's own objects."""
        receiver = self._kinds.of(node.value)
        if receiver is None or not receiver.name.startswith(OWN):
            return None
        owner = self._module.classes.get(receiver.name.removeprefix(OWN))
        if owner is None:
            return None
        return self._kinds.answer((owner, node.attr), lambda: self._attribute_of(owner, node.attr))

    def _attribute_of(self, owner: ast.ClassDef, name: str) -> Kind | None:
        for child in owner.body:
            if isinstance(child, ast.AnnAssign) and _is_named(child.target, name):
                return annotated_kind(self._module, child.annotation)
        kinds: list[Kind | None] = []
        for store in self._module.attribute_stores.get(name, []):
            function = self._module.enclosing_function(store)
            if function is None or self._module.owner(function) is not owner:
                continue
            parent = self._module.parents[store]
            if isinstance(parent, ast.AnnAssign):
                return annotated_kind(self._module, parent.annotation)
            kinds.append(self._stored_kind(parent))
        if kinds:
            return common(kinds)
        shared = [
            self._kinds.of(child.value)
            for child in owner.body
            if isinstance(child, ast.Assign)
            and any(_is_named(target, name) for target in child.targets)
        ]
        if shared:
            return common(shared)
        for _, function in self._module.methods.get(name, []):
            is_property = any(_is_named(each, "property") for each in function.decorator_list)
            if is_property and self._module.owner(function) is owner:
                return self._kinds.result_of(function)
        return None

    def _stored_kind(self, statement: ast.AST) -> Kind | None:
        """Return the kind of what a statement leaves in an attribute that it assigns."""
        match statement:
            case ast.Assign(value=value):
                return self._kinds.of(value)
            case ast.AugAssign(op=ast.Add() | ast.Sub() | ast.Mult(), value=value):
                return self._kinds.of(value) if self._kinds.is_a(value, *NUMBERS) else None
        return None


def _part(target: ast.expr, name: str, kind: Kind | None) -> tuple[Kind | None, bool]:
    if isinstance(target, ast.Name):
        return (kind, True) if target.id == name else (None, False)
    if isinstance(target, ast.Starred):
        return (None, True) if _is_named(target.value, name) else (None, False)
    if isinstance(target, ast.Tuple | ast.List):
        for index, part in enumerate(target.elts):
            inner = None
            if kind is not None:
                inner = kind.items[index] if index < len(kind.items) else kind.element
            found, binds = _part(part, name, inner)
            if binds:
                return found, True
    return None, False


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def default_of(function: FunctionNode, name: str) -> ast.expr | None:
    """Return a parameter's default, None when it has none."""
    positional = [*function.args.posonlyargs, *function.args.args]
    defaults: Iterable[tuple[ast.arg, ast.expr | None]] = [
        *zip(reversed(positional), reversed(function.args.defaults), strict=False),
        *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
    ]
    return next((default for argument, default in defaults if argument.arg == name), None)
