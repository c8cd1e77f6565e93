"""Fixtures of `iso-for-strptime`."""

WINS = '''"""When things happened."""

from datetime import datetime


def span(stamps):
    """Return the seconds from the first to the last of some stamps (»2024-05-06 07:08:09«)."""
    moments = []
    for stamp in stamps:
        # local time
        moments.append(datetime.strptime( stamp, "%Y-%m-%d %H:%M:%S" ))   # to the second
    return (max(moments) - min(moments)).total_seconds()


def workload():
    stamps = [f"2024-05-{day:02} 07:{minute:02}:09" for day in range(1, 29) for minute in range(60)]
    return span(stamps)
'''

TRAP = '''"""Days on which rent is due."""

from datetime import datetime


def days(texts):
    """Return the days that texts name."""
    return [datetime.strptime(text, "%Y-%m-%d") for text in texts]


def workload():
    from . import iso_for_strptime_beside as clock

    texts = ["2024-05-06", "2024-5-7"]
    before = days(texts)
    with clock.universal():
        return [str(day) for day in before + days(texts)]
'''

TRAP_WHY = "another module puts a class in the place of datetime, for a while"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""A clock that knows its time zone."""

import datetime
from contextlib import contextmanager

from . import iso_for_strptime as rent


class Moment(datetime.datetime):
    @classmethod
    def strptime(cls, text, shape):
        found = datetime.datetime.strptime(text, shape)
        return found.replace(tzinfo=datetime.timezone.utc)


@contextmanager
def universal():
    usual = rent.datetime
    rent.datetime = Moment
    try:
        yield
    finally:
        rent.datetime = usual
'''

NEVER = '''"""Stamps of no fixed shape, or of a shape that is known later."""

from datetime import datetime


def by_month(text):
    return datetime.strptime(text, "%d %b %Y")


def short(text):
    return datetime.strptime(text, "%d.%m.%y")


def time_alone(text):
    return datetime.strptime(text, "%H:%M")


def given(text, shape):
    return datetime.strptime(text, shape)


def workload():
    found = by_month("06 May 2024"), short("06.05.24"), time_alone("07:08")
    return [str(each) for each in (*found, given("2024", "%Y"))]
'''
