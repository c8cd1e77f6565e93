"""Fixtures of `comprehension-for-generator`."""

WINS = '''"""Words of a text."""


def lengths(words):
    """Return how long each word is, without its »quotes«."""
    # the last of equal words stays
    return dict( (word, len(word.strip("»«"))) for word in words if word )   # not empty


def workload():
    words = [f"»Wort{number}«" for number in range(20000)]
    return sum(lengths(words).values())
'''

TRAP = '''"""Guests at a door."""


def called(separator: str, guests) -> str:
    """Return the names of guests as they are called out."""
    return separator.join(name.title() for name in guests)


def workload():
    from . import comprehension_for_generator_beside as doors

    told = []
    for separator in (" - ", doors.Few(", ")):
        guests = iter(["ida", "jo", "kim", "lea"])
        told.append((called(separator, guests), list(guests)))
    return told
'''

TRAP_WHY = "a subclass of str of another module that does not take all it is given"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Narrow doors."""

from itertools import islice


class Few(str):
    def join(self, pieces):
        """Return the first two of the pieces, joined; the others wait."""
        return str.join(self, islice(pieces, 2))
'''

NEVER = '''"""Generators that may not be asked for everything, and elements that are no pairs."""


def any_long(words):
    return any(len(word) > 1 for word in words)


def later(words):
    return (word for word in words)


def path_of(folder, names):
    return folder.join(name for name in names)


def table(pairs):
    return dict(pair for pair in pairs)


class Folder:
    def join(self, names):
        return "/" + next(iter(names))


def workload():
    found = any_long(["a", "bc"]), list(later("ab"))
    return found, path_of(Folder(), ["a", "b"]), table([("a", 1)])
'''
