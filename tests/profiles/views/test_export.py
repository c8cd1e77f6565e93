"""Exports that other programs can open."""

from __future__ import annotations

import json

from perfagent.profiles.profile import Frame, Profile
from perfagent.profiles.recording.stacks import RawFrame, parse_pyspy
from perfagent.profiles.views.export import collapsed, speedscope

MAIN = Frame(function="main", path="lib.py", line=4, owner="repository")
SLOW = Frame(function="Box.slow", path="lib.py", line=9, owner="repository")
SLOW_LATER = Frame(function="Box.slow", path="lib.py", line=10, owner="repository")
SORT = Frame(function="quicksort<int (*)()>", path="", line=0, owner="native")
PROFILE = Profile(
    stacks=(((MAIN, SLOW), 30), ((MAIN, SLOW_LATER, SORT), 20)),
    samples=50,
    rate_hz=250,
    recorder="py-spy",
    native=True,
    errors=0,
    duration_s=0.2,
    note=None,
)


def test_speedscope_export_holds_what_its_schema_asks_for() -> None:
    file = json.loads(json.dumps(speedscope(PROFILE, "before")))
    assert file["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = file["shared"]["frames"]
    assert all(set(frame) <= {"name", "file", "line", "col"} and frame["name"] for frame in frames)
    (profile,) = file["profiles"]
    assert profile["type"] == "sampled"
    assert profile["unit"] == "seconds"
    assert isinstance(profile["name"], str)
    assert len(profile["samples"]) == len(profile["weights"])
    assert all(0 <= index < len(frames) for sample in profile["samples"] for index in sample)
    assert profile["startValue"] == 0
    assert profile["endValue"] == sum(profile["weights"]) == 0.2


def test_speedscope_shows_a_function_as_one_box_whatever_its_line() -> None:
    file = speedscope(PROFILE, "before")
    assert [frame["name"] for frame in file["shared"]["frames"]] == [
        "main",
        "Box.slow",
        SORT.function,
    ]
    assert file["profiles"][0]["samples"] == [[0, 1], [0, 1, 2]]


def test_collapsed_stacks_read_back_as_they_were() -> None:
    parsed = parse_pyspy(collapsed(PROFILE))
    assert [stack.samples for stack in parsed] == [30, 20]
    for (frames, _), stack in zip(PROFILE.stacks, parsed, strict=True):
        assert stack.frames == tuple(
            RawFrame(function=frame.function, file=frame.path, line=frame.line) for frame in frames
        )
