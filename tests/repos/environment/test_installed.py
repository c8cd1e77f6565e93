"""An environment is told by its interpreter and by all that is installed in it."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError
from perfagent.repos.environment.installed import read_installed


def test_version_and_packages_are_those_of_the_interpreter_that_was_asked():
    found = read_installed(Path(sys.executable))

    assert found.version == platform.python_version()
    assert found.implementation == platform.python_implementation()
    assert f"pytest=={version('pytest')}" in found.packages
    assert list(found.packages) == sorted(found.packages, key=str.lower)


def test_an_interpreter_that_does_not_answer_is_named(tmp_path: Path):
    silent = tmp_path / "python"
    silent.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    silent.chmod(0o755)

    with pytest.raises(InfrastructureError, match=r"python does not say .*: broken"):
        read_installed(silent)
