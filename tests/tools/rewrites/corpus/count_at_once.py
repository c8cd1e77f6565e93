"""Fixtures of `count-at-once`."""

WINS = '''"""How often each word comes."""


def frequencies(words: list[str]) -> dict[str, int]:
    """Return how often each word of a text comes, in the order of their first coming."""
    counts = {}
    for word in words:
        counts[word]=counts.get(word, 0) + 1   # 0: not met before
    return counts


def workload():
    words = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich".split()
    return frequencies(words * 40000)
'''

TRAP = '''"""Votes."""


def tally(votes):
    """Return how often each name was given."""
    counts = {}
    for name in votes:
        counts[name] = counts.get(name, 0) + 1
    return counts


def workload():
    hands = ["Ana", "Ben", "Ana"]
    letters = {"Cleo": 3, "Ana": 5}  # who wrote on which day
    return tally(hands), tally(letters)
'''

TRAP_WHY = "a dict is passed: Counter takes its values for counts"
TRAP_STAGE = "same answer"

NEVER = '''"""Loops that add up, or look at the counts."""


def weighed(sales):
    sums = {}
    for name, cents in sales:
        sums[name] = sums.get(name, 0) + cents
    return sums


def repeated(names):
    counts = {}
    twice = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        if counts[name] == 2:
            twice.append(name)
    return twice


def workload():
    return weighed([("a", 3), ("a", 4)]), repeated(["a", "b", "a"])
'''
