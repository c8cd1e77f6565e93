"""Finding products by the words of their descriptions."""

from __future__ import annotations

import math
import re
from typing import Dict, Iterable, List, Tuple

from .catalog import Product

STOP_WORDS = frozenset([
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it",
    "of", "on", "or", "per", "that", "the", "to", "up", "use", "with",
])  # fmt: skip

_WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", re.IGNORECASE | re.ASCII)


def tokenize(text: str) -> List[str]:
    """Return the words of a text in lower case, without stop words."""
    return [token for token in _WORD.findall(text.lower()) if token not in STOP_WORDS]


class SearchIndex:
    """An index of products by word.

    Words have numbers, in the order in which they were first seen. A product
    scores for each word of a query that it has, more for a rare word.
    """

    def __init__(self, products: Iterable[Product]) -> None:
        self.products = list(products)
        self.postings: Dict[int, List[int]] = {}
        self._numbers: Dict[str, int] = {}
        for position, product in enumerate(self.products):
            for token in tokenize(product.description):
                number = self._numbers.setdefault(token, len(self._numbers))
                self.postings.setdefault(number, []).append(position)
        self.vocabulary = list(self._numbers)

    def rarity(self, number: int) -> float:
        """Return the weight of a word: high when few products have it."""
        return math.log(1 + len(self.products) / len(self.postings[number]))

    def completions(self, start: str) -> List[int]:
        """Return the numbers of the words that begin like this."""
        return [number for number, word in enumerate(self.vocabulary) if word.startswith(start)]

    def search(self, query: str, limit: int = 10) -> List[Tuple[str, float]]:
        """Return (SKU, score) of the best products, best first.

        The last word of the query may be the beginning of a word. Products
        with the same score stand in the order of their SKUs.
        """
        words = tokenize(query)
        if not words:
            return []
        unfinished = words.pop()
        numbers = self.completions(unfinished)
        for word in words:
            if word in self._numbers:
                numbers.append(self._numbers[word])
        scores: Dict[str, float] = {}
        for number in numbers:
            rarity = self.rarity(number)
            for position in self.postings[number]:
                sku = self.products[position].sku
                scores[sku] = scores.get(sku, 0.0) + rarity
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return ranked[:limit]
