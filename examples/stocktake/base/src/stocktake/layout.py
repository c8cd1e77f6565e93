"""The shop floor: bays, the walks between them, and picking routes."""

from __future__ import annotations

from typing import Dict, Iterable, List, Tuple

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
        for bay in (start, goal):
            if bay not in self._walkways:
                raise StockError(f"there is no bay {bay}")
        frontier = [(0, [start])]
        visited: List[str] = []
        while frontier:
            frontier.sort()
            metres, walk = frontier.pop(0)
            bay = walk[-1]
            if bay == goal:
                return metres, walk
            if bay in visited:
                continue
            visited.append(bay)
            for neighbour, length in self._walkways[bay]:
                if neighbour not in visited:
                    frontier.append((metres + length, walk + [neighbour]))
        raise StockError(f"no walk leads from {start} to {goal}")

    def distance(self, start: str, goal: str) -> int:
        """Return the length of the shortest walk between two bays."""
        return self.shortest_walk(start, goal)[0]

    def picking_route(self, start: str, stops: Iterable[str]) -> Tuple[int, List[str]]:
        """Return the length and the order of a round that visits all stops.

        From each stop it goes to the nearest one left, and in the end back to
        the start. Stops as near as each other are visited by name.
        """
        remaining = sorted(set(stops))
        here = start
        order = []
        metres = 0
        while remaining:
            nearest = sorted(remaining, key=lambda bay: self.distance(here, bay))[0]
            metres += self.distance(here, nearest)
            remaining.remove(nearest)
            order.append(nearest)
            here = nearest
        return metres + self.distance(here, start), order
