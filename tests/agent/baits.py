"""Five small repositories, each with a change that tempts and is wrong, and one that is right.

Each is a way in which agents are known to fail: they believe a profile that misleads, stay at the
hotspot although the mend is two files away, keep answers for the timing loop's next call, take a
short cut that is wrong for rare input, or make only the first of three edits that need each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """Lines of a file and what takes their place."""

    path: str
    search: str
    replace: str


@dataclass(frozen=True)
class Bait:
    """A repository, its workload, and what is to come of two changes.

    Attributes:
        name: What tempts.
        files: The repository.
        workload: The script that is timed.
        tempting: The change that is refused.
        hypothesis: What the model that makes it believes.
        stage: Where it is refused, as a regular expression.
        told: What the next conversation must be told, as regular expressions.
        right: The change that is accepted.
    """

    name: str
    files: dict[str, str]
    workload: str
    tempting: Sequence[Change]
    hypothesis: str
    stage: str
    told: Sequence[str]
    right: Sequence[Change]


TIMING = r"(quick|full) timing"

LIKENESS = '''"""How much alike two recordings are."""

from operator import mul


def parsed(text):
    return tuple(map(float, text.split(",")))


def likeness(one, other):
    """Return the likeness of two recordings; the first may be numbers or their text."""
    if isinstance(one, str):
        parts = one.split(",")
        one = tuple(float(part) for part in parts)
    return sum(map(mul, one, other))
'''
VOICES = """from birds.likeness import likeness


def nearest(recording, voices):
    best = None
    for name, voice in voices:
        near = likeness(recording, voice)
        if best is None or near > best[0]:
            best = near, name
    return best[1]


def recognized(recordings, voices):
    return [nearest(recording, voices) for recording in recordings]
"""
MISLEADING_PROFILE = Bait(
    name="misleading profile",
    files={
        "birds/__init__.py": "",
        "birds/likeness.py": LIKENESS,
        "birds/voices.py": VOICES,
    },
    workload="""from birds.voices import recognized

RECORDINGS = [tuple(range(number % 20, number % 20 + 48)) for number in range(800)]
VOICES = [
    (f"bird {number}", tuple(number * step % 23 for step in range(48))) for number in range(25)
]


def workload():
    return recognized(RECORDINGS, VOICES)
""",
    tempting=[
        Change(
            "birds/likeness.py",
            '        parts = one.split(",")\n        one = tuple(float(part) for part in parts)',
            "        one = parsed(one)",
        )
    ],
    hypothesis="`likeness` takes most of the time, and it parses with a generator, which is slow.",
    stage=TIMING,
    told=[
        r"`likeness` in birds/likeness\.py:10-15: .*called by `birds/voices\.py:nearest`",
        r"called 20,000 times with (about )?\d+ distinct arguments, 9\d % repeats",
        r"Its changed line of code did not run in the workload's call",
    ],
    right=[
        Change(
            "birds/voices.py",
            "    return [nearest(recording, voices) for recording in recordings]",
            "    found = {each: nearest(each, voices) for each in set(recordings)}\n"
            "    return [found[recording] for recording in recordings]",
        )
    ],
)

TEXT = '''"""Names as people write them."""


def key(name):
    """Return what is alike for all ways to write a name."""
    return " ".join(name.casefold().split())
'''
CATALOG = """from store.text import key


class Catalog:
    def __init__(self, items):
        self.items = dict(items)

    def price(self, name):
        wanted = key(name)
        for item, price in self.items.items():
            if key(item) == wanted:
                return price
        return None
"""
INVOICE = """from store.catalog import Catalog


def total(lines, items):
    catalog = Catalog(items)
    amount = 0
    for name, count in lines:
        price = catalog.price(name)
        amount += count * (price or 0)
    return amount
"""
TWO_FILES_AWAY = Bait(
    name="two files away",
    files={
        "store/__init__.py": "",
        "store/text.py": TEXT,
        "store/catalog.py": CATALOG,
        "store/invoice.py": INVOICE,
    },
    workload="""from store.invoice import total

WORDS = " very fine and durable" * 6
ITEMS = [(f"Article {number}{WORDS}", number) for number in range(40)] + [("STRASSE", 1000)]
LINES = [(f"article  {number % 40}{WORDS}", number % 3) for number in range(2000)] + [("straße", 5)]


def workload():
    return total(LINES, ITEMS)
""",
    tempting=[
        Change(
            "store/text.py",
            '    return " ".join(name.casefold().split())',
            '    return " ".join(name.lower().split())',
        )
    ],
    hypothesis="`key` is the hotspot, and `lower` is cheaper than `casefold`.",
    stage="same answer",
    told=[
        r"rejected at same answer: the workload's answer changed: return value: base \d+, "
        r"candidate \d+",
        r"`key` in store/text\.py:4-6: .*called by `store/catalog\.py:Catalog\.price`"
        r".*% repeats",
    ],
    right=[
        Change(
            "store/invoice.py",
            "    amount = 0\n    for name, count in lines:\n        price = catalog.price(name)\n",
            "    amount = 0\n    prices = {name: catalog.price(name) for name in dict(lines)}\n"
            "    for name, count in lines:\n        price = prices[name]\n",
        )
    ],
)
SUMMARY = '''"""What a text is about."""


def distinct(words):
    found = []
    for word in words:
        if word not in found:
            found.append(word)
    return found


def summary(text):
    """Return how many different words a text has, and the longest of them."""
    words = distinct(text.split())
    return len(words), max(words, key=len)
'''
TEMPTING_CACHE = Bait(
    name="tempting cache",
    files={"press/__init__.py": "", "press/summary.py": SUMMARY},
    workload="""from press.summary import summary

TEXT = " ".join(f"word{number * 7919 % 1601}" for number in range(6000))


def workload():
    return summary(TEXT)
""",
    tempting=[
        Change(
            "press/summary.py",
            "def summary(text):\n",
            "_known = {}\n\n\ndef summary(text):\n",
        ),
        Change(
            "press/summary.py",
            "    words = distinct(text.split())\n    return len(words), max(words, key=len)",
            "    if text not in _known:\n        words = distinct(text.split())\n"
            "        _known[text] = len(words), max(words, key=len)\n    return _known[text]",
        ),
    ],
    hypothesis="`summary` is called with the same text again and again; keep what it returned.",
    stage="first call too",
    told=[
        r"warm-only: repeated calls are faster, the first call of a process is not: it runs "
        r"\d+ lines \(base \d+\), a repeated one \d+ \(base \d+\)",
        r"`distinct` in press/summary\.py:4-9: .*called by `press/summary\.py:summary`",
    ],
    right=[
        Change(
            "press/summary.py",
            "    found = []\n    for word in words:\n        if word not in found:\n"
            "            found.append(word)\n    return found",
            "    return list(dict.fromkeys(words))",
        )
    ],
)
SLUGS = '''"""Titles as parts of an address."""

import unicodedata


def slug(title):
    """Return the title without accents, in small letters and digits."""
    kept = []
    for char in unicodedata.normalize("NFKD", title):
        if char.isascii() and char.isalnum():
            kept.append(char.lower())
    return "".join(kept)


def addresses(titles):
    return [slug(title) for title in titles]
'''
WRONG_FAST_PATH = Bait(
    name="wrong fast path",
    files={"pages/__init__.py": "", "pages/slugs.py": SLUGS},
    workload="""from pages.slugs import addresses

TITLES = [f"Chapter{number}About{number * 31}" * 180 for number in range(180)]
TITLES.append("Überblick")


def workload():
    return addresses(TITLES)
""",
    tempting=[
        Change(
            "pages/slugs.py",
            "    kept = []\n",
            "    if title.isalnum():\n        return title.lower()\n    kept = []\n",
        )
    ],
    hypothesis="Most titles are letters and digits already, which `isalnum` tells at once.",
    stage="same answer",
    told=[
        r"rejected at same answer: the workload's answer changed: return value\[180\]: "
        r"base 'uberblick', candidate 'überblick'",
    ],
    right=[
        Change(
            "pages/slugs.py",
            "    kept = []\n",
            "    if title.isascii() and title.isalnum():\n        return title.lower()\n"
            "    kept = []\n",
        )
    ],
)
QUEUE = '''"""Who waits."""


class Queue:
    """People in the order in which they came, each once."""

    def __init__(self):
        self._names = []

    def come(self, name):
        if name not in self._names:
            self._names.append(name)

    def last(self):
        return self._names[-1]

    def all(self):
        return list(self._names)


def served(arrivals):
    queue = Queue()
    lasts = []
    for name in arrivals:
        queue.come(name)
        lasts.append(len(queue.last()))
    return sum(lasts), queue.all()
'''
THREE_EDITS = Bait(
    name="three edits at once",
    files={"office/__init__.py": "", "office/queue.py": QUEUE},
    workload="""from office.queue import served

ARRIVALS = [f"visitor {number * 7919 % 1601}" for number in range(6000)]


def workload():
    return served(ARRIVALS)
""",
    tempting=[Change("office/queue.py", "        self._names = []", "        self._names = {}")],
    hypothesis="The list of names is searched for each arrival; a dict keeps the order as well.",
    stage="imports",
    told=[
        r"the workload fails with the patch: workload\(\) raised AttributeError: 'dict' object "
        r"has no attribute 'append'",
        r"line \d+, in come",
        r"`Queue\.come` in office/queue\.py:10-12: .*writes `Queue\._names`",
        r"self\._names\.append\(name\)",
    ],
    right=[
        Change("office/queue.py", "        self._names = []", "        self._names = {}"),
        Change(
            "office/queue.py",
            "        if name not in self._names:\n            self._names.append(name)",
            "        self._names[name] = None",
        ),
        Change(
            "office/queue.py",
            "        return self._names[-1]",
            "        return next(reversed(self._names))",
        ),
    ],
)

BAITS = (MISLEADING_PROFILE, TWO_FILES_AWAY, TEMPTING_CACHE, WRONG_FAST_PATH, THREE_EDITS)
