"""The table of libraries: what is run on what."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

TABLE = Path(__file__).with_name("libraries.toml")
WORKLOADS = "examples/workloads"


@dataclass(frozen=True, kw_only=True)
class Library:
    """One library and how it is tried.

    Attributes:
        name: Names its record; unique.
        target: What `perfagent optimize` takes as REPO.
        kind: What sort of library it is, in a word or two.
        workload: File in `examples/workloads`.
        tests: Pytest arguments that choose the suite; empty for the whole one.
        python: The target's interpreter; empty for perfagent's choice.
        install: Commands that install the target; empty to go by its metadata.
        whole_tests: Pytest arguments for all of its tests; empty for its own configuration.
    """

    name: str
    target: str
    kind: str
    workload: str
    tests: str = ""
    python: str = ""
    install: tuple[str, ...] = ()
    whole_tests: str = ""
    places: ClassVar[Mapping[str, Path]] = MappingProxyType({})

    def arguments(self) -> list[str]:
        """Return what `perfagent optimize` is given for it, with the checkout as the folder."""
        given = [self.target, f"{WORKLOADS}/{self.workload}"]
        given += [f"--tests={self.tests}"] if self.tests else []
        given += [f"--python={self.python}"] if self.python else []
        return given + [f"--install={each}" for each in self.install]


def libraries(path: Path = TABLE) -> list[Library]:
    """Return the libraries of a table, in its order.

    Raises:
        TypeError: an entry lacks something, or has a key that means nothing.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["library"]
    return [
        Library(**{key: tuple(value) if key == "install" else value for key, value in each.items()})
        for each in entries
    ]
