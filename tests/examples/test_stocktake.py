"""The example is a fair one: same behaviour at base and expert, on every Python it names."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WORKLOAD = EXAMPLES / "stocktake" / "workload.py"
ANSWER = """
import hashlib, pathlib, runpy, sys
names = runpy.run_path(sys.argv[1])
names["setup"]()
answer = names["workload"]()
names["setup"]()
assert names["workload"]() == answer, "the second call answers something else"
module = sys.modules["stocktake"]
print(pathlib.Path(module.__file__).parent)
print(hashlib.sha256(repr(answer).encode()).hexdigest())
"""


def lay_out(directory: Path, *, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run examples/lay_out.py and check its exit status."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "lay_out.py"), str(directory)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=repository, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The library's tree by tag."""
    folder = tmp_path_factory.mktemp("example")
    lay_out(folder / "base")
    lay_out(folder / "expert")
    git(folder / "expert", "checkout", "--quiet", "expert")
    return {"base": folder / "base", "expert": folder / "expert"}


def python(tree: Path, *arguments: str, hash_seed: int = 0) -> str:
    """Run an interpreter that imports the library from a tree; return what it printed."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tree / "src"),
        "PYTHONHASHSEED": str(hash_seed),
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("tag", ["base", "expert"])
def test_the_librarys_own_suite_passes(trees: dict[str, Path], tag: str):
    printed = python(trees[tag], "-m", "pytest", "-q", "-p", "no:cacheprovider")
    passed = re.search(r"(\d+) passed", printed)
    assert passed is not None
    assert int(passed.group(1)) >= 40


def test_the_expert_answers_what_the_base_answers(trees: dict[str, Path]):
    answers = set()
    for tree in trees.values():
        for hash_seed in (0, 7):
            place, answer = python(
                tree, "-c", ANSWER, str(WORKLOAD), hash_seed=hash_seed
            ).splitlines()
            assert Path(place).is_relative_to(tree.resolve())
            answers.add(answer)
    assert len(answers) == 1


def test_the_expert_changed_the_library_and_nothing_else(trees: dict[str, Path]):
    changed = git(trees["base"], "diff", "--name-only", "base", "expert").splitlines()
    assert len(changed) >= 4
    assert all(path.startswith("src/stocktake/") for path in changed)


def test_the_code_is_of_the_oldest_python_that_it_names(trees: dict[str, Path]):
    for tree in trees.values():
        for path in [*tree.rglob("*.py"), WORKLOAD]:
            ast.parse(path.read_bytes(), str(path), feature_version=(3, 8))


def test_whoever_lays_it_out_gets_the_same_commits(
    tmp_path: Path, trees: dict[str, Path], private_home: Path, monkeypatch: pytest.MonkeyPatch
):
    (private_home / ".gitconfig").write_text(
        "[core]\n\tautocrlf = true\n[commit]\n\tgpgsign = true\n[init]\n\tdefaultBranch = trunk\n"
    )
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0o077)
    try:
        lay_out(tmp_path / "mine")
    finally:
        os.umask(before)
    monkeypatch.delenv("GIT_DIR")
    for tag in ("base", "expert"):
        assert git(tmp_path / "mine", "rev-parse", tag) == git(trees["base"], "rev-parse", tag)


def test_the_repository_stands_at_its_base_and_is_clean(tmp_path: Path):
    printed = lay_out(tmp_path / "shop").stdout
    assert git(tmp_path / "shop", "symbolic-ref", "--short", "HEAD") == "main"
    base = git(tmp_path / "shop", "rev-parse", "base")
    assert git(tmp_path / "shop", "rev-parse", "HEAD") == base
    assert git(tmp_path / "shop", "rev-parse", "expert^") == base
    assert git(tmp_path / "shop", "status", "--porcelain") == ""
    assert base[:12] in printed


def test_laying_it_out_again_keeps_what_is_there(tmp_path: Path):
    lay_out(tmp_path / "shop")
    (tmp_path / "shop" / "note.txt").write_text("mine\n")
    lay_out(tmp_path / "shop")
    assert (tmp_path / "shop" / "note.txt").read_text() == "mine\n"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "note.txt").write_text("mine\n")
    done = lay_out(tmp_path / "shop", status=2)
    assert len(done.stderr.splitlines()) == 1
    assert "remove it or name another place" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
    assert [path.name for path in (tmp_path / "shop").iterdir()] == ["note.txt"]


def test_another_repository_is_left_alone(tmp_path: Path):
    (tmp_path / "shop").mkdir()
    git(tmp_path / "shop", "init", "--quiet")
    done = lay_out(tmp_path / "shop", status=2)
    assert "remove it or name another place" in done.stderr
