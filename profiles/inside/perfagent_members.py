"""Reads classes without running their code: names, base classes, methods, where attributes lie.

A metaclass may answer every question about a class in its own way, so only the methods of `type`
are asked. CPython 3.8 and later, standard library alone.
"""

import dis
import gc
import sys
import types

_MANAGED_DICT = 1 << 4 if sys.version_info >= (3, 11) else 0
"""The flag of types whose objects keep their attributes in themselves, not in a dict."""

_HEAP_TYPE = 1 << 9
_MOST_SORTED = 50

id_of = object.__hash__
mro_of = type.__dict__["__mro__"].__get__
_qualname_of = type.__dict__["__qualname__"].__get__
_module_of = type.__dict__["__module__"].__get__
_dict_of = type.__dict__["__dict__"].__get__


def names_of(cls):
    """Return how reports call a class (builtins without their module), and its name alone."""
    module, qualname = str(_module_of(cls)), str(_qualname_of(cls))
    return (qualname if module == "builtins" else module + "." + qualname), qualname


def is_ndarray(cls):
    """Tell whether a class is numpy's array."""
    return _qualname_of(cls) == "ndarray" and str(_module_of(cls)).partition(".")[0] == "numpy"


def found_in(mro, name):
    """Return a class's member as it stands in the class that has it; None when there is none."""
    for cls in mro:
        if name in _dict_of(cls):
            return _dict_of(cls)[name]
    return None


def fields_of(mro):
    """Return (name, getter) of `__dict__` and of all slots that classes of Python declare."""
    found = {}
    for cls in mro:
        members = _dict_of(cls)
        held = members.get("__dict__")
        if isinstance(held, types.GetSetDescriptorType) and cls is not type:
            found.setdefault("__dict__", _reader(mro, held.__get__))
        slots = members.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else list(slots):
            if type(name) is not str:
                continue
            if name.startswith("__") and not name.endswith("__"):
                name = "_%s%s" % (_qualname_of(cls).rpartition(".")[2].lstrip("_"), name)
            descriptor = members.get(name)
            if isinstance(descriptor, types.MemberDescriptorType):
                found.setdefault(name, descriptor.__get__)
    return tuple(found.items())


def _reader(mro, dict_of):
    """Return a function that returns an object's attributes as a dict, by name.

    An object that was asked for its `__dict__` answers more slowly for the rest of its life
    (CPython 3.11 and later; 2.4 times in 3.12), and the workload with it. So those attributes are
    asked for one by one which methods of its class bind, and taken for all when nothing else is
    referred to by the object.
    """
    if not mro[0].__flags__ & _MANAGED_DICT or _lies_apart(mro):
        return lambda value: _in_order(dict_of(value))
    names = _bound_by_methods(mro)

    def attributes(value):
        found = {}
        for name in names:
            try:
                found[name] = object.__getattribute__(value, name)
            except AttributeError:
                continue
        referred = sorted(map(id_of, gc.get_referents(value)))
        if referred == sorted(map(id_of, [*found.values(), type(value)])):
            return found
        return _in_order(dict_of(value))

    return attributes


def _lies_apart(mro):
    """Tell whether objects hold more than attributes: slots, or what a builtin base holds."""
    return any(
        cls is not object and (not cls.__flags__ & _HEAP_TYPE or "__slots__" in _dict_of(cls))
        for cls in mro
    )


def _bound_by_methods(mro):
    """Return the attributes that methods bind, sorted, but for those that a class has too."""
    names = set()
    for cls in mro:
        for member in list(_dict_of(cls).values()):
            if isinstance(member, types.FunctionType):
                names.update(
                    each.argval
                    for each in dis.get_instructions(member.__code__)
                    if each.opname == "STORE_ATTR"
                )
    return sorted(name for name in names if not any(name in _dict_of(cls) for cls in mro))


def _in_order(held):
    """Return attributes by name, as the other way of reading them gives them."""
    if type(held) is not dict or len(held) > _MOST_SORTED or set(map(type, held)) != {str}:
        return held
    return dict(sorted(held.items()))


def read(value, fields):
    """Return (name, what it holds) of those attributes that hold something."""
    found = []
    for name, descriptor in fields:
        try:
            found.append((name, descriptor(value)))
        except Exception:
            continue  # an empty slot
    return found


def is_generated(function):
    """Tell whether a method was made on the spot, as by dataclasses: it asks all attributes."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith("<")
