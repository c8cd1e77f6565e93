"""Filling order lines with sealed packs."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple


def _fewest_by_quantity(quantity: int, sizes: Tuple[int, ...]) -> List[Optional[int]]:
    """Return the answers of ``fewest_packs`` for 0, 1, … up to a quantity."""
    fewest: List[Optional[int]] = [0]
    for pieces in range(1, quantity + 1):
        rests = [fewest[pieces - size] for size in sizes if size <= pieces]
        best = min((rest for rest in rests if rest is not None), default=None)
        fewest.append(None if best is None else best + 1)
    return fewest


def fewest_packs(quantity: int, sizes: Tuple[int, ...]) -> Optional[int]:
    """Return the smallest number of sealed packs that hold exactly a quantity.

    None means that no number of packs comes out even.
    """
    if quantity < 0:
        return None
    return _fewest_by_quantity(quantity, sizes)[quantity]


def pack(quantity: int, sizes: Tuple[int, ...]) -> Dict[int, int]:
    """Return how many packs of each size to ship, large packs first.

    Pieces that no pack fits are under the size 0: they are shipped loose.
    """
    if quantity < 0:
        raise ValueError("a quantity is at least 0")
    fewest = _fewest_by_quantity(quantity, sizes)
    left = quantity
    packs = fewest[left]
    while packs is None:
        left -= 1
        packs = fewest[left]
    loose = quantity - left
    shipment: Dict[int, int] = {}
    for size in sorted(sizes, reverse=True):
        while left >= size and fewest[left - size] == packs - 1:
            shipment[size] = shipment.get(size, 0) + 1
            left -= size
            packs -= 1
    if loose:
        shipment[0] = loose
    return shipment
