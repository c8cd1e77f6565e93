"""Fixtures of `count-index`."""

WINS = '''"""Which words a text uses once."""


def hapaxes(words: list[str]) -> list[str]:
    """Return the words that occur once, in order."""
    return [
        word
        for word in words   # as they stand in the text
        if words.count(word) == 1
    ]


def workload():
    words = [f"Wörter{number * number % 1200}" for number in range(1300)]
    return hapaxes(words)
'''

TRAP = '''"""Sales of a shop."""


class Sale:
    """A sale. It equals the name of its product, so that lists of sales are searched by name."""

    def __init__(self, product, cents):
        self.product = product
        self.cents = cents

    def __eq__(self, other):
        return self.product == getattr(other, "product", other)

    __hash__ = object.__hash__


def sold(products: list[str], sales: list) -> dict[str, int]:
    """Return how often each product was sold."""
    return {product: sales.count(product) for product in products}


def workload():
    sales = [Sale("tea", 350), Sale("milk", 120), Sale("tea", 350)]
    return sold(["tea", "milk", "rice"], sales)
'''

TRAP_WHY = "objects that equal the name they are counted by, but hash by identity"
TRAP_STAGE = "same answer"

NEVER = '''"""Lists that change while they are counted, and texts counted by more than a letter."""


def thinned(words: list[str], most: int) -> list[str]:
    for word in list(words):
        if words.count(word) > most:
            words.remove(word)
    return words


def starts(text: str, parts: list[str]) -> list[int]:
    return [text.count(part) for part in parts]


def workload():
    return thinned(["a", "b", "a", "a"], 1), starts("banana", ["an", "a"])
'''
