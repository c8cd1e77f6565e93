"""Answers where top-level modules come from; runs in the target's interpreter (CPython 3.8+).

Reads {"names": [...], "decoys": folder or null} from standard input and writes
{"found": {name: path}, "unhidden": [...]} to standard output: the folder of each package or the
file of each module, and the names that the decoys, which stand first on PYTHONPATH, could not
hide. Nothing named is imported.
"""

import importlib
import importlib.util
import json
import os
import sys


def location(name):
    """Return the folder of a package, the file of a module, or None."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return next(iter(spec.submodule_search_locations), None)
    return spec.origin if spec.has_location else None


def main():
    """Answer one question."""
    # The script's own folder is no place that the target would look in.
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(__file__)]
    question = json.load(sys.stdin)
    found = {name: location(name) for name in question["names"]}
    unhidden = []
    decoys = question.get("decoys")
    if decoys:
        for name in found:
            os.mkdir(os.path.join(decoys, name))
            with open(os.path.join(decoys, name, "__init__.py"), "w", encoding="utf-8"):
                pass
        importlib.invalidate_caches()
        unhidden = [name for name in found if not (location(name) or "").startswith(decoys)]
    answer = {"found": {name: path for name, path in found.items() if path}, "unhidden": unhidden}
    json.dump(answer, sys.stdout)


main()
