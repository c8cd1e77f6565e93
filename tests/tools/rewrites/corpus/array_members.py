"""Fixtures of `array-members`."""

WINS = '''"""Tickets of a lottery."""

import numpy as np


def winners(tickets: list[int], drawn: np.ndarray) -> list[int]:
    """Return the tickets that win (»Glückslos«)."""
    # In the order in which they were sold.
    return [ticket for ticket in tickets if ticket in  drawn]   # any prize


def workload():
    drawn = np.arange(3000) * 7
    return winners(list(range(3000)), drawn)[::40]
'''

TRAP = '''"""Weights at a market."""

import numpy as np


def known(weights, stones: np.ndarray) -> list:
    """Return for each weight whether there is a stone of it."""
    found = []
    for weight in weights:
        found.append(weight in stones)
    return found


def workload():
    from .array_members_beside import About

    stones = np.array([0.5, 1.0, 2.0])
    return known([1.0, 1.01, About(1.01), About(3.0)], stones)
'''

TRAP_WHY = "another module's numbers, which equal what is near them but hash by what they are"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Weights as a market's scales show them."""


class About:
    def __init__(self, weight):
        self.weight = weight

    def __eq__(self, other):
        return abs(self.weight - float(other)) < 0.05

    def __hash__(self):
        return hash(self.weight)
'''

NEVER = '''"""Lists, arrays that change, and rows that are searched for."""

import numpy as np


def in_list(values, known: list) -> list:
    return [value for value in values if value in known]


def crossed_out(values, known: np.ndarray) -> list:
    for i, value in enumerate(values):
        if value in known:
            known[i] = 0
    return known.tolist()


def with_rows(rows: list[list[int]], known: np.ndarray) -> list:
    return [row for row in rows if row in known]


def workload():
    known = np.array([[1, 2], [3, 4]])
    return in_list([1, 2], [2]), crossed_out([1, 2], np.arange(3)), with_rows([[1, 2]], known)
'''
