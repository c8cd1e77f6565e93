"""Worktrees that survive kills, tampering and odd names."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError, ToolError, UserError
from perfagent.repos.checkout import RunRepository
from perfagent.repos.patch import Patch

FILES = {"pkg/core.py": "one\ntwo\nthree\n", "pkg/__init__.py": "", "README.md": "hello\n"}


@pytest.fixture
def source(make_repository):
    return make_repository(FILES, name="a source ü")


@pytest.fixture
def base(source) -> str:
    return source.git("rev-parse", "HEAD")


@pytest.fixture
def repo(source, base: str, tmp_path: Path) -> RunRepository:
    return RunRepository.create(tmp_path / "run folder ü", source.path / ".git", [base])


def edit(repo: RunRepository, base: str, name: str = "edit", **files: str) -> Patch:
    tree = repo.checkout(name, base)
    for path, text in files.items():
        (tree / path.replace("__", "/").replace("_dot_", ".")).write_text(text)
    return repo.diff(tree, base)


def test_a_worktree_holds_the_commit(repo: RunRepository, base: str) -> None:
    tree = repo.checkout("base", base)
    assert tree == repo.directory / "trees" / "base"
    assert (tree / "pkg" / "core.py").read_text() == FILES["pkg/core.py"]
    assert repo.diff(tree, base).is_empty


def test_a_patch_that_keeps_the_size_of_its_file_is_found_again(
    repo: RunRepository, base: str
) -> None:
    """Size and time of such a file are those of the base when both are written at once."""
    patch = edit(repo, base, pkg__core_dot_py="one\nTWO\nthree\n")
    for number in range(8):
        tree = repo.checkout(f"candidate-{number}", base, patch)
        time.sleep(0.15)
        assert repo.diff(tree, base) == patch


def test_a_patch_is_applied_to_the_worktree_and_found_there_again(
    repo: RunRepository, base: str
) -> None:
    patch = edit(repo, base, pkg__core_dot_py="one\nTWO\nthree\n", new_dot_py="x = 1\n")
    tree = repo.checkout("candidate", base, patch)
    assert (tree / "pkg/core.py").read_text() == "one\nTWO\nthree\n"
    assert (tree / "new.py").read_text() == "x = 1\n"
    assert repo.diff(tree, base) == patch
    assert patch.files == ("new.py", "pkg/core.py")


def test_a_name_that_is_taken_is_no_full_disk(repo: RunRepository, base: str) -> None:
    names = "rename from README.md\nrename to pkg\n--- a/README.md\n+++ b/pkg\n"
    text = f"diff --git a/README.md b/pkg\n{names}@@ -1 +0,0 @@\n-hello\n"
    with pytest.raises(ToolError, match="does not apply: unable to write file 'pkg'"):
        repo.checkout("candidate", base, Patch.parse(text, base))


def test_a_patch_that_does_not_apply_leaves_no_worktree(repo: RunRepository, base: str) -> None:
    text = "--- a/pkg/core.py\n+++ b/pkg/core.py\n@@ -1,2 +1,2 @@\n one\n-zwei\n+2\n"
    with pytest.raises(ToolError, match=r"does not apply: .*pkg/core\.py"):
        repo.checkout("bad", base, Patch.parse(text, base))
    assert not (repo.directory / "trees" / "bad").exists()
    assert repo.checkout("bad", base).is_dir()


def test_a_finished_worktree_is_kept_with_what_was_built_in_it(
    repo: RunRepository, base: str
) -> None:
    tree = repo.checkout("base", base)
    (tree / "built.so").write_bytes(b"\0")
    assert (repo.checkout("base", base) / "built.so").exists()


def test_another_commit_or_patch_under_the_same_name_starts_afresh(
    repo: RunRepository, source, base: str
) -> None:
    patch = edit(repo, base, README_dot_md="hi\n")
    (repo.checkout("one", base) / "stray").write_text("x")
    tree = repo.checkout("one", base, patch)
    assert not (tree / "stray").exists()
    assert (tree / "README.md").read_text() == "hi\n"


def test_what_does_not_belong_to_a_change_is_not_in_its_patch(
    make_repository, tmp_path: Path
) -> None:
    source = make_repository({"a.py": "a\n", ".gitignore": "build/\n"})
    base = source.git("rev-parse", "HEAD")
    repo = RunRepository.create(tmp_path / "run", source.path / ".git", [base])
    tree = repo.checkout("edit", base)
    for name in (
        *("build/x.o", "__pycache__/a.cpython-311.pyc", ".pytest_cache/v", ".coverage"),
        *("pkg.egg-info/PKG-INFO", "pkg/_version.py", "*odd[1].so", ":(top)x.so"),
    ):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(b"\0generated\n")
    (tree / "a.py").chmod(0o755)
    (tree / "odd1.so").write_text("kept\n")
    generated = ["pkg.egg-info", "pkg/_version.py", "*odd[1].so", ":(top)x.so"]
    assert repo.diff(tree, base, generated=generated).files == ("odd1.so",)


def test_a_change_that_no_patch_may_make_is_told(repo: RunRepository, base: str) -> None:
    tree = repo.checkout("binary", base)
    (tree / "image.png").write_bytes(b"\0\1")
    with pytest.raises(ToolError, match=r"image\.png.*binary"):
        repo.diff(tree, base)
    tree = repo.checkout("link", base)
    (tree / "link").symlink_to("/etc/passwd")
    with pytest.raises(ToolError, match=r"link.*symlink"):
        repo.diff(tree, base)


def test_a_patch_changes_no_link_and_no_submodule_and_goes_through_neither(
    make_repository, tmp_path: Path
) -> None:
    source = make_repository({"d/f": "f\n"})
    (source.path / "link").symlink_to("/etc")
    (source.path / "folder").symlink_to("d")
    first = source.commit({})
    source.git("update-index", "--add", "--cacheinfo", f"160000,{first},sub")
    source.git("commit", "--quiet", "-m", "with a submodule")
    base = source.git("rev-parse", "HEAD")
    repo = RunRepository.create(tmp_path / "run", source.path / ".git", [base])
    end = "\n\\ No newline at end of file\n"
    gone = f"deleted file mode 100644\n--- a/link\n+++ /dev/null\n@@ -1 +0,0 @@\n-/etc{end}"
    for diff, reason in {
        f"--- a/link\n+++ b/link\n@@ -1 +1 @@\n-/etc{end}+/root{end}": "link is a symbolic link",
        "diff --git a/link b/x\nrename from link\nrename to x\n": "link is a symbolic link",
        f"diff --git a/link b/link\n{gone}": "link is a symbolic link",
        "--- a/folder/f\n+++ b/folder/f\n@@ -1 +1 @@\n-f\n+g\n": "folder is a symbolic link",
        "--- /dev/null\n+++ b/link/x\n@@ -0,0 +1 @@\n+x\n": "link is a symbolic link",
        "diff --git a/d/f b/link\nrename from d/f\nrename to link\n": "link is a symbolic link",
        "--- /dev/null\n+++ b/sub/x\n@@ -0,0 +1 @@\n+x\n": "sub is a submodule",
        f"--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-Subproject commit {first}\n+x\n": "a submodule",
    }.items():  # fmt: skip
        patch = Patch.parse(diff, base)
        with pytest.raises(ToolError, match=reason):
            repo.checkout("candidate", base, patch)
        assert not (repo.trees / "candidate").exists()
        with pytest.raises(ToolError, match=reason):
            repo.merge(base, [patch, patch])


def test_a_repository_made_in_a_worktree_gives_git_no_orders(
    make_repository, tmp_path: Path
) -> None:
    source = make_repository({"f": "f\n"})
    inner = make_repository({"g": "g\n"}, name="inner")
    sub = f"160000,{inner.git('rev-parse', 'HEAD')},sub"
    source.git("update-index", "--add", "--cacheinfo", sub)
    source.git("commit", "--quiet", "-m", "with a submodule")
    base = source.git("rev-parse", "HEAD")
    repo = RunRepository.create(tmp_path / "run", source.path / ".git", [base])
    tree = repo.checkout("edit", base)
    ran = tmp_path / "ran"
    inner.git("config", "filter.evil.clean", f"touch '{ran}'; cat")
    (inner.path / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    shutil.rmtree(tree / "sub")
    shutil.copytree(inner.path, tree / "sub")
    (tree / "sub" / "g").write_text("G\n")  # of the same size: git has to read it
    (tree / "f").write_text("F\n")
    assert repo.diff(tree, base).files == ("f",)
    assert not ran.exists()
    # Plain git is fooled, or this test would show nothing.
    plain = ("-C", str(tree), f"--git-dir={repo.git_dir / 'worktrees' / 'edit'}")
    source.git(*plain, f"--work-tree={tree}", "status", "--short")
    assert ran.exists()


def test_a_repository_that_converts_line_ends_shows_no_change_of_its_own(
    make_repository, tmp_path: Path
) -> None:
    source = make_repository({"crlf.txt": b"a\r\nb\r\n", "lf.txt": b"a\nb\n"})
    base = source.commit({".gitattributes": "* text=auto\nlf.txt eol=crlf\n"})
    repo = RunRepository.create(tmp_path / "run", source.path / ".git", [base])
    tree = repo.checkout("base", base)
    assert (tree / "crlf.txt").read_bytes() == b"a\r\nb\r\n"
    for name in ("crlf.txt", "lf.txt"):
        os.utime(tree / name, (1, 1))
    assert repo.diff(tree, base).is_empty
    (tree / "crlf.txt").write_bytes(b"a\r\nB\r\n")
    patch = repo.diff(tree, base)
    assert (patch.added_lines, patch.removed_lines) == (1, 1)
    assert (repo.checkout("again", base, patch) / "crlf.txt").read_bytes() == b"a\r\nB\r\n"


def test_renames_and_deletions_come_and_go_through_a_patch(repo: RunRepository, base: str) -> None:
    tree = repo.checkout("edit", base)
    (tree / "pkg/core.py").rename(tree / "pkg/heart of it.py")
    (tree / "README.md").unlink()
    patch = repo.diff(tree, base)
    assert len(patch.hunks()) == 2
    again = repo.checkout("again", base, patch)
    assert (again / "pkg/heart of it.py").read_text() == FILES["pkg/core.py"]
    assert not (again / "README.md").exists()
    assert repo.diff(again, base) == patch


def test_code_that_tampers_with_its_worktrees_git_file_is_still_compared(
    repo: RunRepository, base: str
) -> None:
    tree = repo.checkout("edit", base)
    (tree / ".git").unlink()
    (tree / "README.md").write_text("changed\n")
    assert repo.diff(tree, base).files == ("README.md",)
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)
    assert repo.diff(tree, base).files == ("README.md",)


def test_a_lost_index_is_no_loss(repo: RunRepository, base: str) -> None:
    tree = repo.checkout("edit", base)
    (tree / "README.md").write_text("changed\n")
    (repo.git_dir / "worktrees" / "edit" / "index").unlink()
    assert repo.diff(tree, base).files == ("README.md",)


def test_comparing_does_not_stage_anything(repo: RunRepository, base: str) -> None:
    tree = repo.checkout("edit", base)
    index = repo.git_dir / "worktrees" / "edit" / "index"
    before = index.read_bytes()
    (tree / "new.py").write_text("x\n")
    repo.diff(tree, base)
    assert index.read_bytes() == before


def test_removing_is_final_and_may_be_repeated(repo: RunRepository, base: str) -> None:
    tree = repo.checkout("gone", base)
    repo.remove("gone")
    repo.remove("gone")
    assert not tree.exists()
    assert "gone" not in subprocess.run(
        ["git", "worktree", "list"], cwd=repo.git_dir, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip


def test_a_worktree_that_became_a_link_does_not_take_its_target_along(
    repo: RunRepository, base: str, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    tree = repo.checkout("trick", base)
    shutil.rmtree(tree)
    tree.symlink_to(precious)
    repo.remove("trick")
    assert precious.is_dir()
    assert not tree.is_symlink()


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", ".hidden", "a b"])
def test_a_worktrees_name_cannot_lead_elsewhere(repo: RunRepository, base: str, name: str) -> None:
    with pytest.raises(ValueError, match="not a worktree's name"):
        repo.checkout(name, base)


def test_pruning_removes_half_made_worktrees_and_keeps_finished_ones(
    repo: RunRepository, base: str
) -> None:
    whole, half, lost = (repo.checkout(name, base) for name in ("whole", "half", "lost"))
    (repo.git_dir / "perfagent-trees" / "half").unlink()
    shutil.rmtree(lost)
    (repo.directory / "trees" / "stray").mkdir()
    RunRepository(repo.directory).prune()
    assert whole.is_dir()
    assert not half.exists()
    assert [path.name for path in (repo.directory / "trees").iterdir()] == ["whole"]
    for name in ("half", "lost", "stray"):
        assert repo.checkout(name, base).is_dir()


def test_the_repository_is_opened_again_by_a_resumed_run(
    repo: RunRepository, source, base: str
) -> None:
    tree = repo.checkout("base", base)
    (tree / "built").write_text("x")
    again = RunRepository.create(repo.directory, source.path / ".git", [base])
    assert (again.checkout("base", base) / "built").exists()


def test_commits_survive_when_the_source_forgets_its_branch(
    repo: RunRepository, source, base: str
) -> None:
    later = source.commit({"README.md": "later\n"})
    RunRepository.create(repo.directory, source.path / ".git", [base, later])
    source.git("reset", "--quiet", "--hard", base)
    assert (repo.checkout("later", later) / "README.md").read_text() == "later\n"


def test_a_build_in_a_worktree_finds_the_tag_its_version_comes_from(
    source, base: str, tmp_path: Path
) -> None:
    source.git("tag", "-a", "v1.2", "-m", "release")
    source.commit({"README.md": "later\n"})
    repo = RunRepository.create(
        tmp_path / "run", source.path / ".git", [source.git("rev-parse", "HEAD")]
    )
    tree = repo.checkout("base", source.git("rev-parse", "HEAD"))
    told = subprocess.run(
        ["git", "describe", "--tags"], cwd=tree, capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("v1.2-1-g")


def test_the_mirror_is_only_read(source, base: str, tmp_path: Path) -> None:
    def snapshot() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in source.path.rglob("*") if path.is_file()}

    before = snapshot()
    repo = RunRepository.create(tmp_path / "run", source.path / ".git", [base])
    tree = repo.checkout("x", base)
    (tree / "new.py").write_text("x\n")
    repo.checkout("y", base, repo.diff(tree, base))
    repo.remove("x")
    assert snapshot() == before


def test_a_commit_the_mirror_lacks_is_the_machines_failure(source, tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="lacks"):
        RunRepository.create(tmp_path / "run", source.path / ".git", ["1" * 40])


def test_a_run_folder_that_cannot_be_written_is_named(source, base: str, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(UserError, match="cannot write to"):
        RunRepository.create(tmp_path / "run", source.path / ".git", [base])


def test_worktrees_may_be_made_at_the_same_time(repo: RunRepository, base: str) -> None:
    patch = edit(repo, base, README_dot_md="hi\n")
    made: list[str] = []

    def work(number: int) -> None:
        tree = repo.checkout(f"t{number}", base, patch)
        made.append(repo.diff(tree, base).sha256)
        repo.remove(f"t{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [patch.sha256] * 6


def test_a_kill_at_any_moment_leaves_nothing_that_trips_the_next_run(
    source, base: str, tmp_path: Path
) -> None:
    source.commit({f"many/{number}.txt": "x\n" * 50 for number in range(600)})
    commit = source.git("rev-parse", "HEAD")
    script = """
import sys
from pathlib import Path
from perfagent.repos.checkout import RunRepository
repo = RunRepository.create(Path(sys.argv[1]), Path(sys.argv[2]), [sys.argv[3]])
print("made", flush=True)
for number in range(100):
    repo.remove("tree")
    tree = repo.checkout("tree", sys.argv[3])
    (tree / "new.py").write_text("x")
    repo.diff(tree, sys.argv[3])
"""
    arguments = [str(tmp_path / "run"), str(source.path / ".git"), commit]
    for delay_s in (0.0, 0.02, 0.06, 0.11):
        process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout
        process.stdout.read(1)
        time.sleep(delay_s)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        repo = RunRepository.create(tmp_path / "run", source.path / ".git", [commit])
        repo.prune()
        tree = repo.checkout("tree", commit)
        assert len(list((tree / "many").iterdir())) == 600
        assert repo.diff(tree, commit).files in ((), ("new.py",))
        assert {path.name for path in (tmp_path / "run").iterdir()} == {"repo.git", "trees"}


def test_what_running_code_changed_is_found_and_put_back(repo: RunRepository, base: str) -> None:
    tree = repo.checkout("run", base)
    assert repo.differing(tree) == {}
    (tree / "pkg/core.py").write_text("changed\n")
    (tree / "README.md").unlink()
    (tree / "a new ü.txt").write_text("new\n")
    assert repo.differing(tree) == {"README.md": True, "a new ü.txt": False, "pkg/core.py": True}
    repo.put_back(tree, ["pkg/core.py", "README.md"])
    assert (tree / "pkg/core.py").read_text() == FILES["pkg/core.py"]
    assert repo.differing(tree) == {"a new ü.txt": False}
    assert repo.ask(tree, "rev-parse", "HEAD").strip() == base


def test_a_sealed_repository_does_not_tell_what_came_later(source, tmp_path: Path) -> None:
    source.commit({"old.py": "1\n"})
    source.git("tag", "-a", "v1", "-m", "the first")
    for number in range(3):
        source.commit({"pkg/core.py": f"{number}\n"})
    base = source.git("rev-parse", "HEAD")
    source.commit({"pkg/core.py": "what the expert did\n"})
    source.git("tag", "v2")
    expert = source.git("rev-parse", "HEAD")
    repo = RunRepository.create(tmp_path / "run", source.path / ".git", [base], sealed=True)
    tree = repo.checkout("base", base)

    def git_in_tree(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=tree, capture_output=True, text=True).stdout

    everything = git_in_tree("cat-file", "--batch-check", "--batch-all-objects")
    assert base in everything
    assert expert not in everything
    assert "what the expert did" not in git_in_tree("log", "--all", "--patch")
    # A build takes its version from there; and what perfagent itself asks is told from all of it.
    assert git_in_tree("describe").startswith("v1-3-g")
    assert len(git_in_tree("log", "--format=%h").split()) == 4
    assert len(repo.ask(tree, "log", "--format=%h", base).split()) == 5
    assert "old.py" in repo.ask(tree, "show", "--stat", "--format=", "v1")
    (tree / "pkg" / "core.py").write_text("new\n")
    assert repo.diff(tree, base).files == ("pkg/core.py",)
    again = RunRepository.create(tmp_path / "run", source.path / ".git", [base], sealed=True)
    assert again.checkout("base", base) == tree
    with pytest.raises(InfrastructureError, match="lacks 1111"):
        RunRepository.create(tmp_path / "x", source.path / ".git", ["1" * 40], sealed=True)
