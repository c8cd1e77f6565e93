"""Fixtures of `column-reads`."""

WINS = '''"""Interest on accounts."""

import pandas as pd


def with_interest(accounts):
    """Return what is on each account after a year, in »€«."""
    found = []
    # By number.
    for i in range(len(accounts)):
        found.append( accounts.loc[i, "euros"] * 1.25 )   # a quarter more
    return found


def workload():
    accounts = pd.DataFrame({"euros": [number * 37 % 901 for number in range(4000)]})
    return [float(each) for each in with_interest(accounts)[::100]]
'''

TRAP = '''"""An auction."""

import pandas as pd


def sold(lots, call_out):
    """Return what is paid for each lot, which is called out first."""
    paid = []
    for i in range(len(lots)):
        call_out(i)
        paid.append(int(lots.loc[i, "cents"]))
    return paid


def workload():
    lots = pd.DataFrame({"cents": [100, 200, 300]})

    def raised(i):
        lots["cents"] = lots["cents"] + 10 * i

    return sold(lots, lambda i: None), sold(lots, raised)
'''

TRAP_WHY = "a function that is handed in changes the frame that the loop reads"
TRAP_STAGE = "same answer"

NEVER = '''"""Frames that are handed on or changed, and what may be no frame."""

import pandas as pd


def shown(frame, show):
    return [show(frame, frame.loc[i, "a"]) for i in range(len(frame))]


def before(frame):
    found = []
    for i in range(2):
        try:
            found.append(int(frame.loc[i + 1, "a"]))
        except KeyError:
            break
    return found


def read(data, count):
    found = []
    for i in range(count):
        found.append(data["a"][i])
    return found


def workload():
    frame = pd.DataFrame({"a": [1, 2]})
    return shown(frame, lambda _, value: int(value)), before(frame), read({"a": [1, 2]}, 2)
'''
