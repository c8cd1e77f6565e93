"""Editing, running and measuring on the scratch tree, and that nothing else is changed by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perfagent.errors import ToolError
from perfagent.tests.shop import git, snapshot
from perfagent.tools.investigate.investigation import Investigation

from .conftest import FIND, WORDS, Asking, Shelf

LOOP = "            if word in words(line):"
FAST = "            if word in line.lower().split():"
OTHER_LOOP = "                found.append(number)"


def test_an_edit_is_proposed_and_can_be_taken_back(toolbox: Investigation, ask: Asking):
    said = ask("edit", path="shop/words.py", search=LOOP, replace=FAST)
    assert said == "shop/words.py is changed; lines that differ from the best version: 22."
    ask("edit", path="shop/new.py", search="", replace="X = 1")
    assert dict(toolbox.sources()) == {
        "shop/words.py": WORDS.replace(LOOP, FAST),
        "shop/new.py": "X = 1\n",
    }
    diff = ask("show_diff")
    assert f"-{LOOP}\n+{FAST}" in diff
    assert "+X = 1" in diff
    assert ask("undo") == "Taken back in shop/new.py. Still changed: shop/words.py."
    assert "no such file" in _refused(toolbox, "read_file", path="shop/new.py")
    ask("edit", path="shop/words.py", search="UNUSED = 3\n", replace="")
    assert "Nothing is changed any more" in ask("undo", everything=True)
    assert dict(toolbox.sources()) == {}
    assert ask("show_diff").startswith("Nothing is changed")
    assert "no edit to undo" in _refused(toolbox, "undo")


def _refused(toolbox: Investigation, name: str, /, **arguments: object) -> str:
    with pytest.raises(ToolError) as caught:
        toolbox.call(name, arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("path", "search", "replace", "why"),
    [
        ("shop/words.py", "    nothing like this()", "", "not in the file"),
        (
            "shop/words.py",
            "        return found\n",
            "        return (found",
            "does not parse: line",
        ),
        ("shop/words.py", "UNUSED = 3", "UNUSED = 3", "change nothing"),
        ("tests/test_shop.py", "def test_rare():", "def rare():", "is part of the tests"),
        ("conftest.py", "", "import os", "is part of the tests"),
        ("../out.py", "", "x = 1", "leaves the repository"),
        (".git/hooks/pre-commit", "", "x = 1", "git's own folder"),
    ],
)
def test_an_edit_that_is_refused_changes_nothing(
    toolbox: Investigation, path: str, search: str, replace: str, why: str
):
    assert why in _refused(toolbox, "edit", path=path, search=search, replace=replace)
    assert dict(toolbox.sources()) == {}


def test_lines_that_stand_in_a_file_twice_are_not_guessed_at(toolbox: Investigation, ask: Asking):
    ask("edit", path="shop/twice.py", search="", replace="a = 1\nb = 2\na = 1")
    said = _refused(toolbox, "edit", path="shop/twice.py", search="a = 1", replace="a = 3")
    assert "lines 1, 3" in said or "1 and 3" in said or "2 places" in said, said


def test_a_snippet_runs_on_the_scratch_tree_and_cannot_change_it(
    toolbox: Investigation, ask: Asking, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    ask("edit", path="shop/words.py", search="UNUSED = 3", replace="UNUSED = 4")
    code = (
        "import os, sys\nfrom shop.words import UNUSED\nprint(UNUSED, 'KEY' in str(os.environ))\n"
        "open('shop/words.py', 'w').write('1')\nopen('shop/long.py', 'w').write('2')\n"
        "open('left.py', 'w').write('3')\nprint('bad', file=sys.stderr)\nsys.exit(3)"
    )
    said = ask("run_snippet", code=code)
    assert "ended with status 3" in said
    assert "stdout:\n4 False\n" in said
    assert "stderr:\nbad\n" in said
    assert "as before: left.py, shop/long.py, shop/words.py" in said
    assert "UNUSED = 4" in ask("read_file", path="shop/words.py")
    assert "line_1 = 1" in ask("read_file", path="shop/long.py", end_line=1)
    assert list(toolbox.sources()) == ["shop/words.py"]


def test_a_snippet_that_ruins_the_tree_costs_nothing_but_the_snippet(ask: Asking, tmp_path: Path):
    (tmp_path / "words.py").write_text("mine\n")
    ask("edit", path="shop/words.py", search="UNUSED = 3", replace="UNUSED = 4")
    code = f"import os, shutil\nshutil.rmtree('shop')\nos.symlink({str(tmp_path)!r}, 'shop')"
    assert "as before" in ask("run_snippet", code=code)
    assert (tmp_path / "words.py").read_text() == "mine\n"
    assert "UNUSED = 4" in ask("read_file", path="shop/words.py")
    assert "3 4" in ask("run_snippet", code="import shop.words as w\nprint(3, w.UNUSED)")


def test_output_and_time_of_a_snippet_are_bounded(ask: Asking, refused: Asking):
    said = ask("run_snippet", code="for n in range(100_000):\n    print('line', n)")
    assert len(said) < 9_000
    assert "earlier lines are left out" in said
    assert said.endswith("line 99999")
    said = ask("run_snippet", code="while True:\n    pass", seconds=1)
    assert said.startswith("It was ended after 1 s")
    assert "`seconds`" in refused("run_snippet", code="1", seconds=10_000)
    assert "`code` is empty" in refused("run_snippet", code=" ")


def test_the_workload_is_measured_beside_the_best_version(ask: Asking, refused: Asking):
    assert "make an edit first" in refused("run_workload")
    ask("edit", path="shop/words.py", search=LOOP, replace=FAST)
    same, rough, *_ = ask("run_workload").split("\n")
    assert same == "The answer is the same."
    assert re.match(r"Rough: [\d.]+x \([\d.]+-[\d.]+\), 5 pairs: ", rough), rough


def test_another_answer_is_shown_instead_of_a_time(ask: Asking):
    ask("edit", path="shop/words.py", search=LOOP, replace="            if word in line[:9]:")
    said = ask("run_workload")
    assert said.startswith("The answer differs: return value['")
    assert "base " in said
    assert "Rough" not in said


def test_a_workload_that_fails_says_where(refused: Asking, ask: Asking):
    ask(
        "edit", path="shop/words.py", search=OTHER_LOOP, replace="                found.add(number)"
    )
    said = refused("run_workload")
    assert "the workload fails with your edits" in said
    assert "'list' object has no attribute 'add'" in said
    assert "scratch-" not in said, "the tree's own path is nobody's business"


def test_a_scratch_profile_stands_beside_the_first_one(ask: Asking, refused: Asking):
    ask("edit", path="shop/words.py", search=LOOP, replace=FAST)
    text = ask("profile_scratch")
    (row,) = [row for row in text.split("\n") if row.endswith("| shop/words.py:words")]
    assert row.split()[1] == "-", "it is not called any more"
    assert "Now the largest own share is that of shop/words.py:Index.find" in text
    assert "1. Index.find" in ask("list_hotspots", version="scratch")
    assert "line.lower().split()" in ask("annotated_source", symbol="Index.find", version="scratch")
    ask("undo")
    assert "call profile_scratch first" in refused("list_hotspots", version="scratch")


def test_reach_tells_whether_the_new_path_is_taken(ask: Asking, refused: Asking):
    assert "make an edit first" in refused("reach")
    new = "        if len(word) > 90:\n            return self.rare(word)\n        found = []"
    ask("edit", path="shop/words.py", search="        found = []", replace=new)
    rare = "    def rare(self, word):\n        return [word]\n\n    def __len__(self):"
    ask("edit", path="shop/words.py", search="    def __len__(self):", replace=rare)
    text = ask("reach")
    assert "shop/words.py:Index.find: 1 of 2 changed lines ran in the workload's call" in text
    assert "shop/words.py:Index.rare: 0 of 1 changed lines ran in the workload's call" in text
    assert re.search(r"^ +20 +6 times \| if len\(word\) > 90:$", text, re.MULTILINE), text
    assert re.search(r"^ +21 +0 times \| return self.rare\(word\)$", text, re.MULTILINE), text


def test_tests_that_execute_what_was_changed_are_run(ask: Asking, refused: Asking):
    assert "make an edit first" in refused("run_tests")
    assert "is an option" in refused("run_tests", node_ids=["--collect-only"])
    assert "no such file" in refused("run_tests", node_ids=["tests/none.py::test"])
    assert "no test of the suite executes" in refused("run_tests", covering="Page.find")
    ask(
        "edit",
        path="shop/words.py",
        search=OTHER_LOOP,
        replace="                found.append(1)\n                found.append(2)",
    )
    text = ask("run_tests")
    assert text.startswith("Tests that execute what you changed: 1 passed, 1 failed in ")
    assert "FAILED tests/test_shop.py::test_common\n" in text
    assert "{'b': 4, 'x': 0}" in text
    assert "scratch-" not in text
    named = ask("run_tests", node_ids=["tests/test_shop.py::test_broken_from_the_start"])
    assert "1 failed" in named
    assert "1 of the failing tests fail on the base too." in named


def test_neither_the_repository_nor_the_best_version_is_touched(shelf: Shelf):
    repository = snapshot(shelf.repo)
    base = snapshot(shelf.run.repository.trees / "base" / "shop")
    opened = shelf.open("untouched")
    opened.call("edit", {"path": "shop/words.py", "search": FIND, "replace": "        found = [1]"})
    opened.call("run_snippet", {"code": "open('shop/words.py', 'w').write('x')"})
    tree = shelf.run.repository.trees / "scratch-untouched"
    assert tree.is_dir()
    opened.close()
    assert not tree.exists()
    assert snapshot(shelf.repo) == repository
    assert git(shelf.repo, "status", "--porcelain") == ""
    after = snapshot(shelf.run.repository.trees / "base" / "shop")
    assert {name: after[name] for name in base} == base


def test_what_is_no_tool_or_no_argument_is_refused_by_name(refused: Asking):
    assert refused("read_fil") == "there is no tool 'read_fil'; did you mean read_file?"
    assert "there are read_file, read_symbol" in refused("xyzzy")
    said = refused("read_file", pth="a")
    assert said == (
        "read_file: `path` is missing; `pth` is not known. "
        "It takes path, start_line (optional), end_line (optional)."
    )
    assert "`start_line`: " in refused("read_file", path="notes.txt", start_line="two")
