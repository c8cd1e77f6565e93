"""Compare a wheel with the checkout: every module and prompt of the package, and nothing else.

python .ci/check_wheel.py CHECKOUT WHEEL
"""

from __future__ import annotations

import sys
import tomllib
import zipfile
from pathlib import Path


def expected(checkout: Path) -> set[str]:
    """Return the names that the wheel should hold below `perfagent/`, from pyproject.toml."""
    table = tomllib.loads((checkout / "pyproject.toml").read_text())["tool"]["setuptools"]
    names = set()
    for package, folder in table["package-dir"].items():
        globs = ["*.py", *table.get("package-data", {}).get(package, ())]
        for path in (path for glob in globs for path in (checkout / folder).glob(glob)):
            names.add("perfagent/" + path.relative_to(checkout).as_posix())
    return names


def main(checkout: str, wheel: str) -> int:
    """Print what differs; return 0 when nothing does, else 1."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = expected(Path(checkout))
    for name in sorted(wanted - held):
        print(f"{Path(wheel).name}: lacks {name}", file=sys.stderr)
    for name in sorted(held - wanted):
        print(f"{Path(wheel).name}: holds {name}, which the checkout does not", file=sys.stderr)
    print(f"{Path(wheel).name}: {len(held)} files")
    return 0 if held == wanted else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
