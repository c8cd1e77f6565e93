"""Fixtures of `any-match`."""

WINS = '''"""Parts that are checked."""

import numpy as np


def has_faults(sizes: np.ndarray, limit: float) -> bool:
    """Return whether a part is larger than it may be (»zu groß«)."""
    return bool( len(sizes[sizes > limit]) > 0 )   # one is enough


def workload():
    sizes = np.arange(200000) * 37 % 9001 / 10
    return [has_faults(sizes, limit) for limit in range(0, 1200, 40)]
'''

TRAP = '''"""Orders of two shops."""

import pandas as pd


def is_quiet(orders: pd.DataFrame, limit):
    """Return whether no order is above a limit."""
    return orders[orders["cents"] > limit].empty


def workload():
    first = pd.DataFrame({"cents": [120, 80]})
    told = []
    for orders in (first, pd.concat([first, first + 5], axis=1)):
        try:
            told.append(bool(is_quiet(orders, 200)))
        except ValueError:
            told.append("unclear")
    return told
'''

TRAP_WHY = "a frame with two columns of one name: the mask is one of cells"
TRAP_STAGE = "same answer"

NEVER = '''"""Counts of which more is asked, or whose answer is one of numpy's truth values."""

import numpy as np


def several(values: np.ndarray):
    return (values > 0).sum() > 1


def none(values: np.ndarray):
    return (values > 0).sum() == 0


def workload():
    values = np.array([1, 2, -1])
    return bool(several(values)), bool(none(values))
'''
