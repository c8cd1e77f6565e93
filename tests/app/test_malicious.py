"""Repositories and trees made to have git run something: a canary file says whether it did.

Each trap is sprung by plain git first (or by the tool that people would take), so that a test that
passes has tested something; then by what the worker does with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from perfagent.app.jobs.policy import Refused, apply
from perfagent.errors import PerfagentError
from perfagent.repos.checkout import RunRepository
from perfagent.repos.git import git as our_git
from perfagent.repos.patch import Patch
from perfagent.repos.source.mirror import open_mirror, resolve
from perfagent.repos.source.ref import parse_repo
from perfagent.tests.shop import REPO_FILES, git, write_repo

FILES = {**REPO_FILES, "deliveries/more.py": "one = 1\n"}


@dataclass
class Trap:
    """A repository, and a file that exists once somebody was fooled."""

    folder: Path

    @property
    def repo(self) -> Path:
        return self.folder / "repo"

    @property
    def canary(self) -> Path:
        return self.folder / "canary"

    @property
    def touch(self) -> str:
        return f"touch {self.canary}"

    @property
    def head(self) -> str:
        return git(self.repo, "rev-parse", "HEAD").strip()

    def plainly(self, *words: str, at: Path | None = None, home: Path | None = None) -> None:
        """Run plain git, as it comes: it is fooled."""
        environ = {"PATH": os.environ["PATH"], "HOME": str(home or self.folder)}
        subprocess.run(
            ["git", *words], cwd=at or self.folder, env=environ, capture_output=True, check=False
        )

    def springs(self) -> None:
        assert self.canary.exists(), "the trap is none"
        self.canary.unlink()

    def mirror(self) -> Path:
        return open_mirror(parse_repo(str(self.repo)), self.folder / "cache")

    def checked_out(self) -> tuple[RunRepository, Path]:
        repository = RunRepository.create(self.folder / "run", self.mirror(), [self.head])
        return repository, repository.checkout("base", self.head)


@pytest.fixture
def trap(tmp_path: Path, quiet: None) -> Trap:
    write_repo(tmp_path / "repo", FILES)
    return Trap(tmp_path)


# --- 7: protocols that are commands ---------------------------------------------------------------


def test_a_remote_that_is_a_command_is_not_asked(trap: Trap, monkeypatch: pytest.MonkeyPatch):
    home = trap.folder / "home"
    home.mkdir()
    (home / ".gitconfig").write_text('[protocol "ext"]\n\tallow = always\n')
    remote = f"ext::sh -c touch% {trap.canary}"
    trap.plainly("clone", remote, "plain", home=home)
    trap.springs()
    monkeypatch.setenv("HOME", str(home))
    with suppress(PerfagentError):
        open_mirror(parse_repo(remote), trap.folder / "cache")
    with suppress(PerfagentError):
        our_git(trap.folder, "ls-remote", remote, online=True, env={"GIT_ALLOW_PROTOCOL": "https"})
    assert not trap.canary.exists()


# --- 8: revisions that are options ----------------------------------------------------------------


def test_a_branch_that_is_written_like_an_option_is_a_branch(trap: Trap):
    name = f"--upload-pack={trap.touch}".replace(" ", "${IFS}")
    git(trap.repo, "update-ref", f"refs/heads/{name}", "HEAD")
    trap.plainly("clone", "-q", f"file://{trap.repo}", "plain")
    trap.plainly("fetch", "origin", name, at=trap.folder / "plain")
    trap.springs()
    mirror = trap.mirror()
    for revision in (name, f"--output={trap.canary}"):
        with pytest.raises(PerfagentError):
            resolve(mirror, revision)
        with pytest.raises(PerfagentError):
            open_mirror(parse_repo(str(trap.repo), revision=revision), trap.folder / "other")
    assert resolve(mirror, f"refs/heads/{name}") == trap.head
    assert not trap.canary.exists()


def test_a_diff_that_is_asked_for_an_option_writes_no_file(trap: Trap):
    trap.plainly("diff", f"--output={trap.canary}", at=trap.repo)
    trap.springs()
    with pytest.raises(PerfagentError):
        resolve(trap.mirror(), f"--output={trap.canary}")
    with suppress(PerfagentError):
        parse_repo(f"--upload-pack={trap.touch}")
    assert not trap.canary.exists()


# --- 9: filters (the operator's own: test_fetching) -----------------------------------------------


def test_large_file_storage_fetches_nothing(trap: Trap, monkeypatch: pytest.MonkeyPatch):
    home = trap.folder / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        f'[filter "lfs"]\n\tsmudge = {trap.touch}; cat\n\trequired = true\n'
    )
    (trap.repo / ".gitattributes").write_text("*.py filter=lfs\n")
    git(trap.repo, "add", "--all")
    git(trap.repo, "commit", "-q", "-m", "lfs")
    trap.plainly("clone", "-q", f"file://{trap.repo}", "plain", home=home)
    trap.springs()
    monkeypatch.setenv("HOME", str(home))
    _, tree = trap.checked_out()
    assert (tree / "deliveries" / "more.py").read_text() == "one = 1\n"
    assert not trap.canary.exists()


# --- 10: submodules -------------------------------------------------------------------------------


def test_submodules_are_not_fetched(trap: Trap):
    url = f"ext::sh -c touch% {trap.canary}"
    (trap.repo / ".gitmodules").write_text(f'[submodule "sub"]\n\tpath = sub\n\turl = {url}\n')
    git(trap.repo, "add", ".gitmodules")
    git(trap.repo, "update-index", "--add", "--cacheinfo", f"160000,{trap.head},sub")
    git(trap.repo, "commit", "-q", "-m", "a submodule")
    careless = ("-c", "protocol.ext.allow=always", "-c", "protocol.file.allow=always")
    trap.plainly(*careless, "clone", "--recurse-submodules", f"file://{trap.repo}", "plain")
    trap.springs()
    _, tree = trap.checked_out()
    assert not any((tree / "sub").glob("*"))
    assert not trap.canary.exists()


# --- 11: code in the sandbox changes `.git` -------------------------------------------------------


def hook(trap: Trap, made: Path) -> None:
    (made / "hooks").mkdir(exist_ok=True)
    file = made / "hooks" / "pre-commit"
    file.write_text(f"#!/bin/sh\n{trap.touch}\n")
    file.chmod(0o755)
    git(made.parent, "config", "core.hooksPath", str(made / "hooks"))


def configured(*settings: tuple[str, str]) -> Callable[[Trap, Path], None]:
    def change(trap: Trap, made: Path) -> None:
        for key, value in settings:
            known = {"touch": trap.touch, "script": script(trap)}
            git(made.parent, "config", key.format(**known), value.format(**known))
        (made / "info").mkdir(exist_ok=True)
        (made / "info" / "attributes").write_text("*.py filter=evil diff=evil\n")

    return change


def script(trap: Trap) -> Path:
    file = trap.folder / "evil.sh"
    file.write_text(f"#!/bin/sh\n{trap.touch}\nexit 1\n")
    file.chmod(0o755)
    return file


TAMPERED = {
    "a file system monitor": (configured(("core.fsmonitor", "{script}")), ("status",)),
    "a hook": (hook, ("commit", "-q", "--allow-empty", "-m", "x")),
    "a filter": (configured(("filter.evil.clean", "{touch}; cat")), ("add", "--all")),
    "a diff driver": (configured(("diff.external", "{script}")), ("diff",)),
    "a text conversion": (configured(("diff.evil.textconv", "{script}")), ("diff",)),
    "an ssh command": (
        configured(("core.sshCommand", "{script}"), ("remote.origin.url", "ssh://x/y")),
        ("fetch", "origin"),
    ),
    "a signing program": (
        configured(("gpg.program", "{script}"), ("commit.gpgSign", "true")),
        ("commit", "-q", "--allow-empty", "-m", "x"),
    ),
    "an address that is rewritten": (
        configured(("url.ext::{script} .insteadOf", "https://")),
        ("-c", "protocol.ext.allow=always", "ls-remote", "https://x/y"),
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tree_whose_git_folder_was_written_by_its_code_gives_no_orders(trap: Trap, what: str):
    tamper, words = TAMPERED[what]
    repository, tree = trap.checked_out()
    # What running code can do: the tree's pointer becomes a repository of its own.
    (tree / ".git").unlink()
    subprocess.run(["git", "clone", "-q", "--no-checkout", trap.repo, tree / "x"], check=True)
    (tree / "x" / ".git").rename(tree / ".git")
    (tree / "x").rmdir()
    git(tree, "reset", "-q", "--hard")
    git(tree, "config", "user.name", "x")
    git(tree, "config", "user.email", "x@example.org")
    tamper(trap, tree / ".git")
    (tree / "deliveries" / "more.py").write_text("one = 2\n")
    trap.canary.unlink(missing_ok=True)
    trap.plainly(*words, at=tree)
    trap.springs()
    (tree / "deliveries" / "more.py").write_text("one = 3\n")
    patch = repository.diff(tree, trap.head)
    assert patch.files == ("deliveries/more.py",)
    # What leaves is made of the diff alone, beside the tree.
    change = apply(
        trap.mirror(), trap.head, patch.diff, folder=trap.folder / "p", allows=lambda path: True
    )
    assert change.files == {"deliveries/more.py": b"one = 3\n"}
    repository.checkout("candidate", trap.head, patch)
    repository.remove("base")
    assert not trap.canary.exists()


# --- 12: a bare repository that comes by clone ----------------------------------------------------


def test_a_bare_repository_within_a_repository_gives_no_orders(trap: Trap):
    inner = trap.repo / "inner"
    subprocess.run(["git", "init", "-q", "--bare", inner], check=True)
    with (inner / "config").open("a") as file:
        file.write(f"[core]\n\tfsmonitor = {script(trap)}\n\tbare = false\n\tworktree = .\n")
    for empty in ("refs", "objects"):
        (inner / empty / "kept").write_text("x\n")
    git(trap.repo, "add", "--force", "--all")
    git(trap.repo, "commit", "-q", "-m", "a repository within")
    trap.plainly("clone", "-q", f"file://{trap.repo}", "plain")
    trap.plainly("status", at=trap.folder / "plain" / "inner")
    trap.springs()
    repository, tree = trap.checked_out()
    (tree / "deliveries" / "more.py").write_text("one = 2\n")
    assert repository.diff(tree, trap.head).files == ("deliveries/more.py",)
    with suppress(PerfagentError):
        our_git(tree / "inner", "status")
    assert not trap.canary.exists()


# --- 13: trees that name git's own folder ---------------------------------------------------------


@pytest.mark.parametrize("name", ["git~1", ".g\u200cit"])
def test_a_tree_that_names_gits_folder_is_not_taken_in(trap: Trap, name: str):
    blob = git(trap.repo, "hash-object", "-w", "deliveries/more.py").strip()
    raw = ("-c", "core.protectHFS=false", "-c", "core.protectNTFS=false")
    inner = made_tree(trap, f"100644 blob {blob}\tconfig\n")
    outer = made_tree(trap, f"040000 tree {inner}\t{name}\n")
    commit = git(trap.repo, "commit-tree", outer, "-m", "evil").strip()
    git(trap.repo, "update-ref", "refs/heads/main", commit)
    trap.plainly(*raw, "clone", "-q", f"file://{trap.repo}", "plain")
    assert (trap.folder / "plain" / name / "config").exists(), "the trap is none"
    with pytest.raises(PerfagentError):
        taken_in(trap, commit)
    written = (trap.folder / "run").rglob("config")
    assert name not in {path.parent.name for path in written}


def taken_in(trap: Trap, commit: str) -> None:
    mirror = open_mirror(parse_repo(f"file://{trap.repo}"), trap.folder / "cache")
    RunRepository.create(trap.folder / "run", mirror, [commit]).checkout("base", commit)


def made_tree(trap: Trap, listing: str) -> str:
    done = subprocess.run(
        ["git", "-C", trap.repo, "mktree"],
        input=listing,
        text=True,
        capture_output=True,
        check=True,
    )
    return done.stdout.strip()


# --- 14 and 15: patches (what is refused at all: test_policy) -------------------------------------


def test_a_patch_that_leads_out_of_the_tree_writes_nothing(trap: Trap):
    diff = "--- /dev/null\n+++ b/../canary\n@@ -0,0 +1 @@\n+x\n"
    (trap.folder / "plain").mkdir()
    file = trap.folder / "evil.diff"
    file.write_text(diff)
    trap.plainly("apply", "--unsafe-paths", str(file), at=trap.folder / "plain")
    trap.springs()
    repository = RunRepository.create(trap.folder / "run", trap.mirror(), [trap.head])
    with pytest.raises(PerfagentError):
        repository.checkout("candidate", trap.head, Patch.parse(diff, trap.head))
    with pytest.raises(Refused):
        apply(trap.mirror(), trap.head, diff, folder=trap.folder / "p", allows=lambda path: True)
    assert not list(trap.folder.rglob("canary"))


CONTENT = {
    "a symbolic link": "new file mode 120000\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n"
    "+/etc/passwd\n\\ No newline at end of file\n",
    "a workflow": "new file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+on: push\n",
    "a program": "new file mode 100755\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n",
}
PLACES = {"a workflow": ".github/workflows/new.yml"}


@pytest.mark.parametrize("what", CONTENT)
def test_a_patch_of_more_than_text_is_taken_by_plain_git_and_not_by_us(trap: Trap, what: str):
    place = PLACES.get(what, "new")
    diff = f"diff --git a/{place} b/{place}\n{CONTENT[what].replace('b/new', f'b/{place}')}"
    file = trap.folder / "evil.diff"
    file.write_text(diff)
    shutil.copytree(trap.repo, trap.folder / "plain")
    trap.plainly("apply", str(file), at=trap.folder / "plain")
    assert os.path.lexists(trap.folder / "plain" / place), "the trap is none"
    with pytest.raises(Refused):
        apply(trap.mirror(), trap.head, diff, folder=trap.folder / "p", allows=lambda path: True)
