"""Prints, as JSON, what a Python is and which packages are installed in it (CPython 3.8+)."""

import importlib.metadata
import json
import platform
import sysconfig

packages = set()
for found in importlib.metadata.distributions():
    try:
        name, version = found.metadata["Name"], found.version
    except Exception:
        continue
    # A folder that an interrupted installation left behind has no name or no version.
    if name and version:
        packages.add("{}=={}".format(name, version))
print(
    json.dumps(
        {
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "platform": sysconfig.get_platform(),
            "packages": sorted(packages, key=str.lower),
        }
    )
)
