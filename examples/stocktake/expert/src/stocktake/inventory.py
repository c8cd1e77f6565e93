"""Stock by lot: what came in when, at what cost, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Dict, Iterable, List, Optional, Tuple

from .errors import StockError
from .movements import Movement


@dataclass
class Lot:
    """What is left of one receipt in one bay. ``unit_cost`` is in pence."""

    sku: str
    bay: str
    quantity: int
    unit_cost: int
    received: datetime


class Inventory:
    """Lots by bay; whatever came in first goes out first."""

    def __init__(self) -> None:
        self._lots: Dict[str, List[Lot]] = {}
        self._issued: List[Tuple[str, int, int]] = []
        self._last_cost: Dict[str, int] = {}

    def lots(self, sku: str, bay: Optional[str] = None) -> List[Lot]:
        """Return the lots of a product, oldest first, in one bay or in all."""
        found = self._lots.get(sku, [])
        if bay is not None:
            found = [lot for lot in found if lot.bay == bay]
        return sorted(found, key=attrgetter("received"))

    def on_hand(self, sku: str, bay: Optional[str] = None) -> int:
        """Return how many pieces of a product there are, in one bay or in all."""
        return sum(lot.quantity for lot in self._lots.get(sku, []) if bay is None or lot.bay == bay)

    def skus(self) -> List[str]:
        """Return the SKUs with stock, sorted."""
        return sorted(self._lots)

    def bays(self) -> List[str]:
        """Return the bays that hold something, sorted."""
        return sorted({lot.bay for lots in self._lots.values() for lot in lots})

    def issued(self) -> List[Tuple[str, int, int]]:
        """Return (SKU, quantity, cost) of all that was taken, in order."""
        return list(self._issued)

    def receive(self, sku: str, bay: str, quantity: int, unit_cost: int, when: datetime) -> None:
        """Put a new lot into a bay."""
        if quantity < 1:
            raise StockError(f"a receipt of {quantity} {sku} is none")
        self._lots.setdefault(sku, []).append(Lot(sku, bay, quantity, unit_cost, when))
        self._last_cost[sku] = unit_cost

    def take(self, sku: str, bay: str, quantity: int) -> List[Lot]:
        """Take pieces out of a bay, oldest first, and return them as lots.

        Nothing is taken when the bay does not hold enough.
        """
        held = self.on_hand(sku, bay)
        if held < quantity:
            raise StockError(f"{quantity} {sku} wanted from bay {bay}, which holds {held}")
        taken = []
        missing = quantity
        for lot in self.lots(sku, bay):
            if missing == 0:
                break
            part = min(missing, lot.quantity)
            taken.append(Lot(sku, bay, part, lot.unit_cost, lot.received))
            lot.quantity -= part
            missing -= part
        left = [lot for lot in self._lots.get(sku, []) if lot.quantity > 0]
        if left:
            self._lots[sku] = left
        else:
            self._lots.pop(sku, None)
        return taken

    def issue(self, sku: str, bay: str, quantity: int) -> int:
        """Take pieces out for good; return what they cost, in pence."""
        cost = sum(lot.quantity * lot.unit_cost for lot in self.take(sku, bay, quantity))
        self._issued.append((sku, quantity, cost))
        return cost

    def move(self, sku: str, bay: str, to_bay: str, quantity: int) -> None:
        """Carry pieces to another bay; they keep their age and cost."""
        taken = self.take(sku, bay, quantity)
        if taken:
            self._lots.setdefault(sku, []).extend(
                Lot(sku, to_bay, lot.quantity, lot.unit_cost, lot.received) for lot in taken
            )

    def count(self, sku: str, bay: str, quantity: int, when: datetime) -> int:
        """Correct a bay to what was counted there; return the difference."""
        difference = quantity - self.on_hand(sku, bay)
        if difference < 0:
            self.take(sku, bay, -difference)
        elif difference > 0:
            self.receive(sku, bay, difference, self._last_cost.get(sku, 0), when)
        return difference

    def apply(self, movement: Movement) -> None:
        """Carry out one movement of the ledger."""
        if movement.kind == "RECEIVE":
            self.receive(
                movement.sku,
                movement.bay,
                movement.quantity,
                movement.unit_cost or 0,
                movement.when,
            )
        elif movement.kind == "ISSUE":
            self.issue(movement.sku, movement.bay, movement.quantity)
        elif movement.kind == "MOVE":
            self.move(movement.sku, movement.bay, movement.to_bay or "", movement.quantity)
        elif movement.kind == "COUNT":
            self.count(movement.sku, movement.bay, movement.quantity, movement.when)
        else:
            raise StockError(f"there is no movement called {movement.kind}")

    def replay(self, movements: Iterable[Movement]) -> List[Movement]:
        """Carry out movements in order; return those that found too little stock.

        A clerk may book an issue before its receipt, so what fails is tried
        once more after everything else.
        """
        late = []
        for movement in movements:
            try:
                self.apply(movement)
            except StockError:
                late.append(movement)
        refused = []
        for movement in late:
            try:
                self.apply(movement)
            except StockError:
                refused.append(movement)
        return refused

    def stock_value(self) -> int:
        """Return what all stock cost, in pence."""
        return sum(lot.quantity * lot.unit_cost for lots in self._lots.values() for lot in lots)
