"""Products: what the warehouse keeps, and what it is called."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Dict, Iterator, List

from .errors import ParseError, StockError

ABBREVIATIONS = {
    "adj": "adjustable",
    "alu": "aluminium",
    "assy": "assembly",
    "blk": "black",
    "brs": "brass",
    "csk": "countersunk",
    "cyl": "cylindrical",
    "dia": "diameter",
    "elec": "electrical",
    "ext": "external",
    "flg": "flange",
    "galv": "galvanised",
    "gskt": "gasket",
    "hd": "heavy duty",
    "hex": "hexagonal",
    "int": "internal",
    "lg": "large",
    "mtg": "mounting",
    "pkt": "packet",
    "pln": "plain",
    "pnl": "panel",
    "rd": "round",
    "scr": "screw",
    "sm": "small",
    "sq": "square",
    "ss": "stainless steel",
    "thd": "thread",
    "wshr": "washer",
    "zn": "zinc",
}


@dataclass(frozen=True)
class Product:
    """One line of the catalog. ``list_price`` is in pence."""

    sku: str
    description: str
    category: str
    list_price: int
    pack_sizes: tuple = (1,)


def spell_out(description: str) -> str:
    """Return a description with its trade abbreviations spelled out."""
    for short, full in ABBREVIATIONS.items():
        word = re.compile(rf"\b{short}\b", re.IGNORECASE | re.ASCII)
        description = word.sub(full, description)
    return " ".join(description.split())


class Catalog:
    """The products by SKU, in the order in which they were added."""

    def __init__(self) -> None:
        self._products: Dict[str, Product] = {}

    def __len__(self) -> int:
        return len(self._products)

    def __iter__(self) -> Iterator[Product]:
        return iter(list(self._products.values()))

    def __contains__(self, sku: object) -> bool:
        return sku in self._products

    def __getitem__(self, sku: str) -> Product:
        if sku not in self._products:
            raise StockError(f"no product has the SKU {sku}")
        return self._products[sku]

    def add(self, product: Product) -> None:
        """Add a product; a SKU may be used only once."""
        if product.sku in self._products:
            raise StockError(f"the SKU {product.sku} is used twice")
        self._products[product.sku] = product

    def categories(self) -> List[str]:
        """Return the names of the categories, sorted."""
        return sorted({product.category for product in self._products.values()})

    @classmethod
    def from_csv(cls, text: str) -> Catalog:
        """Read ``sku,description,category,price,packs`` with a heading line.

        ``packs`` is a list of pack sizes such as ``1/6/25``.
        """
        catalog = cls()
        reader = csv.DictReader(io.StringIO(text))
        for line, row in enumerate(reader, start=2):
            try:
                price = int(row["price"])
                packs = tuple(int(size) for size in row["packs"].split("/"))
            except (KeyError, ValueError):
                raise ParseError(line, "a product needs a price and pack sizes") from None
            if min(packs) < 1:
                raise ParseError(line, "a pack holds at least one piece")
            catalog.add(
                Product(
                    sku=row["sku"].strip().upper(),
                    description=spell_out(row["description"]),
                    category=row["category"].strip(),
                    list_price=price,
                    pack_sizes=packs,
                )
            )
        return catalog
