"""Experience: which rewrites worked on this repository, in earlier runs and in this one.

It orders proposals and prunes the least of them. It never has a part in a verdict.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ...errors import InfrastructureError, UserError
from ...tools.rewrites.registry import Weigh
from ...tools.rewrites.shapes import Shape, shape_in
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run
from ..steps.tip import tip_tree
from . import ledger
from .ledger import SPEED_STAGES, Entry
from .memory import Memory, Tally, add_to_memory, read_memory

PRIOR_WEIGHT = 4.0
"""How many trials a rewrite's own promise counts as, against those that were made."""
COPY = "experience.json"
_ORIGIN = "rewrites/"
_UNJUDGED = ("infrastructure",)


def recall(run: Run) -> Memory:
    """Return what earlier runs on the repository taught, as it was when this run began.

    The first call copies it into the run directory, so that a resume goes by the same.
    """
    if run.directory.has(COPY):
        return from_plain(Memory, run.directory.read_json(COPY))
    known = read_memory(_file(run)) if run.settings.learn else Memory()
    run.keep(COPY, to_plain(known))
    return known


def learn(run: Run) -> None:
    """Add what this run taught to what is known of the repository, once however often called.

    Knowing it is no more than a help, so a cache that cannot be written is a note, not an error.
    """
    if not run.settings.learn:
        return
    try:
        add_to_memory(_file(run), run.request.run_id, dict(_taught(run)))
    except (UserError, InfrastructureError) as error:
        run.note(f"which rewrites worked was not kept for later runs: {error}")


def weigher(run: Run) -> Weigh:
    """Return by how much to multiply a rewrite's promise, from all that is known so far."""
    past = recall(run)
    gained: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for entry in ledger.entries(run):
        name = entry.candidate.origin.removeprefix(_ORIGIN)
        gained[name] += entry.verdict.outcome == "accepted"
        wrong[name] += _is_wrong(entry)

    def weigh(rewrite: str, shape: Shape, promise: float) -> float:
        earlier = past.tally(rewrite, shape)
        return posterior_ratio(
            promise,
            successes=earlier.accepted + gained[rewrite],
            failures=earlier.tried - earlier.accepted + wrong[rewrite],
        )

    return weigh


def posterior_ratio(promise: float, *, successes: int, failures: int) -> float:
    """Return by how much trials change the chance that a rewrite's promise stood for.

    The promise is taken for the mean of a Beta prior that weighs PRIOR_WEIGHT trials; what comes
    back is the posterior's mean over the prior's (Gelman et al., "Bayesian Data Analysis", 3rd
    edition, 2013, section 2.4). So `promise` times it is the posterior's mean, at most 1.

    Args:
        promise: Above 0, at most 1.
        successes: Trials that were accepted.
        failures: Trials that were not.
    """
    mean = (PRIOR_WEIGHT * promise + successes) / (PRIOR_WEIGHT + successes + failures)
    return mean / promise


def _is_wrong(entry: Entry) -> bool:
    """Return whether a candidate was refused for anything but its speed."""
    return entry.verdict.outcome == "rejected" and entry.verdict.stage not in SPEED_STAGES


def _taught(run: Run) -> Iterator[tuple[tuple[str, Shape], Tally]]:
    """Yield what became of each rewrite on each shape of function in this run."""
    found: dict[tuple[str, Shape], Tally] = {}
    for entry in ledger.entries(run):
        shape = _shape(run, entry)
        name = entry.candidate.origin
        if shape is None or not name.startswith(_ORIGIN) or entry.verdict.outcome in _UNJUDGED:
            continue
        accepted = entry.verdict.outcome == "accepted"
        gain = math.log(entry.verdict.speedup or 1.0) if accepted else 0.0
        key = (name.removeprefix(_ORIGIN), shape)
        found[key] = found.get(key, Tally()) + Tally(tried=1, accepted=accepted, log_gain=gain)
    yield from found.items()


def _shape(run: Run, entry: Entry) -> Shape | None:
    """Return the shape that the candidate's hotspot has on the base, None if it has none there."""
    path, _, function = (entry.candidate.hotspot or "").rpartition(":")
    try:
        return shape_in((tip_tree(run, None) / path).read_text(encoding="utf-8"), function)
    except (OSError, UnicodeDecodeError):
        return None


def _file(run: Run) -> Path:
    name = Path(run.request.repo.mirror).name
    return run.settings.cache_dir.absolute() / "experience" / f"{name}.json"
