"""The instances: a base commit, what is timed, and the commit by which an expert sped it up."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One instance, and where its repository is.

    Attributes:
        name: The instance's id; names its record.
        base_commit: 40 hexadecimal digits, as are those of `expert_commit`.
        expert_commit: The commit that the expert made of it.
        tests: The files or folders of tests that cover what the expert changed.
        python: The interpreter's version.
        install: What pip installs beside the repository, by the setuptools among it.
        workload: The script that is timed.
        repository: A clone that holds both commits.
        scripts: The folder to which the workload is written.
    """

    name: str
    base_commit: str
    expert_commit: str
    tests: tuple[str, ...]
    python: str
    install: tuple[str, ...]
    workload: str
    repository: Path
    scripts: Path

    @property
    def places(self) -> Mapping[str, Path]:
        """Folders of this machine that the arguments name, by the word that stands for each."""
        return {"REPOSITORY": self.repository, "WORKLOADS": self.scripts}

    def arguments(self) -> list[str]:
        """Return what `perfagent optimize` is given for it; its workload is written first."""
        self.scripts.mkdir(parents=True, exist_ok=True)
        script = self.scripts / f"{self.name}.py"
        script.write_text(self.workload, encoding="utf-8")
        return [
            f"{self.repository}@{self.base_commit}",
            str(script),
            f"--expert={self.expert_commit}",
            f"--python={self.python}",
            f"--install=python -m pip -q install wheel {shlex.join(self.install)}",
            "--install=python -m pip -q install --no-deps --no-build-isolation -e .",
            f"--tests={shlex.join(self.tests)}",
        ]


def read_instances(path: Path, repository: Path, scripts: Path) -> list[Instance]:
    """Return the instances of a JSON Lines file, in its order.

    Raises:
        KeyError: An instance lacks a field.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [
        Instance(
            name=row["instance_id"],
            base_commit=row["base_commit"],
            expert_commit=row["expert_commit"],
            tests=tuple(row["covering_tests"]),
            python=row["python"],
            install=tuple(row["install"]),
            workload=row["workload"],
            repository=repository,
            scripts=scripts,
        )
        for row in rows
    ]
