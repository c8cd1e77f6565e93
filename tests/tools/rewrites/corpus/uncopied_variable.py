"""Fixtures of `uncopied-variable`."""

WINS = '''"""Prices by weight."""


def price(weights: list[int], grams: int) -> int:
    """Return the number of the price class that a parcel is in (»Gewichtsklasse«)."""
    bounds = list(weights)   # from light to heavy
    low, high = 0, len(bounds)
    while low < high:
        middle = (low + high) // 2
        if bounds[middle] < grams:
            low = middle + 1
        else:
            high = middle
    return low


def workload():
    weights = list(range(0, 60000, 20))
    return sum(price(weights, grams) for grams in range(0, 60000, 30))
'''

TRAP = '''"""Marks of a class."""


def spread(marks: list[int]) -> tuple[int, int]:
    """Return the sum of the marks, and of their squares."""
    kept = list(marks)
    total = sum(kept)
    squares = sum(mark * mark for mark in kept)
    return total, squares


def workload():
    lines = ["2", "1", "3", "2"]
    return spread(int(line) for line in lines)
'''

TRAP_WHY = "a generator in the place of a list, which can be gone through once"
TRAP_STAGE = "same answer"

NEVER = '''"""Copies that are changed, or whose original is."""


def ranked(names: list[str]) -> list[str]:
    order = list(names)
    order.sort()
    return [*names, *order]


def drained(names: list[str]) -> int:
    before = list(names)
    names.clear()
    return len(before)


def workload():
    return ranked(["b", "a"]), drained(["a", "b"])
'''
