"""Fixtures of `match-at-position`."""

WINS = r'''"""A lexer for sums."""

import re

PART = re.compile(r"[0-9]+|[-+*/() ]|[^\W\d]\w*")


def tokens(text: str):
    """Return the parts of a formula (»Zeichen«), None when it is none."""
    at = 0
    found = []
    while at < len(text):
        match = PART.match( text[at:] )   # what comes next
        if match is None:
            return None
        found.append(match.group())
        at += match.end()
    return found


def workload():
    return len(tokens("12 + größe * (3 - x1) / 4 - " * 3000))
'''

TRAP = r'''"""Numbers at the end of names."""

import re

DIGITS = re.compile(r"[0-9]+")


def number(name: str, at: int):
    """Return the number that stands at a place of a name, -1 for none."""
    found = DIGITS.match(name[at:])
    if found is None:
        return -1
    return int(found.group())


def workload():
    return number("invoice-2024", 8), number("2023-invoice-17", -2), number("7-draft", -2)
'''

TRAP_WHY = "a place that is counted from the end, which a pattern takes for the start"
TRAP_STAGE = "same answer"

NEVER = r'''"""Patterns that look at where they are, and matches that others get hold of."""

import re

START = re.compile(r"^a")
EDGE = re.compile(r"\ba")
WORD = re.compile(r"a+")


def starts(text: str):
    return [at for at in range(len(text)) if START.match(text[at:])]


def edges(text: str):
    return [at for at in range(len(text)) if EDGE.match(text[at:])]


def kept(text: str, at: int):
    return WORD.match(text[at:])


def whole(text: str):
    at = 1
    match = WORD.match(text[at:])
    return match.span()


def workload():
    return starts("baa"), edges("baa"), kept("baa", 1).span(), whole("baa")
'''
