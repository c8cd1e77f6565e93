"""Answers where top-level modules come from; runs in the target's interpreter (CPython 3.8+).

Reads JSON from standard input:
  names         top-level names to look for
  decoys        an empty folder that stands first on PYTHONPATH
  project       the folder of the project that may be installed
  distribution  the project's name, or null
and writes JSON to standard output:
  found     for each name that is found the folder of the package or the file of the module
  owned     the names that the installed project brought with it
  unhidden  the names that packages in the decoy folder could not hide
Nothing named is imported.
"""

import importlib
import importlib.metadata
import importlib.util
import json
import os
import re
import sys
import urllib.parse


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


def is_of_project(distribution, question):
    """Whether an installed distribution is the project: by its name, or by where it came from."""
    name = distribution.metadata["Name"] or ""
    wanted = question["distribution"] or ""
    if wanted and re.sub(r"[-_.]+", "-", name).lower() == re.sub(r"[-_.]+", "-", wanted).lower():
        return True
    return came_from(distribution) == question["project"]


def came_from(distribution):
    """Return the folder that a distribution was installed from, or None."""
    try:
        url = json.loads(distribution.read_text("direct_url.json") or "{}").get("url", "")
    except ValueError:
        return None
    return urllib.parse.unquote(url[len("file://") :]) if url.startswith("file://") else None


def owned_names(question, found):
    """Return the names that the installed project provides."""
    owned = set()
    for distribution in importlib.metadata.distributions():
        if not is_of_project(distribution, question):
            continue
        owned.update(str(path).split("/")[0].split(".")[0] for path in distribution.files or ())
        folder = came_from(distribution)
        if folder:
            inside = os.path.join(os.path.realpath(folder), "")
            owned.update(
                name for name, path in found.items() if os.path.realpath(path).startswith(inside)
            )
    return sorted(owned & set(found))


def unhidden_names(question, found):
    """Return the names that are found elsewhere even when the decoys hold a package so named."""
    decoys = question["decoys"]
    for name in found:
        os.mkdir(os.path.join(decoys, name))
        with open(os.path.join(decoys, name, "__init__.py"), "w", encoding="utf-8"):
            pass
    importlib.invalidate_caches()
    return [name for name in found if not (location(name) or "").startswith(decoys)]


def main():
    """Answer one question."""
    # The script's own folder is no place that the target would look in.
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(__file__)]
    question = json.load(sys.stdin)
    found = {name: path for name in question["names"] for path in [location(name)] if path}
    answer = {
        "found": found,
        "owned": owned_names(question, found),
        "unhidden": unhidden_names(question, found),
    }
    json.dump(answer, sys.stdout)


main()
