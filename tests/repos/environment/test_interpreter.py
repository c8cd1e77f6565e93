"""The interpreter that was asked for is the one that is used, or the user learns what there is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.repos.environment.interpreter import find_interpreter, installed_interpreters

OWN = ".".join(map(str, sys.version_info[:2]))


def fake_interpreter(folder: Path, name: str, version: str) -> Path:
    """Write a program that answers as an interpreter of another version would."""
    path = folder / name
    path.write_text(
        f'#!/bin/sh\necho \'["{path}", "{version}", "CPython", "{path}"]\'\n', encoding="utf-8"
    )
    path.chmod(0o755)
    return path


def test_without_a_request_it_is_perfagents_own_version_outside_any_environment() -> None:
    found = find_interpreter(None)
    assert found.version.startswith(OWN)
    assert not found.in_environment
    assert not found.path.is_relative_to(sys.prefix)


def test_a_version_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fake_interpreter(tmp_path, "python3.42", "3.42.1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for request in ("3.42", "python3.42", "3.42.1", "cpython-3.42"):
        assert find_interpreter(request).path == path


def test_a_version_is_found_in_pyenvs_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "versions" / "3.43.0" / "bin"
    folder.mkdir(parents=True)
    path = fake_interpreter(folder, "python", "3.43.0")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert find_interpreter("3.43").path == path


def test_what_the_repository_supports_overrules_perfagents_own_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_interpreter(tmp_path, "python3.44", "3.44.0")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert find_interpreter(None, requires=">=3.44").version == "3.44.0"
    with pytest.raises(UserError, match=r"requires Python >=3\.45.*found: .*3\.44\.0 at"):
        find_interpreter(None, requires=">=3.45")


def test_a_missing_version_lists_what_was_found() -> None:
    with pytest.raises(UserError, match=rf"no Python 3\.77.*--python.*found: .*{OWN}"):
        find_interpreter("3.77")


def test_a_missing_path_lists_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"no such interpreter.*{OWN}"):
        find_interpreter(str(tmp_path / "bin" / "python"))


def test_a_file_that_is_no_interpreter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "python"
    path.write_text("#!/bin/sh\necho hello\n", encoding="utf-8")
    path.chmod(0o755)
    with pytest.raises(UserError, match="does not start as a CPython"):
        find_interpreter(str(path))


def test_a_python_too_old_to_measure_is_refused(tmp_path: Path) -> None:
    path = fake_interpreter(tmp_path, "python", "3.7.16")
    with pytest.raises(UserError, match=r"3\.7\.16.*3\.8"):
        find_interpreter(str(path))


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="the tests run outside an environment")
def test_an_environments_folder_or_interpreter_is_recognized_as_one() -> None:
    for request in (sys.prefix, sys.executable):
        found = find_interpreter(request)
        assert found.in_environment
        assert found.path.is_relative_to(sys.prefix)
        assert not found.outside().in_environment


def test_each_minor_version_is_listed_once() -> None:
    minors = [found.version.split(".")[1] for found in installed_interpreters()]
    assert len(minors) == len(set(minors))
    assert OWN.split(".")[1] in minors
