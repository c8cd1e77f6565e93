"""How long a step of a run still takes, from what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..wording import duration_text

SHORTEST_S = 2.0
"""Of a step that is shorter nobody asks how long it still takes."""
_ENDS = frozenset({"accepted", "rejected", "inconclusive", "infrastructure"})


class Pace:
    """Follows a run's events; tells what is left of the step under way."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._about_s: float | None = None
        self._validating = False
        self._waiting: set[str] = set()
        self._begun_s: dict[str, float] = {}
        self._took_s: list[float] = []
        self._most_at_once = 1

    def take(self, event: Mapping[str, Any], now_s: float) -> None:
        """Take in one event of the run, which happened at `now_s`."""
        if event.get("event") == "stage":
            self._began_s, self._about_s = now_s, event.get("about_s")
            self._validating = event.get("stage") == "validate"
        elif event.get("event") == "candidate":
            self._take_candidate(str(event.get("candidate_id")), event.get("state"), now_s)

    def _take_candidate(self, name: str, state: object, now_s: float) -> None:
        if state == "proposed":
            self._waiting.add(name)
        elif state == "validating":
            self._waiting.discard(name)
            self._begun_s.setdefault(name, now_s)
            self._most_at_once = max(self._most_at_once, len(self._begun_s))
        elif state in _ENDS:
            self._waiting.discard(name)
            if name in self._begun_s:
                self._took_s.append(now_s - self._begun_s.pop(name))

    def left_s(self, now_s: float) -> float | None:
        """Return the seconds left of the step; None when unknown, over, or too few to tell."""
        if self._validating:
            return self._trials_left_s(now_s)
        if self._about_s is None or self._about_s < SHORTEST_S:
            return None
        left = self._began_s + self._about_s - now_s
        return left if left >= 1 else None

    def _trials_left_s(self, now_s: float) -> float | None:
        if not self._took_s:
            return None
        usual = sum(self._took_s) / len(self._took_s)
        begun = sum(max(0.0, usual - (now_s - at)) for at in self._begun_s.values())
        left = (begun + usual * len(self._waiting)) / self._most_at_once
        return left if left >= SHORTEST_S else None

    def text(self, now_s: float) -> str:
        """Return `about 40 s left`, or nothing."""
        left = self.left_s(now_s)
        return "" if left is None else f"about {duration_text(round(left))} left"
