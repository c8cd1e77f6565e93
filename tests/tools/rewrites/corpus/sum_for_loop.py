"""Fixtures of `sum-for-loop`."""

WINS = '''"""What a shop took in."""


def takings(cents: list[int]) -> int:
    """Return all amounts together (»Summe«)."""
    total = 0
    # one after the other
    for amount in cents:
        total += amount   # each
    return total


def workload():
    cents = [ number * 37 % 9001 for number in range(60000) ]
    return takings(cents)
'''

TRAP = '''"""Amounts that were read from a form."""


def total(amounts: list[int]):
    """Return all amounts together."""
    found = 0
    for amount in amounts:
        found += amount
    return found


def workload():
    told = []
    for amounts in ([3, 4], [3, "4"]):
        try:
            told.append(total(amounts))
        except TypeError as error:
            told.append(str(error))
    return told
'''

TRAP_WHY = (
    "something among the numbers that is none: the exception's message names `+=`, and is shown"
)
TRAP_STAGE = "same answer"

NEVER = '''"""Loops that add something else, or do more than add."""


def joined(words: list[str]):
    text = ""
    for word in words:
        text += word
    return text


def positive(numbers: list[int]):
    total = 0
    for number in numbers:
        if number > 0:
            total += number
    return total


def with_last(numbers: list[int]):
    total = 0
    for number in numbers:
        total += number
    return total, number


def grown(start, numbers: list[int]):
    for number in numbers:
        start += number
    return start


def workload():
    return joined(["a", "b"]), positive([1, -1]), with_last([1, 2]), grown(1, [2])
'''
