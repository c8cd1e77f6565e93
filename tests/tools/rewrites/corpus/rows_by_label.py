"""Fixtures of `rows-by-label`."""

WINS = '''"""Heights of plants in the beds of a garden."""

import numpy as np


def tallest(heights: np.ndarray, beds: np.ndarray) -> list:
    """Return the tallest plant of each bed (»Beet«)."""
    found = []
    # Bed by bed.
    for bed in np.unique(beds):
        found.append(heights[ beds == bed ].max())   # in cm
    return found


def workload():
    numbers = np.arange(20000)
    return [float(each) for each in tallest(numbers * 37 % 9001 / 10, numbers * 7 % 1000)][::20]
'''

TRAP = '''"""Votes by district."""

import numpy as np


def totals(votes: np.ndarray, districts: np.ndarray, wanted) -> list:
    """Return how many votes were cast in each of some districts."""
    found = []
    for district in wanted:
        found.append(int(votes[districts == district].sum()))
    return found


def workload():
    from .rows_by_label_beside import EVERYWHERE

    votes, districts = np.array([120, 80, 45, 60]), np.array([1, 2, 1, 3])
    return totals(votes, districts, [1, 3, EVERYWHERE])
'''

TRAP_WHY = "another module's label that equals all others, which no lookup by hash finds"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""The district that is all districts."""


class Everywhere:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


EVERYWHERE = Everywhere()
'''

NEVER = '''"""Labels that change, masks that are counted, and labels that are a list."""

import numpy as np


def cleared(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    for label in range(3):
        values[labels == label] = 0
        labels[label] = 2
    return values


def counted(labels: np.ndarray) -> int:
    total = 0
    for label in range(3):
        total += int((labels == label).sum())
    return total


def chosen(values: np.ndarray, labels: list) -> list:
    found = []
    for label in range(3):
        found.append(values[labels == label].size)
    return found


def workload():
    labels = np.array([0, 1, 1, 2])
    return counted(labels), chosen(labels, [0, 1]), cleared(np.ones(4), labels).tolist()
'''
