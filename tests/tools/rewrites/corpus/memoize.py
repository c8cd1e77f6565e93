"""Fixtures of `memoize`."""

WINS = '''"""Spelling: the known words that are nearest to what was typed."""


def distance(first: str, second: str) -> int:
    """Return how many letters must change to make one word the other (»café« is near »cafe«)."""
    before = list(range(len(second) + 1))
    for row, letter in enumerate(first, start=1):
        here = [row]
        for column, other in enumerate(second, start=1):
            change = before[column - 1] + (letter != other)   # kept, or swapped
            here.append( min(before[column] + 1, here[-1] + 1, change) )
        before = here
    return before[-1]


def corrected(text, known):
    """Return each word of a text, or the known word that is nearest to it."""
    return [min(known, key=lambda word: distance(typed, word)) for typed in text.split()]


def workload():
    known = ["café", "naïve", "weather", "leather", "letter", "better", "winter", "summer"]
    return corrected("the wether in winter is beter than the wether in sumer " * 12, known)
'''

TRAP = '''"""Postage by zone and weight."""

RATES = {"home": 120, "near": 260, "far": 430}


def postage(zone: str, grams: int) -> int:
    """Return the postage in cents: each further 500 g cost a tenth less than those before."""
    cents = step = RATES[zone]
    while grams > 500:
        step = max(step * 9 // 10, 10)
        cents += step
        grams -= 500
    return cents


def quote(parcels):
    return sum(postage(zone, grams) for zone, grams in parcels)


def workload():
    from . import memoize_beside as tariff

    parcels = [("home", 900), ("far", 2300), ("near", 400)]
    before = quote(parcels)
    with tariff.surcharge(10):
        return before, quote(parcels)
'''

TRAP_WHY = "another module changes the table that the function reads, for a while"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""The surcharge of the weeks before Christmas."""

from contextlib import contextmanager

from . import memoize as parcels


@contextmanager
def surcharge(percent):
    usual = dict(parcels.RATES)
    for zone, cents in usual.items():
        parcels.RATES[zone] = cents + cents * percent // 100
    try:
        yield
    finally:
        parcels.RATES.update(usual)
'''

NEVER = '''"""Labels that are numbered as they are given out."""

GIVEN = {}


def label(name: str) -> str:
    """Return a name nobody was given before."""
    short = "".join(word[0] for word in name.split())
    GIVEN[short] = GIVEN.get(short, 0) + 1
    return f"{short}-{GIVEN[short]}"


def initials(names: list[str]) -> str:
    """Return the first letters of names, which come in a list."""
    return "".join(name[0] for name in names)


def workload():
    GIVEN.clear()
    return [label("Anna Berg"), label("Anna Berg"), initials(["Anna", "Berg"])]
'''
