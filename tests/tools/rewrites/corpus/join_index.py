"""Fixtures of `join-index`."""

WINS = '''"""Statements of accounts."""

from dataclasses import dataclass


@dataclass
class Customer:
    number: int
    name: str


@dataclass
class Order:
    customer: int
    cents: int


def statements(customers: list[Customer], orders: list[Order]) -> list[str]:
    """Return a line for each order, customer by customer."""
    lines = []
    for customer in customers:
        for order in orders:
            if order.customer == customer.number:
                lines.append(f"{customer.name}: {order.cents / 100:.2f} €")   # in full
    return lines


def workload():
    customers = [Customer(number, f"Kundin {number}") for number in range(400)]
    orders = [Order(number * 7 % 300, number) for number in range(2500)]
    return statements(customers, orders)
'''

TRAP = '''"""Stations of the weather service."""

from dataclasses import dataclass
from math import nan

UNKNOWN = nan


@dataclass
class Station:
    height: float
    name: str


def level_with(stations: list[Station], others: list[Station]) -> list[tuple[str, str]]:
    """Return the pairs of stations that are equally high; an unknown height equals none."""
    pairs = []
    for station in stations:
        for other in others:
            if other.height == station.height:
                pairs.append((station.name, other.name))
    return pairs


def workload():
    hills = [Station(310.0, "Alm"), Station(UNKNOWN, "Bruch"), Station(120.0, "Cella")]
    coast = [Station(120.0, "Deich"), Station(UNKNOWN, "Eck")]
    return level_with(hills, coast)
'''

TRAP_WHY = "a NaN, which equals nothing but is found in a dict by its identity"
TRAP_STAGE = "same answer"

NEVER = '''"""Orders that are taken off the list, and pairs that are not equal."""


def shipped(customers: list[int], orders: list[int]) -> list[int]:
    done = []
    for customer in customers:
        for order in orders:
            if order == customer:
                orders = [each for each in orders if each != order]
                done.append(order)
    return done


def later(starts: list[int], ends: list[int]) -> int:
    count = 0
    for start in starts:
        for end in ends:
            if end > start:
                count += 1
    return count


def workload():
    return shipped([1, 2], [2, 1, 2]), later([1, 3], [2, 4])
'''
