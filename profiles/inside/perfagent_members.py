"""Reads classes without running their code: names, base classes, methods, where attributes lie.

A metaclass may answer every question about a class in its own way, so only the methods of `type`
are asked. CPython 3.8 and later, standard library alone.
"""

import types

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
            found.setdefault("__dict__", held.__get__)
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
