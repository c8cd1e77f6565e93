"""The run directory: a kill at any moment must not leave half a file to be believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.agent.runs.directory import RunDirectory
from perfagent.errors import InfrastructureError, UserError


def test_event_cut_off_by_a_kill_is_left_out(tmp_path: Path):
    directory = RunDirectory(tmp_path)
    directory.append_event({"event": "note", "text": "whole"})
    with (tmp_path / "trajectory.jsonl").open("a") as stream:
        stream.write('{"event": "no')

    assert [event["text"] for event in directory.events()] == ["whole"]


def test_bytes_that_are_no_text_survive(tmp_path: Path):
    directory = RunDirectory(tmp_path)
    odd = b"caf\xe9".decode("utf-8", "surrogateescape")
    directory.write_json("a.json", {"diff": odd})
    directory.write_text("a.diff", odd)

    assert directory.read_json("a.json") == {"diff": odd}
    assert (tmp_path / "a.diff").read_bytes() == b"caf\xe9"


def test_nothing_is_overwritten(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep")

    with pytest.raises(UserError, match="not empty"):
        RunDirectory.create(tmp_path)


def test_unwritable_place_is_infrastructure_and_named(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(InfrastructureError, match="file"):
        RunDirectory(tmp_path).write_json("file/a.json", {})


def test_numbers_that_json_has_not_are_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="JSON"):
        RunDirectory(tmp_path).write_json("a.json", {"speedup": float("inf")})
