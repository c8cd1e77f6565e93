"""`perfagent --help` answers at once: it loads nothing that only a run needs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = frozenset(
    {
        "anthropic",
        "docker",
        "git",
        "langchain",
        "langchain_core",
        "langgraph",
        "libcst",
        "numpy",
        "openai",
        "pandas",
        "psutil",
        "pyinstrument",
        "scipy",
        "unearth",
        "unidiff",
    }
)
IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s*(\S+)$", re.MULTILINE)


def packages_loaded(directory: Path, *arguments: str) -> set[str]:
    """Return the top-level packages that an interpreter imports when it runs with `arguments`."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in IMPORTED.findall(done.stderr)}


@pytest.mark.parametrize(
    "arguments", [("--help",), ("optimize", "--help"), ("--version",)], ids=" ".join
)
def test_asking_for_help_loads_nothing_that_only_a_run_needs(
    tmp_path: Path, arguments: tuple[str, ...]
):
    loaded = packages_loaded(tmp_path, "-m", "perfagent", *arguments)
    assert "perfagent" in loaded
    assert loaded & HEAVY == set()


def test_importing_the_package_loads_nothing_that_only_a_run_needs(tmp_path: Path):
    loaded = packages_loaded(tmp_path, "-c", "import perfagent")
    assert "perfagent" in loaded
    assert loaded & HEAVY == set()


def test_a_package_that_is_loaded_is_seen(tmp_path: Path):
    (tmp_path / "scipy.py").write_text("import numpy\n")
    (tmp_path / "numpy.py").touch()
    assert packages_loaded(tmp_path, "-c", "import scipy") >= {"scipy", "numpy"}
