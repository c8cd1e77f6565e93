"""Fixtures of `cache-until-written`."""

WINS = '''"""A basket in a shop."""


class Basket:
    """What somebody is about to buy, in cents."""

    def __init__(self, cents: list[int]):
        self._cents = list(cents)

    def total(self) -> int:
        """Return what all of it costs."""
        total = 0
        for each in self._cents:
            total += each   # »brutto«
        return total

    def put(self, cents: int) -> None:
        """Put one more thing in."""
        self._cents.append(cents)  # at the end


def affordable(basket, purses):
    """Return how many purses have enough in them."""
    return sum(purse >= basket.total() for purse in purses)


def workload():
    basket = Basket([number * 7 % 900 for number in range(300)])
    found = []
    for cents in (100, 2500):
        basket.put(cents)
        found.append(affordable(basket, range(120000, 140000, 40)))
    return found, basket.total()
'''

TRAP = '''"""What is in a store."""


class Store:
    """Sacks, by their weight in kilograms."""

    def __init__(self, sacks: list[int]):
        self._sacks = list(sacks)

    def weight(self) -> int:
        """Return the weight of all sacks."""
        total = 0
        for sack in self._sacks:
            total += sack
        return total

    def bring(self, sack: int) -> None:
        self._sacks.append(sack)


def workload():
    from . import cache_until_written_beside as offices

    store = Store([50, 25])
    told = [store.weight()]
    branch = offices.branch_of(store)
    for sack in (10, 40):
        store.bring(sack)
        told += [store.weight(), branch.weight()]
    return told
'''

TRAP_WHY = "another module makes a shallow copy, which shares the list of the original"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Branch offices, which keep the books for the same store."""

import copy


def branch_of(store):
    """Return the store as a branch office sees it: with the same contents at any time."""
    return copy.copy(store)
'''

NEVER = '''"""State that is handed out, kept from outside, or public."""


class Shelf:
    def __init__(self, books: list[str]):
        self._books = list(books)

    def letters(self) -> int:
        return sum(len(book) for book in self._books)

    def books(self):
        return self._books


class Log:
    def __init__(self, lines):
        self._lines = lines
        self.width = 3

    def cut(self) -> int:
        return sum(min(len(line), self.width) for line in self._lines)

    def add(self, line: str) -> None:
        self._lines.append(line)


def workload():
    shelf = Shelf(["abc"])
    before = shelf.letters()
    shelf.books().append("de")
    log = Log(["abcdef"])
    log.add("a")
    return before, shelf.letters(), log.cut()
'''
