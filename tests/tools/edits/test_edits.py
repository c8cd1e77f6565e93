"""Edits land exactly where they belong, or nowhere, and leave everything else as it was."""

from __future__ import annotations

import contextlib
import difflib
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from perfagent.errors import ToolError
from perfagent.tools.edits.edits import apply_edits, parse_reply, read_text, write_texts

MODULE = """\
import re

class Index:
    def add(self, key):
        self.keys.append(key)
        return key

    def drop(self, key):
        self.keys.remove(key)
        return key


def total(values):
    result = 0
    for value in values:
        result += value
    return result
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "mod.py").write_text(MODULE)
    return tmp_path


def block(search: str, replacement: str, path: str = "pkg/mod.py") -> str:
    return f"{path}\n<<<<<<< SEARCH\n{search}\n=======\n{replacement}\n>>>>>>> REPLACE\n"


def edited(tree: Path, reply: str, path: str = "pkg/mod.py", **options: list[str]) -> str:
    return apply_edits(tree, parse_reply(reply), **options)[path]


LOOP = "    result = 0\n    for value in values:\n        result += value\n    return result"


def test_a_block_replaces_its_lines_and_nothing_else(tree: Path) -> None:
    expected = MODULE.replace(LOOP, "    return sum(values)")
    assert edited(tree, block(LOOP, "    return sum(values)")) == expected
    assert (tree / "pkg/mod.py").read_text() == MODULE


def test_later_blocks_see_the_text_that_earlier_ones_left(tree: Path) -> None:
    reply = block("import re", "import os") + block("import os", "import sys")
    assert edited(tree, reply) == MODULE.replace("import re", "import sys")


def test_a_block_may_delete_its_lines(tree: Path) -> None:
    reply = "pkg/mod.py\n<<<<<<< SEARCH\nimport re\n\n=======\n>>>>>>> REPLACE\n"
    assert edited(tree, reply) == MODULE.removeprefix("import re\n\n")


def test_a_block_repeated_word_for_word_is_applied_once(tree: Path) -> None:
    reply = block("import re", "import os")
    assert edited(tree, reply + reply) == MODULE.replace("import re", "import os")


def test_trailing_blanks_and_blank_border_lines_do_not_matter(tree: Path) -> None:
    search = "\n    result = 0   \n    for value in values:\n        result += value\t\n\n\n"
    expected = MODULE.replace(LOOP, "    result = sum(values)\n    return result")
    assert edited(tree, block(search, "    result = sum(values)")) == expected


def test_untouched_lines_keep_their_trailing_blanks(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1   \ny = 2\nz = 3\t\n")
    assert edited(
        tmp_path, block("x = 1\ny = 2\nz = 3", "x = 1\ny = 5\nz = 3", "a.py"), "a.py"
    ) == ("x = 1   \ny = 5\nz = 3\t\n")


def test_a_method_quoted_without_its_indentation_is_found_and_indented(tree: Path) -> None:
    reply = block(
        "def add(self, key):\n    self.keys.append(key)",
        "def add(self, key):\n    self.keys += [key]",
    )
    assert edited(tree, reply) == MODULE.replace("self.keys.append(key)", "self.keys += [key]")


def test_line_numbers_copied_from_a_listing_are_left_out(tree: Path) -> None:
    search = "    13| def total(values):\n    14|     result = 0"
    new = "    13| def total(values):\n    14|     result = 1"
    assert edited(tree, block(search, new)) == MODULE.replace("result = 0", "result = 1")
    assert edited(tree, block(search, "def total(values):\n    result = 1")) == (
        MODULE.replace("result = 0", "result = 1")
    )


def test_an_ambiguous_block_is_refused_with_its_places(tree: Path) -> None:
    with pytest.raises(ToolError, match=r"block 1 \(pkg/mod.py\).*2 times \(at lines 6, 10\)"):
        edited(tree, block("        return key", "        return None"))
    with pytest.raises(ToolError, match="2 times"):
        edited(tree, block("return key", "return None"))


def test_a_miss_shows_the_closest_lines(tree: Path) -> None:
    with pytest.raises(ToolError) as caught:
        edited(
            tree, block("    result = 0\n    for item in values:\n        result += item", "    x")
        )
    message = str(caught.value)
    assert "14|     result = 0" in message
    assert "16|         result += value" in message


def test_one_changed_line_still_finds_its_closest_line(tree: Path) -> None:
    with pytest.raises(ToolError, match=r"5\|         self.keys.append\(key\)"):
        edited(tree, block("        self.keys.append(keys)", "        pass"))


def test_tabs_for_spaces_are_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f():\n\tx = 1\n\treturn x\n")
    with pytest.raises(ToolError, match="the file uses tabs, the edit spaces"):
        edited(
            tmp_path, block("def f():\n    x = 1\n    return x", "def f():\n    return 1", "a.py")
        )


def test_every_failing_block_is_reported_at_once(tree: Path) -> None:
    reply = block("nothing like it at all", "x") + block("neither is this one here", "y")
    with pytest.raises(ToolError, match=r"(?s)block 1 .*block 2 "):
        edited(tree, reply)


def test_crlf_files_keep_crlf(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"a = 1\r\nb = 2\r\nc = 3\r\n")
    reply = block("b = 2", "b = 4\nd = 5", "a.py")
    assert edited(tmp_path, reply, "a.py") == "a = 1\r\nb = 4\r\nd = 5\r\nc = 3\r\n"
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n a = 1\n-b = 2\n+b = 4\n c = 3\n"
    assert edited(tmp_path, diff, "a.py") == "a = 1\r\nb = 4\r\nc = 3\r\n"


def test_a_file_without_a_final_newline_stays_without(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\nb = 2")
    assert edited(tmp_path, block("b = 2", "b = 3", "a.py"), "a.py") == "a = 1\nb = 3"
    assert edited(tmp_path, block("a = 1", "a = 3", "a.py"), "a.py") == "a = 3\nb = 2"


def test_a_line_of_equals_signs_in_a_docstring_can_be_searched(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("Title\n=======\nx = 1\n")
    assert edited(
        tmp_path, block("Title\n=======\nx = 1", "Title\n=======\nx = 2", "a.py"), "a.py"
    ) == ("Title\n=======\nx = 2\n")


def test_an_empty_search_or_a_whole_file_makes_a_new_file(tree: Path) -> None:
    reply = "pkg/new.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n"
    assert edited(tree, reply, "pkg/new.py") == "x = 1\n"
    assert edited(tree, "pkg/new.py\n```python\nx = 1\n```", "pkg/new.py") == "x = 1\n"
    with pytest.raises(ToolError, match="the SEARCH part is empty, but the file exists"):
        edited(tree, reply.replace("new.py", "mod.py"))


def test_a_whole_file_replaces_an_existing_one_only_when_asked_for(tree: Path) -> None:
    reply = "pkg/mod.py\n```python\nx = 1\n```\n"
    with pytest.raises(ToolError, match=r"pkg/mod\.py exists"):
        edited(tree, reply)
    assert edited(tree, reply, replaceable=["pkg/mod.py"]) == "x = 1\n"
    assert edited(tree, reply + block("import re", "import os")).startswith("import os\n")


def test_a_diff_with_wrong_numbers_is_placed_by_its_lines(tree: Path) -> None:
    diff = (
        "--- a/pkg/mod.py\n+++ b/pkg/mod.py\n@@ -90,17 +2,1 @@\n def total(values):\n"
        "-    result = 0\n-    for value in values:\n-        result += value\n-    return result\n"
        "+    return sum(values)\n"
    )
    assert edited(tree, diff) == MODULE.replace(LOOP, "    return sum(values)")


def test_equal_places_are_told_apart_by_number_or_heading_but_never_guessed(tree: Path) -> None:
    hunk = "-        return key\n+        return None\n"
    head = "--- a/pkg/mod.py\n+++ b/pkg/mod.py\n"
    first, second, rest = MODULE.split("return key")
    wanted = f"{first}return key{second}return None{rest}"
    assert edited(tree, f"{head}@@ -10 +10 @@\n{hunk}") == wanted
    assert edited(tree, f"{head}@@ -1,3 +1,3 @@ def drop(self, key):\n{hunk}") == wanted
    assert edited(tree, f"{head}@@ def drop\n{hunk}") == wanted
    with pytest.raises(ToolError, match="2 times"):
        edited(tree, f"{head}@@ -7 +7 @@\n{hunk}")


def test_lines_added_without_any_context_are_refused(tree: Path) -> None:
    with pytest.raises(ToolError, match="shows no line of the file"):
        edited(tree, "--- a/pkg/mod.py\n+++ b/pkg/mod.py\n@@ -3,0 +4 @@\n+x = 1\n")


def test_an_edit_that_changes_nothing_is_an_error(tree: Path) -> None:
    with pytest.raises(ToolError, match="change nothing"):
        edited(tree, block("import re", "import re"))


@pytest.mark.parametrize(
    "path",
    [
        "../x.py",
        "pkg/../../x.py",
        "/etc/x.py",
        ".git/config.py",
        ".GIT/hooks.py",
        "a/.g\u200cit/x.py",
        ".git./x.py",
        "GIT~1/x.py",
        ".git::$INDEX/x.py",
        "pkg\\mod.py",
        "~/x.py",
        "C:/x.py",
        "pkg",
    ],
)
def test_a_path_outside_the_tree_or_inside_git_is_refused(tree: Path, path: str) -> None:
    with pytest.raises(ToolError):
        apply_edits(
            tree, parse_reply("<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE", default_path=path)
        )
    with pytest.raises(ToolError):
        write_texts(tree, {path: "x"})


def test_a_symbolic_link_is_never_followed(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.py").write_text("x = 1\n")
    (tree / "link").symlink_to(outside)
    (tree / "file.py").symlink_to(outside / "a.py")
    for path in ("link/a.py", "file.py", "link/new.py"):
        with pytest.raises(ToolError, match="symbolic link"):
            edited(tree, block("x = 1", "x = 2", path), path)
        with pytest.raises(ToolError, match="symbolic link"):
            write_texts(tree, {path: "x"})
    assert (outside / "a.py").read_text() == "x = 1\n"


def test_an_unknown_file_is_an_error_that_names_the_one_meant(tree: Path) -> None:
    with pytest.raises(ToolError, match=r"did you mean pkg/mod\.py"):
        edited(tree, block("x", "y", "src/mod.py"))


def test_written_files_keep_encoding_and_mode(tmp_path: Path) -> None:
    latin = tmp_path / "latin.py"
    latin.write_bytes("# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1"))
    latin.chmod(0o755)
    marked = tmp_path / "marked.py"
    marked.write_bytes(b"\xef\xbb\xbfx = 1\n")
    write_texts(
        tmp_path,
        apply_edits(
            tmp_path,
            parse_reply(
                block("name = 'é'", "name = 'è'", "latin.py") + block("x = 1", "x = 2", "marked.py")
            ),
        ),
    )
    assert latin.read_bytes().endswith("'è'\n".encode("latin-1"))
    assert latin.stat().st_mode & 0o777 == 0o755
    assert marked.read_bytes() == b"\xef\xbb\xbfx = 2\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latin.py", "marked.py"]
    with pytest.raises(ToolError, match="no such character"):
        write_texts(tmp_path, {"latin.py": "# -*- coding: latin-1 -*-\n'€'\n"})


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = '\xff\xfe'\n")
    with pytest.raises(ToolError, match="cannot be read as text"):
        read_text(tmp_path / "a.py")


def test_what_git_writes_as_a_diff_applies(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    text = "".join(f"line {i % 7}\n" for i in range(60))
    old.write_text(text)
    new.write_text(text.replace("line 3\n", "line three\n", 2).removesuffix("\n") + "\nend")
    diff = subprocess.run(
        ["git", "diff", "--no-index", str(old), str(new)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    body = diff[diff.index("@@") :]
    (tmp_path / "f.txt").write_text(text)
    reply = f"--- a/f.txt\n+++ b/f.txt\n{body}"
    assert edited(tmp_path, reply, "f.txt") == new.read_text()


lines = st.lists(
    st.sampled_from(
        ["a", "b", "", " ", "a ", "-- x", "++ x", "@@", "```", "\t", "def f():", "<<<<<<< SEARCH"]
    )
    | st.text(st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"]), max_size=5),
    max_size=12,
)


def unified(before: str, after: str) -> str:
    parts = []
    for line in difflib.unified_diff(
        [f"{part}\n" for part in before.split("\n")[:-1]]
        + [p for p in [before.split("\n")[-1]] if p],
        [f"{part}\n" for part in after.split("\n")[:-1]]
        + [p for p in [after.split("\n")[-1]] if p],
        "a/f.txt",
        "b/f.txt",
    ):
        parts.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(parts)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300
)
@given(lines, lines, st.booleans())
def test_a_diff_of_two_texts_turns_the_first_into_the_second(
    tmp_path: Path, first: list[str], second: list[str], fenced: bool
) -> None:
    before, after = "\n".join(first), "\n".join(second)
    (tmp_path / "f.txt").write_text(before, newline="")
    diff = unified(before, after)
    if not diff:
        return
    reply = f"So:\n```diff\n{diff}```\n" if fenced else diff
    assert edited(tmp_path, reply, "f.txt") == after


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines, st.data())
def test_a_block_cut_from_a_text_lands_there_or_is_refused(
    tmp_path: Path, content: list[str], data: st.DataObject
) -> None:
    text = "".join(f"{line}\n" for line in content)
    (tmp_path / "f.txt").write_text(text, newline="")
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    search = "\n".join(content[start:end])
    assume(search.strip())
    try:
        result = edited(tmp_path, block(search, "something new", "f.txt"), "f.txt")
    except ToolError:
        return
    assert result == "".join(
        f"{line}\n" for line in [*content[:start], "something new", *content[end:]]
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<<<<<<< SEARCH",
                "=======",
                ">>>>>>> REPLACE",
                "f.txt",
                "a",
                " a",
                "",
                "-a",
                "+b",
                "@@ -1 +1 @@",
                "--- a/f.txt",
                "+++ b/f.txt",
            ]
        ),
        max_size=25,
    )
)
def test_no_reply_crashes_or_changes_the_tree(tmp_path: Path, parts: list[str]) -> None:
    (tmp_path / "f.txt").write_text("a\n\n a\nb\n")
    with contextlib.suppress(ToolError):
        apply_edits(tmp_path, parse_reply("\n".join(parts)))
    assert (tmp_path / "f.txt").read_text() == "a\n\n a\nb\n"
