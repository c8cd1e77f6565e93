"""The tests that a change needs are found, and a map survives being written and read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError
from perfagent.repos.suite.coverage_map import CoverageMap

TESTS = ("t.py::a", "t.py::b", "t.py::c", "t.py::d")


def numbits(*lines: int) -> bytes:
    """Write lines as coverage's data format does: bit n of the bytes is line n."""
    return sum(1 << line for line in lines).to_bytes(max(lines) // 8 + 1, "little")


@pytest.fixture
def recorded(tmp_path: Path) -> CoverageMap:
    """A map of a database in coverage's documented format, with what must not count."""
    tree = tmp_path / "a tree"
    tree.mkdir()
    database = tmp_path / "coverage?#"
    with sqlite3.connect(database) as connection:
        connection.executescript(
            "create table file (id integer primary key, path text);"
            "create table context (id integer primary key, context text);"
            "create table line_bits (file_id integer, context_id integer, numbits blob);"
        )
        files = [(1, f"{tree}/src/a.py"), (2, f"{tree}/src/b.py"), (3, "/usr/lib/other.py")]
        connection.executemany("insert into file values (?, ?)", files)
        contexts = [(1, ""), (2, "0"), (3, "1"), (4, "3"), (5, "2")]
        connection.executemany("insert into context values (?, ?)", contexts)
        connection.executemany(
            "insert into line_bits values (?, ?, ?)",
            [
                (1, 1, numbits(1, 2, 3)),
                (1, 2, numbits(3, 4, 5, 9)),
                (1, 3, numbits(3, 4, 5, 9)),
                (1, 4, numbits(12)),
                (2, 4, numbits(7)),
                (3, 5, numbits(7)),
            ],
        )
    connection.close()
    return CoverageMap.from_database(database, tree, TESTS)


def test_tests_are_found_by_the_lines_they_execute(recorded: CoverageMap) -> None:
    assert recorded.covering("src/a.py", [4]) == ("t.py::a", "t.py::b")
    assert recorded.covering("src/a.py", [12, 9]) == ("t.py::a", "t.py::b", "t.py::d")
    assert recorded.covering("src/b.py", range(1, 100)) == ("t.py::d",)
    assert recorded.covering("src/a.py") == ("t.py::a", "t.py::b", "t.py::d")


def test_what_runs_at_import_covers_nothing(recorded: CoverageMap) -> None:
    assert recorded.covering("src/a.py", [1, 2]) == ()


def test_an_unknown_file_or_line_is_covered_by_no_test(recorded: CoverageMap) -> None:
    assert recorded.covering("src/new.py", [1]) == ()
    assert recorded.covering("src/a.py", []) == ()
    assert recorded.covering("src/a.py", [100_000]) == ()


def test_files_outside_the_tree_are_left_out(recorded: CoverageMap) -> None:
    assert sorted(recorded.files) == ["src/a.py", "src/b.py"]


def test_a_map_reads_back_as_it_was_written(recorded: CoverageMap, tmp_path: Path) -> None:
    path = tmp_path / "coverage.json"
    recorded.write(path)
    assert CoverageMap.read(path) == recorded
    assert '{"lines": "3-5,9", "tests": "0-1"}' in path.read_text(encoding="utf-8")
    assert [file.name for file in tmp_path.glob("*.json*")] == ["coverage.json"]


@pytest.mark.parametrize("text", [None, "", "{", '{"version": 0}'])
def test_a_map_that_cannot_be_read_is_no_map_without_coverage(
    tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "coverage.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InfrastructureError, match="coverage map"):
        CoverageMap.read(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "coverage").write_text("nonsense" * 500, encoding="utf-8")
    with pytest.raises(InfrastructureError, match="no data of coverage"):
        CoverageMap.from_database(tmp_path / "coverage", tmp_path, TESTS)
