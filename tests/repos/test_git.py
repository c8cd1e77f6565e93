"""Nothing of the caller's world may change what git does here."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError, UserError
from perfagent.repos.git import GitError, git, git_succeeds


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_output_comes_back_whole(make_repository) -> None:
    source = make_repository({"ü b.txt": "x\n\n"})
    assert git(source.path, "ls-files") == "ü b.txt\n"
    assert git(source.path, "show", "HEAD:ü b.txt") == "x\n\n"


def test_input_reaches_git(make_repository) -> None:
    source = make_repository()
    assert git(source.path, "hash-object", "--stdin", stdin=b"\0\xff") == (
        git(source.path, "hash-object", "--stdin", stdin=b"\0\xff")
    )
    assert git(source.path, "stripspace", stdin=b"x  \n\n\n") == "x\n"


def test_a_failure_tells_what_git_said(make_repository) -> None:
    source = make_repository()
    with pytest.raises(GitError, match=r"rev-parse failed.*bad revision") as caught:
        git(source.path, "rev-parse", "nothing-here", "--")
    assert caught.value.status == 128
    assert isinstance(caught.value, InfrastructureError)
    assert not git_succeeds(source.path, "rev-parse", "--verify", "nothing-here")


def test_a_git_that_never_ends_is_stopped(make_repository) -> None:
    source = make_repository({"a": "a"})
    with pytest.raises(GitError, match="Timeout"):
        git(source.path, "-c", "alias.hang=!sleep 600", "hang", timeout_s=0.3)


def test_a_folder_that_is_gone_does_not_send_git_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="no such folder"):
        git(tmp_path / "gone", "status")


def test_without_git_the_user_is_told_to_install_it(
    make_repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_repository()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="git is not installed"):
        git(source.path, "status")


def test_without_git_even_the_first_use_is_told_so(tmp_path: Path) -> None:
    import subprocess

    source = (
        "from perfagent.repos.git import git\nfrom perfagent.errors import UserError\n"
        "try:\n    git(None, 'version')\nexcept UserError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("git is not installed"), done.stderr


def test_variables_of_a_surrounding_hook_do_not_lead_git_astray(
    make_repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, other = make_repository({"a": "a"}), make_repository({"b": "b"}, name="other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / ".git" / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    assert git(source.path, "ls-files") == "a\n"


def test_the_users_configuration_does_not_change_what_diffs_look_like(
    make_repository, private_home: Path
) -> None:
    (private_home / ".gitconfig").write_text(
        "[diff]\n\tnoprefix = true\n\texternal = /bin/false\n[color]\n\tui = always\n"
        "[core]\n\tautocrlf = true\n\tquotePath = true\n[commit]\n\tgpgsign = true\n"
    )
    source = make_repository()
    source.git("config", "commit.gpgsign", "false")
    source.commit({"ä": "1\n"})
    source.write({"ä": "2\n"})
    assert git(source.path, "diff").startswith("diff --git a/ä b/ä\n")


def test_servers_are_reached_with_the_users_configuration(
    make_repository, private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_repository()
    (private_home / ".gitconfig").write_text("[http]\n\tproxy = http://proxy.example\n")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "http.extraHeader")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "X-Token: t")
    told = git(source.path, "config", "--list", online=True)
    assert "http.proxy=http://proxy.example" in told
    assert "http.extraheader=X-Token: t" in told
    assert f"core.hookspath={os.devnull}" in told
    hidden = git(source.path, "config", "--list")
    assert "proxy.example" not in hidden
    assert "X-Token" not in hidden


def test_no_hook_and_no_file_system_monitor_of_a_repository_runs(make_repository) -> None:
    source = make_repository({"a": "a"})
    trap = source.path.parent / "ran"
    program(source.path / ".git" / "hooks" / "post-checkout", f"touch '{trap}'")
    monitor = program(source.path.parent / "monitor", f"touch '{trap}'")
    source.git("config", "core.fsmonitor", str(monitor))
    git(source.path, "status")
    git(source.path, "checkout", "--quiet", "--detach")
    assert not trap.exists()


def test_a_command_as_a_remote_is_refused(make_repository, tmp_path: Path) -> None:
    source = make_repository({"a": "a"})
    with pytest.raises(GitError, match=r"transport|not allowed"):
        git(source.path, "fetch", f"ext::sh -c 'touch {tmp_path}/ran'")
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_another_owner_can_be_read_and_cloned(
    make_repository, tmp_path: Path
) -> None:
    source = make_repository({"a": "a"})
    for folder, _, files in os.walk(source.path):
        for path in [Path(folder), *(Path(folder) / name for name in files)]:
            os.chown(path, 1234, 1234, follow_symlinks=False)
    assert git(source.path, "ls-files") == "a\n"
    git(tmp_path, "clone", "--quiet", "--bare", "--no-local", str(source.path), "copy.git")


@pytest.mark.parametrize("told", ["fatal: x: No space left on device", "unable to write file y"])
def test_a_full_disk_is_named_with_its_place(make_repository, tmp_path: Path, told: str) -> None:
    source = make_repository()
    fake = program(tmp_path / "bin" / "git", f"echo '{told}' >&2; exit 1")
    with pytest.raises(GitError, match=f"the disk is full at {source.path}"):
        git(source.path, "status", env={"PATH": f"{fake.parent}:{os.environ['PATH']}"})


def test_threads_may_run_git_at_the_same_time(make_repository) -> None:
    source = make_repository({"a": "a"})
    seen: list[str] = []
    threads = [
        threading.Thread(target=lambda: seen.append(git(source.path, "ls-files"))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["a\n"] * 6


def test_its_own_settings_are_restored_when_they_are_lost(
    make_repository, private_home: Path
) -> None:
    source = make_repository()
    git(source.path, "status")
    own = private_home / "cache" / "perfagent" / "git-config"
    own.write_text("[core]\n\tsshCommand = evil\n")
    assert git(source.path, "config", "--global", "--list") == "safe.directory=*\n"
    own.unlink()
    assert git(source.path, "config", "--global", "--list") == "safe.directory=*\n"
    assert [path.name for path in own.parent.iterdir()] == ["git-config"]
