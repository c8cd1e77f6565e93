"""Filling order lines with sealed packs."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple


def fewest_packs(quantity: int, sizes: Tuple[int, ...]) -> Optional[int]:
    """Return the smallest number of sealed packs that hold exactly a quantity.

    None means that no number of packs comes out even.
    """
    if quantity == 0:
        return 0
    best = None
    for size in sizes:
        if size <= quantity:
            rest = fewest_packs(quantity - size, sizes)
            if rest is not None and (best is None or rest + 1 < best):
                best = rest + 1
    return best


def pack(quantity: int, sizes: Tuple[int, ...]) -> Dict[int, int]:
    """Return how many packs of each size to ship, large packs first.

    Pieces that no pack fits are under the size 0: they are shipped loose.
    """
    if quantity < 0:
        raise ValueError("a quantity is at least 0")
    loose = 0
    packs = fewest_packs(quantity, sizes)
    while packs is None:
        loose += 1
        packs = fewest_packs(quantity - loose, sizes)
    chosen: List[int] = []
    left = quantity - loose
    for size in sorted(sizes, reverse=True):
        while left >= size and fewest_packs(left - size, sizes) == packs - 1:
            chosen.append(size)
            left -= size
            packs -= 1
    shipment = {size: chosen.count(size) for size in sorted(set(chosen), reverse=True)}
    if loose:
        shipment[0] = loose
    return shipment
