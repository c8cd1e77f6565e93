"""The memory of a repository: it survives bad files and runs that end at once, and stays small."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from perfagent.agent.memory.memory import (
    MOST_RUNS,
    MOST_TRIED,
    Memory,
    Tally,
    add_to_memory,
    read_memory,
)
from perfagent.errors import UserError

TAUGHT = {("memoize", "loop"): Tally(tried=2, accepted=1, log_gain=0.5)}


def test_what_runs_taught_adds_up(tmp_path: Path):
    file = tmp_path / "experience" / "shop.git.json"
    add_to_memory(file, "first", TAUGHT)
    add_to_memory(file, "second", TAUGHT)
    known = read_memory(file)
    assert known.tally("memoize", "loop") == Tally(tried=4, accepted=2, log_gain=1.0)
    assert known.tally("memoize", "leaf") == Tally()
    assert known.runs == ("first", "second")


def test_a_run_that_ends_twice_counts_once(tmp_path: Path):
    file = tmp_path / "shop.json"
    for _ in range(2):
        add_to_memory(file, "first", TAUGHT)
    assert read_memory(file).tally("memoize", "loop").tried == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 10_000,
        b'{"version": 2}',
        b'{"version": 1, "tallies": {"memoize": {"loop": {"tried": 1, "accepted": 2}}}}',
        b'{"version": 1, "tallies": {"memoize": {"somewhere": {"tried": 1}}}}',
        b'{"version": 1, "runs": 3}',
        b" " * 300_000,
    ],
)
def test_a_file_that_is_not_ours_is_nothing_known_and_written_over(tmp_path: Path, content: bytes):
    file = tmp_path / "shop.json"
    file.write_bytes(content)
    assert read_memory(file) == Memory()
    add_to_memory(file, "first", TAUGHT)
    assert read_memory(file).tally("memoize", "loop").tried == 2


def test_runs_that_end_at_once_lose_nothing(tmp_path: Path):
    file = tmp_path / "shop.json"
    with ThreadPoolExecutor(8) as writers:
        for number in range(8):
            writers.submit(add_to_memory, file, f"run {number}", TAUGHT)
    assert read_memory(file).tally("memoize", "loop").tried == 16
    assert [path.name for path in tmp_path.iterdir()] == ["shop.json"]


def test_the_file_stays_small(tmp_path: Path):
    file = tmp_path / "shop.json"
    for number in range(MOST_RUNS + 20):
        add_to_memory(file, f"run {number}", {**TAUGHT, (f"gone-{number}", "leaf"): Tally(tried=1)})
    known = read_memory(file)
    assert len(known.runs) == MOST_RUNS
    assert set(known.tallies) == {"memoize"}
    assert known.tally("memoize", "loop").tried <= MOST_TRIED + 2
    assert known.tally("memoize", "loop").accepted * 3 >= known.tally("memoize", "loop").tried
    assert len(file.read_bytes()) < 4000


def test_a_folder_that_cannot_be_written_is_the_users_to_mend(tmp_path: Path):
    (tmp_path / "experience").write_text("in the way")
    with pytest.raises(UserError, match="experience"):
        add_to_memory(tmp_path / "experience" / "shop.json", "first", TAUGHT)


def test_a_file_is_replaced_whole(tmp_path: Path):
    file = tmp_path / "shop.json"
    add_to_memory(file, "first", TAUGHT)
    with file.open() as held:
        add_to_memory(file, "second", TAUGHT)
        assert json.load(held)["runs"] == ["first"]
    assert read_memory(file).runs == ("first", "second")
