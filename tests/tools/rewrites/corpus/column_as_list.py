"""Fixtures of `column-as-list`."""

WINS = '''"""Invoices that are late."""

import pandas as pd


def overdue(invoices: pd.DataFrame, today: int) -> list:
    """Return the customers who are late, with the days (»Verzug«)."""
    late = []
    # In the order of the books.
    for customer, due in zip(invoices["customer"], invoices["due"]):   # both columns
        if due < today:
            late.append((customer, today - due))
    return late


def workload():
    count = 20000
    due = [number * 37 % 901 for number in range(count)]
    invoices = pd.DataFrame({"customer": [f"Nº {each}" for each in range(count)], "due": due})
    return overdue(invoices, 450)[::500]
'''

TRAP = '''"""Speeds of runners, some of whom did not start."""

import pandas as pd


def speeds(metres: int, seconds: pd.Series):
    """Return how fast each one was, in m/s."""
    return [metres / each for each in seconds]


def workload():
    told = []
    for times in ([50, 80], [40, 0]):
        try:
            found = speeds(400, pd.Series(times, dtype="Int64"))
            told.append([str(float(each)) for each in found])
        except ZeroDivisionError:
            told.append("no time")
    return told
'''

TRAP_WHY = "a nullable column: numpy's integers divide by zero, those of its list do not"
TRAP_STAGE = "same answer"

NEVER = '''"""The names of columns, lists, and columns that are not gone through."""

import pandas as pd


def names(frame: pd.DataFrame):
    return [name for name in frame]


def doubled(values: list):
    return [value * 2 for value in values]


def labelled(series: pd.Series):
    return [(label, int(value)) for label, value in series.items()]


def listed(series: pd.Series):
    return [value + 1 for value in series.tolist()]


def workload():
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    return names(frame), doubled([1, 2]), labelled(frame["a"]), listed(frame["b"])
'''
