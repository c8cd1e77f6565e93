"""Fixtures of `dates-at-once`."""

WINS = '''"""Loans of a library."""

import pandas as pd


def due(loans):
    """Return when each book is due (»fällig«)."""
    # the day comes first
    days = loans["day"].apply( lambda text: pd.to_datetime(text, format="%d/%m/%Y") )   # a day
    return days + pd.Timedelta(days=28)


def workload():
    texts = [f"{number % 28 + 1:02}/{number % 12 + 1:02}/2024" for number in range(3000)]
    found = due(pd.DataFrame({"day": texts}))
    return found.name, [day.isoformat() for day in found[-3:]]
'''

TRAP = '''"""Delivery notes."""

from datetime import datetime, timezone

import pandas as pd


def days(notes):
    """Return the days on which the notes were written."""
    return notes["day"].map(lambda text: pd.to_datetime(text, format="%Y-%m-%d"))


def workload():
    stamped = datetime(2024, 5, 4, 7, 30, tzinfo=timezone.utc)
    told = []
    for texts in (["2024-05-01", "2024-05-02"], ["2024-05-03", stamped]):
        try:
            told.append([str(day) for day in days(pd.DataFrame({"day": texts}))])
        except ValueError:
            told.append("no days")
    return told
'''

TRAP_WHY = "a moment in a time zone among the texts, which fit into no one column of dates"
TRAP_STAGE = "same answer"

NEVER = '''"""Dates whose form is found out one by one, and times of several zones."""

import pandas as pd


def guessed(frame):
    return frame["day"].map(lambda text: pd.to_datetime(text))


def moments(frame):
    return frame["moment"].apply(lambda text: pd.to_datetime(text, format="%Y-%m-%d %H:%M %z"))


def workload():
    frame = pd.DataFrame(
        {
            "day": ["2024-01-02", "3 Feb 2024"],
            "moment": ["2024-01-02 10:00 +0100", "2024-01-02 10:00 -0500"],
        }
    )
    return [str(day) for day in guessed(frame)], [str(each) for each in moments(frame)]
'''
