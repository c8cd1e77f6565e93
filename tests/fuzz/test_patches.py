"""What a diff says that it changes is what git changes, and nothing else in the world."""

from __future__ import annotations

import difflib
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfagent.errors import ToolError
from perfagent.repos.checkout import RunRepository
from perfagent.repos.patch import Patch
from perfagent.repos.path_names import is_git_folder
from perfagent.tests.fuzz.conftest import contents
from perfagent.tests.fuzz.texts import HOSTILE_PATHS, mixed, paths, words
from perfagent.tools.honesty.scope import out_of_scope

COMMIT = "0" * 40
BASE = {
    "f.py": "one\ntwo\nthree\nfour\nfive\nsix\nseven\n",
    "pkg/g.py": "a\nb\nc",
    "my file.py": "x\r\ny\r\n",
    "naïve.py": "",
    "x b/x": "1\n2\n",
}
# A link's target is its text, to git.
LINKS = {"link": "f.py", "out": "..", "folder": "pkg"}
HEADERS = (
    *("diff --git a/f.py b/f.py", "new file mode 100644", "new file mode 120000"),
    *("old mode 100644", "new mode 100755", "deleted file mode 100644", "rename from f.py"),
    *("rename to pkg/new.py", "copy from f.py", "copy to pkg/new.py", "similarity index 9%"),
    *("index 1111111..2222222 120000", "index 1111111..2222222 160000", "GIT binary patch"),
    *("Binary files a/f.py and b/f.py differ", "--- a/f.py", "+++ b/f.py", "--- /dev/null"),
    *("+++ /dev/null", "@@ -1,2 +1,2 @@", "@@ -0,0 +1 @@", "-one", "+ONE", " one", " two", ""),
    *("\\ No newline at end of file", "-- ", "+++ b/x b/x"),
)
NO_NEWLINE = "\\ No newline at end of file\n"
common = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def git(folder: Path, *args: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["git", *args], cwd=folder, input=stdin, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@st.composite
def edits(draw: st.DrawFn) -> str:
    """Return a diff that fits the base, of one file, with a name and a mode of any kind."""
    texts = {**BASE, **LINKS}
    old = draw(st.sampled_from([*texts, None]))
    new = draw(st.sampled_from([*BASE, *HOSTILE_PATHS]) | st.just(old))
    before = texts[old].splitlines(keepends=True) if old else []
    after = [line for line in before if draw(st.booleans())]
    for text in draw(st.lists(words, max_size=3)):
        line = text.replace("\n", "") + "\n"
        after.insert(draw(st.integers(0, len(after))), line)
    header = f"diff --git a/{old or new} b/{new or old}\n"
    if old is None:
        header += f"new file mode {draw(st.sampled_from(['100644', '100755', '120000']))}\n"
    elif new is None:
        header += "deleted file mode 100644\n"
        after = []
    elif new != old and draw(st.booleans()):
        header += f"rename from {old}\nrename to {new}\n"
    tab = draw(st.sampled_from(["", "\t"]))
    names = (f"a/{old}{tab}" if old else "/dev/null", f"b/{new}{tab}" if new else "/dev/null")
    hunks = difflib.unified_diff(before, after, *names, n=draw(st.integers(0, 3)))
    lines = [part if part.endswith("\n") else f"{part}\n{NO_NEWLINE}" for part in hunks]
    return header + "".join(lines)


@st.composite
def diffs(draw: st.DrawFn) -> str:
    """Return diffs that fit, and what is left of them after lines were lost, doubled or added."""
    text = "".join(draw(st.lists(edits(), min_size=1, max_size=3)))
    lines = text.split("\n")
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(lines) - 1))
        line = draw(st.sampled_from(HEADERS) | paths.map(lambda path: f"+++ b/{path}"))
        lines[at : at + draw(st.integers(0, 2))] = draw(
            st.sampled_from([[], [line], [lines[at]] * 2])
        )
        lines = lines or [""]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunRepository, str]:
    """A repository with files of every kind, beside a link and a submodule."""
    source = tmp_path_factory.mktemp("source")
    who = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")
    git(source, "init", "--quiet")
    for name, text in BASE.items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(text, newline="")
    for name, text in LINKS.items():
        (source / name).symlink_to(text)
    git(source, "add", "--all")
    git(source, *who, "commit", "--quiet", "-m", "files")
    first = git(source, "rev-parse", "HEAD").decode().strip()
    git(source, "update-index", "--add", "--cacheinfo", f"160000,{first},sub")
    git(source, *who, "commit", "--quiet", "-m", "a submodule")
    base = git(source, "rev-parse", "HEAD").decode().strip()
    folder = tmp_path_factory.mktemp("run") / "work"
    return RunRepository.create(folder, source / ".git", [base]), base


def check_paths(patch: Patch) -> None:
    for path in patch.files:
        parts = PurePosixPath(path).parts
        assert parts
        assert not path.startswith("/")
        assert ".." not in parts
        assert not any(map(is_git_folder, parts))


@common
@given(mixed(HEADERS, joined="\n", most=14) | diffs())
def test_no_diff_crashes_the_reader_and_what_is_read_is_read_again(text: str) -> None:
    try:
        patch = Patch.parse(text, COMMIT)
    except ToolError:
        return
    check_paths(patch)
    assert Patch.parse(patch.diff, COMMIT) == patch
    out_of_scope(patch, {"tests/test_x.py"}, "f.py")
    for index, hunk in enumerate(patch.hunks()):
        assert set(hunk.files) <= set(patch.files)
        assert len(patch.without(index).hunks()) == len(patch.hunks()) - 1


@common
@given(diffs())
def test_git_changes_the_files_and_lines_that_the_patch_says(
    run: tuple[RunRepository, str], text: str
) -> None:
    repo, base = run
    try:
        patch = Patch.parse(text, base)
    except ToolError:
        return
    if patch.is_empty:
        return
    counted = git(repo.git_dir, "apply", "--numstat", "-z", "-", stdin=patch.as_bytes)
    added = removed = 0
    for entry in filter(None, counted.split(b"\0")):
        plus, _, rest = entry.partition(b"\t")
        minus, _, path = rest.partition(b"\t")
        added, removed = added + int(plus), removed + int(minus)
        assert path.decode("utf-8", "surrogateescape") in patch.files
    assert (added, removed) == (patch.added_lines, patch.removed_lines)


@settings(common, max_examples=max(15, settings.default.max_examples // 6))
@given(diffs())
def test_a_patch_changes_nothing_outside_its_worktree_and_nothing_that_it_does_not_name(
    run: tuple[RunRepository, str], text: str
) -> None:
    repo, base = run
    try:
        patch = Patch.parse(text, base)
        tree = repo.checkout("candidate", base, patch)
    except ToolError:
        assert not (repo.trees / "candidate").exists()
        return
    assert [path.name for path in repo.trees.iterdir()] == ["candidate"]
    changed = {}
    for name in {*contents(tree), *BASE} - {".git", *LINKS}:
        now = (tree / name).read_bytes() if (tree / name).is_file() else None
        if now != (BASE[name].encode() if name in BASE else None):
            changed[name] = now
    assert set(changed) <= set(patch.files)
    assert all(not (tree / name).is_symlink() for name in changed)
    assert {name: str((tree / name).readlink()) for name in LINKS} == LINKS
    found = repo.diff(tree, base)
    assert set(found.files) <= set(patch.files)
    repo.remove("candidate")
