"""How a repository is installed at one of its versions."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError
from perfagent.evals.dataset.instance import Instance
from perfagent.evals.running import environments
from perfagent.evals.running.environments import Range, Specification, environment_of
from perfagent.evals.running.ground import prepare
from perfagent.repos.environment.environment import EnvironmentSpec
from perfagent.settings import Settings


def repository(folder: Path, day: str, tag: str = "", files: dict[str, str] | None = None) -> str:
    """Make a repository with one commit of a day; return the commit."""
    folder.mkdir()
    when = f"{day}T12:00:00Z"
    who = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "PATH": "/usr/bin:/bin"}

    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words]
        done = subprocess.run(command, cwd=folder, env=who, capture_output=True, check=True)
        return done.stdout.decode().strip()

    git("init", "-q")
    for path, text in (files or {"a.py": "one = 1\n"}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git("add", "--all")
    git("commit", "-q", "-m", "one")
    if tag:
        git("tag", tag)
    return git("rev-parse", "HEAD")


def spec_of(folder: Path, commit: str, repo: str, version: str = "") -> EnvironmentSpec:
    instance = Instance(
        instance_id="a", suite="swefficiency", repo=repo, base=commit, version=version
    )
    return environment_of(instance, Settings(), folder, commit)


@pytest.mark.parametrize(
    ("repo", "day", "tag", "python"),
    [
        ("dask/dask", "2018-05-09", "0.17.4", "3.8"),
        ("dask/dask", "2021-03-19", "2021.03.0", "3.9"),
        ("dask/dask", "2025-05-15", "2025.5.0", "3.10"),
        ("pydata/xarray", "2018-08-15", "v0.10.8", "3.8"),
        ("pydata/xarray", "2021-01-06", "v0.16.2", "3.9"),
        ("pydata/xarray", "2023-05-16", "v2023.04.2", "3.10"),
        ("pydata/xarray", "2024-06-11", "v2024.05.0", "3.11"),
    ],
)
def test_the_version_tells_where_there_is_one_and_else_the_day(
    tmp_path: Path, repo: str, day: str, tag: str, python: str
):
    commit = repository(tmp_path / "tagged", day, tag)
    assert spec_of(tmp_path / "tagged", commit, repo).python == python
    commit = repository(tmp_path / "untagged", day)
    assert spec_of(tmp_path / "untagged", commit, repo).python == python
    commit = repository(tmp_path / "lost", "1999-01-01")
    assert spec_of(tmp_path / "lost", commit, repo, tag).python == python


@pytest.mark.parametrize(("tag", "version"), [("2024.8.1", "2024.8.1"), ("", "2024.3.0")])
def test_a_requirement_may_be_of_the_very_version(tmp_path: Path, tag: str, version: str):
    commit = repository(tmp_path / "dask", "2024-08-20", tag)
    first, _ = spec_of(tmp_path / "dask", commit, "dask/dask").install
    assert f"'dask[dataframe]=={version}'" in first


def test_every_specification_ends_where_its_next_range_begins():
    for known in environments.specifications().values():
        for one, other in zip(known.ranges, known.ranges[1:], strict=False):
            assert one.below == other.since
            assert one.until
        assert (known.ranges[-1].below, known.ranges[-1].until) == ("", "")


def test_an_interpreter_that_is_missing_is_the_machines_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    only = Range(python="3.77", requirements=("pytest",))
    known = {"acme/shop": Specification(repo="acme/shop", ranges=(only,))}
    monkeypatch.setattr(environments, "specifications", lambda: known)
    commit = repository(tmp_path / "shop", "2024-01-01")
    instance = Instance(
        instance_id="a",
        suite="swefficiency",
        repo="acme/shop",
        base=commit,
        workload="def workload():\n    return 1\n",
    )
    settings = Settings(cache_dir=tmp_path / "cache", sandbox="none")
    with pytest.raises(InfrastructureError, match=r"^no Python 3\.77 on this machine: install it"):
        prepare(instance, str(tmp_path / "shop"), settings)
