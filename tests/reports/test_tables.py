"""What the commands print on stdout."""

from __future__ import annotations

from typing import Any

import pytest

from perfagent.reports.tables import print_profile


def test_a_profile_says_how_each_hotspot_is_called(
    record: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    spots = [dict(spot, facts_text=None) for spot in record["hotspots"]]
    spots[0]["facts_text"] = "called 1.2 M times with 214 distinct arguments, no writes seen"
    print_profile(
        {
            "samples": 400,
            "recorder": "py-spy",
            "note": None,
            "hotspots": spots,
            "functions": [],
            "directory": "/runs/1",
        }
    )
    out = capsys.readouterr().out
    assert "Layout.widths: called 1.2 M times with 214 distinct arguments, no writes seen\n" in out
    assert out.count("trim: ") == 1
