"""Fixtures of `elements-for-positions`."""

WINS = '''"""Peaks in what was measured."""


def above(readings: list[int], level: int) -> int:
    """Return how many readings are above a level but no »Ausreißer«."""
    count = 0
    # each of them
    for at in range( len(readings) ):   # from the first
        if readings[ at ] > level and readings[at] != 999 and readings[at] >= 0:  # sound
            count += 1
    return count


def workload():
    readings = [number * 37 % 1001 for number in range(10000)]
    return [above(readings, level) for level in range(0, 100, 10)]
'''

TRAP = '''"""Rain, by the day."""


def wet_days(rain: list[int]) -> int:
    """Return on how many days it rained."""
    count = 0
    for day in range(len(rain)):
        if rain[day] > 0:
            count += 1
    return count


def workload():
    from . import elements_for_positions_beside as gauges

    return [wet_days([0, 3, 5]), wet_days(gauges.Corrected([1, 3, 5], offset=1))]
'''

TRAP_WHY = "a subclass of list of another module that has its own way to look up an element"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Gauges that show too much."""


class Corrected(list):
    def __init__(self, readings, offset):
        super().__init__(readings)
        self._offset = offset

    def __getitem__(self, day):
        return super().__getitem__(day) - self._offset
'''

NEVER = '''"""Positions that are used for more, and lists that change."""


def weighted(numbers: list[int]):
    return [numbers[at] * at for at in range(len(numbers))]


def both(first: list[int], second: list[int]):
    return [first[at] + second[at] for at in range(len(first))]


def doubled(numbers: list[int]):
    for at in range(len(numbers)):
        numbers[at] = numbers[at] * 2
    return numbers


def by_number(table):
    return [table[at] for at in range(len(table))]


def last(numbers: list[int]):
    total = 0
    for at in range(len(numbers)):
        total += numbers[at]
    return total, at


def workload():
    numbers = [1, 2]
    found = weighted(numbers), both(numbers, numbers), by_number({0: "a"}), last(numbers)
    return found, doubled(numbers)
'''
