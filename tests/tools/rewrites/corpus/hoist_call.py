"""Fixtures of `hoist-call`."""

WINS = '''"""Votes of a council."""


def shares(votes: list[int]) -> list[float]:
    """Return each party's share in percent."""
    found = []
    for count in votes:
        share = 100 * count / sum(votes)   # of all valid votes; »ungültige« are left out
        found.append(round(share, 1))
    return found


def workload():
    return shares([number * 17 % 400 + 1 for number in range(2500)])
'''

TRAP = '''"""Bids at an auction."""

EVENINGS = [("monday", [40, 75, 60], [70, 90]), ("tuesday", [], []), ("friday", [55], [80])]


def capped(bids: list[int], limits: list[int]) -> list[int]:
    """Return the bids, none above the strictest limit."""
    kept = []
    for bid in bids:
        kept.append(min(bid, min(limits)))
    return kept


def workload():
    accepted = {}
    for evening, bids, limits in EVENINGS:
        try:
            accepted[evening] = capped(bids, limits)
        except ValueError:
            accepted[evening] = []  # no limits, no sale
    return accepted
'''

TRAP_WHY = "a call that raises, before a loop of no rounds; the workload swallows the exception"
TRAP_STAGE = "same calls"

NEVER = '''"""Calls whose argument changes, and calls that change something."""

import random


def drained(stock: list[int]) -> list[int]:
    taken = []
    while stock:
        taken.append(max(stock))
        stock.remove(max(stock))
    return taken


def shuffled(names: list[str], rounds: int) -> list[str]:
    drawn = []
    for _ in range(rounds):
        drawn.append(random.Random(len(drawn)).choice(names))
    return drawn


def workload():
    return drained([3, 1, 2]), shuffled(["a", "b"], 3)
'''
