"""One run's record, as a run that went well writes it, and a browser for pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from perfagent.tests.reports.browsing import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; only for tests that are marked as needing it."""
    with chromium() as started:
        yield started


@pytest.fixture
def record() -> dict[str, Any]:
    return {
        "schema_version": 1,
        "run_id": "20260301-101500-calm-otter",
        "target": {
            "repo": "acme/tables",
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "subdir": "",
            "expert": "fedcba9876543210fedcba9876543210fedcba98",
        },
        "workload": {
            "name": "render_report",
            "kind": "script",
            "source": "def workload(): ...",
            "noise_floor": 0.013,
            "provable_gain": 0.027,
        },
        "outcome": "accepted",
        "sentence": "",
        "speedup": {
            "speedup": 1.738,
            "ci_low": 1.69,
            "ci_high": 1.79,
            "confidence": 0.95,
            "pairs": 14,
            "baseline": 7.3,
            "candidate": 4.2,
        },
        "expert": {
            "speedup": 1.87,
            "ci_low": 1.8,
            "ci_high": 1.94,
            "speedup_ratio": 0.93,
            "speedup_ratio_ci_low": 0.91,
            "speedup_ratio_ci_high": 0.95,
        },
        "patch": {
            "files": ["tables/layout.py", "tables/parse.py"],
            "added_lines": 12,
            "removed_lines": 9,
            "sha256": "ab",
        },
        "suite": {"passed": 412, "failed": 0, "flaky": 0, "failing_before": 0, "seconds": 18.4},
        "hotspots": [
            {
                "function": "Layout.widths",
                "path": "tables/layout.py",
                "first_line": 40,
                "last_line": 61,
                "self_share": 0.31,
                "own_share": 0.44,
                "total_share": 0.5,
                "max_speedup": 2.0,
                "worthwhile": True,
                "note": None,
            },
            {
                "function": "trim",
                "path": "tables/parse.py",
                "first_line": 3,
                "last_line": 8,
                "self_share": 0.004,
                "own_share": 0.004,
                "total_share": 0.004,
                "max_speedup": 1.004,
                "worthwhile": False,
                "note": "0.4 % of the workload: not worth a candidate",
            },
        ],
        "hotspots_after": [
            {
                "function": "Layout.widths",
                "path": "tables/layout.py",
                "own_share": 0.06,
                "total_share": 0.1,
                "max_speedup": 1.11,
                "worthwhile": True,
            }
        ],
        "candidates": [
            {
                "candidate_id": "c1",
                "origin": "rewrites/hoist",
                "hotspot": "tables/layout.py:Layout.widths",
                "hypothesis": "`len(rows)` is computed in every turn of the loop",
                "outcome": "accepted",
                "stage": "full suite",
                "reason": "",
                "speedup": 1.74,
                "ci_low": 1.68,
                "ci_high": 1.8,
                "files": ["tables/layout.py"],
            },
            {
                "candidate_id": "c2",
                "origin": "llm/openai:some-model",
                "hotspot": "tables/parse.py:trim",
                "hypothesis": "use a | table <b>bold</b> as @someone said",
                "outcome": "rejected",
                "stage": "same answer",
                "reason": "rows[0]: base 1\ncandidate 2",
                "speedup": None,
                "ci_low": None,
                "ci_high": None,
                "files": ["tables/parse.py"],
            },
        ],
        "doubts": ["the load average was 3.1 during timing"],
        "notes": ["the working tree is dirty: the committed revision was used"],
        "spend": {"rounds": 2, "usd": 0.12, "tokens": 12000, "wall_s": 90.0},
        "seconds": {"workload": 60.0, "tests": 20.0, "model": 4.0, "own": 3.0, "total": 87.0},
        "machine": {"cpu": "Example CPU", "python": "3.11.7"},
        "command": "perfagent optimize acme/tables render_report.py --expert fedcba9",
    }
