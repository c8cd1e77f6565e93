"""Fixtures of `accumulating-loop`."""

WINS = '''"""Likeness of two signals."""

import numpy as np


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Return the sum of products (»Skalarprodukt«)."""
    total = 0.0
    # From left to right.
    for x, y in zip(first, second):
        total += x * y   # each pair
    return float(total)


def workload():
    first = np.arange(20000) / 7
    second = np.arange(20000)[::-1] / 3
    return [likeness(first, second), likeness(second, second)]
'''

TRAP = '''"""Checksums of files."""

import numpy as np


def checksum(words: np.ndarray):
    """Return the sum of all words."""
    total = 0
    for word in words:
        total += word
    return int(total)


def workload():
    told = []
    with np.errstate(over="raise"):
        for words in ([1, 2, 3], [2**62, 2**62, 5]):
            try:
                told.append(checksum(np.array(words)))
            except FloatingPointError:
                told.append("too large")
    return told
'''

TRAP_WHY = "a sum that overflows: numbers of numpy tell so when asked to, sums of arrays do not"
TRAP_STAGE = "same answer"

NEVER = '''"""Sums that are looked at on the way."""

import numpy as np


def longest_run(values: np.ndarray):
    run = best = 0
    for value in values:
        run += value
        if value == 0:
            run = 0
        best = max(best, run)
    return int(best)


def total(values: list):
    found = 0
    for value in values:
        found += value
    return found


def workload():
    return longest_run(np.array([1, 1, 0, 1])), total([1, 2])
'''
