"""Fixtures of `columns-together`."""

WINS = '''"""Lengths of a walk."""

import pandas as pd


def climbed(stages):
    """Return how much higher the stages end than they begin, in m (»Höhenmeter«)."""
    total = 0
    # Downhill does not count.
    for stage in stages.itertuples():
        total += max(stage.end - stage.start, 0)   # uphill
    return total


def workload():
    heights = [number * 37 % 901 for number in range(32001)]
    return climbed(pd.DataFrame({"start": heights[:-1], "end": heights[1:]}))
'''

TRAP = '''"""Prices of catalogues, some of which have none."""

import pandas as pd


def total(catalogue):
    """Return what everything costs; 0 when nothing has a price."""
    try:
        return sum([article.price for article in catalogue.itertuples()])
    except AttributeError:
        return 0


def workload():
    told = []
    for catalogue in ({"price": [120, 80]}, {"name": ["pen"]}):
        try:
            told.append(total(pd.DataFrame(catalogue)))
        except KeyError as error:
            told.append(f"no {error}")
    return told
'''

TRAP_WHY = "a missing column raises another exception than a missing attribute"
TRAP_STAGE = "same answer"

NEVER = '''"""Tuples that are used whole, or by number."""

import pandas as pd


def pairs(frame):
    return [(row.a, len(row)) for row in frame.itertuples()]


def plain(frame):
    return [row.count(1) for row in frame.itertuples(name=None)]


def workload():
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    return pairs(frame), plain(frame)
'''
