"""Makes records of runs: any number of candidates, any ending, every part that a report shows."""

from __future__ import annotations

import random
from typing import Any

STAGES = ["applies", "in scope", "parses", "honest", "imports", "covering tests", "same answer",
          "quick timing", "full timing", "full suite"]  # fmt: skip
FATES = [
    ("accepted", "full suite", "passed every stage"),
    ("rejected", "same answer", "result[3]: base 'a' candidate 'b'"),
    ("inconclusive", "full timing", "30 pairs leave the speedup between 0.95 and 1.08"),
    ("rejected", "honest", "reads a clock"),
    ("infrastructure", "imports", "the disk is full"),
]
DIFF = """diff --git a/tables/layout.py b/tables/layout.py
--- a/tables/layout.py
+++ b/tables/layout.py
@@ -40,4 +40,4 @@ def widths(rows):
     total = 0
-    for row in list(rows):
+    for row in rows:
         total += len(row)
     return total
"""


def tree(samples: int, names: list[str]) -> dict[str, Any]:
    """Return a call tree with one box a name, each half of its caller."""
    frames = [[name, f"tables/{name.lower()}.py", "repository"] for name in names]
    boxes: list[Any] = []
    for index in reversed(range(len(names))):
        boxes = [[index, samples >> index, boxes]]
    return {
        "recorder": "py-spy",
        "rate_hz": 200,
        "samples": samples,
        "duration_s": samples / 200,
        "note": None,
        "frames": frames,
        "tree": boxes,
    }


def candidate(number: int, chance: random.Random, words: str) -> dict[str, Any]:
    """Return one candidate as a record holds it."""
    outcome, stage, reason = FATES[number % len(FATES)]
    timed = stage in ("full timing", "full suite")
    speedup = chance.uniform(0.9, 1.6) if timed else None
    start = 40.0 + 9 * number
    reached = STAGES[: STAGES.index(stage) + 1]
    return {
        "candidate_id": f"c{number:09d}",
        "parent_id": f"c{number - 5:09d}" if outcome == "accepted" and number >= 5 else None,
        "round": 1 + number // 20,
        "origin": "llm/openai:some-model/batch",
        "hotspot": f"tables/a_rather_long_module_name_{number % 7}.py:Layout.widths_of_columns",
        "hypothesis": f"`len(rows)` is computed in every turn {words}",
        "outcome": outcome,
        "stage": stage,
        "reason": f"{reason} {words}",
        "speedup": speedup,
        "ci_low": speedup * 0.9 if speedup else None,
        "ci_high": speedup * 1.1 if speedup else None,
        "pairs": 14 if speedup else 0,
        "evidence": [f"line {i}: {words}" for i in range(3)] if outcome == "rejected" else [],
        "doubts": ["the machine is busy"] if timed else [],
        "samples": None,
        "files": ["tables/layout.py"],
        "diff": DIFF * (1 + number % 4),
        "from_s": start,
        "to_s": start + 12,
        "stages": [{"stage": name, "seconds": 1.2} for name in reached],
    }


def make_sweep() -> dict[str, Any]:
    """Return a sweep in which the patch pays from some 500 on."""
    return {
        "unit": "s",
        "points": [
            {"size": size, "baseline": base, "candidate": patched, "speedup": base / patched,
             "ci_low": 0.97 * base / patched, "ci_high": 1.03 * base / patched, "pairs": 6,
             "regime": "cold"}
            for size, base, patched in (
                (100, 0.002, 0.004), (1000, 0.02, 0.01), (10_000, 0.21, 0.03), (1e5, 2.3, 0.1)
            )
        ],
        "baseline_exponent": {"value": 1.02, "low": 0.97, "high": 1.07},
        "candidate_exponent": {"value": 0.47, "low": 0.38, "high": 0.56},
        "crossover": {"size": 316.2, "low": 100, "high": 1000},
        "notes": ["size 1,000,000: it was still running after 300 s"],
    }  # fmt: skip


def make_guard() -> dict[str, Any]:
    """Return a guard test that counts one module."""
    limit = {"module": "tables.layout", "what": "lines", "patched": 1204, "base": 31_412,
             "allowed": 6149}  # fmt: skip
    return {"file": "test_guard.py", "problem": None, "limits": [limit], "passed": 5, "failed": 5}


def make_record(
    candidates: int, *, outcome: str = "accepted", words: str = "", pairs: int = 14
) -> dict[str, Any]:
    """Return a record of a run.

    Args:
        candidates: How many it tried.
        outcome: How it ended.
        words: Somebody else's words, wherever they may stand.
        pairs: Of the final measurement.
    """
    chance = random.Random(7)
    accepted = outcome == "accepted"
    base = [chance.gauss(7.3, 0.1) for _ in range(pairs)]
    patched = [value / chance.gauss(1.74, 0.02) for value in base]
    hotspot = {
        "function": "Layout.widths",
        "path": "tables/layout.py",
        "first_line": 40,
        "last_line": 44,
        "self_share": 0.31,
        "own_share": 0.44,
        "total_share": 0.5,
        "max_speedup": 2.0,
        "owner": "repository",
        "callers": ["tables/report.py:render"],
        "lines": [{"line": 42, "self_share": 0.3, "total_share": 0.5, "text": "for row in rows:"}],
        "source": f"def widths(rows):  # {words}\n    total = 0\n    for row in list(rows):\n"
        "        total += len(row)\n    return total\n",
        "covering_tests": ["tests/test_layout.py::test_widths"],
        "worthwhile": True,
        "note": None,
        "facts": None,
        "facts_text": f"called 3,000 times with 12 distinct arguments {words}",
    }
    speedup = {
        "speedup": 1.738, "ci_low": 1.69, "ci_high": 1.79, "confidence": 0.95, "pairs": pairs,
        "metric": "wall", "unit": "s", "baseline": 7.3, "candidate": 4.2, "regime": "cold",
        "noise_floor": 0.013, "min_effect": 0.02, "error": 0.05, "repeated_pairs": 0,
        "baseline_values": base, "candidate_values": patched,
        "baseline_peak_rss_bytes": 5e7, "candidate_peak_rss_bytes": 6e7,
        "baseline_first": [True] * pairs,
        "also": [
            {"name": "import", "unit": "s", "baseline": 0.05, "candidate": 0.05},
            {"name": "peak memory", "unit": "bytes", "baseline": 5e7, "candidate": 6e7},
        ],
    }  # fmt: skip
    return {
        "schema_version": 2,
        "run_id": "20260301-101500-calm-otter",
        "started_at": "2026-03-01T10:15:00+00:00",
        "command": f"perfagent optimize acme/tables render_report.py --expert fedcba9 {words}",
        "outcome": outcome,
        "stopped": "no more rounds",
        "target": {
            "repo": "acme/tables",
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "subdir": "",
            "dirty": False,
            "expert": "fedcba9876543210fedcba9876543210fedcba98",
        },
        "workload": {
            "name": f"render_report{words}", "kind": "script", "source": f"def workload(): {words}",
            "origin": "render_report.py", "metric": "wall", "baseline_s": 7.3,
            "noise_floor": 0.013, "provable_gain": 0.027,
        },
        "speedup": speedup if accepted else None,
        "expert": {"speedup": 1.87, "ci_low": 1.8, "ci_high": 1.94, "expert": 3.9,
                   "speedup_ratio": 0.93 if accepted else None,
                   "speedup_ratio_ci_low": 0.91 if accepted else None,
                   "speedup_ratio_ci_high": 0.95 if accepted else None},
        "patch": {"files": ["tables/layout.py"], "added_lines": 1, "removed_lines": 1,
                  "sha256": "ab" * 32, "stacked": []} if accepted else None,
        "sweep": make_sweep() if accepted else None,
        "guard": make_guard() if accepted else None,
        "suite": {"of": "final patch", "passed": 412, "failed": 0, "skipped": 3, "flaky": [],
                  "failing_before": [], "seconds": 18.4, "command": "pytest"},
        "evidence": "evidence.json" if accepted else None,
        "hotspots": [hotspot],
        "hotspots_after": [],
        "profiles": {
            "before": tree(4096, ["render", "Layout.widths", "trim", words or "pad"]),
            "after": tree(2048, ["render", "trim"]) if accepted else None,
        },
        "candidates": [candidate(n, chance, words) for n in range(candidates)],
        "gate": STAGES,
        "steps": [{"stage": "prepare", "from_s": 0.0}, {"stage": "validate", "from_s": 38.0}],
        "search": None,
        "doubts": [f"the load average was 3.1 {words}"] if accepted else [],
        "notes": [f"the working tree is dirty {words}"],
        "spend": {"rounds": 3, "usd": 0.12, "tokens": 12000, "wall_s": 90.0, "model_calls": 4},
        "seconds": {"workload": 400.0, "tests": 20.0, "model": 4.0, "own": 3.0, "total": 640.0},
        "machine": {"processor": "Example CPU", "cores": "2"},
        "environment": {"python": "python", "version": "3.11.7", "packages": ["numpy==2.1.0"] * 80},
        "sandbox": {"name": "local", "guarantees": ["no network"], "network": False, "lost": []},
        "settings": {"jobs": 2, "metric": "wall", "tests": words},
    }  # fmt: skip
