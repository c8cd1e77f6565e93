"""What stock is worth, and which of it matters."""

from __future__ import annotations

from collections import deque
from typing import Deque, Dict, Iterable, List, NamedTuple, Tuple

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
    layers: Deque[Tuple[int, int]] = deque()
    bought = 0
    cost = 0
    for movement in movements:
        if movement.kind == "RECEIVE":
            layers.append((movement.quantity, movement.unit_cost or 0))
            bought += movement.quantity
        elif movement.kind == "ISSUE":
            missing = movement.quantity
            if missing > bought:
                raise StockError(f"{missing} {movement.sku} sold, {bought} bought")
            bought -= missing
            while missing > 0:
                quantity, unit_cost = layers.popleft()
                part = min(missing, quantity)
                cost += part * unit_cost
                missing -= part
                if part < quantity:
                    layers.appendleft((quantity - part, unit_cost))
    return cost


def price_variances(
    movements: Iterable[Movement], prices: Iterable[SupplierPrice]
) -> List[Variance]:
    """Return every receipt beside every supplier's price for the same product."""
    price_list: Dict[str, List[SupplierPrice]] = {}
    for price in prices:
        price_list.setdefault(price.sku, []).append(price)
    variances = []
    for movement in movements:
        if movement.kind != "RECEIVE":
            continue
        for price in price_list.get(movement.sku, ()):
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
    total = sum(turnover.values())
    before = 0
    classes = {}
    for sku, amount in ranked:
        if total == 0 or before >= b_share * total:
            classes[sku] = "C"
        elif before >= a_share * total:
            classes[sku] = "B"
        else:
            classes[sku] = "A"
        before += amount
    return classes
