"""Fixtures of `inline-helper`."""

WINS = '''"""Colours of a picture."""

WHITE = 255


def _mixed(colour, share):
    """Return a colour with white in it."""
    return colour + (WHITE - colour) * share // 100


def lighter(colours, share):
    """Return all colours a little lighter (»aufgehellt«)."""
    return [ _mixed(colour, share)  for colour in colours ]   # each by itself


def workload():
    colours = [number * 31 % 256 for number in range(20000)]
    return sum(lighter(colours, 40)) + sum(lighter(colours, 5))
'''

TRAP = '''"""Heights of a map."""


def _feet(metres):
    """Return a height in feet."""
    return metres * 328 // 100


def labels(heights):
    """Return what is written next to the peaks."""
    return [f"{number}" for number in map(str, [_feet(height) for height in heights])]


def workload():
    from . import inline_helper_beside as trace

    with trace.calls_counted() as counts:
        return labels([2962, 1493, 4478]), counts
'''

TRAP_WHY = "another module wraps all functions whose names it finds in the module, for a while"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Which functions of the maps are called how often."""

import functools
from contextlib import contextmanager

from . import inline_helper as maps


@contextmanager
def calls_counted():
    """Count the calls of every function meanwhile."""
    usual = {name: value for name, value in vars(maps).items() if callable(value)}
    counts = dict.fromkeys(usual, 0)
    for name, function in usual.items():
        setattr(maps, name, _counted(function, name, counts))
    try:
        yield counts
    finally:
        vars(maps).update(usual)


def _counted(function, name, counts):
    @functools.wraps(function)
    def counted(*args):
        counts[name] += 1
        return function(*args)

    return counted
'''

NEVER = '''"""Functions that may be another one, or whose arguments would be worked out anew."""

import functools


@functools.lru_cache
def _cached(number):
    return number + 1


def _double(number):
    return number + number


def _either(first, second):
    return first or second


def changed(rows):
    return [_double(row.pop()) + _either(row, row[0]) for row in rows if _cached(1)]


class Scale:
    def factor(self, number):
        return number * 2

    def all(self, numbers):
        return [self.factor(number) for number in numbers]


class Halved(Scale):
    def factor(self, number):
        return number / 2


def workload():
    return Halved().all([1, 2]), [str(each) for each in map(_double, [3])], _cached(2)
'''
