"""Fixtures of `apply-to-rows`."""

WINS = '''"""Addresses on letters."""

import pandas as pd


def labelled(people):
    """Return a label for each letter: »Jo (Köln)«."""
    return people.apply( lambda who: f"{who['name']} ({who['town']})", axis=1 )   # by row


def workload():
    names = [f"Jo {number}" for number in range(2000)]
    return labelled(pd.DataFrame({"name": names, "town": "Köln"})).tolist()[::200]
'''

TRAP = '''"""Parcels and what is in them."""

import pandas as pd


def weights(parcels):
    """Return how much is in each parcel."""
    return parcels.apply(lambda parcel: parcel["grams"] * parcel["count"], axis=1)


def workload():
    plain = pd.DataFrame({"grams": [120, 300], "count": [1, 2]})
    packed = pd.Series([pd.Series({"tea": 80, "tin": 40}), pd.Series({"tea": 250, "tin": 50})])
    return [weights(each).shape for each in (plain, pd.DataFrame({"grams": packed, "count": 2}))]
'''

TRAP_WHY = "values that are series themselves, of which apply makes columns"
TRAP_STAGE = "same answer"

NEVER = '''"""Rows that are handed on, and columns."""

import pandas as pd


def size(row):
    return len(row)


def sizes(frame):
    return frame.apply(lambda row: size(row) + row["a"], axis=1)


def firsts(frame):
    return frame.apply(lambda column: column[0] * 2)


def workload():
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    return sizes(frame).tolist(), firsts(frame).tolist()
'''
