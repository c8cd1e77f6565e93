"""What matching costs: every module and function is gone through a fixed number of times."""

from __future__ import annotations

import ast
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from perfagent.profiles.hotspot import Hotspot
from perfagent.tests.hotspots import hotspot
from perfagent.tools.rewrites.registry import propose_rewrites
from perfagent.tools.rewrites.writing.rendering import Renderer

PART = """
    class Store{n}:
        def __init__(self, rows):
            self._rows = rows
            self.limit_{n} = 3

        def _row{n}(self, index):
            return self._rows[index]

        def total(self, wanted: list[str]) -> int:
            found = 0
            for index in range(len(self._rows)):
                if self._row{n}(index) in wanted:
                    found += max(index, self.limit_{n})
            return found

    def _half{n}(value):
        return value // 2

    def joined{n}(words: list[str], known: list[str]) -> str:
        text = ""
        for word in words:
            if word not in known and re.match(r"[a-z]+", word):
                text += word + " " + str(_half{n}(len(word)))
        return text

    def count{n}(size):
        return 1 if size < 2 else count{n}(size - 1) + count{n}(size - 2)
"""


def repository(tree: Path, files: int, parts: int) -> list[Hotspot]:
    """Write a repository of some size and return a hotspot for each of its functions."""
    tree.mkdir()
    spots: list[Hotspot] = []
    for number in range(files):
        numbers = range(number * parts, (number + 1) * parts)
        text = "import re\n" + "".join(textwrap.dedent(PART.format(n=n)) for n in numbers)
        (tree / f"module{number}.py").write_text(text, encoding="utf-8")
        spots += spots_of(f"module{number}.py", text)
    return spots


def spots_of(path: str, text: str) -> list[Hotspot]:
    return [
        hotspot(path, node.name, node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    ]


def calls_made(work: Callable[[], object]) -> int:
    """Return how many calls of Python functions some work makes."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def cost_of(tree: Path, files: int, parts: int) -> int:
    spots = repository(tree, files, parts)
    return calls_made(lambda: propose_rewrites(tree, spots, limit=1))


def test_a_module_twice_as_long_takes_twice_as_long_to_match(tmp_path):
    short, long = (cost_of(tmp_path / str(parts), 1, parts) for parts in (6, 12))
    assert long < 2.3 * short


def test_a_repository_of_twice_the_files_takes_twice_as_long_to_match(tmp_path):
    small, large = (cost_of(tmp_path / str(files), files, 2) for files in (3, 6))
    assert large < 2.3 * small


def test_no_more_texts_are_made_than_the_wanted_proposals_take(tmp_path, monkeypatch):
    spots = repository(tmp_path / "tree", 1, 3)
    every = propose_rewrites(tmp_path / "tree", spots, limit=1000)
    made: list[object] = []
    render = Renderer.render

    def rendering(self, edits):
        made.append(edits)
        return render(self, edits)

    monkeypatch.setattr(Renderer, "render", rendering)
    assert propose_rewrites(tmp_path / "tree", spots, limit=2) == every[:2]
    assert len(made) < len(every) / 2
