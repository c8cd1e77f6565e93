"""Fixtures of `apply-to-numbers`."""

WINS = '''"""Temperatures in other degrees."""

import numpy as np
import pandas as pd


def in_fahrenheit(readings):
    """Return readings, which are in °C, in °F."""
    return readings["celsius"].apply( lambda degrees: degrees * 9 / 5 + 32 )   # one by one


def workload():
    readings = pd.DataFrame({"celsius": np.arange(40000) / 100})
    return in_fahrenheit(readings).tolist()[::1000]
'''

TRAP = '''"""Prices with what they are measured in."""

import numpy as np
import pandas as pd


def with_tax(articles):
    """Return the prices of articles with the tax on them."""
    return articles["cents"].apply(lambda cents: cents + cents // 4)


def workload():
    articles = pd.DataFrame({"cents": [100, 240]})
    articles.attrs["unit"] = "cents"
    due = with_tax(articles)
    return due.tolist(), due.attrs.get("unit")
'''

TRAP_WHY = "attributes of a series, which apply hands on to its answer"
TRAP_STAGE = "same answer"

NEVER = '''"""Functions that do anything, or answer numbers of several types."""

import numpy as np
import pandas as pd


def rounded(frame):
    return frame["a"].apply(lambda value: round(value, 1))


def raised(frame):
    return frame["a"].apply(lambda value: value * 1.5 if value > 2 else 0)


def workload():
    frame = pd.DataFrame({"a": np.array([1.25, 3.5])})
    return rounded(frame).tolist(), raised(frame).tolist()
'''
