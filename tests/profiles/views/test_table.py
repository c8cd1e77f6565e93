"""The table of all functions, whoever owns them."""

from __future__ import annotations

from perfagent.profiles.profile import Frame, Profile
from perfagent.profiles.views.table import function_table, owner_shares

SLOW = Frame(function="slow", path="lib.py", line=9, owner="repository")
COMPREHENSION = Frame(
    function="slow.<locals>.<listcomp>", path="lib.py", line=9, owner="repository"
)
LOADS = Frame(
    function="loads", path="/usr/lib/python3.11/json/__init__.py", line=3, owner="standard library"
)
PROFILE = Profile(
    stacks=(((SLOW, COMPREHENSION), 5), ((SLOW, LOADS), 3), ((SLOW, SLOW), 2)),
    samples=10,
    rate_hz=250,
    recorder="py-spy",
    native=False,
    errors=0,
    duration_s=1.0,
    note=None,
)


def test_every_owner_has_its_rows_and_recursion_counts_once() -> None:
    rows = [
        (row.function, row.owner, row.self_share, row.total_share)
        for row in function_table(PROFILE)
    ]
    assert rows == [("slow", "repository", 0.7, 1.0), ("loads", "standard library", 0.3, 0.3)]


def test_owner_shares_add_up_to_the_whole() -> None:
    assert owner_shares(PROFILE) == {"repository": 0.7, "standard library": 0.3}
