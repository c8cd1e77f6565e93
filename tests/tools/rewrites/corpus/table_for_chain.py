"""Fixtures of `table-for-chain`."""

WINS = '''"""Roman numerals."""


def worth(letter: str) -> int:
    """Return what a letter is worth, 0 for what is no numeral (»Ziffer«)."""
    # the great ones come last
    if letter == "I":
        return 1
    elif letter == "V":
        return 5
    elif letter == "X":
        return 10
    elif letter == "L":
        return 50
    elif letter == "C":
        return 100
    elif letter == "D":
        return 500
    elif letter == "M":
        return 1000
    elif letter in ("Z", "z"):
        return 7000
    return 0


def workload():
    total = 0
    for letter in "MDCLXVIZ" * 4000:
        total += worth( letter )   # each
    return total
'''

TRAP = '''"""What the headers of a message are for."""


def purpose(header):
    """Return what a header is about."""
    if header == "Accept":
        return "content"
    elif header == "Host":
        return "routing"
    elif header == "Cookie":
        return "state"
    elif header == "Date":
        return "time"
    elif header == "Range":
        return "content"
    elif header == "Via":
        return "routing"
    return "other"


def workload():
    from .table_for_chain_beside import Name

    return [purpose(Name(each)) for each in ("Host", "cookie", "X-Via")], purpose("Host")
'''

TRAP_WHY = (
    "names that equal strings in other case, and are hashed so that they agree among themselves"
)
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Names for which upper and lower case are the same."""


class Name(str):
    __slots__ = ()

    def __eq__(self, other):
        return self.lower() == other.lower()

    def __hash__(self):
        return hash(self.lower())
'''

NEVER = '''"""Chains that are short, work something out, or compare with what is not alike."""


def few(word: str):
    if word == "a":
        return 1
    elif word == "b":
        return 2
    return 0


def worked_out(word: str):
    if word == "a":
        return 1
    elif word == "b":
        return 2
    elif word == "c":
        return 3
    elif word == "d":
        return len(word)
    elif word == "e":
        return 5
    elif word == "f":
        return 6
    return 0


def mixed(value):
    if value == 1:
        return "one"
    elif value == "1":
        return "text"
    elif value == 2:
        return "two"
    elif value == 3:
        return "three"
    elif value == 4:
        return "four"
    elif value == 5:
        return "five"
    return "?"


def workload():
    return few("b"), worked_out("d"), mixed("1"), mixed(1.0)
'''
