"""Which versions the next candidates start from: the policies that `--search` names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from .elites import Elite, archive, ranked

BEAM_WIDTH = 3

Policy = Callable[[Sequence[Elite], int, Random], list[Elite]]
"""Takes the elites (the base among them), how many parents are wanted, and the round's random
numbers; returns that many, the surest first."""


def best_of_n(elites: Sequence[Elite], count: int, rng: Random) -> list[Elite]:
    """Return the best version for all."""
    return [ranked(elites)[0]] * count


def beam(elites: Sequence[Elite], count: int, rng: Random) -> list[Elite]:
    """Return the best few versions in turn."""
    best = ranked(elites)[:BEAM_WIDTH]
    return [best[place % len(best)] for place in range(count)]


def evolve(elites: Sequence[Elite], count: int, rng: Random) -> list[Elite]:
    """Return the best version first, then elites of the archive's cells, each as likely."""
    best = ranked(elites)[0]
    cells = archive(elites)
    drawn = [cells[rng.choice(sorted(cells))] for _ in range(count - 1)]
    return [best, *drawn][:count]


POLICIES: Mapping[str, Policy] = {"best-of-n": best_of_n, "beam": beam, "evolve": evolve}
