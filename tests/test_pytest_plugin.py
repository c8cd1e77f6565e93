"""The pytest plugin names the slowest tests and what is hot in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = """def slow(n):
    total = 0
    for number in range(n):
        total += number * number
    return total
"""
TESTS = """import pytest

from library import slow


def test_slow():
    assert slow(1_500_000) > 0


def test_quick():
    assert slow(3) == 5


def test_failing():
    assert slow(1_500_000) == 0
"""


def run(folder: Path, *words: str) -> tuple[int, str]:
    plugin = ("-p", "perfagent.pytest_plugin", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:benchmark", *plugin, *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("library")
    (made / "library.py").write_text(LIBRARY)
    (made / "test_library.py").write_text(TESTS)
    (made / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts =\n")
    return made


def test_the_slowest_test_is_offered_with_what_is_hot_in_it(folder: Path):
    status, out = run(folder, "--perfagent")
    assert status == 1, out
    (line,) = [line for line in out.splitlines() if "s  test_library.py::test_slow" in line]
    share, place = line.rsplit("  ", 1)[1].split(" in ")
    assert place == "library.py:slow"
    assert int(share.rstrip("%")) > 80
    assert not [line for line in out.splitlines() if "s  test_library.py::test_failing" in line]
    assert "perfagent optimize . pytest:test_library.py::test_slow" in out


def test_without_the_option_nothing_is_said(folder: Path):
    assert "perfagent" not in run(folder)[1]


def test_that_no_test_is_slow_is_told(folder: Path):
    status, out = run(folder, "--perfagent", "-k", "nothing")
    assert status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "no test that passed took 20 ms or more" in out
