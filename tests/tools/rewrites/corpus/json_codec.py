"""Fixtures of `json-codec`."""

WINS = '''"""Events, a line each."""

import json


def lines(events):
    """Return the lines of a file of events."""
    found = []
    for event in events:
        # »ü« as it is
        found.append(json.dumps( event, ensure_ascii=False, sort_keys=True ))   # one a line
    return found


def workload():
    events = [{"number": number, "kind": "geöffnet"} for number in range(6000)]
    return lines(events)[-2:]
'''

TRAP = '''"""Orders that come as text."""

import json
from decimal import Decimal


def amounts(text: str):
    """Return the amounts of an order, to the cent."""
    return json.loads(text, parse_float=Decimal)


def workload():
    told = []
    for text in ("[1.10, 2.25]", "\\ufeff[3.40]"):
        try:
            told.append(sum(amounts(text)))
        except ValueError as error:
            told.append(f"cannot be read: {error}")
    return told
'''

TRAP_WHY = "a file that begins with a mark of its encoding: the message of the error says so"
TRAP_STAGE = "same answer"

NEVER = '''"""Options that are known later, or belong to other classes."""

import json


class Encoder(json.JSONEncoder):
    def default(self, value):
        return sorted(value)


def plainly(value):
    return json.dumps(value)


def indented(value, width):
    return json.dumps(value, indent=width)


def by_class(value):
    return json.dumps(value, cls=Encoder)


def sorted_later(value):
    return json.dumps(value, default=as_list)


def as_list(value):
    return sorted(value)


def read(data):
    return json.loads(data, parse_int=float)


def workload():
    rest = by_class({2, 1}), sorted_later({2, 1}), read(b"[1]")
    return plainly([1]), indented([1], 2), rest
'''
