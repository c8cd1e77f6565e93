"""Fixtures of `set-before-loop`."""

WINS = '''"""A spelling check."""

MARKS = ".,;:!?»«"


def unknown(words: list[str], known: list[str]) -> list[str]:
    """Return the words that the dictionary lacks, in order and as they were typed."""
    found=[]
    for word in words:
        plain = word.strip(MARKS).lower()
        if plain and plain not in known:    # an empty one was only punctuation
            found.append(word)
    return found


def workload():
    known = [f"wort{number}" for number in range(700)]
    words = [f"Wort{number * 7 % 900}," for number in range(4000)]
    return unknown(words, known)
'''

TRAP = '''"""Headers of requests."""


class Header(str):
    """The name of a header: upper and lower case are the same when it is compared."""

    def __eq__(self, other):
        return self.lower() == str(other).lower()

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


def refused(headers: list[str], allowed: list[str]) -> list[str]:
    """Return the headers that are not allowed, as they were sent."""
    found = []
    for header in headers:
        if header not in allowed:
            found.append(str(header))
    return found


def workload():
    sent = [Header("Accept"), Header("x-trace"), Header("ACCEPT-LANGUAGE")]
    return refused(sent, ["accept", "accept-language", "host"])
'''

TRAP_WHY = "strings of a class whose equality ignores case and whose hash does not"
TRAP_STAGE = "same answer"

NEVER = '''"""A spelling check that learns, and one of a few words."""


def learned(words: list[str], known: list[str]) -> list[str]:
    found = []
    for word in words:
        if word not in known:
            known.append(word)
            found.append(word)
    return found


def same_rows(rows: list[list[int]], others: list[list[int]]) -> int:
    """Return how many rows are among the others; a row cannot be hashed."""
    return sum(1 for row in rows if row in others)


def workload():
    return learned(["a", "b", "a"], ["b"]), same_rows([[1], [2]], [[2], [3]])
'''
