"""perfagent's answers planted in place of its runs, so that a job takes no longer than its talk."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from perfagent.tests.app.records import DIFF, DIFF_HEAD, SPOT, record

TOTAL = "deliveries/pairs.py:total"
DIFFS = {
    SPOT: DIFF,
    TOTAL: f"{DIFF_HEAD}@@ -9,4 +9,4 @@\n \n def total(numbers):\n"
    '     """Return the sum of the numbers."""\n'
    "-    return sum(numbers)\n+    return sum(list(numbers))\n",
}


class Planted:
    """Stands in the place of `Engine`.

    Attributes:
        gains: Speedup of each function that the planted run accepts a change of.
        alone: Speedup of each when it is measured by itself; below 1.01 it is refused.
        found: What a check of any pull request finds.
        ran: The words of every run.
        during: Called while a run is under way, with what raises when the job is lost.
    """

    def __init__(self) -> None:
        self.gains: dict[str, float] = {SPOT: 3.1}
        self.alone: dict[str, float] = {}
        self.found = measured("not_slower", 1.0)
        self.words: str | None = None
        self.ran: list[list[str]] = []
        self.during: Callable[[Callable[[str], None]], None] = lambda beat: None

    def run(
        self, words: Sequence[str], *, out: Path, beat: Callable[[str], None], most_s: float
    ) -> dict[str, Any]:
        self.ran.append(list(words))
        self.during(beat)
        out.mkdir(parents=True, exist_ok=True)
        if words[0] == "check":
            return copy.deepcopy(self.found)
        made = self._optimized(out) if words[0] == "optimize" else self._measured(words)
        (out / "report.json").write_text(json.dumps(made))
        return made

    def _optimized(self, out: Path) -> dict[str, Any]:
        made = record(self.words) if self.words else record()
        line = made["candidates"][0]
        lines = []
        (out / "candidates").mkdir(exist_ok=True)
        for number, (spot, gain) in enumerate(self.gains.items()):
            name = f"c0ffee000{number}"
            lines.append({**line, "candidate_id": name, "hotspot": spot, "speedup": gain})
            kept = {"patch": {"diff": DIFFS[spot]}}
            (out / "candidates" / f"{name}.json").write_text(json.dumps(kept))
        made["candidates"] = [*lines, made["candidates"][1]]
        if not lines:
            nothing = {"outcome": "no_improvement", "speedup": None, "patch": None}
            return {**made, **nothing, "hotspots_after": []}
        stacked = [
            {key: each[key] for key in ("candidate_id", "origin", "hypothesis")} for each in lines
        ]
        made["patch"]["stacked"] = stacked
        (out / "patch.diff").write_text(DIFFS[lines[0]["hotspot"]])
        return made

    def _measured(self, words: Sequence[str]) -> dict[str, Any]:
        diff = Path(words[words.index("--patch") + 1]).read_text()
        (spot,) = [spot for spot, known in DIFFS.items() if known == diff]
        gain, made = self.alone[spot], record()
        made["speedup"] |= {"speedup": gain, "ci_low": gain - 0.01, "candidate": 0.031 / gain}
        return made if gain > 1.01 else {**made, "outcome": "no_improvement"}


def measured(decision: str, slowdown: float, line: int = 7) -> dict[str, Any]:
    """Return what `perfagent check` finds."""
    spot = {"path": "deliveries/pairs.py", "line": line, "function": "shared"}
    return {
        "decision": decision,
        "reason": f"planted: {decision}",
        "slowdown": slowdown,
        "ci_low": slowdown - 0.02,
        "ci_high": slowdown + 0.02,
        "confidence": 0.95,
        "baseline_s": 0.031,
        "candidate_s": 0.031 * slowdown,
        "pairs": 12,
        "doubts": [],
        "spot": {**spot, "before": 0.9, "after": 0.95} if decision == "slower" else None,
        "machine": {"cpu": "a processor"},
    }
