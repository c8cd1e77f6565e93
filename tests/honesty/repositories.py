"""The two repositories of the corpus that are our own, each with a suite and a workload.

`phrases` works on words, `survey` on numbers. Both are written as such libraries are at first:
plainly, with a list where a set belongs.
"""

from __future__ import annotations

from perfagent.tests.shop import PYTEST_INI

WORDS = '''"""Words of a text: split, counted, compared."""

import re

STOP = ["the", "a", "an", "of", "in", "on", "at", "to", "is", "and", "or", "by", "for", "with"]


def words(text):
    """Return the words of a text in lower case, without stop words."""
    found = []
    for part in re.split(r"[^A-Za-z]+", text):
        word = part.lower()
        if word and word not in STOP:
            found = found + [word]
    return found


def counts(text):
    """Return (word, how often) for each word of a text, in order of first appearance."""
    pairs = []
    for word in words(text):
        for place, (known, number) in enumerate(pairs):
            if known == word:
                pairs[place] = (known, number + 1)
                break
        else:
            pairs.append((word, 1))
    return pairs


def distance(first, second):
    """Return how many letters have to change to make one word of the other."""
    rows = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(len(first) + 1):
        for j in range(len(second) + 1):
            if i == 0:
                rows[i][j] = j
            elif j == 0:
                rows[i][j] = i
            else:
                same = 0 if first[i - 1] == second[j - 1] else 1
                rows[i][j] = min(
                    rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same
                )
    return rows[len(first)][len(second)]


def nearest(word, known):
    """Return the known word that is nearest to a word; the first of equals."""
    best = None
    for other in known:
        if best is None or distance(word, other) < distance(word, best):
            best = other
    return best


def shorten(text, width):
    """Return a text cut into lines of at most `width` letters."""
    lines = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = line + " " + word if line else word
    if line:
        lines.append(line)
    return lines
'''

LEXICON = '''"""A lexicon that grows and shrinks."""

from .words import distance


class Lexicon:
    """Words with their meanings."""

    def __init__(self):
        self.entries = []

    def add(self, word, meaning):
        """Add a word; a word that is known gets another meaning."""
        for place, (known, _) in enumerate(self.entries):
            if known == word:
                self.entries[place] = (word, meaning)
                return
        self.entries.append((word, meaning))

    def remove(self, word):
        """Remove a word, if it is known."""
        self.entries = [entry for entry in self.entries if entry[0] != word]

    def meaning(self, word):
        """Return the meaning of a word, None when it is not known."""
        for known, meaning in self.entries:
            if known == word:
                return meaning
        return None

    def with_prefix(self, prefix):
        """Return the words that begin with a prefix, sorted."""
        return sorted([word for word, _ in self.entries if word.startswith(prefix)])

    def like(self, word, most):
        """Return the words within a distance, in the order in which they were added."""
        return [known for known, _ in self.entries if distance(known, word) <= most]
'''

PHRASES_TESTS = """from phrases.lexicon import Lexicon
from phrases.words import counts, distance, nearest, shorten, words


def test_words():
    assert words("The cat, and the Dog") == ["cat", "dog"]
    assert words("") == []


def test_counts():
    assert counts("dog cat dog") == [("dog", 2), ("cat", 1)]


def test_distance():
    assert distance("kitten", "sitting") == 3
    assert distance("", "abc") == 3
    assert distance("same", "same") == 0


def test_nearest():
    assert nearest("hous", ["horse", "house", "mouse"]) == "house"
    assert nearest("x", []) is None


def test_shorten():
    assert shorten("one two three", 7) == ["one two", "three"]


def test_lexicon():
    lexicon = Lexicon()
    lexicon.add("sun", 1)
    lexicon.add("sum", 2)
    lexicon.add("sun", 3)
    assert lexicon.meaning("sun") == 3
    assert lexicon.with_prefix("su") == ["sum", "sun"]
    assert lexicon.like("son", 1) == ["sun"]
    lexicon.remove("sun")
    assert lexicon.meaning("sun") is None
    assert lexicon.with_prefix("su") == ["sum"]
"""

PHRASES_WORKLOAD = '''"""Read a letter and look its words up."""

import random

from phrases.lexicon import Lexicon
from phrases.words import counts, distance, nearest, shorten, words

SYLLABLES = ["ba", "ne", "ko", "ri", "tu", "sa", "mel", "dor", "vin", "pa"]


def setup():
    global text, names, queries
    chance = random.Random(4711)
    names = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(260)]
    text = " ".join(chance.choice(names) + chance.choice([",", "", " the", "."])
                    for _ in range(1300))
    queries = [name[1:] + "x" for name in chance.sample(names, 12)]


def workload():
    lexicon = Lexicon()
    for number, name in enumerate(names):
        lexicon.add(name, number)
    for name in names[::9]:
        lexicon.remove(name)
    return {
        "counts": counts(text),
        "words": len(words(text)),
        "near": [nearest(query, names[:40]) for query in queries],
        "far": [distance(name, queries[0]) for name in names[:60]],
        "meanings": [lexicon.meaning(name) for name in names],
        "prefixes": [lexicon.with_prefix(name[:2]) for name in names[:60]],
        "like": lexicon.like(queries[1], 3),
        "lines": shorten(text, 72),
    }
'''

FIGURES = '''"""Figures of a survey: rows of numbers."""

import math


def mean(values):
    """Return the mean of some values."""
    total = 0
    for value in values:
        total += value
    return total / len(values)


def smooth(values, width):
    """Return the mean of each run of `width` values."""
    return [mean(values[start : start + width]) for start in range(len(values) - width + 1)]


def ranks(values):
    """Return for each value how many values are smaller."""
    return [sum(1 for other in values if other < value) for value in values]


def primes(limit):
    """Return the prime numbers below a limit."""
    found = []
    for number in range(2, limit):
        for divisor in range(2, int(math.sqrt(number)) + 1):
            if number % divisor == 0:
                break
        else:
            found.append(number)
    return found


def near_pairs(points, reach):
    """Return the pairs of points that are no farther apart than `reach`, by their places."""
    found = []
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            dx = points[i][0] - points[j][0]
            dy = points[i][1] - points[j][1]
            if math.sqrt(dx**2 + dy**2) <= reach:
                found.append((i, j))
    return found


def ways(total, coins):
    """Return in how many ways coins make a total."""
    if total == 0:
        return 1
    if total < 0 or not coins:
        return 0
    return ways(total - coins[0], coins) + ways(total, coins[1:])


def digits(number):
    """Return the sum of the digits of a number."""
    return sum(int(digit) for digit in str(number))
'''

TABLE = '''"""A table with named columns."""


class Table:
    """Rows of values."""

    def __init__(self, columns):
        self.columns = list(columns)
        self.rows = []

    def add(self, row):
        """Add a row, a value a column."""
        self.rows.append(list(row))

    def column(self, name):
        """Return the values of a column."""
        return [row[self.columns.index(name)] for row in self.rows]

    def select(self, name, value):
        """Return the rows that have a value in a column."""
        return [row for row in self.rows if row[self.columns.index(name)] == value]

    def replace(self, name, old, new):
        """Replace a value in a column; return how often it stood there."""
        count = 0
        for row in self.rows:
            if row[self.columns.index(name)] == old:
                row[self.columns.index(name)] = new
                count += 1
        return count

    def totals(self, by, name):
        """Return the sum of a column for each value of another, in order of appearance."""
        keys = []
        for row in self.rows:
            if row[self.columns.index(by)] not in keys:
                keys.append(row[self.columns.index(by)])
        return [(key, sum(row[self.columns.index(name)] for row in self.select(by, key)))
                for key in keys]
'''

SURVEY_TESTS = """from survey.figures import digits, mean, near_pairs, primes, ranks, smooth, ways
from survey.table import Table


def test_mean():
    assert mean([1, 2, 6]) == 3


def test_smooth():
    assert smooth([1, 3, 5, 7], 2) == [2, 4, 6]
    assert smooth([1], 2) == []


def test_ranks():
    assert ranks([3, 1, 3, 2]) == [2, 0, 2, 1]


def test_primes():
    assert primes(20) == [2, 3, 5, 7, 11, 13, 17, 19]
    assert primes(2) == []


def test_near_pairs():
    assert near_pairs([(0, 0), (3, 4), (9, 9)], 5) == [(0, 1)]


def test_ways():
    assert ways(10, (1, 2, 5)) == 10
    assert ways(-1, (1,)) == 0


def test_digits():
    assert digits(1203) == 6


def test_table():
    table = Table(["town", "people"])
    table.add(["Ham", 3])
    table.add(["Eye", 4])
    table.add(["Ham", 5])
    assert table.column("people") == [3, 4, 5]
    assert table.select("town", "Ham") == [["Ham", 3], ["Ham", 5]]
    assert table.totals("town", "people") == [("Ham", 8), ("Eye", 4)]
    assert table.replace("town", "Ham", "Eye") == 2
    assert table.select("town", "Ham") == []
    assert table.totals("town", "people") == [("Eye", 12)]
"""

SURVEY_WORKLOAD = '''"""Work through the figures of one county."""

import random

from survey.figures import digits, near_pairs, primes, ranks, smooth, ways
from survey.table import Table


def setup():
    global values, points, rows
    chance = random.Random(977)
    values = [chance.randint(1, 5000) for _ in range(330)]
    points = [(chance.randint(0, 400), chance.randint(0, 400)) for _ in range(110)]
    rows = [[f"town{chance.randint(1, 60)}", chance.randint(1, 900), chance.randint(1, 5)]
            for _ in range(420)]


def workload():
    table = Table(["town", "people", "shops"])
    for row in rows:
        table.add(row)
    before = table.totals("town", "people")
    replaced = table.replace("town", "town7", "town8")
    return {
        "smooth": smooth(values, 24),
        "ranks": ranks(values),
        "primes": primes(6000)[-5:],
        "pairs": near_pairs(points, 31),
        "ways": ways(38, (1, 2, 5, 10, 20)),
        "digits": [digits(value) for value in range(1500)][-3:],
        "totals": [before, replaced, table.totals("town", "people")],
        "towns": [len(table.select("town", f"town{number}")) for number in range(40)],
        "shops": sum(table.column("shops")),
    }
'''

SCAFFOLD = {
    "pytest.ini": PYTEST_INI,
    "conftest.py": "",
    ".github/workflows/ci.yml": "on: push\njobs: {}\n",
    "requirements.txt": "",
    "uv.lock": "version = 1\n",
}

REPOSITORIES: dict[str, dict[str, str]] = {
    "phrases": {
        **SCAFFOLD,
        "phrases/__init__.py": "",
        "phrases/words.py": WORDS,
        "phrases/lexicon.py": LEXICON,
        "tests/test_phrases.py": PHRASES_TESTS,
    },
    "survey": {
        **SCAFFOLD,
        "survey/__init__.py": "",
        "survey/figures.py": FIGURES,
        "survey/table.py": TABLE,
        "tests/test_survey.py": SURVEY_TESTS,
    },
}

WORKLOADS = {"phrases": PHRASES_WORKLOAD, "survey": SURVEY_WORKLOAD}
