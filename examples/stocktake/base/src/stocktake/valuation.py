"""What stock is worth, and which of it matters."""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Tuple

from .errors import StockError
from .movements import Movement


class SupplierPrice(NamedTuple):
    """What a supplier charges for a product now, in pence."""

    sku: str
    supplier: str
    price: int


class Variance(NamedTuple):
    """How a receipt's cost compares with what a supplier charges now."""

    reference: str
    sku: str
    supplier: str
    paid: int
    price: int

    @property
    def overpaid(self) -> int:
        """Pence a piece that the receipt cost more than the price."""
        return self.paid - self.price


def cost_of_goods(movements: Iterable[Movement]) -> int:
    """Return what the issued pieces of one product cost, first in, first out.

    Bays make no difference here: the first piece bought is the first one sold.
    """
    pieces: List[int] = []
    cost = 0
    for movement in movements:
        if movement.kind == "RECEIVE":
            pieces.extend([movement.unit_cost or 0] * movement.quantity)
        elif movement.kind == "ISSUE":
            if movement.quantity > len(pieces):
                raise StockError(f"{movement.quantity} {movement.sku} sold, {len(pieces)} bought")
            for _ in range(movement.quantity):
                cost += pieces.pop(0)
    return cost


def price_variances(
    movements: Iterable[Movement], prices: Iterable[SupplierPrice]
) -> List[Variance]:
    """Return every receipt beside every supplier's price for the same product."""
    price_list = list(prices)
    variances = []
    for movement in movements:
        if movement.kind != "RECEIVE":
            continue
        for price in price_list:
            if price.sku == movement.sku:
                variances.append(
                    Variance(
                        movement.reference,
                        movement.sku,
                        price.supplier,
                        movement.unit_cost or 0,
                        price.price,
                    )
                )
    return variances


def abc_classes(
    turnover: Dict[str, int], a_share: float = 0.8, b_share: float = 0.95
) -> Dict[str, str]:
    """Return the class of each SKU: A for what makes most of the turnover, then B and C."""
    ranked: List[Tuple[str, int]] = sorted(turnover.items(), key=lambda item: (-item[1], item[0]))
    amounts = [amount for _, amount in ranked]
    classes = {}
    for position, (sku, _) in enumerate(ranked):
        before = sum(amounts[:position])
        total = sum(amounts)
        if total == 0 or before >= b_share * total:
            classes[sku] = "C"
        elif before >= a_share * total:
            classes[sku] = "B"
        else:
            classes[sku] = "A"
    return classes
