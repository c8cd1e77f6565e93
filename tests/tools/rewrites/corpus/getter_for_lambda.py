"""Fixtures of `getter-for-lambda`."""

WINS = '''"""Scores of a game."""


def winners(rounds):
    """Return the name of the best player of each round (»Ida« before »Jo«)."""
    found = []
    for scores in rounds:
        # the second of each pair is the score
        best = max( scores, key=lambda entry: entry[1] )   # of equal ones the first
        found.append(best[0])
    return found


def workload():
    scores = [(f"Jürgen {number}", number * 7919 % 10007) for number in range(1000)]
    return winners([scores[first:] for first in range(100)])[-5:]
'''

TRAP = '''"""A shelf of books."""


def shelved(titles: list[str]) -> list[str]:
    """Return titles in the order of a shelf, where capitals do not count."""
    return sorted(titles, key=lambda title: title.lower())


def workload():
    from . import getter_for_lambda_beside as books

    return [str(title) for title in shelved([books.Title("The Ark"), "Beowulf", "candide"])]
'''

TRAP_WHY = "a subclass of str of another module, with a method of its own"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Titles of books."""


class Title(str):
    def lower(self):
        """Return what a title is looked up by: without its article."""
        return str.lower(self).removeprefix("the ")
'''

NEVER = '''"""Keys that do more than a getter, and those of something unknown."""

from itertools import groupby


def by_size(rows):
    return sorted(rows, key=lambda row: -row[1])


def by_name(things):
    return sorted(things, key=lambda thing: thing.lower())


def by_table(names, table):
    return sorted(names, key=lambda name: table[name])


def groups(rows, column):
    grouped = groupby(rows, key=lambda row: row[column])
    column = 1
    return [key for key, _ in grouped], column


def workload():
    rows = [("a", 1), ("b", 2)]
    given = ["B", "a"], ["xy", {"x": 2, "y": 1}]
    return by_size(rows), by_name(*given[:1]), by_table(*given[1]), groups(rows, 0)
'''
