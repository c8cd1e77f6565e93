"""What a patch may say, and what it is cut into."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfagent.errors import ToolError
from perfagent.repos.checkout import RunRepository
from perfagent.repos.patch import Patch, combine

BASE = "0" * 40
TWO_HUNKS = """\
diff --git a/pkg/core.py b/pkg/core.py
index 1111111..2222222 100644
--- a/pkg/core.py
+++ b/pkg/core.py
@@ -1,4 +1,6 @@
 one
-two
+TWO
+2a
+2b
 three
 four
@@ -20,3 +22,3 @@ def last():
 x
-y
+Y
 z
"""
NEW_FILE = """\
diff --git a/new.py b/new.py
new file mode 100644
index 0000000..2222222
--- /dev/null
+++ b/new.py
@@ -0,0 +1,2 @@
+a
+b
"""
DELETED_FILE = """\
diff --git a/old.py b/old.py
deleted file mode 100644
index 1111111..0000000
--- a/old.py
+++ /dev/null
@@ -1,2 +0,0 @@
-a
-b
"""
RENAMED_FILE = """\
diff --git a/before.py b/after it.py
similarity index 80%
rename from before.py
rename to after it.py
index 1111111..2222222 100644
--- a/before.py
+++ b/after it.py\t
@@ -1,3 +1,3 @@
 a
-b
+B
 c
"""
EMPTY_FILE = "diff --git a/pkg/__init__.py b/pkg/__init__.py\nnew file mode 100644\nindex 0..e\n"


def patch(text: str) -> Patch:
    return Patch.parse(text, BASE)


def change(old: str, new: str, *header: str) -> str:
    lines = "".join(line + "\n" for line in header)
    return f"{lines}--- {old}\n+++ {new}\n@@ -1 +1 @@\n-a\n+b\n"


def new_file(name: str, mode: str) -> str:
    header = f"diff --git a/{name} b/{name}\nnew file mode {mode}\n"
    return f"{header}--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+x\n"


def test_a_patch_counts_what_it_changes() -> None:
    whole = patch(TWO_HUNKS + NEW_FILE + DELETED_FILE + RENAMED_FILE)
    assert whole.files == ("pkg/core.py", "new.py", "old.py", "before.py", "after it.py")
    assert (whole.added_lines, whole.removed_lines) == (7, 5)
    assert not whole.is_empty


def test_reading_its_own_text_changes_nothing() -> None:
    once = patch(TWO_HUNKS + NEW_FILE + EMPTY_FILE + DELETED_FILE + RENAMED_FILE)
    assert patch(once.diff) == once
    assert patch(once.diff).sha256 == once.sha256


def test_an_empty_diff_is_an_empty_patch() -> None:
    for text in ("", "\n", " \n\n"):
        assert patch(text).is_empty
        assert patch(text).files == ()
        assert patch(text).hunks() == ()


def test_a_section_that_changes_nothing_is_dropped() -> None:
    context_only = "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n a\n b\n"
    assert patch(context_only).is_empty


@pytest.mark.parametrize("text", [TWO_HUNKS, NEW_FILE, DELETED_FILE, RENAMED_FILE])
def test_windows_line_ends_of_the_whole_diff_are_undone(text: str) -> None:
    assert patch(text.replace("\n", "\r\n")) == patch(text)


def test_windows_line_ends_of_the_file_itself_are_kept() -> None:
    text = "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n same\r\n-old\r\n+new\r\n"
    assert "+new\r\n" in patch(text).diff


def test_a_missing_last_newline_and_text_around_the_diff_do_no_harm() -> None:
    assert patch("Here you are:\n\n" + TWO_HUNKS.rstrip("\n")) == patch(TWO_HUNKS)
    assert patch(TWO_HUNKS + "-- \n2.39.5\n\n") == patch(TWO_HUNKS)


def test_an_empty_context_line_without_its_space_is_read() -> None:
    text = "--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n"
    assert "\n a\n \n-b\n" in patch(text).diff


def test_a_file_without_a_last_newline_stays_one() -> None:
    text = (
        "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n"
        "-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    )
    assert patch(text).diff.count("\\ No newline at end of file\n") == 2


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("a/x.py", "b/x.py", "x.py"),
        ("x.py", "x.py", "x.py"),
        ("i/x.py", "w/x.py", "x.py"),
        ("x.py.orig", "x.py", "x.py"),
        ("a/x.py\t2024-01-01 10:00:00", "b/x.py\t2024-01-01 10:00:01", "x.py"),
        ("a/my file.py", "b/my file.py", "my file.py"),
        ("a/naïve.py", "b/naïve.py", "naïve.py"),
        ('"a/na\\303\\257ve.py"', '"b/na\\303\\257ve.py"', "naïve.py"),
        ("a/a/x.py", "b/a/x.py", "a/x.py"),
        ("a/.github/x.py", "b/.github/x.py", ".github/x.py"),
    ],
)
def test_the_files_name_is_found_however_it_is_written(old: str, new: str, path: str) -> None:
    assert patch(change(old, new)).files == (path,)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (change("a/../x.py", "b/../x.py"), "inside the repository"),
        (change("/etc/passwd", "/etc/passwd"), "inside the repository"),
        (change("a//etc/passwd", "b//etc/passwd"), "inside the repository"),
        (change("a/./x.py", "b/./x.py"), "inside the repository"),
        (change("/dev/null", "b/x/../../y.py"), "inside the repository"),
        (change("a/.git/config", "b/.git/config"), "out of bounds"),
        (change("a/sub/.GIT/hooks/x", "b/sub/.GIT/hooks/x"), "out of bounds"),
        (change("a/.git./config", "b/.git./config"), "out of bounds"),
        (change("a/GIT~1/config", "b/GIT~1/config"), "out of bounds"),
        (change("a/git~2/config", "b/git~2/config"), "out of bounds"),
        (change("a/.g\u200cit/config", "b/.g\u200cit/config"), "out of bounds"),
        (change("a/\uff0egit/config", "b/\uff0egit/config"), "out of bounds"),
        (change("a/.git::$INDEX/x", "b/.git::$INDEX/x"), "out of bounds"),
        (change("a/x\u202e.py", "b/x\u202e.py"), "nobody sees"),
        (change('"a/x\\ny"', '"b/x\\ny"'), "characters"),
        (change("a/x\\y.py", "b/x\\y.py"), "characters"),
        (change("/dev/null", "/dev/null"), "/dev/null"),
        (change("a/l", "b/l", "diff --git a/l b/l", "index 1..2 120000"), "symlink"),
        (new_file("l", "120000"), "symlink"),
        (new_file("m", "160000"), "symlink"),
        ("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "mode"),
        (change("a/x", "b/x", "diff --git a/x b/x", "old mode 100644", "new mode 100755"), "mode"),
        ("diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n", "copies"),
        ("diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n", "binary"),
        ("diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 1\nIcmZ\n\n", "binary"),
        (change("a/x", "b/x") * 2, "twice"),
        (change("a/x b/x", "b/x b/x"), "where it ends"),
        ("diff --git a/x b/x b/y\nrename from x b/x\nrename to y\n", "where it ends"),
        (change("a/x", "b/y", "diff --git a/x b/y", "new file mode 100644"), "new or deleted"),
        ("--- a/x\n+++ b/x\n@@ -1,2 +0,0 @@\n-a\n-b\n@@ -1 +1 @@\n-a\n+b\n", "before the first"),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+\0\n", "NUL"),
        ("just words\n", "no unified diff"),
        ("@@ -1 +1 @@\n-a\n+b\n", "cannot be read"),
        ("--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n-a\n+b\n", "cannot be read"),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\nnonsense\n+b\n", "cannot be read"),
    ],
)  # fmt: skip
def test_what_a_patch_may_not_do_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ToolError, match=reason):
        patch(text)


def test_lines_that_git_might_obey_but_nobody_checked_are_not_passed_on() -> None:
    sneaky = change("a/x.py", "b/x.py", "diff --git a/x.py b/x.py", "rename from .git/config")
    assert ".git" not in patch(sneaky).diff


@given(st.text(alphabet='-+@ \\ab/.\n\t\r\0"12,', max_size=200))
def test_no_text_makes_parsing_crash(text: str) -> None:
    for prefix in ("", "--- a/x\n+++ b/x\n", "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n"):
        try:
            read = patch(prefix + text)
        except ToolError:
            continue
        assert patch(read.diff) == read


def test_each_hunk_stands_alone_at_its_place_in_the_base() -> None:
    first, second, new = patch(TWO_HUNKS + NEW_FILE).hunks()
    assert "@@ -1,4 +1,6 @@" in first.diff
    assert "@@ -20,3 +20,3 @@ def last():" in second.diff
    assert new == patch(NEW_FILE)
    assert {part.base_commit for part in (first, second, new)} == {BASE}


def test_leaving_a_hunk_out_moves_those_after_it() -> None:
    whole = patch(TWO_HUNKS + NEW_FILE)
    assert "@@ -20,3 +20,3 @@" in whole.without(0).diff
    assert "@@ -1,4 +1,6 @@" in whole.without(1).diff
    assert whole.without(2) == patch(TWO_HUNKS)
    assert whole.without(2).without(1).without(0).is_empty
    with pytest.raises(IndexError):
        whole.without(3)


def test_the_lines_that_decide_on_covering_tests_are_those_of_the_base() -> None:
    assert patch(TWO_HUNKS).base_lines() == {"pkg/core.py": (2, 21)}
    inserted = "--- a/x.py\n+++ b/x.py\n@@ -4,2 +4,3 @@\n a\n+b\n c\n"
    assert patch(inserted).base_lines() == {"x.py": (4, 5)}
    assert patch(NEW_FILE).base_lines() == {}
    assert patch(RENAMED_FILE).base_lines() == {"before.py": (2,)}


def test_added_lines_are_numbered_as_in_the_patched_file() -> None:
    assert patch(TWO_HUNKS).new_lines() == {"pkg/core.py": (2, 3, 4, 23)}
    assert patch(NEW_FILE).new_lines() == {"new.py": (1, 2)}
    assert patch(DELETED_FILE).new_lines() == {}


def numbered(*, without: tuple[int, ...] = (), **changed: str) -> str:
    lines = [changed.get(f"l{n}", f"line {n}\n") for n in range(1, 41) if n not in without]
    return "".join(lines)


class Workbench:
    """A base of one 40-line file, and patches against it made by git."""

    def __init__(self, source, tmp_path: Path) -> None:
        self.source = source
        self.base: str = source.git("rev-parse", "HEAD")
        self.repo = RunRepository.create(tmp_path / "run", source.path / ".git", [self.base])
        self._count = 0

    def patch(self, files: dict[str, str | None]) -> Patch:
        self._count += 1
        tree = self.repo.checkout(f"edit-{self._count}", self.base)
        for name, text in files.items():
            if text is None:
                (tree / name).unlink()
            else:
                (tree / name).write_text(text)
        return self.repo.diff(tree, self.base)

    def applied(self, patch: Patch) -> dict[str, str]:
        self._count += 1
        tree = self.repo.checkout(f"applied-{self._count}", self.base, patch)
        return {p.name: p.read_text() for p in sorted(tree.iterdir()) if p.name != ".git"}


@pytest.fixture
def workbench(make_repository, tmp_path: Path) -> Workbench:
    return Workbench(make_repository({"f.py": numbered(), "g.py": "g\n"}), tmp_path)


def test_every_hunk_git_makes_applies_alone_and_all_but_one_apply_together(
    workbench: Workbench,
) -> None:
    # The same line stands everywhere, so that a hunk at the wrong offset would fit elsewhere.
    changed = numbered(without=(3, 4, 5), l15="fifteen\nmore\nmore\n", l30="thirty\n", l40="last\n")
    whole = workbench.patch({"f.py": changed})
    assert len(whole.hunks()) == 4
    expected = {"f.py": numbered(l30="thirty\n"), "g.py": "g\n"}
    assert workbench.applied(whole.hunks()[2]) == expected
    without_first = numbered(l15="fifteen\nmore\nmore\n", l30="thirty\n", l40="last\n")
    assert workbench.applied(whole.without(0))["f.py"] == without_first


def test_patches_of_different_lines_and_files_combine(workbench: Workbench) -> None:
    first = workbench.patch({"f.py": numbered(l5="five\n"), "new.py": "n\n"})
    second = workbench.patch({"f.py": numbered(without=(1,), l30="thirty\n"), "g.py": None})
    both = combine(workbench.repo, workbench.base, [first, second])
    assert both.base_commit == workbench.base
    assert workbench.applied(both) == {
        "f.py": numbered(without=(1,), l5="five\n", l30="thirty\n"),
        "new.py": "n\n",
    }
    reversed_order = combine(workbench.repo, workbench.base, [second, first])
    assert reversed_order.sha256 == both.sha256


def test_what_two_patches_both_do_is_done_once(workbench: Workbench) -> None:
    first = workbench.patch({"f.py": numbered(l5="five\n", l20="twenty\n")})
    second = workbench.patch({"f.py": numbered(l5="five\n", l35="x\n")})
    both = combine(workbench.repo, workbench.base, [first, second])
    assert workbench.applied(both)["f.py"] == numbered(l5="five\n", l20="twenty\n", l35="x\n")


def test_two_patches_on_top_of_a_third_combine_where_one_goes_on_with_its_lines(
    workbench: Workbench,
) -> None:
    common = workbench.patch({"f.py": numbered(l5="five\n")})
    first = workbench.patch({"f.py": numbered(l5="five\n", l6="six\n")})
    second = workbench.patch({"f.py": numbered(l5="five\n", l30="thirty\n")})
    with pytest.raises(ToolError, match="conflicts"):
        combine(workbench.repo, workbench.base, [first, second])
    both = combine(workbench.repo, workbench.base, [first, second], common=common)
    assert both.base_commit == workbench.base
    assert workbench.applied(both) == {
        **workbench.applied(first),
        "f.py": numbered(l5="five\n", l6="six\n", l30="thirty\n"),
    }


def test_patches_that_disagree_do_not_combine(workbench: Workbench) -> None:
    first = workbench.patch({"f.py": numbered(l5="five\n")})
    second = workbench.patch({"f.py": numbered(l5="FIVE\n")})
    with pytest.raises(ToolError, match=r"patch 2 conflicts.*f\.py"):
        combine(workbench.repo, workbench.base, [first, second])


def test_a_patch_against_something_else_does_not_combine(workbench: Workbench) -> None:
    stray = patch(TWO_HUNKS)
    other = workbench.patch({"g.py": "G\n"})
    with pytest.raises(ToolError, match="does not apply"):
        combine(workbench.repo, workbench.base, [other, stray])


def test_combining_nothing_or_one_is_that(workbench: Workbench) -> None:
    nothing = Patch(diff="", base_commit=workbench.base)
    only = workbench.patch({"g.py": "G\n"})
    assert combine(workbench.repo, workbench.base, []) == nothing
    assert combine(workbench.repo, workbench.base, [nothing, only]) == only


def test_files_that_are_not_utf8_keep_their_bytes(workbench: Workbench) -> None:
    tree = workbench.repo.checkout("latin", workbench.base)
    (tree / "g.py").write_bytes(b"caf\xe9\n")
    changed = workbench.repo.diff(tree, workbench.base)
    assert b"+caf\xe9\n" in changed.as_bytes
    applied = workbench.repo.checkout("again", workbench.base, changed)
    assert (applied / "g.py").read_bytes() == b"caf\xe9\n"
