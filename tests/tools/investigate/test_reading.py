"""Reading, searching and following calls: what a model sees before it changes anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perfagent.tests.shop import git

from .conftest import LONG, Asking, Shelf


def test_lines_of_a_file_have_their_numbers(ask: Asking):
    assert ask("read_file", path="shop/words.py", start_line=9, end_line=10) == (
        "     9| def words(text):\n    10|     return WORD.findall(text.lower())\n"
        "(lines 9 to 10 of 27)"
    )


def test_a_long_file_is_cut_and_says_where_to_go_on(ask: Asking):
    text = ask("read_file", path="shop/long.py")
    rest = text.rpartition("\n")[2]
    assert len(text) < 8_200
    first = int(rest.rpartition("start_line=")[2])
    assert rest == f"… {2000 - first + 1:,} more lines of 2,000; ask with start_line={first}"
    again = ask("read_file", path="shop/long.py", start_line=first, end_line=first)
    assert LONG.split("\n")[first - 1] in again


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../secret", "leaves the repository"),
        ("/etc/passwd", "is absolute"),
        (".git/config", "git's own folder"),
        ("shop", "a folder, not a file"),
        ("shop/wrds.py", "did you mean shop/words.py"),
        ("", "it is empty"),
    ],
)
def test_a_path_that_is_none_is_refused_with_what_is_wrong(refused: Asking, path: str, why: str):
    assert why in refused("read_file", path=path)


def test_a_link_out_of_the_tree_is_not_followed(
    shelf: Shelf, tmp_path: Path, ask: Asking, refused: Asking
):
    secret = tmp_path / "secret.txt"
    secret.write_text("key = 1234567\n")
    ask("run_snippet", code=f"import os\nos.symlink({str(secret)!r}, 'link.txt')")
    assert "1234567" not in ask("search_text", pattern="key =")
    assert "link.txt" in refused("read_file", path="link.txt")


def test_a_function_is_found_by_any_of_its_names(ask: Asking, refused: Asking):
    text = ask("read_symbol", symbol="Index.find")
    assert "shop/words.py, function Index.find:\n    19|     def find(self, word):" in text
    assert "    13| class Index:" in text
    for name in ("shop.words.Index.find", "shop/words.py:Index.find", "find"):
        assert ask("read_symbol", symbol=name) == text, "the profile tells which `find` is meant"
    assert "WORD = re.compile" in ask("read_symbol", symbol="words")
    said = refused("read_symbol", symbol="fnd")
    assert said == "no function or class 'fnd' is defined here; did you mean find?"
    assert "names no function" in refused("read_symbol", symbol="a b")


def test_of_several_functions_one_has_to_be_named(ask: Asking, refused: Asking):
    ask("edit", path="shop/other.py", search="", replace="def words():\n    pass")
    ask("edit", path="shop/third.py", search="", replace="def fresh():\n    pass")
    ask("edit", path="shop/fourth.py", search="", replace="def fresh():\n    pass")
    assert "shop/words.py, function words" in ask("read_symbol", symbol="words")
    said = refused("read_symbol", symbol="fresh")
    assert said == (
        "'fresh' is defined 2 times; name one of\n- shop/fourth.py:fresh\n- shop/third.py:fresh"
    )
    assert ask("find_symbol", name="fresh").count("\n") == 1


def test_a_search_lists_lines_and_goes_on_where_it_stopped(ask: Asking):
    assert ask("search_text", pattern=r"words\(").split("\n") == [
        "notes.txt:1: No code: words(line) is slow.",
        "shop/words.py:9: def words(text):",
        "shop/words.py:22: if word in words(line):",
    ]
    assert "notes" not in ask("search_text", pattern=r"words\(", path="*.py")
    assert ask("search_text", pattern="NO CODE", ignore_case=True).startswith("notes.txt:1")
    assert ask("search_text", pattern="nowhere") == "no line matches 'nowhere'"
    text = ask("search_text", pattern=r"line_\d+ =", path="shop")
    assert text.endswith(
        "… 1,920 more matches (files: 1); ask with skip=80, or narrow `pattern` or `path`"
    )
    assert ask("search_text", pattern=r"line_\d+ =", skip=80).startswith("shop/long.py:81: line_81")


def test_a_search_that_cannot_be_made_says_why(refused: Asking):
    assert "Perl-compatible regular expression" in refused("search_text", pattern="(")
    assert "not empty" in refused("search_text", pattern="")
    assert "leaves the repository" in refused("search_text", pattern="x", path="../..")


def test_callers_and_callees_come_from_profile_and_source(ask: Asking):
    text = ask("callers", symbol="words")
    assert "- shop/words.py:Index.find, " in text
    assert "% of the workload" in text
    assert "- shop/words.py:22 in Index.find: if word in words(line):" in text
    assert "- none" in ask("callers", symbol="Page.find") or "index.find(word)" in ask(
        "callers", symbol="Page.find"
    )
    text = ask("callees", symbol="common")
    assert "- shop/words.py:Index.find, " in text
    assert "Calls in its source that lead to this repository:\n- shop/words.py:Index\n" in text
    assert text.endswith("Other calls, not followed: len, index.find")
    assert "shows no sample of a call that it made" in ask("callees", symbol="rare")


def test_hotspots_have_their_bounds_and_lines_their_shares(ask: Asking, refused: Asking):
    text = ask("list_hotspots")
    assert "1. words in shop/words.py:9-10: own " in text
    assert "(at most " in text
    assert "called by shop/words.py:Index.find" in text
    assert "more functions with less; ask with count=16" in ask("list_hotspots", count=1)
    text = ask("annotated_source", symbol="Index.find")
    (row,) = [row for row in text.split("\n") if row.endswith("if word in words(line):")]
    assert float(row.split()[1].rstrip("%")) > 50
    assert "no sample shows shop/report.py:rare" in refused("annotated_source", symbol="rare")
    assert "call profile_scratch first" in refused("list_hotspots", version="scratch")


def test_call_facts_of_any_function_are_told(ask: Asking):
    assert re.search(
        r"called 2,400 times with (about )?35 distinct arguments", ask("call_facts", symbol="words")
    )
    assert "called once" in ask("call_facts", symbol="common")


def test_a_region_s_commits_are_told(ask: Asking):
    text = ask("git_log", path="shop/words.py", function="Index.find")
    base, first, note = text.split("\n")
    assert base.endswith(" base")
    assert first.endswith(" the first version")
    assert "git_log with `commit`" in note
    assert "older ones; ask with a larger count" in ask("git_log", path="shop/words.py", count=1)
    assert "-            if line.count(word):" in ask(
        "git_log", path="shop/words.py", commit=base.split()[0]
    )
    blamed = ask("git_blame", path="shop/words.py", start_line=21, end_line=22).split("\n")
    assert blamed[0].endswith("the first version")
    assert blamed[1].endswith(" base")
    assert "A Tester" not in ask("git_blame", path="shop/words.py"), "names are not needed"


def test_the_expert_s_later_commit_is_not_shown(refused: Asking, shelf: Shelf):
    later = git(shelf.repo, "rev-parse", "expert").strip()
    said = refused("git_log", path="shop/words.py", commit=later)
    assert "does not come from a commit" in said
    assert "is no commit" in refused("git_log", path="shop/words.py", commit="expert")
    assert "no file shop/none.py" in refused("git_blame", path="shop/none.py")
    assert "no function Index.gone" in refused(
        "git_log", path="shop/words.py", function="Index.gone"
    )
