"""Fixtures of `expression-for-vectorize`."""

WINS = '''"""How strongly a neuron fires."""

import numpy as np


def piece(x):
    """Return the answer to one stimulus: »weich« around zero."""
    if x < 0:
        return -x / 4
    elif x < 1:
        return x * x / 2
    return x + 0.5


smooth = np.vectorize( piece )


def fire(stimuli):
    return smooth(stimuli) + 1   # all at once


def workload():
    return fire(np.arange(-9000, 9000) / 1000).tolist()[::500]
'''

TRAP = '''"""Tax on incomes."""

import numpy as np


def tax(income):
    """Return what is due of an income."""
    if income < 1000:
        return income * 0.0
    return income * 0.25


taxes = np.vectorize(tax)


def due(incomes):
    return taxes(incomes)


def workload():
    from . import expression_for_vectorize_beside as law

    incomes = np.array([400.0, 2000.0, 8000.0])
    before = due(incomes).tolist()
    with law.halved():
        return before, due(incomes).tolist()
'''

TRAP_WHY = "another module puts another function in the place of the vectorized one, for a while"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""A year in which only half of the tax is due."""

from contextlib import contextmanager

from . import expression_for_vectorize as office


@contextmanager
def halved():
    usual = office.taxes
    office.taxes = lambda incomes: usual(incomes) / 2
    try:
        yield
    finally:
        office.taxes = usual
'''

NEVER = '''"""Functions that do more, or whose first answer decides the type."""

import numpy as np

SEEN = []


def noted(value):
    SEEN.append(value)
    return value * 2


def all_noted(values):
    return np.vectorize(noted)(values)


def clipped(values):
    return np.vectorize(lambda value: value if value > 0 else 0)(values)


def workload():
    SEEN.clear()
    return all_noted(np.array([1.5, 2])).tolist(), len(SEEN), clipped(np.array([1.5])).tolist()
'''
