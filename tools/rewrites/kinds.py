"""Kinds: what the source itself tells about the type of an expression.

Evidence comes from displays, annotations, defaults, what well-known calls return, what is done to a
name, and how the module calls a function. It is evidence, not proof: an answer of None means that
nothing is known, and a rewrite that needs certainty must guard at run time.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from .annotations import annotated_kind, dataclass_options, is_enum, is_hashable_class
from .edit import FunctionNode
from .kind import IMMUTABLE, NUMBERS, Kind, common
from .known_calls import CALL_KINDS, METHOD_KINDS, SAME_AS_ARGUMENT
from .module_source import OWN, ModuleSource
from .scopes import COMPREHENSIONS, FUNCTIONS, Binding, all_arguments
from .words import words

_DEPTH = 12
_MOST_STEPS = 1500
_MOST_CALLS = 20
_STRING_ONLY = words(
    "lower upper strip lstrip rstrip split rsplit splitlines startswith endswith",
    "casefold title capitalize isdigit isalpha isalnum isspace isupper islower",
    "isidentifier zfill ljust rjust partition rpartition swapcase encode",
)
_LIST_ONLY = frozenset(("sort",))
_DICT_ONLY = frozenset(("items", "setdefault"))


class Kinds:
    """Answers for one module, each worked out once."""

    def __init__(self, module: ModuleSource) -> None:
        self._module = module
        self._known: dict[object, Kind | None] = {}
        self._open: set[object] = set()
        self._steps = 0
        self._cuts = 0
        self._call_sites: dict[str, list[ast.Call]] | None = None

    # -- questions ----------------------------------------------------------------------------

    def of(self, node: ast.expr) -> Kind | None:
        """Return the kind of an expression's value, None when nothing is known."""
        return self._answer(node, lambda: self._work_out(node))

    def _answer(self, mark: object, work_out: Callable[[], Kind | None]) -> Kind | None:
        """Return a remembered answer or work it out; None for a question that needs itself."""
        if mark in self._known:
            return self._known[mark]
        if not self._open:
            self._steps = 0
        self._steps += 1
        if mark in self._open or len(self._open) > _DEPTH or self._steps > _MOST_STEPS:
            self._cuts += 1
            return None
        cuts = self._cuts
        self._open.add(mark)
        kind = work_out()
        self._open.discard(mark)
        # An answer of None that a cut caused may be better when asked for by itself.
        if kind is not None or cuts == self._cuts or not self._open:
            self._known[mark] = kind
        return kind

    def is_a(self, node: ast.expr, *names: str) -> bool:
        """Return whether an expression is known to be of one of these kinds."""
        kind = self.of(node)
        return kind is not None and kind.name in names

    def element(self, node: ast.expr) -> Kind | None:
        """Return the kind of what iterating over an expression yields."""
        kind = self.of(node)
        return kind.element if kind else None

    def is_hashable(self, node: ast.expr) -> bool:
        """Return whether there is evidence that an expression's value can be hashed."""
        return self.kind_is_hashable(self.of(node)) or self._is_used_as_key(node)

    def kind_is_hashable(self, kind: Kind | None) -> bool:
        """Return whether every value of a kind can be hashed; False when it is unknown."""
        if kind is None:
            return False
        if kind.name == "tuple":
            parts = kind.items or (kind.item,)
            return all(self.kind_is_hashable(each) for each in parts)
        if kind.name.startswith(OWN):
            owner = self._module.classes.get(kind.name.removeprefix(OWN))
            return owner is not None and is_hashable_class(owner)
        return kind.name in IMMUTABLE

    def kind_is_immutable(self, kind: Kind | None) -> bool:
        """Return whether a value of a kind can never change; False when it is unknown."""
        if kind is None:
            return False
        if kind.name in ("tuple", "frozenset"):
            parts = kind.items or (kind.item,)
            return all(self.kind_is_immutable(each) for each in parts)
        if kind.name.startswith(OWN):
            owner = self._module.classes.get(kind.name.removeprefix(OWN))
            return owner is not None and (is_enum(owner) or self._is_frozen(owner))
        return kind.name in IMMUTABLE

    def _is_frozen(self, owner: ast.ClassDef) -> bool:
        """Return whether a class is a frozen dataclass whose fields cannot change either."""
        if not (dataclass_options(owner) or {}).get("frozen"):
            return False
        fields = [child for child in owner.body if isinstance(child, ast.AnnAssign)]
        return not owner.bases and all(
            not _mentions(each.annotation, owner.name)
            and self.kind_is_immutable(annotated_kind(self._module, each.annotation))
            for each in fields
        )

    def is_immutable(self, node: ast.expr) -> bool:
        """Return whether an expression's value is known never to change."""
        return self.kind_is_immutable(self.of(node))

    def of_parameter(self, function: FunctionNode, argument: ast.arg) -> Kind | None:
        """Return the kind of what a parameter is given, None when nothing is known."""
        return self._parameter(function, argument)

    def result_of(self, function: FunctionNode) -> Kind | None:
        """Return the kind of what a function returns, None when nothing is known."""
        return self._returned(function)

    # -- expressions --------------------------------------------------------------------------

    def _work_out(self, node: ast.expr) -> Kind | None:  # noqa: PLR0911, C901 - one arm a node type
        match node:
            case ast.Constant(value=value):
                return None if value is ... else Kind(type(value).__name__)
            case ast.JoinedStr():
                return Kind("str")
            case ast.List() | ast.Set():
                name = "list" if isinstance(node, ast.List) else "set"
                return Kind(name, common(self.of(each) for each in node.elts))
            case ast.Tuple():
                return Kind("tuple", items=tuple(self.of(each) for each in node.elts))
            case ast.Dict():
                keys = [each for each in node.keys if each is not None]
                return Kind("dict", common(map(self.of, keys)), common(map(self.of, node.values)))
            case ast.ListComp(elt=element):
                return Kind("list", self.of(element))
            case ast.SetComp(elt=element):
                return Kind("set", self.of(element))
            case ast.GeneratorExp(elt=element):
                return Kind("iterator", self.of(element))
            case ast.DictComp(key=key, value=value):
                return Kind("dict", self.of(key), self.of(value))
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return Kind("bool")
            case ast.UnaryOp(operand=operand):
                return self.of(operand)
            case ast.BoolOp(values=values):
                return common(self.of(each) for each in values)
            case ast.IfExp(body=body, orelse=orelse):
                return common((self.of(body), self.of(orelse)))
            case ast.NamedExpr(value=value):
                return self.of(value)
            case ast.BinOp():
                return self._operation(node)
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                return self._item(node)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
        return None

    def _operation(self, node: ast.BinOp) -> Kind | None:
        left, right = self.of(node.left), self.of(node.right)
        if isinstance(node.op, ast.Mod) and left and left.name in ("str", "bytes"):
            return Kind(left.name)
        if left and right and left.name in NUMBERS and right.name in NUMBERS:
            if isinstance(node.op, ast.Div):
                return Kind("float")
            both = {left.name, right.name} - {"bool"} or {"int"}
            return Kind(both.pop() if len(both) == 1 else "number")
        if isinstance(node.op, ast.Add) and left and right and left.name == right.name:
            return Kind(left.name, common((left.element, right.element)))
        if isinstance(node.op, ast.Mult) and left and left.name in ("str", "list", "tuple"):
            return Kind(left.name, left.element)
        is_set = isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.Sub)
        if is_set and left and left.name in ("set", "frozenset"):
            return Kind(left.name, left.element)
        numeric = isinstance(node.op, ast.Add | ast.Sub | ast.Div | ast.FloorDiv | ast.Pow)
        if numeric and ((left and left.name in NUMBERS) or (right and right.name in NUMBERS)):
            return Kind("number")
        return None

    def _item(self, node: ast.Subscript) -> Kind | None:
        whole = self.of(node.value)
        if whole is None:
            return None
        if isinstance(node.slice, ast.Slice):
            return Kind(whole.name, whole.element) if whole.name != "dict" else None
        if whole.name in ("dict", "Counter", "defaultdict"):
            return whole.value
        if whole.name == "bytes":
            return Kind("int")
        if whole.items and isinstance(node.slice, ast.Constant):
            index = node.slice.value
            if isinstance(index, int) and -len(whole.items) <= index < len(whole.items):
                return whole.items[index]
        return whole.element

    def _call(self, node: ast.Call) -> Kind | None:
        name = self._module.qualified(node.func)
        if name is not None and not name.startswith(OWN):
            if name in CALL_KINDS:
                kind = CALL_KINDS[name]
                if kind.item is None and kind.name in (
                    "list",
                    "set",
                    "tuple",
                    "frozenset",
                    "deque",
                ):
                    return Kind(kind.name, self.element(node.args[0]) if node.args else None)
                return kind
            if name in SAME_AS_ARGUMENT and node.args:
                return self.of(node.args[0])
            if name in ("reversed", "iter", "filter") and node.args:
                return Kind("iterator", self.element(node.args[-1]))
            if name == "enumerate" and node.args:
                pair = (Kind("int"), self.element(node.args[0]))
                return Kind("iterator", Kind("tuple", items=pair))
            if name == "zip":
                row = tuple(self.element(each) for each in node.args)
                return Kind("iterator", Kind("tuple", items=row))
            if name in ("min", "max") and len(node.args) == 1:
                return self.element(node.args[0])
            if name in ("min", "max"):
                return common(self.of(each) for each in node.args)
            if name in ("sum", "abs", "round") and node.args:
                return self._numeric(node, name)
            return None
        if name is not None:
            own = name.removeprefix(OWN)
            if own in self._module.classes:
                return Kind(name)
        called = self._module.function_meant(node.func)
        return self._returned(called) if called else self._method_call(node)

    def _numeric(self, node: ast.Call, name: str) -> Kind | None:
        kind = self.element(node.args[0]) if name == "sum" else self.of(node.args[0])
        return kind if kind and kind.name in NUMBERS else None

    def _method_call(self, node: ast.Call) -> Kind | None:
        if not isinstance(node.func, ast.Attribute):
            return None
        receiver, method = self.of(node.func.value), node.func.attr
        if receiver is None:
            return (
                Kind("str")
                if method in _STRING_ONLY - {"split", "rsplit"}
                and (method in ("lower", "upper", "strip", "casefold", "title"))
                else None
            )
        if receiver.name.startswith(OWN):
            return self._returned(self._method_of(receiver, method))
        if (receiver.name, method) in METHOD_KINDS:
            return METHOD_KINDS[receiver.name, method]
        if receiver.name in ("dict", "defaultdict", "Counter"):
            key, value = receiver.item, receiver.value
            pair = Kind("tuple", items=(key, value))
            return {
                "keys": Kind("view", key),
                "values": Kind("view", value),
                "items": Kind("view", pair),
                "get": value,
                "setdefault": value,
                "pop": value,
                "copy": receiver,
            }.get(method)
        if method in ("copy", "union", "intersection", "difference", "symmetric_difference"):
            return receiver
        if method in ("pop", "popleft"):
            return receiver.element
        return None

    def _method_of(self, receiver: Kind, method: str) -> FunctionNode | None:
        owner = receiver.name.removeprefix(OWN)
        return next(
            (
                function
                for each, function in self._module.methods.get(method, [])
                if each.name == owner
            ),
            None,
        )

    def _returned(self, function: FunctionNode | None) -> Kind | None:
        if function is None or isinstance(function, ast.AsyncFunctionDef):
            return None
        if function.returns is not None:
            return annotated_kind(self._module, function.returns)
        scope = self._module.scope(function)
        if scope.is_generator:
            return Kind("iterator")
        values = [each.value for each in scope.of_type(ast.Return)]
        return common(self.of(each) if each else Kind("NoneType") for each in values)

    # -- names --------------------------------------------------------------------------------

    def _name(self, node: ast.Name) -> Kind | None:
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
            return self.of(bound[0].value)
        return None

    def _lambda_parameter(self, function: ast.Lambda, name: str) -> Kind | None:
        """Return the element kind when a lambda is the key of a sort or the like."""
        parent = self._module.parents[function]
        call = self._module.parents[parent] if isinstance(parent, ast.keyword) else parent
        if len(function.args.args) != 1 or not isinstance(call, ast.Call):
            return None
        if self._module.qualified(call.func) in ("sorted", "min", "max") and call.args:
            return self.element(call.args[0])
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sort":
            return self.element(call.func.value)
        return None

    def _variable(self, function: FunctionNode, name: str, bound: list[Binding]) -> Kind | None:
        return self._answer(
            (function, name), lambda: self._work_out_variable(function, name, bound)
        )

    def _work_out_variable(
        self, function: FunctionNode, name: str, bound: list[Binding]
    ) -> Kind | None:
        kind = self._declared(bound) or common(
            self._bound_kind(function, name, each) for each in bound
        )
        if kind is not None and kind.element is None and not kind.items:
            return self._filled(function, name, kind)
        return kind

    def _declared(self, bound: list[Binding]) -> Kind | None:
        for each in bound:
            if isinstance(each.node, ast.AnnAssign):
                return annotated_kind(self._module, each.node.annotation)
        return None

    def _bound_kind(self, function: FunctionNode, name: str, binding: Binding) -> Kind | None:
        node = binding.node
        if isinstance(node, ast.arg):
            return self._parameter(function, node)
        if binding.value is not None:
            return self.of(binding.value)
        if isinstance(node, ast.For):
            return self._from_target(node.target, name, node.iter)[0]
        if isinstance(node, ast.AugAssign):
            if self.is_a(node.value, "int") and isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
                return Kind("int")
            return self.of(node.value) or self._accumulated(function, name)
        if isinstance(node, ast.Assign):
            return self._unpacked(node, name)
        return None

    def _accumulated(self, function: FunctionNode, name: str) -> Kind | None:
        """Return `number` when a name that something unknown is added to starts as one."""
        starts = [each.value for each in self._module.scope(function).bindings[name] if each.value]
        if starts and all(self.is_a(each, *NUMBERS) for each in starts):
            return Kind("number")
        return None

    def _unpacked(self, node: ast.Assign, name: str) -> Kind | None:
        for target in node.targets:
            if not isinstance(target, ast.Tuple | ast.List):
                continue
            value = self.of(node.value)
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
            return (self.element(iterable), True) if target.id == name else (None, False)
        if not isinstance(target, ast.Tuple | ast.List):
            return None, False
        return _part(target, name, self.element(iterable))

    def _parameter(self, function: FunctionNode, argument: ast.arg) -> Kind | None:
        if argument.annotation is not None:
            return annotated_kind(self._module, argument.annotation)
        owner = self._module.owner(function)
        if owner and function.args.args and function.args.args[0] is argument:
            return Kind(OWN + owner.name) if owner.name in self._module.classes else None
        if argument in (function.args.vararg, function.args.kwarg):
            return Kind("tuple") if argument is function.args.vararg else Kind("dict", Kind("str"))
        default = _default_of(function, argument.arg)
        passed = self._passed(function, argument.arg)
        if default is not None and not _is_none(default):
            # Calls that pass something else contradict what the default suggests.
            return common((self.of(default), passed)) if passed else self.of(default)
        return self._used_like(function, argument.arg) or passed

    def _used_like(self, function: FunctionNode, name: str) -> Kind | None:
        """Return what a parameter must be for the things done to it to work."""
        for node in self._module.scope(function).nodes:
            if not (isinstance(node, ast.Name) and node.id == name):
                continue
            parent = self._module.parents[node]
            if isinstance(parent, ast.Attribute):
                for methods, kind in (
                    (_STRING_ONLY, "str"),
                    (_LIST_ONLY, "list"),
                    (_DICT_ONLY, "dict"),
                ):
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

    def _passed(self, function: FunctionNode, name: str) -> Kind | None:
        """Return the kind of argument on which all calls in the module agree."""
        if self._call_sites is None:
            self._call_sites = {}
            for node in ast.walk(self._module.tree):
                if isinstance(node, ast.Call):
                    called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                    self._call_sites.setdefault(called or "", []).append(node)
        names = [each.arg for each in all_arguments(function.args)]
        position = names.index(name) - (self._module.owner(function) is not None)
        calls = self._call_sites.get(function.name, [])
        kind = common(self._given(call, name, position) for call in calls[:_MOST_CALLS])
        return None if kind == Kind("NoneType") else kind

    def _given(self, call: ast.Call, name: str, position: int) -> Kind | None:
        for keyword in call.keywords:
            if keyword.arg == name:
                return self.of(keyword.value)
        if 0 <= position < len(call.args):
            return self.of(call.args[position])
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
                    items.append(self.of(call.args[0]))
            elif isinstance(parent, ast.Attribute) and parent.attr in (
                "extend",
                "update",
                "insert",
            ):
                return kind
            elif isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store):
                holder = self._module.parents[parent]
                if kind.name == "dict" and isinstance(holder, ast.Assign):
                    items.append(self.of(parent.slice))
                    values.append(self.of(holder.value))
        return Kind(kind.name, common(items), common(values))

    # -- attributes ---------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute) -> Kind | None:
        receiver = self.of(node.value)
        if receiver is None or not receiver.name.startswith(OWN):
            return None
        owner = self._module.classes.get(receiver.name.removeprefix(OWN))
        if owner is None:
            return None
        return self._answer((owner, node.attr), lambda: self._attribute_of(owner, node.attr))

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
            kinds.append(self.of(parent.value) if isinstance(parent, ast.Assign) else None)
        if kinds:
            return common(kinds)
        for _, function in self._module.methods.get(name, []):
            is_property = any(_is_named(each, "property") for each in function.decorator_list)
            if is_property and self._module.owner(function) is owner:
                return self._returned(function)
        return None

    def _is_used_as_key(self, node: ast.expr) -> bool:
        """Return whether the function around uses the same name as a dict key or set element."""
        function = self._module.enclosing_function(node)
        if function is None or not isinstance(node, ast.Name):
            return False
        for other in self._module.scope(function).nodes:
            if not (isinstance(other, ast.Name) and other.id == node.id):
                continue
            parent = self._module.parents[other]
            if isinstance(parent, ast.Subscript) and parent.slice is other:
                if self.is_a(parent.value, "dict", "defaultdict", "Counter"):
                    return True
            elif isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
                holder = parent.func.value
                if parent.func.attr in ("add", "discard") and self.is_a(holder, "set"):
                    return True
                is_key = parent.args and parent.args[0] is other
                if parent.func.attr in ("get", "setdefault") and is_key:
                    return True
            elif isinstance(parent, ast.Set) or (
                isinstance(parent, ast.Compare)
                and other is parent.left
                and self.is_a(parent.comparators[0], "dict", "set", "frozenset", "defaultdict")
            ):
                return True
        return False


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


def _mentions(node: ast.AST, name: str) -> bool:
    return any(
        name in (getattr(each, "id", None), getattr(each, "value", None)) for each in ast.walk(node)
    )


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _default_of(function: FunctionNode, name: str) -> ast.expr | None:
    positional = [*function.args.posonlyargs, *function.args.args]
    defaults: Iterable[tuple[ast.arg, ast.expr | None]] = [
        *zip(reversed(positional), reversed(function.args.defaults), strict=False),
        *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
    ]
    return next((default for argument, default in defaults if argument.arg == name), None)
