"""Fixtures of `named-aggregation`."""

WINS = '''"""Weather of many stations."""

import pandas as pd


def hottest(readings):
    """Return the highest temperature of each station (»Höchstwert«)."""
    found = readings.groupby("station")["degrees"].apply( lambda group: group.max() )   # each
    return found.sort_index()


def workload():
    count = 6000
    readings = pd.DataFrame(
        {
            "station": [number * 7 % 1500 for number in range(count)],
            "degrees": [number * 31 % 400 / 10 for number in range(count)],
        }
    )
    found = hottest(readings)
    return found.name, found.index.tolist()[-3:], found.tolist()[-3:]
'''

TRAP = '''"""Accounts of a bank."""

import pandas as pd


def balances(bookings):
    """Return the balance of each account."""
    return bookings.groupby("account")["amount"].agg(lambda amounts: amounts.sum())


def workload():
    bookings = pd.DataFrame(
        {
            "account": ["fund", "fund", "fund", "fund", "till", "till"],
            "amount": [1e16, 1.0, 1.0, -1e16, 2.5, 4.0],
        }
    )
    return balances(bookings).to_dict()
'''

TRAP_WHY = "numbers that cancel each other: pandas keeps what a plain sum loses to rounding"
TRAP_STAGE = "same answer"

NEVER = '''"""Groups that are reduced in a way that pandas has no name for, or by their own key."""

import pandas as pd


def firsts(frame):
    return frame.groupby("key")["number"].apply(lambda group: group.iloc[0])


def highest(frame):
    return frame.groupby("key")["number"].agg(lambda group: group.max(skipna=False))


def by(frame, keys):
    return frame.groupby(keys)["number"].agg(lambda group: group.max())


def workload():
    frame = pd.DataFrame({"key": ["a", "b", "a"], "number": [3, 1, 2]})
    found = [firsts(frame), highest(frame), by(frame, ["key"])]
    return [each.to_dict() for each in found]
'''
