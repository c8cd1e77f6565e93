"""Fixtures of `elementwise-loop`."""

WINS = '''"""Heat that spreads along a rod."""

import numpy as np


def step(heat: np.ndarray, rate: float) -> np.ndarray:
    """Return the temperatures a moment later; the ends are kept at »0 °C«."""
    later = np.zeros(len(heat))
    # Each place is drawn towards its neighbours.
    for i in range(1, len(heat) - 1):
        later[i] = heat[i] + rate * (heat[i - 1] - 2 * heat[i] + heat[i + 1])   # explicit
    return later


def workload():
    heat = np.zeros(3000)
    heat[1000:2000] = 100.0
    for _ in range(20):
        heat = step(heat, 0.25)
    return heat.tolist()[900:1100]
'''

TRAP = '''"""Prices in other currencies."""

import numpy as np


def converted(cents: np.ndarray, rate) -> np.ndarray:
    """Return amounts in another currency."""
    out = np.zeros(len(cents))
    for i in range(len(cents)):
        out[i] = rate * cents[i]
    return out


def workload():
    from . import elementwise_loop_beside as bank

    rate = bank.Rate(2.0)
    return converted(np.array([120, 250, 99]), rate).tolist(), rate.fees
'''

TRAP_WHY = "a factor of another module's subclass of float, which takes a fee for each product"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Rates of exchange at a bank that wants its share."""


class Rate(float):
    fees = 0

    def __mul__(self, amount):
        self.fees += 1
        return float(self) * amount
'''

NEVER = '''"""Numbers on arrays that others see."""

import numpy as np


def running(values: np.ndarray) -> np.ndarray:
    """Return sums of all values so far: each element needs the one before."""
    out = np.zeros(len(values))
    for i in range(1, len(values)):
        out[i] = out[i - 1] + values[i]
    return out


def doubled(values: list) -> list:
    out = [0] * len(values)
    for i in range(len(values)):
        out[i] = values[i] * 2
    return out


def workload():
    return running(np.arange(5)).tolist(), doubled([1, 2])
'''
