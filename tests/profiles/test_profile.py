"""A profile on disk is the profile that was recorded."""

from __future__ import annotations

import json

import pytest

from perfagent.profiles.profile import Frame, Profile, merge_stacks

A = Frame(function="a", path="m.py", line=1, owner="repository")
B = Frame(function="b.<locals>.<lambda>", path="/x y/ü.py", line=0, owner="dependency")


def make() -> Profile:
    return Profile(
        stacks=(((A, B), 3), ((A,), 2)),
        samples=5,
        rate_hz=250,
        recorder="pyinstrument",
        native=True,
        errors=1,
        duration_s=0.5,
        note="ptrace was refused",
    )


def test_nothing_is_lost_through_json() -> None:
    profile = make()
    assert Profile.from_json(json.loads(json.dumps(profile.to_json()))) == profile


def test_each_frame_is_written_once() -> None:
    assert len(make().to_json()["frames"]) == 2


def test_a_record_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 99"):
        Profile.from_json({**make().to_json(), "version": 99})


def test_equal_stacks_become_one() -> None:
    assert merge_stacks([((A,), 2), ((A, B), 3), ((A,), 4)]) == (((A,), 6), ((A, B), 3))
