"""Annotations and class headers, read as evidence of kinds."""

from __future__ import annotations

import ast

from ..reading.module_source import OWN, ModuleSource
from ..reading.scopes import FUNCTIONS
from ..writing.edit import FunctionNode
from .kind import Kind, common

_PLAIN = frozenset(("str", "int", "float", "bool", "bytes", "complex", "range"))
_CONTAINERS = {
    "list": "list",
    "List": "list",
    "set": "set",
    "Set": "set",
    "MutableSet": "set",
    "frozenset": "frozenset",
    "FrozenSet": "frozenset",
    "deque": "deque",
    "Deque": "deque",
    "Sequence": "sequence",
    "MutableSequence": "list",
    "Collection": "iterable",
    "Iterable": "iterable",
    "Iterator": "iterator",
    "Generator": "iterator",
}
_MAPPINGS = frozenset(
    ("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict")
)
_NAMED = {
    **{name: name for name in _PLAIN},
    **_CONTAINERS,
    **dict.fromkeys(_MAPPINGS, "dict"),
    "tuple": "tuple",
    "Tuple": "tuple",
}

_ARRAYS = {
    "numpy.ndarray": "ndarray",
    "numpy.typing.NDArray": "ndarray",
    "pandas.DataFrame": "dataframe",
    "pandas.Series": "series",
}


def annotated_kind(module: ModuleSource, annotation: ast.expr) -> Kind | None:
    """Return the kind that an annotation declares, None when it says nothing of use."""
    if isinstance(annotation, ast.Constant):
        if annotation.value is None:
            return Kind("NoneType")
        return _quoted(module, annotation.value)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = (annotation.left, annotation.right)
        return common(annotated_kind(module, side) for side in sides)
    if isinstance(annotation, ast.Subscript):
        return _generic(module, annotation)
    name = _last_name(annotation)
    array = _ARRAYS.get(module.qualified(annotation) or "")
    if array is not None or name in _NAMED:
        return Kind(array or _NAMED[name])
    return Kind(OWN + name) if name in module.classes else None


def _quoted(module: ModuleSource, text: object) -> Kind | None:
    if not isinstance(text, str):
        return None
    try:
        return annotated_kind(module, ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        return None


def _generic(module: ModuleSource, annotation: ast.Subscript) -> Kind | None:
    name = _last_name(annotation.value)
    listed = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else None
    parts = listed if listed is not None else [annotation.slice]
    if name in ("Optional", "Final", "ClassVar", "Annotated"):
        return annotated_kind(module, parts[0])
    if name == "Union":
        return common(annotated_kind(module, each) for each in parts)
    if name in _CONTAINERS:
        return Kind(_CONTAINERS[name], annotated_kind(module, parts[0]))
    array = _ARRAYS.get(module.qualified(annotation.value) or "")
    if array is not None:
        return Kind(array)
    if name in _MAPPINGS and len(parts) == 2:
        return Kind("dict", annotated_kind(module, parts[0]), annotated_kind(module, parts[1]))
    if name in ("tuple", "Tuple"):
        last = parts[-1]
        if isinstance(last, ast.Constant) and last.value is ...:
            return Kind("tuple", annotated_kind(module, parts[0]))
        return Kind("tuple", items=tuple(annotated_kind(module, each) for each in parts))
    return None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_enum(owner: ast.ClassDef) -> bool:
    """Return whether a class is an enumeration by its bases' names."""
    return any(
        _last_name(base) in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")
        for base in owner.bases
    )


def dataclass_options(owner: ast.ClassDef) -> dict[str, bool] | None:
    """Return the constant options of a class's `@dataclass`, None when it is no dataclass."""
    for decorator in owner.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if _last_name(call) != "dataclass":
            continue
        keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
        return {
            each.arg: bool(each.value.value)
            for each in keywords
            if each.arg and isinstance(each.value, ast.Constant)
        }
    return None


def is_hashable_class(owner: ast.ClassDef) -> bool:
    """Return whether instances of a class can be hashed, as far as its own body tells."""
    if is_enum(owner):
        return True
    defined = {child.name for child in owner.body if isinstance(child, FUNCTIONS)}
    options = dataclass_options(owner)
    if options is not None:
        by_value = options.get("eq", True)
        return options.get("frozen", False) or not by_value or "__hash__" in defined
    plain_bases = all(_last_name(base) in ("object", "NamedTuple") for base in owner.bases)
    return "__hash__" in defined or ("__eq__" not in defined and plain_bases)


def is_static(function: FunctionNode) -> bool:
    """Return whether a function's only decorator is `@staticmethod`: it gets no instance."""
    return [_last_name(each) for each in function.decorator_list] == ["staticmethod"]


def is_method_like_property(function: FunctionNode) -> bool:
    """Return whether the only decorator of a function is `@property`."""
    return [_last_name(each) for each in function.decorator_list] == ["property"]
