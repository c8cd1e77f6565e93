"""What a model may answer: it changes files of its worktree, or is told why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from perfagent.errors import ToolError
from perfagent.tests.fuzz.conftest import contents
from perfagent.tests.fuzz.texts import HOSTILE_PATHS, mixed
from perfagent.tools.edits.edits import apply_edits, parse_reply, write_texts

PIECES = (
    *("<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "```", "````", "```python f.py", "~~~"),
    *(
        "*** Begin Patch",
        "*** End Patch",
        "*** Update File: f.py",
        "*** Add File: ",
        "*** Move to:",
    ),
    *("*** Delete File: f.py", "--- a/f.py", "+++ b/f.py", "--- /dev/null", "+++ /dev/null", "@@"),
    *("@@ -1,2 +1 @@", "@@ -9999999999999999999 +1 @@", "@@ def f():", "diff --git a/f.py b/f.py"),
    *("new file mode 100644", "rename from f.py", "GIT binary patch"),
    *("\\ No newline at end of file", "-one", "+ONE", " two", "one", "two", "", "1| one"),
    *("File: f.py", "`pkg/g.py`", "# coding: hex", "-" * 9, "+", "HYPOTHESIS: x"),
    *('title="../out"', "path='/etc/passwd'", "\r", " " * 300, "é" * 300),
    *(f"--- a/{path}\n+++ b/{path}\n@@ -0,0 +1 @@\n+x" for path in HOSTILE_PATHS),
    *(f"{path}\n<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE" for path in HOSTILE_PATHS),
    *(f"```{path}\nx\n```" for path in HOSTILE_PATHS),
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A worktree with links out of it, in a folder that must stay as it is."""
    tree = tmp_path / "world" / "tree"
    (tree / "pkg").mkdir(parents=True)
    (tree / ".git").mkdir()
    (tree / ".git" / "config").write_text("[core]\n")
    (tree / "f.py").write_text("one\ntwo\nthree\n")
    (tree / "pkg" / "g.py").write_bytes(b"# coding: latin-1\r\nx = '\xe9'\r\n")
    (tree / "hex.py").write_text("# coding: undefined\n")
    (tree / "link").symlink_to("f.py")
    (tree / "out").symlink_to("..")
    (tree / "folder").symlink_to("pkg")
    (tree.parent / "out").write_text("outside\n")
    return tree


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(mixed(PIECES, joined="\n", most=12))
def test_a_reply_changes_files_of_the_worktree_or_is_told_why_not(tree: Path, reply: str) -> None:
    world = tree.parent
    before = contents(world)
    written: set[str] = set()
    try:
        texts = apply_edits(tree, parse_reply(reply, default_path="f.py"), replaceable=["hex.py"])
        assert contents(world) == before
        written = {f"tree/{path}" for path in texts}
        write_texts(tree, texts)
    except ToolError:
        written = set() if contents(world) == before else written
    after = contents(world)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert changed <= {str(Path(path)) for path in written}
    assert not any(name.startswith(("tree/.git/", "out")) for name in changed)
    for name in changed:
        if name in before:
            content = before[name]
            assert isinstance(content, bytes)
            (world / name).write_bytes(content)
        else:
            (world / name).unlink()
