"""Fixtures of `memoize-locally`."""

WINS = '''"""How seldom the letters of a text are."""

ORDER = "etaoinshrdlcumwfgypbvkjxqz"


def rarity(letter: str) -> int:
    """Return how many letters are more usual than a letter (»ß« is unknown)."""
    return sum(1 for at, other in enumerate(ORDER) if ORDER.find(letter) > at or other == letter)


def score(text: str) -> int:
    """Return how seldom the letters of a text are, in all."""
    total = 0
    for letter in text:
        # each by itself
        total += rarity( letter )   # those that are no letters too
    return total


def workload():
    return score("weiße pferde grasen auf der wiese, and so do the cows " * 40)
'''

TRAP = '''"""Signatures in a visitors' book."""


def loops(name: str) -> int:
    """Return how many round letters a name is written with."""
    return sum(letter in "abdegopqABDOPQR" for letter in name)


def drawn(names: list[str]) -> list[int]:
    """Return how many round letters each signature has, in the order of the book."""
    found = []
    for name in names:
        found.append(loops(name))
    return found


def workload():
    from . import memoize_locally_beside as book

    return drawn([book.Name("Eda"), book.Name("EDA"), book.Name("eda")])
'''

TRAP_WHY = "a text of a class whose equality does not mind capitals, as the answer does"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Names, which are the same however they are written."""


class Name(str):
    """A text that equals others but for capitals."""

    def __eq__(self, other):
        return self.casefold() == str(other).casefold()

    def __hash__(self):
        return hash(self.casefold())
'''

NEVER = '''"""Calls that are cheap, that change something, or whose answer is changed."""

DRAWN = []


def short(word: str) -> int:
    return len(word)


def parts(word: str) -> list[str]:
    return [word[:end] for end in range(len(word))]


def drawn(word: str) -> int:
    DRAWN.append(word)
    return sum(letter in "aeiou" for letter in word)


def looked_at(words: list[str]):
    found = []
    for word in words:
        kept = parts(word)
        kept.append(str(short(word) + drawn(word)))
        found.append(kept)
    return found


def workload():
    DRAWN.clear()
    return looked_at(["ab", "ab", "c"]), DRAWN
'''
