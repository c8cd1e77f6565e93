"""Lay the example library out as a git repository with a base and an expert commit.

    python examples/lay_out.py DIR

DIR becomes the repository: its branch `main` and its tag `base` are the library as it was written,
its tag `expert` is the commit after it, in which somebody who knows the library made it fast.
Author, dates and contents are fixed, so the commits have the same ids on every machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent / "stocktake"
COMMITS = (
    ("base", "2024-03-01T09:00:00+00:00", "stocktake 1.3.0"),
    ("expert", "2024-04-12T16:30:00+00:00", "Post a day's ledger in a tenth of the time"),
)
IDENTITY = {"NAME": "Robin Keeper", "EMAIL": "robin@stocktake.example"}
LEFTOVERS = shutil.ignore_patterns("__pycache__", ".*_cache", "*.egg-info", "build", "*.pyc")


class LayOutError(Exception):
    """The repository cannot be laid out; the message says why and what to do."""


def git(repository: Path, *arguments: str, date: str = COMMITS[0][1]) -> str:
    """Run git untouched by the settings of whoever is at the keyboard; return its output."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_{field}": text for field, text in IDENTITY.items()}
        environment[f"GIT_{role}_DATE"] = date
    command = ["git", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false", *arguments]
    try:
        done = subprocess.run(
            command, cwd=repository, env=environment, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise LayOutError("git is not installed, or not on PATH: install it") from None
    except subprocess.CalledProcessError as error:
        raise LayOutError(f"{' '.join(command)}: {error.stderr.strip()}") from None
    return done.stdout.strip()


def build(repository: Path) -> dict[str, str]:
    """Make the repository in an empty folder; return the ids of its commits by tag."""
    git(repository, "init", "--quiet", "--initial-branch=main", "--object-format=sha1", ".")
    for tag, date, message in COMMITS:
        shutil.copytree(EXAMPLE / tag, repository, dirs_exist_ok=True, ignore=LEFTOVERS)
        git(repository, "add", "--all", ".")
        git(repository, "commit", "--quiet", "--no-verify", "-m", message, date=date)
        git(repository, "tag", tag)
    git(repository, "reset", "--quiet", "--hard", "base")
    return commit_ids(repository)


def commit_ids(repository: Path) -> dict[str, str]:
    """Return the ids of the commits by tag; LayOutError when the folder is no such repository."""
    return {
        tag: git(repository, "rev-parse", "--verify", f"{tag}^{{commit}}") for tag, *_ in COMMITS
    }


def lay_out(directory: Path) -> dict[str, str]:
    """Make `directory` the example repository and return the ids of its commits by tag.

    A directory that already is this very repository is left alone.

    Raises:
        LayOutError: the directory holds something else, or git failed. Nothing is left behind.
    """
    directory = directory.resolve()
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".lay_out-", dir=directory.parent) as workshop:
        fresh = Path(workshop, "repository")
        fresh.mkdir()
        ids = build(fresh)
        if not directory.exists() or not any(directory.iterdir()):
            fresh.replace(directory)
        elif not holds(directory, ids):
            raise LayOutError(f"{directory} holds something else: remove it or name another place")
    return ids


def holds(directory: Path, ids: dict[str, str]) -> bool:
    """Return whether a folder is a repository of its own with these commits under these tags."""
    if not (directory / ".git").is_dir():
        return False
    try:
        return commit_ids(directory) == ids
    except LayOutError:
        return False


def main() -> int:
    """Lay out the repository that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description="Lay the example out as a git repository.")
    parser.add_argument("directory", type=Path, help="where the repository is to be")
    directory = parser.parse_args().directory
    try:
        ids = lay_out(directory)
    except (LayOutError, OSError) as error:
        print(f"lay_out: {error}", file=sys.stderr)
        return 2
    print(f"{directory}: a git repository, branch main at base")
    for tag, _, message in COMMITS:
        print(f"  {tag:7} {ids[tag][:12]}  {message}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
