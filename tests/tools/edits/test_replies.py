"""Every format in which a model writes an edit is understood; what is no edit is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfagent.errors import ToolError
from perfagent.tools.edits.edits import Edit, FileDiff, Replacement, WholeFile, parse_reply

BLOCK = "<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n"


def only(text: str, **options: str) -> Edit:
    edits = parse_reply(text, **options)
    assert len(edits) == 1
    return edits[0]


@pytest.mark.parametrize(
    "reply",
    [
        f"pkg/mod.py\n{BLOCK}",
        f"pkg/mod.py\n```python\n{BLOCK}```\n",
        f"```python\npkg/mod.py\n{BLOCK}```\n",
        f"```python pkg/mod.py\n{BLOCK}```\n",
        f"```python:pkg/mod.py\n{BLOCK}```\n",
        f"```pkg/mod.py\n{BLOCK}```\n",
        f'```python title="pkg/mod.py"\n{BLOCK}```\n',
        f"```python\n# pkg/mod.py\n{BLOCK}```\n",
        f"### `pkg/mod.py`\n\n{BLOCK}",
        f"**pkg/mod.py**:\n{BLOCK}",
        f"File: pkg/mod.py\n{BLOCK}",
        f"1. In `pkg/mod.py`, precompute the table:\n\n```python\n{BLOCK}```",
        f"Now edit pkg/mod.py:\n{BLOCK}",
        BLOCK.replace("SEARCH", "SEARCH pkg/mod.py"),
        f"pkg/mod.py\n{BLOCK}".replace("\n", "\r\n"),
        "pkg/mod.py\n  <<<<<<< SEARCH\n  old\n  =======\n  new\n  >>>>>>> REPLACE\n",
        "pkg/mod.py\n<<<<<<<<< SEARCH\nold\n=========\nnew\n>>>>>>>>> REPLACE",
        "pkg/mod.py\n<<<<<<< ORIGINAL\nold\n=======\nnew\n>>>>>>> UPDATED",
    ],
)
def test_a_search_replace_block_is_found_with_its_path(reply: str) -> None:
    edit = only(reply)
    assert isinstance(edit, Replacement)
    assert edit.path == "pkg/mod.py"
    assert edit.splits == (("old", "new"),)


@pytest.mark.parametrize(
    ("label", "path"),
    [("`my dir/módulo.py`", "my dir/módulo.py"), ("File: my dir/a b.py", "my dir/a b.py")],
)
def test_a_path_with_spaces_or_unicode_is_kept_whole(label: str, path: str) -> None:
    assert only(f"{label}\n{BLOCK}").path == path


def test_a_second_block_without_a_path_belongs_to_the_same_file() -> None:
    edits = parse_reply(f"a.py\n{BLOCK}\nand then\n\n{BLOCK}\nb.py\n{BLOCK}")
    assert [edit.path for edit in edits] == ["a.py", "a.py", "b.py"]
    assert [edit.number for edit in edits] == [1, 2, 3]


def test_a_block_without_any_path_takes_the_default_or_is_refused() -> None:
    assert only(BLOCK, default_path="pkg/a.py").path == "pkg/a.py"
    with pytest.raises(ToolError, match="block 1 names no file"):
        parse_reply(BLOCK)


def test_a_line_of_equals_signs_in_the_code_leaves_both_readings_open() -> None:
    edit = only("a.py\n<<<<<<< SEARCH\nTitle\n=======\n=======\nName\n>>>>>>> REPLACE")
    assert isinstance(edit, Replacement)
    assert edit.splits == (("Title\n=======", "Name"), ("Title", "=======\nName"))


def test_a_reply_cut_off_in_a_block_is_refused_and_not_half_applied() -> None:
    with pytest.raises(ToolError, match="block 1 is not closed"):
        parse_reply("a.py\n<<<<<<< SEARCH\nold\n=======\nnew")
    with pytest.raises(ToolError, match="block 1 is not closed"):
        parse_reply(f"a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n{BLOCK}")
    with pytest.raises(ToolError, match="no line '======='"):
        parse_reply("a.py\n<<<<<<< SEARCH\nold\n>>>>>>> REPLACE")


DIFF_BODY = "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"


@pytest.mark.parametrize(
    "reply",
    [
        f"--- a/pkg/a.py\n+++ b/pkg/a.py\n{DIFF_BODY}",
        f"--- pkg/a.py\n+++ pkg/a.py\n{DIFF_BODY}",
        f"--- pkg/a.py\t2024-01-01\n+++ pkg/a.py\t2024-01-02\n{DIFF_BODY}",
        f"--- pkg/a.py (original)\n+++ pkg/a.py (new)\n{DIFF_BODY}",
        f'--- "a/pkg/a.py"\n+++ "b/pkg/a.py"\n{DIFF_BODY}',
        f"Here:\n```diff\n--- a/pkg/a.py\n+++ b/pkg/a.py\n{DIFF_BODY}```\nDone.",
        f"diff --git a/pkg/a.py b/pkg/a.py\nindex 123..456 100644\n--- a/pkg/a.py\n"
        f"+++ b/pkg/a.py\n{DIFF_BODY}-- \n2.40.1\n",
        f"`pkg/a.py`:\n```diff\n{DIFF_BODY}```",
        "--- a/pkg/a.py\n+++ b/pkg/a.py\n"
        "@@ -7,99 +7,1 @@\n one\n-two\n+2\n three\n\nSo it is fast.",
        "--- a/pkg/a.py\n+++ b/pkg/a.py\n@@ ... @@\n one\n-two\n+2\n three\n",
        "--- a/pkg/a.py\n+++ b/pkg/a.py\n@@\n one\n-two\n+2\n three\n",
        "*** Begin Patch\n*** Update File: pkg/a.py\n@@\n one\n-two\n+2\n three\n*** End Patch\n",
        "*** Begin Patch\n*** Update File: pkg/a.py\n one\n-two\n+2\n three\n*** End of File\n"
        "*** End Patch",
    ],
)
def test_a_diff_is_found_with_its_path(reply: str) -> None:
    edit = only(reply.replace("`pkg/a.py`:\n", "pkg/a.py\n"))
    assert isinstance(edit, FileDiff)
    assert edit.path == "pkg/a.py"
    assert not edit.creates
    assert [hunk.lines for hunk in edit.hunks] == [
        ((" ", "one"), ("-", "two"), ("+", "2"), (" ", "three"))
    ]


def test_counts_tell_removed_dashes_from_the_header_of_the_next_file() -> None:
    edit = only("--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,2 @@\n--- old\n+++ new\n select\n")
    assert isinstance(edit, FileDiff)
    assert edit.hunks[0].lines == (("-", "-- old"), ("+", "++ new"), (" ", "select"))


def test_several_files_and_hunks_in_one_diff_stay_apart() -> None:
    diff = (
        f"--- a/a.py\n+++ b/a.py\n{DIFF_BODY}\n@@ -9,1 +9,1 @@ def f():\n-x\n+y\n"
        f"--- a/b.py\n+++ b/b.py\n{DIFF_BODY}"
    )
    first, second = parse_reply(diff)
    assert isinstance(first, FileDiff)
    assert [len(hunk.lines) for hunk in first.hunks] == [4, 2]
    assert first.hunks[1].heading == "def f():"
    assert second.path == "b.py"


def test_a_new_file_is_marked_as_created() -> None:
    for reply in (
        "diff --git a/n.py b/n.py\nnew file mode 100644\n"
        "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+x",
        "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+x = 1",
        "*** Begin Patch\n*** Add File: n.py\n+x = 1\n*** End Patch",
    ):
        edit = only(reply)
        assert isinstance(edit, FileDiff)
        assert (edit.path, edit.creates) == ("n.py", True)


@pytest.mark.parametrize(
    "reply",
    [
        "--- a/x.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
        "diff --git a/x.py b/y.py\nsimilarity index 90%\nrename from x.py\nrename to y.py\n",
        "diff --git a/x.so b/x.so\nBinary files a/x.so and b/x.so differ\n",
        "--- a/x.py\n+++ b/y.py\n@@ -1 +1 @@\n-x\n+y\n",
        "*** Begin Patch\n*** Delete File: x.py\n*** End Patch",
        "diff --git a/x.py b/x.py\n",
    ],
)
def test_what_a_diff_may_not_do_is_refused(reply: str) -> None:
    with pytest.raises(ToolError):
        parse_reply(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "pkg/new.py\n```python\nx = 1\n```",
        "```python pkg/new.py\nx = 1\n```",
        "**`pkg/new.py`**\n```python\nx = 1\n```",
        "````python pkg/new.py\nx = 1\n````",
    ],
)
def test_a_fenced_file_under_a_path_is_a_whole_file(reply: str) -> None:
    assert only(reply) == WholeFile(path="pkg/new.py", number=1, text="x = 1\n")


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I could not find anything to improve.",
        "```python\nprint('just a sample')\n```",
        "In pkg/a.py the loop is slow:\n```python\nfor x in y: pass\n```",
        "pkg/new.py\n```python\nx = 1",
        "- one\n- two\n+ three",
        "@@ -1 +1 @@\n-a\n+b",
    ],
)
def test_a_reply_without_an_edit_says_so(reply: str) -> None:
    with pytest.raises(ToolError, match="no edit found"):
        parse_reply(reply)


pieces = st.sampled_from(
    [
        "<<<<<<< SEARCH",
        "=======",
        ">>>>>>> REPLACE",
        "```",
        "```python a.py",
        "--- a/x",
        "+++ b/x",
        "@@ -1,2 +3 @@",
        "@@",
        "*** Update File: a.py",
        "*** Begin Patch",
        "diff --git a/x b/x",
        "-a",
        "+b",
        " c",
        "",
        "\\ No newline at end of file",
        "a.py",
        "new file mode 1",
        "\r",
    ]
)


@given(st.lists(pieces | st.text(max_size=20), max_size=30))
def test_no_reply_crashes_the_parser(parts: list[str]) -> None:
    try:
        edits = parse_reply("\n".join(parts))
    except ToolError:
        return
    assert edits


@pytest.mark.timeout(60)
@pytest.mark.parametrize("mark", ["*** Update File: x", "```y", "<<<<<<< SEARCH y", "======= "])
def test_a_very_long_line_of_blanks_does_not_hold_the_run_up(mark: str) -> None:
    with pytest.raises(ToolError):
        parse_reply(mark + " " * 400_000 + "x\n")
