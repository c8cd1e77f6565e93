"""Kinds: what the source itself tells about the type of an expression.

Evidence comes from displays, annotations, defaults, what well-known calls return, what is done to a
name, and how the module calls a function. It is evidence, not proof: an answer of None means that
nothing is known, and a rewrite that needs certainty must guard at run time.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from ..reading.module_source import OWN, ModuleSource
from ..reading.walks import walk
from ..writing.edit import FunctionNode
from .annotations import annotated_kind, dataclass_options, is_enum, is_hashable_class
from .array_kinds import ArrayKinds
from .kind import ARRAYS, IMMUTABLE, MAPPINGS, NUMBERS, UNHASHABLE, Kind, common
from .known_arrays import NUMPY, PANDAS
from .known_calls import CALL_KINDS, METHOD_KINDS
from .variables import Variables

_DEPTH = 12
_MOST_STEPS = 1500
_FILLED_BY_ARGUMENT = ("list", "set", "tuple", "frozenset", "deque")
_SURELY_TEXT = ("lower", "upper", "strip", "casefold", "title")


class Kinds:
    """Answers for one module, each worked out once."""

    def __init__(self, module: ModuleSource) -> None:
        self._module = module
        self._known: dict[object, Kind | None] = {}
        self._open: set[object] = set()
        self._assumed: dict[object, Kind] = {}
        self._steps = 0
        self._cuts = 0
        self._variables = Variables(module, self)
        self._arrays = ArrayKinds(self)

    # -- questions ----------------------------------------------------------------------------

    def of(self, node: ast.expr) -> Kind | None:
        """Return the kind of an expression's value, None when nothing is known."""
        return self.answer(node, lambda: self._work_out(node))

    def answer(self, mark: object, work_out: Callable[[], Kind | None]) -> Kind | None:
        """Return a remembered answer or work it out; None for a question that needs itself."""
        if mark in self._known:
            return self._known[mark]
        if not self._open:
            self._steps = 0
        self._steps += 1
        if mark in self._open or len(self._open) > _DEPTH or self._steps > _MOST_STEPS:
            self._cuts += 1
            return self._assumed.get(mark)
        cuts = self._cuts
        self._open.add(mark)
        kind = work_out()
        self._open.discard(mark)
        # An answer of None that a cut caused may be better when asked for by itself.
        if kind is not None or cuts == self._cuts or not self._open:
            self._known[mark] = kind
        return kind

    def assuming(
        self, mark: object, kind: Kind, work_out: Callable[[], Kind | None]
    ) -> Kind | None:
        """Return `kind` when working out the open question `mark` with it as its answer agrees.

        None when it does not, and nothing that was worked out on the way is remembered then.
        """
        before, opened = set(self._known), self._open
        # Expressions that led here may be asked for again: they end at the assumption.
        self._open = {each for each in opened if not isinstance(each, ast.AST)}
        self._assumed[mark] = kind
        found = work_out()
        del self._assumed[mark]
        self._open = opened
        if found == kind:
            return found
        for each in self._known.keys() - before:
            del self._known[each]
        return None

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

    def kind_is_unhashable(self, kind: Kind | None) -> bool:
        """Return whether no value of a kind can be hashed; False when it is unknown."""
        if kind is None:
            return False
        if kind.name == "tuple":
            return any(map(self.kind_is_unhashable, kind.items or (kind.item,)))
        return kind.name in UNHASHABLE

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
        return self._variables.of_parameter(function, argument)

    def result_of(self, function: FunctionNode | None) -> Kind | None:
        """Return the kind of what a function returns, None when nothing is known."""
        if function is None or isinstance(function, ast.AsyncFunctionDef):
            return None
        if function.returns is not None:
            return annotated_kind(self._module, function.returns)
        scope = self._module.scope(function)
        if scope.is_generator:
            return Kind("iterator")
        values = [each.value for each in scope.of_type(ast.Return)]
        return common(self.of(each) if each else Kind("NoneType") for each in values)

    # -- expressions --------------------------------------------------------------------------

    def _work_out(self, node: ast.expr) -> Kind | None:  # noqa: PLR0911, PLR0912, C901 - one arm a node type
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
            case ast.Compare():
                return self._arrays.of_comparison(node) or Kind("bool")
            case ast.UnaryOp(op=ast.Not()):
                return Kind("bool")
            case ast.UnaryOp(operand=operand):
                return self.of(operand)
            case ast.BoolOp(values=values):
                return common(self.of(each) for each in values)
            case ast.IfExp(body=body, orelse=orelse):
                return common((self.of(body), self.of(orelse)))
            case ast.NamedExpr(value=value):
                return self.of(value)
            case ast.BinOp(left=left, right=right):
                operands = (self.of(left), self.of(right))
                return self._arrays.of_operation(operands) or self._operation(node)
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                return self._item(node)
            case ast.Name():
                return self._variables.of_name(node)
            case ast.Attribute():
                return self._attribute(node)
        return None

    def _attribute(self, node: ast.Attribute) -> Kind | None:
        receiver = self.of(node.value)
        if receiver is not None and receiver.name in ARRAYS:
            return self._arrays.of_attribute(receiver, node.attr)
        return self._variables.of_attribute(node)

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
        if whole.name in ARRAYS:
            return self._arrays.of_item(whole, node.slice)
        if isinstance(node.slice, ast.Slice):
            if whole.name == "dict":
                return None
            return Kind(whole.name, whole.element) if whole.items else whole
        if whole.name in MAPPINGS:
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
        if name is not None and name.startswith((NUMPY, PANDAS)):
            return self._arrays.of_call(node, name)
        if name is not None and not name.startswith(OWN):
            return self._known_call(node, name)
        if name is not None and name.removeprefix(OWN) in self._module.classes:
            return Kind(name)
        called = self._module.function_meant(node.func)
        return self.result_of(called) if called else self._method_call(node)

    def _known_call(self, node: ast.Call, name: str) -> Kind | None:  # noqa: PLR0911 - a table
        """Return what a builtin or a function of the standard library returns."""
        if name in CALL_KINDS:
            kind = CALL_KINDS[name]
            if kind.item is None and kind.name in _FILLED_BY_ARGUMENT:
                return Kind(kind.name, self.element(node.args[0]) if node.args else None)
            return kind
        if name.startswith("itertools.") or name == "re.finditer":
            return Kind("iterator")
        if not node.args:
            return None
        first = node.args[0]
        match name:
            case "copy.copy" | "copy.deepcopy":
                return self.of(first)
            case "reversed" | "iter" | "filter":
                return Kind("iterator", self.element(node.args[-1]))
            case "enumerate":
                return Kind("iterator", Kind("tuple", items=(Kind("int"), self.element(first))))
            case "zip":
                row = tuple(self.element(each) for each in node.args)
                return Kind("iterator", Kind("tuple", items=row))
            case "min" | "max" if len(node.args) == 1:
                return self.element(first)
            case "min" | "max":
                return common(self.of(each) for each in node.args)
            case "sum" | "abs" | "round":
                return self._numeric(node, name)
        return None

    def _numeric(self, node: ast.Call, name: str) -> Kind | None:
        kind = self.element(node.args[0]) if name == "sum" else self.of(node.args[0])
        is_array = kind is not None and kind.name in ARRAYS and name != "sum"
        return kind if kind and (kind.name in NUMBERS or is_array) else None

    def _method_call(self, node: ast.Call) -> Kind | None:
        if not isinstance(node.func, ast.Attribute):
            return None
        receiver, method = self.of(node.func.value), node.func.attr
        if receiver is None:
            return Kind("str") if method in _SURELY_TEXT else None
        if receiver.name.startswith(OWN):
            return self.result_of(self._method_of(receiver, method))
        if receiver.name in ARRAYS:
            return self._arrays.of_method(receiver, node, method)
        if (receiver.name, method) in METHOD_KINDS:
            return METHOD_KINDS[receiver.name, method]
        if receiver.name in MAPPINGS:
            return _mapping_result(receiver, method)
        if method in ("copy", "union", "intersection", "difference", "symmetric_difference"):
            return receiver
        return receiver.element if method in ("pop", "popleft") else None

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
                if self.is_a(parent.value, *MAPPINGS):
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


def _mapping_result(receiver: Kind, method: str) -> Kind | None:
    match method:
        case "keys":
            return Kind("view", receiver.item)
        case "values":
            return Kind("view", receiver.value)
        case "items":
            return Kind("view", Kind("tuple", items=(receiver.item, receiver.value)))
        case "get" | "setdefault" | "pop":
            return receiver.value
        case "copy":
            return receiver
    return None


def _mentions(node: ast.AST, name: str) -> bool:
    return any(
        name in (getattr(each, "id", None), getattr(each, "value", None)) for each in walk(node)
    )
