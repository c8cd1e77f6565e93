"""Turns a workload's values into plain JSON that two versions can be compared by.

A value becomes a table of nodes and a root: scalars stand inline, every container or object is one
node, and a node met again is referred to by its number, so cycles and aliases keep their shape and
no depth is too deep. Tuples and frozensets that hold the same are one node, whether or not they are
one object: a faster version may share what cannot be changed. No `__eq__`, `__iter__` or
`__getattr__` of the code under test is trusted where the state can be read without it. CPython 3.8
and later, standard library alone; arrays and frames are `perfagent_arrays`' to describe.

Forms of a value: null, true, false, "text", ["#", node], ["int", text], ["float", repr],
["complex", repr, repr], ["bytes", length, hex], ["digest", kind, length, sha256],
["named", kind, name], ["scalar", type, value], ["dtype", name].
Forms of a node: [tag, type, [value], attributes] with tag "sequence" (list, deque), "tuple", "set"
or "frozenset"; ["mapping", type, [[key, value]], attributes], ["packed", type, dtype, shape,
base64 or digest], ["object", type, attributes, private attributes], ["exception", type,
attributes, {}], ["opaque", type, text].
"""

import base64
import collections
import enum
import hashlib
import io
import json
import os
import re
import struct
import types
from typing import Any, Tuple

MOST_NODES = 200000
MOST_VALUES = 2000000
MOST_BYTES = 45000000
MOST_PACKED_BYTES = 24000000
MOST_TEXT = 20000
SHORT_SEQUENCE = 32
MOST_NESTED = 40

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")
# Filled when first needed, so a faster version may fill them at another time or not at all.
_LAZY_WORDS = ("cache", "memo", "hash", "lazy", "assumptions")
_BY_REPR = frozenset(
    "range slice decimal.Decimal fractions.Fraction datetime.date datetime.datetime datetime.time "
    "datetime.timedelta datetime.timezone uuid.UUID re.Pattern pathlib.PosixPath "
    "pathlib.PurePosixPath pathlib._local.PosixPath pathlib._local.PurePosixPath "
    "ipaddress.IPv4Address ipaddress.IPv6Address zoneinfo.ZoneInfo".split()
)
_ONE_SHOT = (
    types.GeneratorType,
    types.CoroutineType,
    types.AsyncGeneratorType,
    map,
    filter,
    zip,
    enumerate,
)
_VIEWS = (type({}.keys()), type({}.values()), type({}.items()))
_FOREIGN = frozenset(["numpy", "pandas", "torch", "xarray", "scipy", "sympy"])


class Room:
    """How many bytes the answer of one launch may still take: of JSON, and of arrays."""

    def __init__(self):
        self.left_bytes = MOST_BYTES
        self.left_packed_bytes = MOST_PACKED_BYTES


class DtypeName(str):
    """The name of an array's element type, which may be left out of a comparison."""


def encode(value, tree="", room=None):
    """Return `value` as {"root", "nodes", "rest", "doubts"}.

    `rest` is the digest of the nodes beyond the first MOST_NODES and of those for which there is
    no `room`, None when there are none. `tree` is a folder whose path is replaced in every text,
    since each version has its own.
    """
    encoder = _Encoder(tree, room or Room())
    root = encoder.value(value)
    rest = encoder.drain()
    return {
        "root": root,
        "nodes": encoder.nodes,
        "rest": rest,
        "doubts": sorted(encoder.doubts),
    }


class Ready:
    """Stands for a value whose node was made already."""

    def __init__(self, node):
        self.node = node


class _Encoder:
    dtype_name = DtypeName
    ready = Ready

    def __init__(self, tree, room):
        self.tree = tree
        self.room = room
        self.nodes = []
        self.doubts = set()
        self.ordinals = {}
        self.values = 0
        self.numbers = {}
        self.by_content = {}
        self.numbered = 0
        self.depth = 0
        self.waiting = collections.deque()

    def value(self, obj):
        """Return the inline form of `obj`; a container's or object's node follows later."""
        self.values += 1
        kind = type(obj)
        if obj is None or kind is bool:
            return obj
        if kind is int:
            return ["int", _integer(obj)]
        if kind is float:
            return ["float", repr(obj)]
        if kind is str:
            return self.text(obj)
        if kind is complex:
            return ["complex", repr(obj.real), repr(obj.imag)]
        if kind is bytes:
            return self.binary(obj)
        if kind in (bytearray, memoryview):
            return ["scalar", kind.__name__, self.binary(obj)]
        if kind is DtypeName:
            return ["dtype", str.__str__(obj)]
        if isinstance(obj, type):
            return ["named", "type", type_name(obj)]
        if isinstance(obj, types.ModuleType):
            return ["named", "module", obj.__name__]
        if isinstance(obj, enum.Enum):
            return ["named", type_name(kind), str(obj._name_)]
        if obj is Ellipsis or obj is NotImplemented:
            return ["named", "constant", repr(obj)]
        for base, plain in _PLAIN:
            if isinstance(obj, base) and _root_module(kind) != "numpy":
                if any(map(bool, _attributes(obj, kind)[:2])):
                    break  # a number with a unit, a text with its origin
                return ["scalar", type_name(kind), self.value(plain(obj))]
        if type_name(kind) in _BY_REPR:
            return ["scalar", type_name(kind), self.text(repr(obj))]
        return self.reference(obj)

    def reference(self, obj):
        known = self.numbers.get(id(obj))
        if known is not None:
            return ["#", known[0]]
        waiting, number = obj, self.numbered
        if type(obj) in (tuple, frozenset) and self.depth < MOST_NESTED:
            node, content = self.immutable(obj)
            waiting, number = Ready(node), self.by_content.setdefault(content, self.numbered)
        # The object is kept, or its id could come to stand for another one.
        self.numbers[id(obj)] = (number, obj)
        if number == self.numbered:
            self.numbered += 1
            self.waiting.append(waiting)
        return ["#", number]

    def immutable(self, obj):
        """Return the node of a tuple or frozenset, and a digest of what it holds."""
        before = self.values, self.room.left_packed_bytes
        self.depth += 1
        node = self.node(obj)
        self.depth -= 1
        content = hashlib.sha256(json.dumps(node).encode("ascii")).digest()
        if content in self.by_content:  # and was counted then
            self.values, self.room.left_packed_bytes = before
        return node, content

    def drain(self):
        """Write the nodes that values refer to, breadth first; return the digest of the rest."""
        rest = None
        while self.waiting:
            if self.values > MOST_VALUES:
                self.doubts.add("only the first %d values are compared" % MOST_VALUES)
                break
            node = self.node(self.waiting.popleft())
            text = json.dumps(node)
            if rest is None and len(self.nodes) < MOST_NODES and len(text) < self.room.left_bytes:
                self.nodes.append(node)
                self.room.left_bytes -= len(text)
            else:
                rest = rest or hashlib.sha256()
                rest.update(text.encode("ascii"))
        return rest.hexdigest() if rest else None

    def node(self, obj):
        kind = type(obj)
        name = type_name(kind)
        if kind is Ready:
            return obj.node
        if kind.__module__ != "builtins":
            foreign = self.foreign(obj, kind, name)
            if foreign is not None:
                return foreign
        if isinstance(obj, (list, tuple, collections.deque, _VIEWS)):
            return self.sequence(obj, name)
        if isinstance(obj, dict):
            pairs = [[self.value(key), self.value(value)] for key, value in _members(obj)]
            return ["mapping", name, pairs, self.extras(obj)]
        if isinstance(obj, (set, frozenset)):
            ordered = _ordered(_members(obj))
            tag = "set" if isinstance(obj, set) else "frozenset"
            return [tag, name, [self.value(item) for item in ordered], self.extras(obj)]
        if isinstance(obj, (io.StringIO, io.BytesIO)) and not obj.closed:
            content = self.value(obj.getvalue())
            return ["object", name, {"content": content, "position": obj.tell()}, {}]
        if isinstance(obj, BaseException):
            return self.exception(obj, name)
        if isinstance(obj, _CALLABLES):
            return self.function(obj, name)
        if isinstance(obj, _ONE_SHOT):
            self.doubts.add("a %s is compared by its type alone: it was not run" % name)
            return ["opaque", name, ""]
        return self.instance(obj, kind, name)

    def exception(self, obj, name):
        # What was being handled meanwhile (__context__) is how it came about; a cause is stated.
        public = {
            "args": self.value(obj.args),
            "cause": self.value(obj.__cause__),
            "message": self.text(_text_of(obj, str)),
        }
        return ["exception", name, dict(public, **self.extras(obj)), {}]

    def ordinal(self, key):
        """Return how many other keys were met before `key`: a name that holds in any process."""
        return self.ordinals.setdefault(key, len(self.ordinals))

    def sequence(self, obj, name):
        items = _members(obj)
        if len(items) > SHORT_SEQUENCE:
            kinds = set(map(type, items))
            if kinds == {float}:
                return self.packed(
                    name, "<f8", [len(items)], struct.pack("<%dd" % len(items), *items)
                )
            if kinds == {int} and -(2**63) <= min(items) and max(items) < 2**63:
                return self.packed(
                    name, "<i8", [len(items)], struct.pack("<%dq" % len(items), *items)
                )
        tag = "tuple" if isinstance(obj, tuple) else "sequence"
        return [tag, name, [self.value(item) for item in items], self.extras(obj)]

    def packed(self, name, dtype, shape, content):
        self.values += 1
        if len(content) > self.room.left_packed_bytes:
            self.doubts.add("large arrays are compared bit by bit, without tolerance")
            return ["packed", name, dtype, shape, self.binary(content)]
        self.room.left_packed_bytes -= len(content)
        return ["packed", name, dtype, shape, base64.b64encode(content).decode("ascii")]

    def function(self, obj, name):
        owner = getattr(obj, "__self__", None)
        qualname = str(getattr(obj, "__qualname__", getattr(obj, "__name__", "?")))
        full_name = "%s.%s" % (getattr(obj, "__module__", None), qualname)
        public = {"name": self.value(full_name)}
        if owner is not None and not isinstance(owner, types.ModuleType):
            public["self"] = self.value(owner)
        code = getattr(obj, "__code__", None)
        # A function that can be found by its name is that name; one made on the spot is its code.
        if code is not None and "<" in qualname:
            public["code"] = _code_digest(code)
            public["defaults"] = self.value([obj.__defaults__, obj.__kwdefaults__])
            cells = [_cell_value(cell) for cell in obj.__closure__ or ()]
            public["closure"] = self.value(cells)
        return ["object", name, public, {}]

    def instance(self, obj, kind, name):
        public, private, found = _attributes(obj, kind)
        plain = [read for base, read in _PLAIN if isinstance(obj, base)]
        arguments = _expression_arguments(obj, kind)
        if plain:
            public["value"] = plain[0](obj)
        elif arguments is not None:
            # Such trees (sympy's) are their class and arguments; the rest is bookkeeping.
            public["args"] = arguments
            if arguments:
                private = {}
            else:
                public["text"] = _text_of(obj, str)
        elif not found or _is_extension(kind):
            reduced = _reduced(obj, found)
            if reduced is not None:
                public["state"] = reduced
            elif not (public or private):
                return ["opaque", name, self.text(_text_of(obj, repr))]
            else:
                self.doubts.add("a %s is compared by its attributes alone" % name)
        return [
            "object",
            name,
            {key: self.value(public[key]) for key in sorted(public)},
            {key: self.value(private[key]) for key in sorted(private)},
        ]

    def extras(self, obj):
        """Return the attributes that an instance of a container's subclass carries besides."""
        kind = type(obj)
        if kind.__module__ in ("builtins", "collections"):
            return (
                {"factory": self.value(obj.default_factory)}
                if hasattr(kind, "default_factory")
                else {}
            )
        public = _attributes(obj, kind)[0]
        return {key: self.value(public[key]) for key in sorted(public)}

    def foreign(self, obj, kind, name):
        """Return the node of an array, frame or tensor; None for anything else."""
        for base in kind.__mro__:
            if _root_module(base) not in _FOREIGN:
                continue
            describe = _ARRAYS.DESCRIBE.get((_root_module(base), base.__name__))
            if describe is not None:
                try:
                    return describe(self, obj, name)
                except Exception as error:
                    self.doubts.add("a %s could not be read (%s)" % (name, type(error).__name__))
                    return ["opaque", name, self.text(_text_of(obj, repr))]
        return None

    def text(self, text):
        if self.tree:
            text = text.replace(self.tree, "<tree>")
        if len(text) <= MOST_TEXT:
            return text
        content = text.encode("utf-8", "surrogatepass")
        return ["digest", "str", len(text), hashlib.sha256(content).hexdigest()]

    def binary(self, content):
        content = bytes(content)
        if self.tree and len(content) <= MOST_BYTES:
            content = content.replace(os.fsencode(self.tree), b"<tree>")
        if len(content) <= MOST_TEXT:
            return ["bytes", len(content), content.hex()]
        return ["digest", "bytes", len(content), hashlib.sha256(content).hexdigest()]


_PLAIN: Tuple[Tuple[type, Any], ...] = (
    (int, int.__int__),
    (float, float.__float__),
    (str, str.__str__),
    (bytes, lambda obj: bytes.__getitem__(obj, slice(None))),
)

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement

_CALLABLES = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
)


def _load_arrays():
    """Load the module beside this one; its folder is not on the target's path."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "perfagent_arrays.py")
    module = types.ModuleType("perfagent_arrays")
    with open(path, encoding="utf-8") as stream:
        exec(compile(stream.read(), path, "exec", dont_inherit=True), module.__dict__)
    return module


# At once: the code under test may change what a later load would use.
_ARRAYS = _load_arrays()


def type_name(kind):
    """Return a type's full name; builtins without their module."""
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return "%s.%s" % (kind.__module__, kind.__qualname__)


def _root_module(kind):
    return str(kind.__module__).partition(".")[0]


def _integer(number):
    # Python limits the conversion of long integers to decimal text, not to hexadecimal.
    return str(number) if number.bit_length() < 10000 else hex(number)


# How to read a container past what a subclass overrides. An OrderedDict keeps an order of its own.
_READERS: Tuple[Tuple[type, Any], ...] = (
    (collections.OrderedDict, collections.OrderedDict.items),
    (dict, dict.items),
    (list, list.__iter__),
    (tuple, tuple.__iter__),
    (set, set.__iter__),
    (frozenset, frozenset.__iter__),
    (collections.deque, collections.deque.__iter__),
    (_VIEWS[0], iter),
    (_VIEWS[1], iter),
    (_VIEWS[2], iter),
)


def _members(obj):
    read = next(read for base, read in _READERS if isinstance(obj, base))
    return list(read(obj))


def _text_of(obj, convert):
    try:
        return _ADDRESS.sub("0x…", convert(obj))
    except Exception as error:
        return "(%s raises %s)" % (convert.__name__, type(error).__name__)


def _attributes(obj, kind):
    """Return the public and the private attributes of an instance, and whether it has any state."""
    public, private = {}, {}
    slots = [
        (name, member)
        for base in reversed(kind.__mro__)
        for name, member in vars(base).items()
        if isinstance(member, types.MemberDescriptorType) and not name.startswith("__")
    ]
    try:
        state = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        state = None
    found = dict(state) if isinstance(state, dict) else {}
    for name, member in slots:
        try:
            found[name] = member.__get__(obj, kind)
        except AttributeError:
            continue
    for name, value in found.items():
        if not isinstance(name, str) or _is_lazy(name, kind):
            continue
        (private if name.startswith("_") else public)[name] = value
    return public, private, isinstance(state, dict) or bool(slots)


def _is_lazy(name, kind):
    """Tell whether an attribute only keeps what can be computed again (`cached_property`, …)."""
    if name.startswith("_") and any(word in name.lower() for word in _LAZY_WORDS):
        return True
    for base in kind.__mro__:
        member = vars(base).get(name)
        if member is not None:
            descriptor = type(member)
            return hasattr(descriptor, "__get__") and not hasattr(descriptor, "__set__")
    return False


def _expression_arguments(obj, kind):
    if not (hasattr(kind, "args") and hasattr(kind, "func")) or kind.__module__ == "functools":
        return None
    try:
        arguments = obj.args
    except Exception:
        return None
    return arguments if isinstance(arguments, tuple) else None


def _is_extension(kind):
    """Tell whether part of an instance's state lies where Python does not see it."""
    bases = [base for base in kind.__mro__ if base is not object]
    if not all(base.__flags__ & _HEAP_TYPE for base in bases):
        return True
    # Newer extension modules make their types as a class statement does. An instance without
    # state of theirs has a dict, a list of weak references and its slots.
    members = [member for base in bases for member in vars(base).values()]
    slots = sum(isinstance(member, types.MemberDescriptorType) for member in members)
    pointer = struct.calcsize("P")
    if kind.__basicsize__ > object.__basicsize__ + pointer * (slots + 2):
        return True
    return any(
        reducer is not getattr(object, name) and not isinstance(reducer, types.FunctionType)
        for name in ("__reduce__", "__reduce_ex__")
        for reducer in [getattr(kind, name, None)]
    )


def _reduced(obj, has_attributes=False):
    """Return what pickle would keep of an instance of an extension type; None when it cannot.

    What it keeps as a dict is left out for one `has_attributes`, which are seen without it.
    """
    try:
        reduced = obj.__reduce_ex__(2)
    except Exception:
        return None
    if isinstance(reduced, str):
        return reduced
    parts = [part for part in reduced[1:3] if part is not None]
    if has_attributes and isinstance(parts[-1], dict):
        del parts[-1]
    return parts + [list(part) for part in reduced[3:5] if part is not None]


def _code_digest(code):
    digest = hashlib.sha256(code.co_code)
    digest.update(repr((code.co_names, code.co_varnames, code.co_freevars)).encode("utf-8"))
    for constant in code.co_consts:
        is_code = isinstance(constant, types.CodeType)
        text = _code_digest(constant) if is_code else "%s %r" % (type(constant), constant)
        digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _cell_value(cell):
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _ordered(items):
    """Return a set's members in an order that is the same in two processes."""
    keys = [_sort_key(item) for item in items]
    alike = collections.Counter(keys)
    # Of members that show alike (by their address alone, say) what they hold decides.
    keys = [key + (_digest_of(items[at]) if alike[key] > 1 else "",) for at, key in enumerate(keys)]
    return [items[at] for at in sorted(range(len(items)), key=keys.__getitem__)]


def _digest_of(item):
    return hashlib.sha256(json.dumps(encode(item)).encode("ascii")).hexdigest()


def _sort_key(item):
    """Return a key that orders a set's members alike in two processes."""
    kind = type(item)
    if kind in (int, float, bool):
        # A number sorts by value, so that one within tolerance keeps its place.
        return (0, "", float(item) if abs(item) < 1e300 else 0.0, repr(item))
    if isinstance(item, (tuple, frozenset)):
        members = [_sort_key(member) for member in item]
        if isinstance(item, frozenset):
            members.sort()
        return (1, type_name(kind), 0.0, repr(members))
    return (2, type_name(kind), 0.0, _text_of(item, repr))
