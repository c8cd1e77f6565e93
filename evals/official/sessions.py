"""SWE-Perf's procedure: sessions of all efficiency tests, on the base and then with the patch."""

from __future__ import annotations

from pathlib import Path

from ..running.ground import Ground
from .commands import asked

WARM_UP, KEPT = 3, 20

Session = dict[str, tuple[str, float]]
"""By node id the outcome and the seconds of the test's call."""


def block(ground: Ground, tree: Path) -> list[Session]:
    """Return the sessions that count of one version; the caller has the lane.

    A test that never came to its call has outcome "failed" and no seconds worth a thing.

    Raises:
        BlockFailed: A session did not end well.
    """
    job = {"tests": list(ground.instance.efficiency_tests)}
    made = [
        asked(ground, tree, "perfagent_sessions.py", job, ground.settings.suite_timeout_s)
        for _ in range(WARM_UP + KEPT)
    ]
    return [
        {
            test: (outcome if called else "failed", seconds)
            for test, (outcome, seconds, called) in session.items()
        }
        for session in made[WARM_UP:]
    ]
