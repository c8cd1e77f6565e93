"""Fixtures of `grow-in-place`."""

WINS = '''"""Readings of a meter."""


def rises(readings: list[int]) -> list[int]:
    """Return by how much the meter rose, wherever it did (»Zählerstände«)."""
    found = []
    before = readings[0]
    for reading in readings[1:]:
        if reading > before:
            found = found+[reading - before]   # never negative
        before = reading
    return found


def workload():
    return sum(rises([number * number for number in range(5000)]))
'''

TRAP = '''"""Amounts of orders, by the order's number."""


def taxed(order):
    return order["cents"] * order["rate"] // 100


def amounts(orders, left_out):
    """Return amount and tax of the orders that have both; the others are left out."""
    found = {}
    for order in orders:
        number = order["number"]
        try:
            found = {**found, number: order["cents"], f"{number} tax": taxed(order)}
        except KeyError:
            left_out.append(number)
    return found


def workload():
    left_out = []
    orders = [
        {"number": "A1", "cents": 1000, "rate": 19},
        {"number": "A2", "cents": 500},
        {"number": "A3", "cents": 200, "rate": 7},
    ]
    return amounts(orders, left_out), left_out
'''

TRAP_WHY = "an exception half way through an entry, which a handler inside the loop survives"
TRAP_STAGE = "same answer"

NEVER = '''"""Lists that somebody else still holds when they grow."""


def versions(lines):
    page = []
    history = []
    for line in lines:
        history.append(page)
        page = page + [line]
    return history


def extended(start, lines):
    page = start
    for line in lines:
        page = page + [line]
    return page


def workload():
    return versions(["a", "b"]), extended(["x"], ["y"])
'''
