"""Fixtures of `lift-definition`."""

WINS = '''"""Roads on a map."""


def nearest(roads, x, y):
    """Return the number of the road whose end is nearest to a place."""

    # in whole steps, as one walks
    class Place:
        """Somewhere; »irgendwo«."""

        def __init__(self, x, y):
            self.x = x
            self.y = y

        def steps(self, other):
            return abs(self.x - other.x) + abs(self.y - other.y)

    here = Place(x, y)
    best = min((here.steps(Place(*end)), number) for number, end in enumerate(roads))
    return best[1]   # the first of several


def workload():
    roads = [(number * 7 % 50, number * 11 % 60) for number in range(3)]
    return sum(nearest(roads, number % 50, number % 60) for number in range(1500))
'''

TRAP = '''"""Lots that are drawn; those of different draws are never the same."""

from dataclasses import dataclass


def drawn(numbers):
    """Return the lots of one draw."""

    @dataclass(frozen=True)
    class Lot:
        number: int

    return [Lot(number) for number in numbers]


def workload():
    lots = drawn([7, 12, 7]) + drawn([12, 30])
    return len(lots), len(set(lots)), lots.count(lots[1])
'''

TRAP_WHY = "instances of a data class are equal only within a class, which each call made anew"
TRAP_STAGE = "same answer"

NEVER = '''"""What is defined in a call because it belongs to it."""


def counter(start):
    def counted(by):
        nonlocal start
        start += by
        return start

    return [counted(1), counted(2)]


def scaled(numbers, by):
    def times(number):
        return number * by

    return [times(number) for number in numbers]


def maker():
    def made(number, seen=[]):
        seen.append(number)
        return list(seen)

    return made


def workload():
    make = maker()
    return counter(1), scaled([1, 2], 3), make(1), make(2)
'''
