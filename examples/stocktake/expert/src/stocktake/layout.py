"""The shop floor: bays, the walks between them, and picking routes."""

from __future__ import annotations

import heapq
from typing import Dict, Iterable, List, Set, Tuple

from .errors import StockError


class Floor:
    """Bays and the walkways between them, with lengths in metres."""

    def __init__(self) -> None:
        self._walkways: Dict[str, List[Tuple[str, int]]] = {}

    @classmethod
    def grid(cls, aisles: str, bays: int, bay_width: int = 3, aisle_width: int = 5) -> Floor:
        """Return a floor of parallel aisles, joined at every fifth bay and at both ends."""
        floor = cls()
        for aisle in aisles:
            for number in range(1, bays):
                floor.connect(f"{aisle}-{number:02}", f"{aisle}-{number + 1:02}", bay_width)
        for left, right in zip(aisles, aisles[1:]):
            for number in range(1, bays + 1):
                if number in (1, bays) or number % 5 == 0:
                    floor.connect(f"{left}-{number:02}", f"{right}-{number:02}", aisle_width)
        return floor

    def connect(self, bay: str, other: str, metres: int) -> None:
        """Add a walkway that can be walked both ways."""
        self._walkways.setdefault(bay, []).append((other, metres))
        self._walkways.setdefault(other, []).append((bay, metres))

    def bays(self) -> List[str]:
        """Return the names of all bays, sorted."""
        return sorted(self._walkways)

    def shortest_walk(self, start: str, goal: str) -> Tuple[int, List[str]]:
        """Return the length of the shortest walk between two bays, and its bays.

        Of several walks of that length it is the first by the names of its bays.
        """
        self._check_bays([start, goal])
        frontier = [(0, [start])]
        visited: Set[str] = set()
        while frontier:
            metres, walk = heapq.heappop(frontier)
            bay = walk[-1]
            if bay == goal:
                return metres, walk
            if bay in visited:
                continue
            visited.add(bay)
            for neighbour, length in self._walkways[bay]:
                if neighbour not in visited:
                    heapq.heappush(frontier, (metres + length, walk + [neighbour]))
        raise StockError(f"no walk leads from {start} to {goal}")

    def _check_bays(self, bays: Iterable[str]) -> None:
        for bay in bays:
            if bay not in self._walkways:
                raise StockError(f"there is no bay {bay}")

    def _nearest(self, start: str, goals: Set[str]) -> Tuple[int, str]:
        """Return the length of the walk to the nearest goal, and the goal; by name if equal."""
        frontier = [(0, start)]
        visited: Set[str] = set()
        while frontier:
            metres, bay = heapq.heappop(frontier)
            if bay in goals:
                return metres, bay
            if bay in visited:
                continue
            visited.add(bay)
            for neighbour, length in self._walkways[bay]:
                if neighbour not in visited:
                    heapq.heappush(frontier, (metres + length, neighbour))
        raise StockError(f"no walk leads from {start} to {min(goals)}")

    def distance(self, start: str, goal: str) -> int:
        """Return the length of the shortest walk between two bays."""
        self._check_bays([start, goal])
        return self._nearest(start, {goal})[0]

    def picking_route(self, start: str, stops: Iterable[str]) -> Tuple[int, List[str]]:
        """Return the length and the order of a round that visits all stops.

        From each stop it goes to the nearest one left, and in the end back to
        the start. Stops as near as each other are visited by name.
        """
        remaining = set(stops)
        self._check_bays([start, *sorted(remaining)] if remaining else [start])
        here = start
        order = []
        metres = 0
        while remaining:
            walk, nearest = self._nearest(here, remaining)
            metres += walk
            remaining.remove(nearest)
            order.append(nearest)
            here = nearest
        return metres + self.distance(here, start), order
