"""Sees which state of the target's modules grows from one call of the workload to the next.

After the import and after each of the first calls, the containers that modules, classes, functions
and objects of modules hold are counted, and the caches of `functools`. What survives a call may be
a cache whose first filling the measurement does not show. Such a launch is never timed. CPython 3.8
and later, standard library alone.
"""

import sys
from collections import deque

CALLS = 3
_MOST_PLACES = 20000
_MOST_ITEMS = 400
_CONTAINERS = (dict, list, set, bytearray, deque)
_PLAIN = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset)


def instead(run, main_module, tick):
    """Return a `run(job, measurement)` that counts state where the given one measures."""

    def run_and_count(job, measurement):
        packages = frozenset(job["packages"])
        seen = []

        def count_calls(call, arguments=(), prepare=None, keep=None):
            if prepare is not None:
                call, arguments = prepare()
            seen.append(_places(packages))
            measurement.phase = "workload"
            for number in range(CALLS):
                if number and prepare is not None:
                    call, arguments = prepare()
                call(*arguments)
                seen.append(_places(packages))
            measurement.cold_s = 1e-9  # nothing is timed here

        measurement.run = count_calls
        run(dict(job, capture=False), measurement)
        measurement.parts["calls"] = _grown(seen)

    return run_and_count


def _grown(seen):
    """Return, by name, the sizes of what a call left otherwise than it found it."""
    found = {}
    for name in sorted(set().union(*seen)):
        sizes = [places.get(name) for places in seen]
        if len(set(map(repr, sizes))) > 1:
            found[name] = [size if type(size) is int else None for size in sizes]
    return found


def _places(packages):
    """Return the size of each container that lives with the modules of these packages.

    A plain value that a name is bound to stands there as its text, so that another one is seen.
    """
    places = {}
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] in packages:
            for name, value in list(getattr(module, "__dict__", {}).items()):
                if not (name.startswith("__") and name.endswith("__")):
                    _look(places, module_name + "." + name, value, module_name, 0)
    return places


def _look(places, name, value, module_name, depth):
    kind = type(value)
    if len(places) > _MOST_PLACES:
        return
    if isinstance(value, _CONTAINERS) or kind.__module__ in ("weakref", "_weakrefset"):
        _note_container(places, name, value)
    elif isinstance(value, type):
        if value.__module__ == module_name and depth < 2:
            for attribute, held in list(vars(value).items()):
                if not attribute.startswith("__"):
                    _look(places, name + "." + attribute, held, module_name, depth + 1)
    elif hasattr(kind, "cache_info") and hasattr(kind, "cache_clear"):
        places[name + " (cache)"] = value.cache_info().currsize
    elif kind.__name__ in ("function", "staticmethod", "classmethod"):
        _look_into_function(places, name, getattr(value, "__func__", value), module_name, depth)
    elif kind in _PLAIN:
        places[name] = _short(value) if kind in (tuple, frozenset) else repr(value)[:100]
    elif depth < 2 and getattr(kind, "__module__", None) == module_name:
        for attribute, held in list(getattr(value, "__dict__", {}).items()):
            _look(places, name + "." + attribute, held, module_name, depth + 1)


def _note_container(places, name, value):
    try:
        places[name] = len(value)
    except Exception:  # a length that is the repository's own code may do anything
        return


def _short(value):
    """Return a text for a tuple or set, by what it holds and not by calling its members."""
    return "%s of %d at %d" % (type(value).__name__, len(value), id(value))


def _look_into_function(places, name, function, module_name, depth):
    if type(function).__name__ != "function" or function.__module__ != module_name:
        return
    held = list(function.__defaults__ or ()) + list((function.__kwdefaults__ or {}).values())
    for cell in function.__closure__ or ():
        try:
            held.append(cell.cell_contents)
        except ValueError:
            continue  # not bound yet
    for number, value in enumerate(held[:_MOST_ITEMS]):
        if isinstance(value, _CONTAINERS):
            _note_container(places, "%s (kept value %d)" % (name, number), value)
        elif hasattr(type(value), "cache_info"):
            _look(places, name, value, module_name, depth)
    for attribute, value in list(vars(function).items()):
        if attribute != "__wrapped__":
            _look(places, name + "." + attribute, value, module_name, depth + 1)
