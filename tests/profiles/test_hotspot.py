"""Shares and ranks from hand-made stacks, where every number can be counted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from perfagent.profiles.hotspot import Hotspot, localize, max_speedup
from perfagent.profiles.profile import Frame, Owner, Profile

SOURCE = """\
def main(items):
    total = 0
    for item in items:
        total += slow(item)
        total += quick(item)
    return total

def slow(item):
    rows = [other(x) for x in range(item)]
    return sorted(rows)[0]

def quick(item):
    return item

def walk(n):
    return walk(n - 1) if n else 0
"""


def frame(function: str, line: int, owner: Owner = "repository", path: str = "lib.py") -> Frame:
    return Frame(function=function, path=path, line=line, owner=owner)


def profile(*stacks: tuple[list[Frame], int]) -> Profile:
    return Profile(
        stacks=tuple((tuple(frames), count) for frames, count in stacks),
        samples=sum(count for _, count in stacks),
        rate_hz=250,
        recorder="py-spy",
        native=False,
        errors=0,
        duration_s=1.0,
        note=None,
    )


WORKLOAD = frame("workload", 2, "workload", "/w.py")
MAIN = frame("main", 4)
LIBRARY = frame("decode", 7, "standard library", "/usr/lib/python3.11/json/decoder.py")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "lib.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def by_name(hotspots: Iterable[Hotspot]) -> dict[str, Hotspot]:
    return {hotspot.function: hotspot for hotspot in hotspots}


def test_the_three_shares_count_what_they_say(tree: Path) -> None:
    found = by_name(
        localize(
            profile(
                ([WORKLOAD, MAIN, frame("slow", 10)], 50),
                ([WORKLOAD, MAIN, frame("slow", 9), LIBRARY], 30),
                ([WORKLOAD, MAIN], 10),
                ([WORKLOAD, LIBRARY], 10),
            ),
            tree,
        )
    )
    slow, main = found["slow"], found["main"]
    assert (slow.self_share, slow.own_share, slow.total_share) == (0.5, 0.8, 0.8)
    assert (main.self_share, main.own_share, main.total_share) == (0.1, 0.1, 0.9)
    assert slow.max_speedup == pytest.approx(5.0)
    assert main.max_speedup == pytest.approx(10.0)
    assert set(found) == {"slow", "main"}


def test_recursion_counts_once(tree: Path) -> None:
    walk = frame("walk", 16)
    (hotspot,) = localize(profile(([WORKLOAD, walk, walk, walk], 10)), tree)
    assert (hotspot.self_share, hotspot.own_share, hotspot.total_share) == (1.0, 1.0, 1.0)
    assert hotspot.max_speedup is None
    assert hotspot.callers == ("w.py:workload",)


def test_a_comprehension_of_an_older_python_counts_for_its_function(tree: Path) -> None:
    (hotspot,) = localize(
        profile(
            ([WORKLOAD, frame("slow", 9), frame("<listcomp>", 9)], 60),
            ([WORKLOAD, frame("slow", 10)], 40),
        ),
        tree,
    )
    assert (hotspot.function, hotspot.self_share, hotspot.own_share) == ("slow", 1.0, 1.0)
    line = hotspot.lines[0]
    assert (line.line, line.self_share, line.total_share) == (9, 0.6, 0.6)
    assert line.text == "rows = [other(x) for x in range(item)]"


def test_a_callback_from_a_library_ends_the_callers_own_share(tree: Path) -> None:
    found = by_name(localize(profile(([WORKLOAD, MAIN, LIBRARY, frame("quick", 13)], 10)), tree))
    assert found["main"].own_share == 0.0
    assert found["quick"].own_share == 1.0
    assert found["quick"].callers == ("lib.py:main",)


def test_rank_is_by_what_changing_the_function_itself_could_save(tree: Path) -> None:
    ranked = localize(
        profile(
            ([WORKLOAD, MAIN, frame("slow", 10)], 60),
            ([WORKLOAD, MAIN, frame("quick", 13)], 39),
            ([WORKLOAD, frame("walk", 16)], 1),
        ),
        tree,
    )
    assert [hotspot.function for hotspot in ranked] == ["slow", "quick", "main", "walk"]
    assert [hotspot.worthwhile for hotspot in ranked] == [True, True, True, False]
    assert ranked[-1].note == "1.0 % of the workload: not worth a candidate"
    assert ranked[0].note is None


def test_a_hotspot_carries_its_place_source_callers_and_tests(tree: Path) -> None:
    asked: list[tuple[str, list[int]]] = []

    def covering(path: str, lines: Iterable[int]) -> tuple[str, ...]:
        asked.append((path, list(lines)))
        return ("tests/test_lib.py::test_slow",)

    hotspot = localize(
        profile(
            ([WORKLOAD, MAIN, frame("slow", 10)], 5),
            ([WORKLOAD, frame("quick", 13), frame("slow", 10)], 7),
        ),
        tree,
        covering=covering,
    )[0]
    assert (hotspot.path, hotspot.first_line, hotspot.last_line) == ("lib.py", 8, 10)
    assert hotspot.source == "".join(SOURCE.splitlines(keepends=True)[7:10])
    assert hotspot.callers == ("lib.py:quick", "lib.py:main")
    assert hotspot.covering_tests == ("tests/test_lib.py::test_slow",)
    assert asked[0] == ("lib.py", [8, 9, 10])


def test_a_file_that_does_not_parse_still_gives_its_hotspot(tree: Path) -> None:
    (tree / "lib.py").write_text("def slow(:\n    pass\n", encoding="utf-8")
    (hotspot,) = localize(profile(([frame("slow.<locals>.<genexpr>", 2)], 3)), tree)
    assert (hotspot.function, hotspot.first_line, hotspot.last_line) == ("slow", 2, 2)
    (gone,) = localize(profile(([frame("slow", 5, path="gone.py")], 3)), tree)
    assert (gone.function, gone.source.strip()) == ("slow", "")


def test_the_list_is_no_longer_than_asked_and_empty_without_samples(tree: Path) -> None:
    some = profile(([frame("slow", 9)], 3), ([frame("quick", 13)], 2))
    assert len(localize(some, tree, limit=1)) == 1
    assert localize(profile(), tree) == []
    assert localize(profile(([WORKLOAD, LIBRARY], 9)), tree) == []


def test_amdahls_bound() -> None:
    assert max_speedup(0.0) == 1.0
    assert max_speedup(0.5) == 2.0
    assert max_speedup(1.0) is None
