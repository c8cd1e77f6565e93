"""Fixtures of `once-per-element`."""

WINS = '''"""A catalogue that is searched."""

import unicodedata


def matches(queries: list[str], titles: list[str]) -> list[tuple[str, str]]:
    """Return which titles contain which query, accents and case aside."""
    found = []
    for query in queries:
        for title in titles:
            plain = unicodedata.normalize("NFKD", title).casefold()  # é is e and an accent
            if query in plain:
                found.append((query, title))
    return found


def workload():
    titles = [f"Bücher und Bänder über Ärzte, {number}" for number in range(700)]
    return len(matches([f"rzte, {number}" for number in range(60)], titles))
'''

TRAP = '''"""Readings of a sensor, which come as text."""

from decimal import Decimal


def first_above(limits: list[int], readings: list[str]) -> list[str | None]:
    """Return the first reading above each limit; those after it are not looked at."""
    found = []
    for limit in limits:
        above = None
        for reading in readings:
            if Decimal(reading) > limit:
                above = reading
                break
        found.append(above)
    return found


def workload():
    return first_above([1, 5], ["0.5", "1.5", "7.25"])
'''

TRAP_WHY = "an element that makes the call raise, which the inner loop never reaches"
TRAP_STAGE = "covering tests"

TRAP_TEST = """from traps.once_per_element import first_above


def test_what_comes_after_the_last_alarm_does_not_matter():
    assert first_above([1, 2], ["3.5", "connection lost"]) == ["3.5", "3.5"]
"""

NEVER = '''"""Calls that depend on both loops, or on what the outer loop changes."""


def shifted(words: list[str], steps: list[int]) -> list[str]:
    found = []
    for step in steps:
        for word in words:
            found.append("".join(sorted(word[step:])))
    return found


def renamed(words: list[str], rounds: int) -> list[str]:
    found = []
    for _ in range(rounds):
        for word in words:
            found.append(word.upper().center(9))
        words.append("more")
    return found


def workload():
    return shifted(["cab", "fed"], [0, 1]), renamed(["a"], 2)
'''
