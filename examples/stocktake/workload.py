"""The evening round of a warehouse: post the day's ledger, plan the picking, write the reports."""

import random
from datetime import datetime, timedelta

from stocktake import (
    Catalog,
    Floor,
    Inventory,
    SearchIndex,
    abc_classes,
    cost_of_goods,
    ledger_report,
    movement_table,
    moving_average,
    pack,
    parse_log,
    percentile_ranks,
    price_report,
    price_variances,
    running_balance,
    stock_report,
)
from stocktake.trends import peaks
from stocktake.valuation import SupplierPrice

PARTS = ["bolt", "nut", "wshr", "hinge", "gskt", "bracket", "valve", "clamp", "scr", "bearing"]
FINISHES = ["zn", "ss", "brs", "galv", "blk", "pln", "alu", "nylon", "copper", "painted"]
SHAPES = ["hex", "sq", "rd", "flat", "csk", "cyl", "adj", "flg"]
PACKS = ["6/9/20", "5/8/12", "7/12/18", "5/9/24"]
AISLES = "ABCDEFGH"
BAYS = 20
BULK = 4


def setup():
    """Make a catalog, a ledger, price lists and orders; the same ones each time."""
    global catalog_text, ledger_text, bulk_skus, prices, orders, queries, counters
    chance = random.Random(1889)
    skus = [f"{PARTS[n % len(PARTS)][:4]}-{1000 + 7 * n}".upper() for n in range(150)]
    catalog_text = make_catalog(chance, skus)
    bulk_skus = skus[:BULK]
    ledger_text = make_ledger(chance, skus)
    prices = [
        SupplierPrice(sku, supplier, chance.randint(20, 900))
        for supplier in ("Acme", "Brook", "Calder", "Dunn", "Esk", "Firth", "Gare", "Holme")
        for sku in skus
        if chance.random() < 0.8
    ]
    orders = [
        [(chance.choice(skus), chance.randint(62, 80)) for _ in range(chance.randint(5, 7))]
        for _ in range(4)
    ]
    counters = [chance.randint(-9, 9) for _ in range(1700)]
    queries = [f"{chance.choice(FINISHES)} {chance.choice(PARTS)[:3]}" for _ in range(20)]


def make_catalog(chance, skus):
    """Return the catalog as CSV; each product has a size, a maker and a drawing number."""
    lines = ["sku,description,category,price,packs"]
    for number, sku in enumerate(skus):
        part = PARTS[number % len(PARTS)]
        description = (
            f"{chance.choice(SHAPES)} {part} {chance.choice(FINISHES)} M{chance.randint(3, 30)}"
            f" {chance.randint(5, 400)} mm for drawing D{2000 + number} by maker K{number % 90}"
            f" part {number % 13}-{7 * number}"
        )
        packs = chance.choice(PACKS)
        lines.append(f"{sku},{description},{part}s,{chance.randint(25, 1200)},{packs}")
    return "\n".join(lines)


def make_ledger(chance, skus):
    """Return a ledger of about 600 movements over some months."""
    bays = {sku: f"{chance.choice(AISLES)}-{chance.randint(1, BAYS):02}" for sku in skus}
    held = dict.fromkeys(skus, 0)
    now = datetime.fromisoformat("2024-01-02T07:00:00")
    lines = ["# site: Leeds North"]
    for number in range(600):
        now += timedelta(minutes=chance.randint(5, 90))
        sku = skus[chance.randrange(BULK)] if chance.random() < 0.05 else chance.choice(skus)
        scale = 105 if sku in skus[:BULK] else 1
        field = f"bay={bays[sku]}"
        draw = chance.random()
        if held[sku] < 10 * scale or draw < 0.1:
            quantity = chance.randint(40, 80) * scale
            cost = f"{chance.randint(0, 8)}.{chance.randint(10, 99)}"
            kind, field = "RECEIVE", f"{field} cost={cost} ref=PO-{5000 + number}"
            held[sku] += quantity
        elif draw < 0.93:
            quantity = chance.randint(1, 10) * scale
            kind, field = "ISSUE", f"{field} ref=SO-{number}"
            held[sku] -= quantity
        elif draw < 0.97:
            quantity = held[sku] + chance.randint(-2, 2)
            kind = "COUNT"
            held[sku] = quantity
        else:
            quantity = chance.randint(1, 5)
            kind, field = "MOVE", f"{field} to=H-{BAYS:02}"
            held[sku] -= quantity
        if kind == "RECEIVE" and scale == 1 and chance.random() < 0.05:
            early = now - timedelta(minutes=2)  # booked before the goods it needs
            lines.append(f"{early:%Y-%m-%dT%H:%M:%S} ISSUE {sku} x{held[sku]} bay={bays[sku]}")
            held[sku] = 0
        lines.append(f"{now:%Y-%m-%dT%H:%M:%S} {kind:7} {sku} x{quantity} {field}")
        if scale == 1 and chance.random() < 0.005:
            lines.append(f"{now:%Y-%m-%dT%H:%M:%S} ISSUE {sku} x99999 bay={bays[sku]}")
    return "\n".join(lines)


def workload():
    """Run the round and return what it found."""
    catalog = Catalog.from_csv(catalog_text)
    movements = parse_log(ledger_text)
    inventory = Inventory()
    refused = inventory.replay(movements)

    index = SearchIndex(catalog)
    found = [index.search(query, limit=5) for query in queries]

    floor = Floor.grid(AISLES, BAYS)
    rounds = []
    for order in orders:
        stops = [lot.bay for sku, _ in order for lot in inventory.lots(sku)]
        shipments = [pack(quantity, catalog[sku].pack_sizes) for sku, quantity in order]
        rounds.append((floor.picking_route("A-01", stops), shipments))

    turnover = dict.fromkeys((product.sku for product in catalog), 0)
    for sku, _, cost in inventory.issued():
        turnover[sku] += cost
    sold = {sku: cost_of_goods(m for m in movements if m.sku == sku) for sku in bulk_skus}
    changes = [m.quantity if m.kind == "RECEIVE" else -m.quantity for m in movements]
    spent = [m.quantity * (m.unit_cost or 0) for m in movements]
    issues = [m.quantity for m in movements if m.kind == "ISSUE"]

    return {
        "refused": len(refused),
        "value": inventory.stock_value(),
        "found": found,
        "rounds": rounds,
        "classes": abc_classes(turnover),
        "sold": sold,
        "balance": moving_average(running_balance(changes), 20)[-5:],
        "spent": running_balance(spent)[::250],
        "at_counters": running_balance(counters, opening=500)[::400],
        "ranks": percentile_ranks(list(turnover.values())),
        "peaks": peaks(issues[-500:]),
        "stock": stock_report(inventory, catalog),
        "ledger": ledger_report(movements),
        "last": movement_table(movements[-110:]),
        "overpaid": price_report(price_variances(movements, prices)),
    }
