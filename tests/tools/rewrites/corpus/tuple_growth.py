"""Fixtures of `tuple-growth`."""

WINS = '''"""Steps of a dance."""


def turns(steps):
    """Return the numbers of the steps after which one has turned round (»Drehung«)."""
    angle = 0
    found = ()
    for number, step in enumerate(steps):
        angle += step
        if angle >= 360:
            found = found + (number,)   # once round
            angle -= 360
    return found


def workload():
    return len(turns([270] * 6000))
'''

TRAP = '''"""A walk through rooms, told in a language of one's own."""

from .tuple_growth_beside import say


def visited(rooms):
    """Return the rooms that are not locked, and tell about each of them."""
    told = []
    way = ()
    for room, locked in rooms:
        told.append(say("now in $room, came through $way"))
        if not locked:
            way = way + (room,)
    return way, told


def workload():
    return visited([("hall", False), ("cellar", True), ("attic", False)])
'''

TRAP_WHY = "a function that fills in its caller's local variables, by looking at its frame"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Messages in the reader's language, with the caller's variables filled in."""

import string
import sys


def say(message):
    """Return a message with the local variables of the caller put into it, where it has them."""
    return string.Template(message).safe_substitute(sys._getframe(1).f_locals)
'''

NEVER = '''"""Tuples that are used while they grow."""


def prefixes(letters):
    met = {}
    word = ()
    for letter in letters:
        word = word + (letter,)
        met[word] = len(word)
    return met


def workload():
    return prefixes("ab")
'''
