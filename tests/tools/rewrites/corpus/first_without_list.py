"""Fixtures of `first-without-list`."""

WINS = '''"""The oldest entries of a register."""


def oldest(register: dict[str, int], times: int):
    """Return the first entry again and again (»Eintrag«)."""
    found = 0
    for _ in range(times):
        # the first three
        found += len( list(register.items())[:3] )   # pairs
    return found


def workload():
    return oldest({f"no. {number}": number for number in range(4000)}, 100)
'''

TRAP = '''"""Days on which it was warm."""


def first_above(degrees: list[float], limit: float):
    """Return the first temperature above a limit."""
    return [each for each in degrees if each > limit][0]


def workload():
    told = []
    for degrees in ([11.5, 18.0, 21.5], [12.0, 19.5, None]):
        try:
            told.append(first_above(degrees, 15.0))
        except TypeError:
            told.append("something was not measured")
    return told
'''

TRAP_WHY = (
    "a value behind the first one that cannot be compared: the whole list raised an exception"
)
TRAP_STAGE = "same answer"

NEVER = '''"""Lists that are needed as a whole, or whose rest would be noticed."""


def last(names: dict[str, int]):
    return list(names)[-1]


def at(names: dict[str, int], place: int):
    return list(names)[place]


def taken(lines):
    return list(lines)[0], list(lines)


def called(names: list, act):
    return [act(name) for name in names][0]


def workload():
    lines = iter("ab")
    done = []
    first = called([1, 2], done.append)
    return last({"a": 1, "b": 2}), at({"a": 1}, 0), taken(lines), first, done
'''
