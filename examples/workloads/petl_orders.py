"""Clean a table of orders: join it, reshape it, and add it up by month."""

import random

import petl

ORDERS = 1500


def setup():
    """Write the tables."""
    global orders, customers, readings
    rng = random.Random(8)
    orders = [["order", "customer", "month", "amount"]] + [
        [number, f"c{rng.randrange(90):02d}", f"2024-{rng.randint(1, 12):02d}", rng.randint(5, 900)]
        for number in range(ORDERS)
    ]
    customers = [["customer", "city"]] + [
        [f"c{number:02d}", rng.choice(["Oslo", "Bergen", "Tromso"])] for number in range(90)
    ]
    readings = [["meter", "variable", "value"]] + [
        [f"m{meter:03d}", f"v{variable:02d}", meter * variable % 97]
        for meter in range(60)
        for variable in range(24)
    ]


def workload():
    """Return the tables that come out."""
    joined = petl.join(orders, customers, key="customer")
    summed = petl.aggregate(joined, ("city", "month"), sum, "amount")
    wide = petl.recast(readings, key="meter")
    merged = petl.mergeduplicates(petl.cut(joined, "customer", "city"), "customer")
    shown = petl.look(summed, limit=20, style="grid")
    pairs = petl.cat(orders, petl.addfield(orders, "net", lambda row: row["amount"] * 0.8))
    return list(summed), list(wide), list(merged), str(shown), sum(1 for _ in pairs)
