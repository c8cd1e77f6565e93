"""A run's record with everything a pull request shows, with hostile words where wanted."""

from __future__ import annotations

from typing import Any

DIFF_HEAD = "--- a/deliveries/pairs.py\n+++ b/deliveries/pairs.py\n"
DIFF = (
    f"{DIFF_HEAD}@@ -3,5 +3,5 @@\n \n def shared(first, second):\n"
    '     """Return the numbers of the first delivery that are in the second, in order."""\n'
    "-    known = list(second)\n+    known = set(second)\n"
    "     return [number for number in first if number in known]\n"
)
SPOT = "deliveries/pairs.py:shared"


def record(words: str = "`known` is searched once a number: a set is searched at once") -> dict:
    line: dict[str, Any] = {
        "candidate_id": "c0ffee0001",
        "parent_id": None,
        "round": 1,
        "origin": "rewrites/membership",
        "hotspot": SPOT,
        "hypothesis": words,
        "files": ["deliveries/pairs.py"],
        "outcome": "accepted",
        "stage": "full suite",
        "reason": "passed every stage",
        "speedup": 3.1,
        "ci_low": 3.0,
        "ci_high": 3.2,
        "pairs": 10,
        "evidence": [],
        "doubts": [],
        "samples": [],
    }
    refused = {
        **line,
        "candidate_id": "c0ffee0002",
        "hypothesis": "sorted and bisected",
        "outcome": "rejected",
        "stage": "same answer",
        "reason": "the answer differs",
    }
    spot = {
        "function": "shared",
        "path": "deliveries/pairs.py",
        "first_line": 4,
        "last_line": 7,
        "self_share": 0.9,
        "own_share": 0.93,
        "total_share": 0.95,
        "max_speedup": 20.0,
        "owner": "repository",
        "worthwhile": True,
        "facts_text": None,
    }
    return {
        "schema_version": 2,
        "run_id": "20260301-101500-abcd",
        "command": "perfagent optimize x y",
        "outcome": "accepted",
        "target": {"repo": "/mirrors/shop.git", "commit": "0" * 40, "subdir": ""},
        "workload": {"name": "compare", "kind": "script", "noise_floor": 0.01},
        "speedup": {
            "speedup": 3.1,
            "ci_low": 3.0,
            "ci_high": 3.2,
            "confidence": 0.95,
            "pairs": 14,
            "metric": "wall",
            "unit": "s",
            "baseline": 0.031,
            "candidate": 0.01,
            "also": [
                {"name": "import", "unit": "s", "baseline": 0.0021, "candidate": 0.0022},
                {"name": "CPU time", "unit": "s", "baseline": 0.03, "candidate": 0.01},
                {"name": "peak memory", "unit": "bytes", "baseline": 40e6, "candidate": 41e6},
            ],
        },
        "expert": None,
        "patch": {
            "files": ["deliveries/pairs.py"],
            "added_lines": 1,
            "removed_lines": 1,
            "sha256": "0" * 64,
            "stacked": [
                {key: line[key] for key in ("candidate_id", "origin", "hypothesis")},
            ],
        },
        "suite": {
            "of": "final patch",
            "passed": 3,
            "failed": 0,
            "skipped": 0,
            "flaky": [],
            "failing_before": [],
            "seconds": 0.5,
        },
        "evidence": None,
        "hotspots": [spot],
        "hotspots_after": [{**spot, "own_share": 0.4, "total_share": 0.4}],
        "candidates": [line, refused],
        "doubts": [],
        "notes": [],
        "spend": {},
        "seconds": {"total": 40.0},
        "machine": {"cpu": "a processor", "cores": "2"},
        "settings": {"allow_import": 1.2},
    }
