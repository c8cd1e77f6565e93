"""A repository installs from what it declares, and a failure says what the user can do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError, UserError
from perfagent.repos.environment.environment import (
    EnvironmentSpec,
    build_environment,
)

from ..conftest import SETUPTOOLS, MakeRepository, worktree


def test_what_the_suite_needs_and_will_not_install_is_left_out_and_told(
    make_repository: MakeRepository, trees: Path, tmp_path: Path, uv: Path
) -> None:
    pyproject = (
        SETUPTOOLS.format(name="a")
        + '[project.optional-dependencies]\ntest = ["six"]\n'
        + '[dependency-groups]\ntest = ["good", "broken", "better"]\n'
    )
    files = {"pyproject.toml": pyproject, "a.py": "", "requirements-test.txt": "six\n"}
    tree = worktree(make_repository(files), trees)
    said: list[str] = []
    env = build_environment(EnvironmentSpec(), tree, tmp_path / "cache", said.append)
    assert env.left_out == ("requirement broken: error: no broken thing here",)
    assert "not installed: requirement broken: error: no broken thing here" in said
    calls = uv.read_text().splitlines()
    assert calls[1].endswith("-e .[test] good broken better -r requirements-test.txt pytest")
    assert calls[2].endswith("--compile-bytecode -e .")
    assert any(call.endswith("--compile-bytecode -e .[test] good") for call in calls)
    assert any(
        call.endswith("--compile-bytecode better -r requirements-test.txt") for call in calls
    )
    assert calls[-2].endswith("--no-deps -e .")
    assert calls[-1].endswith("--compile-bytecode pytest")


def test_a_project_that_does_not_install_is_the_users_to_solve(
    make_repository: MakeRepository, trees: Path, tmp_path: Path, uv: Path
) -> None:
    files = {"pyproject.toml": SETUPTOOLS.format(name="a"), "a.py": ""}
    tree = worktree(make_repository(files), trees)
    spec = EnvironmentSpec(extras=("broken",))
    with pytest.raises(UserError, match=r"does not install: error: no broken.*--install; log: "):
        build_environment(spec, tree, tmp_path / "cache")


def test_an_install_command_that_fails_is_named_with_its_log(
    make_repository: MakeRepository, trees: Path, cache: Path, uv: Path
) -> None:
    tree = worktree(make_repository({"shop.py": ""}), trees)
    spec = EnvironmentSpec(install=("echo 'Error: no compiler here' >&2; exit 1",))
    with pytest.raises(UserError, match=r"--install .*failed: Error: no compiler.*log: ") as told:
        build_environment(spec, tree, cache)
    log = Path(str(told.value).rsplit("log: ", 1)[1])
    assert "no compiler here" in log.read_text(encoding="utf-8")


def test_secrets_do_not_reach_what_an_installation_runs(
    make_repository: MakeRepository,
    trees: Path,
    cache: Path,
    uv: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-hidden")
    monkeypatch.setenv("MY_TOKEN", "hidden")
    monkeypatch.setenv("CFLAGS", "-O3")
    tree = worktree(make_repository({"shop.py": ""}), trees)
    with pytest.raises(UserError) as told:
        build_environment(EnvironmentSpec(install=("env; exit 3",)), tree, cache)
    log = Path(str(told.value).rsplit("log: ", 1)[1]).read_text(encoding="utf-8")
    assert "hidden" not in log
    assert "CFLAGS=-O3" in log


def test_an_unreachable_index_is_no_fault_of_the_repository(
    make_repository: MakeRepository, trees: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "1")
    tree = worktree(make_repository({"shop.py": ""}), trees)
    with pytest.raises(InfrastructureError, match="package index cannot be reached"):
        build_environment(EnvironmentSpec(), tree, cache)
