"""Finding products by the words of their descriptions."""

from __future__ import annotations

import math
import re
from typing import Dict, Iterable, List, Tuple

from .catalog import Product

STOP_WORDS = [
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it",
    "of", "on", "or", "per", "that", "the", "to", "up", "use", "with",
]  # fmt: skip


def tokenize(text: str) -> List[str]:
    """Return the words of a text in lower case, without stop words."""
    word = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", re.IGNORECASE | re.ASCII)
    tokens = []
    for token in word.findall(text.lower()):
        if token not in STOP_WORDS:
            tokens.append(token)
    return tokens


class SearchIndex:
    """An index of products by word.

    Words have numbers, in the order in which they were first seen. A product
    scores for each word of a query that it has, more for a rare word.
    """

    def __init__(self, products: Iterable[Product]) -> None:
        self.products = list(products)
        self.vocabulary = self._collect_vocabulary()
        self.postings = self._collect_postings()

    def _collect_vocabulary(self) -> List[str]:
        vocabulary: List[str] = []
        for product in self.products:
            for token in tokenize(product.description):
                if token not in vocabulary:
                    vocabulary.append(token)
        return vocabulary

    def _collect_postings(self) -> Dict[int, List[int]]:
        postings: Dict[int, List[int]] = {}
        for position, product in enumerate(self.products):
            for token in tokenize(product.description):
                number = self.vocabulary.index(token)
                postings.setdefault(number, []).append(position)
        return postings

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
            if word in self.vocabulary:
                numbers.append(self.vocabulary.index(word))
        scores: Dict[str, float] = {}
        for number in numbers:
            for position in self.postings[number]:
                sku = self.products[position].sku
                scores[sku] = scores.get(sku, 0.0) + self.rarity(number)
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return ranked[:limit]
