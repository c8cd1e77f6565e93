"""What a stranger is told of a repository: enough to find it, nothing private."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.repos.source.mirror import open_ref
from perfagent.repos.source.provenance import provenance, shareable
from perfagent.repos.source.ref import parse_repo
from perfagent.tests.shop import git, write_repo


@pytest.mark.parametrize(
    ("source", "shared"),
    [
        ("owner/name", "owner/name"),
        ("pypi:networkx==3.2.1", "pypi:networkx==3.2.1"),
        ("https://example.com/o/n.git", "https://example.com/o/n.git"),
        ("https://ghp_token@example.com/o/n.git", "https://example.com/o/n.git"),
        ("https://ann:s3cret@example.com:8443/o/n", "https://example.com:8443/o/n"),
        ("https://example.com/o/n?token=s3cret", "https://example.com/o/n"),
        ("ssh://git:s3cret@example.com/o/n", "ssh://git@example.com/o/n"),
        ("git@example.com:o/n.git", "git@example.com:o/n.git"),
        ("/home/ann/shop", None),
        ("file:///home/ann/shop", None),
        ("../shop", None),
    ],
)
def test_keys_and_folders_are_left_out(source: str, shared: str | None):
    assert shareable(source) == shared


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    made = tmp_path / "private folder" / "shop"
    made.mkdir(parents=True)
    write_repo(made, {"shop.py": "x = 1\n"})
    return made


def test_a_folder_is_told_by_its_last_part_its_commit_and_its_tree(repo: Path, tmp_path: Path):
    told = provenance(open_ref(parse_repo(str(repo)), tmp_path / "cache"))

    assert (told.name, told.source) == ("shop", None)
    assert told.commit == git(repo, "rev-parse", "HEAD").strip()
    assert told.tree == git(repo, "rev-parse", "HEAD^{tree}").strip()


def test_a_folders_remote_is_told_without_its_key(repo: Path, tmp_path: Path):
    git(repo, "remote", "add", "origin", "https://ann:s3cret@example.com/o/shop.git")

    told = provenance(open_ref(parse_repo(str(repo)), tmp_path / "cache"))

    assert told.source == "https://example.com/o/shop.git"
