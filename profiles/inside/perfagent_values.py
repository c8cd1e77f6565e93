"""Looks at values: tells them apart, and says their type and size, without asking them.

What a class of the repository says of itself (`__hash__`, `__eq__`, `__len__`, a property) is code
under test: it may fail, take long or have an effect. So builtin containers are read through their
own type's methods, other objects through the descriptors of their attributes, and only hashes that
are not the repository's own are computed. No reference to a value is kept.

CPython 3.8 and later, standard library alone.
"""

import collections
import marshal
import sys
import types
import weakref
from array import array

MOST_NODES = 100000
"""Elements that are read of one value, a level of nesting counting as many."""
_NODES_OF_A_LEVEL = 50
MOST_BYTES = 1000000
MOST_BIRTHS = 50000
MOST_FIELDS = 50
_MOST_ASKED = 100
_DEEPEST = 20

# As an id it names an object while that lives, without the audit event that `id` raises.
number_of = object.__hash__

_SCALARS = frozenset([int, float, bool, complex, str, bytes, type(None), type(...)])
_SEQUENCES = (list, tuple, collections.deque)
_TABLES = (dict, set, frozenset)
_BUFFERS = (bytearray, array)
_PLAIN = (str, bytes, int, float, complex, range)
_BASES = _SEQUENCES + _TABLES + _BUFFERS + _PLAIN + (memoryview,)
_GROWING = (list, collections.deque, dict, set, bytearray, array)
_METHODS = (types.MethodType, types.BuiltinMethodType)
# Libraries whose `len` is cheap although it is Python.
_CHEAP_LENGTHS = frozenset(["pandas"])


class CannotTell(Exception):
    """A value cannot be told apart from others of its type."""


class Kind:
    """What is known of a type.

    Attributes:
        name: As reports call it: builtins without their module.
        short: Its name inside its module.
        key: Returns a number for a value, the same for the same content; raises CannotTell.
        is_plain: Whether it is a number, a text or the like: hashable, and never changed.
        size: Returns a value's size; None when it has none.
        element: Returns the name of the type of its first element; None when it holds none.
        hashable: Whether values can be hashed; None when that depends on what is in them.
        held: Returns what it depends on then.
        can_change: Whether `key` tells that a value was changed.
        can_grow: Whether it is a builtin container whose size may change.
        fields: Descriptors of its attributes: `__dict__`, and slots by their names.
    """

    def __init__(self, name, short, **told):
        self.name = name
        self.short = short
        self.key = told["key"]
        self.is_plain = told.get("is_plain", False)
        self.size = told.get("size")
        self.element = told.get("element")
        self.hashable = told.get("hashable", False)
        self.held = told.get("held")
        self.can_change = told.get("can_change", False)
        self.can_grow = told.get("can_grow", False)
        self.fields = told.get("fields", ())


class Values:
    """Tells values apart.

    Args:
        roots: Folders (with a slash at their end) and files whose classes' methods are not called.
        members: perfagent_members.py.
    """

    def __init__(self, roots, members):
        self._roots = tuple(roots)
        self._members = members
        self._read = members.read
        self._kinds = {}
        self._births = {}
        self._born = 0
        self._left = 0
        self._unhashable = False

    def kind(self, value):
        """Return what is known of a value's type."""
        cls = type(value)
        try:
            return self._kinds[cls]
        except Exception:  # unknown, or a metaclass that cannot be hashed
            return self._learn(cls)

    def tell(self, value, kind):
        """Return (number, whether it can be hashed); no number when it cannot be told apart."""
        self._left = MOST_NODES
        self._unhashable = False
        try:
            key = kind.key(value)
        except Exception:  # CannotTell, or what a foreign type raises
            key = None
        return key, not self._unhashable and self._is_hashable(kind, value)

    def is_hashable(self, value):
        """Tell whether a value can be hashed, as far as its types say."""
        return self._is_hashable(self.kind(value), value)

    def identity(self, value):
        """Return a number that no other object has or will have, None when there is no such."""
        try:
            return self._birth(value)
        except CannotTell:
            kind = self.kind(value)
            return self.tell(value, kind)[0] if kind.fields else None

    def snapshot(self, value, kind):
        """Return what a value's attributes hold, by name, as far as a change would show in it."""
        found = {}
        for name, held in self._read(value, kind.fields):
            if name == "__dict__":
                if len(held) > MOST_FIELDS:
                    return None
                for attribute in list(held):
                    found[attribute] = self.mark(held.get(attribute))
            else:
                found[name] = self.mark(held)
        return found if len(found) <= MOST_FIELDS else None

    def mark(self, held):
        """Return what is another after a name was bound anew, or a builtin container has grown."""
        if type(held) in _SCALARS:
            return held
        kind = self.kind(held)
        return number_of(held), kind.size(held) if kind.can_grow and kind.size else None

    def _is_hashable(self, kind, value, depth=0):
        if kind.hashable is not None or depth > _DEEPEST:
            return kind.hashable is not False
        deeper = depth + 1
        return all(self._is_hashable(self.kind(each), each, deeper) for each in kind.held(value))

    # -- numbers for contents ----------------------------------------------------------------------

    def _spend(self, nodes):
        self._left -= nodes
        if self._left < 0:
            raise CannotTell

    def _key_of(self, value):
        return self.kind(value).key(value)

    def _birth(self, value):
        """Return the number given to an object when it was first seen.

        An address alone is soon another object's, so a weak reference says when it is free again.
        """
        number = number_of(value)
        known = self._births.get(number)
        if known is not None and known[0]() is value:
            return known[1]
        if len(self._births) >= MOST_BIRTHS:
            raise CannotTell
        births = self._births
        try:
            reference = weakref.ref(value, lambda _: births.pop(number, None))
        except TypeError:
            raise CannotTell from None
        self._born += 1
        births[number] = (reference, hash(("object", self._born)))
        return births[number][1]

    def _sequence(self, base, name):
        def key(value):
            count = base.__len__(value)
            self._spend(count)
            if type(value) in (list, tuple) and count > 8 and _only_scalars(value):
                return hash((name, marshal.dumps(value, 2)))
            self._spend(_NODES_OF_A_LEVEL)
            key_of = self._key_of
            return hash((name, count, *[key_of(each) for each in base.__iter__(value)]))

        return key

    def _table(self, name):
        def key(value):
            self._spend(dict.__len__(value))
            if type(value) is dict and _only_scalars(value) and _only_scalars(value.values()):
                return hash((name, marshal.dumps(value, 2)))
            self._spend(_NODES_OF_A_LEVEL)
            key_of = self._key_of
            items = list(dict.items(value))
            return hash((name, *[(key_of(one), key_of(other)) for one, other in items]))

        return key

    def _set(self, base, name):
        def key(value):
            self._spend(base.__len__(value))
            # A copy takes over the hashes that the set holds: no element is asked.
            return hash((name, frozenset.__hash__(frozenset(value))))

        return key

    def _buffer(self, name):
        def key(value):
            with memoryview(value) as view:
                if view.nbytes > MOST_BYTES or "O" in view.format:  # objects are but addresses
                    raise CannotTell
                return hash((name, view.format, view.shape, view.tobytes()))

        return key

    def _own_hash(self, name):
        def key(value):
            try:
                return hash((name, hash(value)))
            except Exception:
                self._unhashable = True
                raise CannotTell from None

        return key

    def _content(self, name, fields, inner=None):
        """Return a key by the attributes, and by what `inner` tells of a builtin base."""

        def key(value):
            self._spend(_NODES_OF_A_LEVEL)
            parts = [] if inner is None else [inner(value)]
            parts += [
                (attribute, self._key_of(held)) for attribute, held in self._read(value, fields)
            ]
            return hash((name, *parts))

        return key

    def _attributes(self, fields):
        """Return a function that returns what a value's attributes hold."""

        def attributes(value):
            found = []
            for name, held in self._read(value, fields):
                found += list(held.values()) if name == "__dict__" else [held]
            return found[:_MOST_ASKED]

        return attributes

    def _method(self, value):
        self._spend(_NODES_OF_A_LEVEL)
        owner = value.__self__
        called = getattr(value, "__func__", None) or value.__name__
        return hash(("method", self._key_of(owner), self._key_of(called)))

    # -- types -------------------------------------------------------------------------------------

    def _learn(self, cls):
        members = self._members
        name, short = members.names_of(cls)
        mro = members.mro_of(cls)
        base = next((each for each in mro if each in _BASES), None)
        if cls in _SCALARS or base in _PLAIN:
            plain = cls if cls in _SCALARS else base
            told = {"key": _plain_key(plain, name), "hashable": True, "is_plain": True}
        elif base is not None:
            told = self._container(base, name, members.fields_of(mro))
        elif any(map(members.is_ndarray, mro)):
            told = {"key": self._buffer(name), "size": _array_size, "element": _array_element}
            told["can_change"] = True
        else:
            told = self._object(cls, mro, name)
        if base is not None:
            told["size"] = getattr(base, "__len__", None)
        kind = Kind(name, short, **told)
        try:
            self._kinds[cls] = kind
        except Exception:
            return kind  # a metaclass that cannot be hashed: learned anew each time
        return kind

    def _container(self, base, name, fields):
        element = _first_of(self, base)
        if base in _SEQUENCES:
            key = self._sequence(base, name)
        elif base is dict:
            key = self._table(name)
        elif base in _TABLES:
            key = self._set(base, name)
        else:
            key = self._buffer(name)
            element = _typecode if base is array else None
        return {
            "key": self._content(name, fields, key) if fields else key,
            "element": element,
            "hashable": None if base is tuple else base not in _GROWING,
            "held": _first_elements,
            "can_change": base in _GROWING,
            "can_grow": base in _GROWING,
            "fields": fields,
        }

    def _object(self, cls, mro, name):
        hashing = self._members.found_in(mro, "__hash__")
        is_generated = self._members.is_generated(hashing)
        fields = self._members.fields_of(mro)
        if cls in _METHODS:
            key = self._method
        elif hashing is object.__hash__:
            key = self._birth
        elif hashing is None or self._is_own(hashing) or is_generated:
            key = self._content(name, fields) if fields else _cannot_tell
        else:
            key = self._own_hash(name)
        return {
            "key": key,
            "size": self._length_of(mro),
            "hashable": None if is_generated else hashing is not None,
            "held": self._attributes(fields),
            "fields": fields,
        }

    def _length_of(self, mro):
        length = self._members.found_in(mro, "__len__")
        if length is None or self._is_own(length):
            return None
        if isinstance(length, types.FunctionType):
            top = str(length.__module__).partition(".")[0]
            stdlib = getattr(sys, "stdlib_module_names", ("collections", "email", "queue"))
            if top not in _CHEAP_LENGTHS and top not in stdlib:
                return None

        def size(value):
            try:
                return len(value)
            except Exception:
                return None

        return size

    def _is_own(self, function):
        """Tell whether a method is code of the repository."""
        code = getattr(function, "__code__", None)
        return code is not None and code.co_filename.startswith(self._roots)


def _first_elements(value):
    return list(tuple.__iter__(value))[:_MOST_ASKED]


def _only_scalars(values):
    try:
        return set(map(type, values)) <= _SCALARS
    except Exception:  # a class that cannot be hashed
        return False


def _plain_key(cls, name):
    if cls in (int, bool):
        return _int_key
    if cls is float:
        return _float_key
    if cls in (str, bytes, complex, range):
        return cls.__hash__
    return lambda value: hash(("scalar", name))


def _int_key(value):
    if int.__ge__(value, 0):
        return int.__mul__(value, 2)
    return int.__mul__(value, -2) + 1  # the hashes of -1 and -2 are the same


def _float_key(value):
    if float.is_integer(value):
        return _int_key(float.__trunc__(value))  # an equal key in any table
    return float.__hash__(value) if float.__eq__(value, value) else hash("nan")


def _cannot_tell(value):
    raise CannotTell


def _array_size(value):
    return int(value.size)


def _array_element(value):
    return str(value.dtype)


def _typecode(value):
    return "array(%r)" % value.typecode


def _first_of(values, base):
    def element(value):
        for first in base.__iter__(value):
            return values.kind(first).name
        return None

    return element
