"""Fixtures of `once-per-constant`."""

WINS = '''"""What a text is about."""

import unicodedata

TOPICS = {
    "Küche": 1,
    "Garten": 2,
    "Straßenverkehr": 3,
    "Flüsse und Bäche": 4,
    "Müllabfuhr": 5,
    "Behörden": 6,
}


def weight(text: str) -> int:
    """Return the weights of the topics that a text names, added up."""
    total = 0
    for topic, points in TOPICS.items():
        plain = unicodedata.normalize("NFKD", topic).casefold()   # ß is ss
        if plain in text:
            total += points
    return total


def workload():
    texts = [f"nr. {number}: die kuche im garten" for number in range(9000)]
    return sum(weight(text) for text in texts)
'''

TRAP = '''"""Kinds of files, by the ends of their names."""

ENDINGS = ["JPEG", "PNG", "GIF"]


def kind(name: str) -> str:
    """Return what kind of picture a file is."""
    for ending in ENDINGS:
        if name.endswith(ending.casefold().rjust(4, ".")):
            return ending
    return "unknown"


def workload():
    from . import once_per_constant_beside as plugin

    with plugin.installed():
        return [kind(name) for name in ("a.png", "b.webp", "c.txt")]
'''

TRAP_WHY = "another module, a plugin, adds an entry to the constant"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""A plugin for one more kind of file."""

from contextlib import contextmanager

from . import once_per_constant as pictures


@contextmanager
def installed():
    pictures.ENDINGS.append(".WEBP")
    try:
        yield
    finally:
        pictures.ENDINGS.remove(".WEBP")
'''

NEVER = '''"""Constants that the module changes, and calls that read more than the entry."""

NAMES = ["Ä", "Ö"]
ALIASES = ("ae", "oe")


def add(name):
    NAMES.append(name)


def spelled(text: str) -> int:
    count = 0
    for name in NAMES:
        if name.casefold().center(3) in text:
            count += 1
    return count


def padded(width: int) -> list[str]:
    return [alias.upper().center(width) for alias in ALIASES]


def workload():
    return spelled(" ä ö "), padded(5)
'''
