"""Plain-text reports."""

from __future__ import annotations

from typing import Iterable, List, Sequence

from .catalog import Catalog
from .inventory import Inventory
from .movements import Movement
from .valuation import Variance


def money(pence: int) -> str:
    """Return an amount in pounds, with a comma between thousands."""
    sign = "-" if pence < 0 else ""
    pounds, rest = divmod(abs(pence), 100)
    return f"{sign}{pounds:,}.{rest:02}"


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number or an amount of money."""
    return cell.replace(",", "").replace(".", "").lstrip("-").isdigit()


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under headings; numbers stand to the right."""
    everything = [headings, *rows]
    lines = [""] * len(everything)
    for column in range(len(headings)):
        for number, row in enumerate(everything):
            width = max(len(other[column]) for other in everything)
            cell = row[column]
            if is_number(cell):
                lines[number] += cell.rjust(width) + "  "
            else:
                lines[number] += cell.ljust(width) + "  "
    text = ""
    for line in lines:
        text += line.rstrip() + "\n"
    return text


def stock_report(inventory: Inventory, catalog: Catalog) -> str:
    """Return a table of all stock with its cost and its list price."""
    rows: List[List[str]] = []
    for sku in inventory.skus():
        lots = inventory.lots(sku)
        pieces = sum(lot.quantity for lot in lots)
        cost = sum(lot.quantity * lot.unit_cost for lot in lots)
        price = catalog[sku].list_price * pieces if sku in catalog else 0
        rows.append([sku, str(len(lots)), str(pieces), money(cost), money(price)])
    return table(["SKU", "lots", "pieces", "cost", "list price"], rows)


def movement_table(movements: Iterable[Movement]) -> str:
    """Return a table of movements, in the order given."""
    rows = [
        [str(m.when), m.kind.lower(), m.sku, str(m.quantity), m.bay, m.reference] for m in movements
    ]
    return table(["when", "what", "SKU", "pieces", "bay", "reference"], rows)


def price_report(variances: Iterable[Variance]) -> str:
    """Return one line for each receipt that cost more than a supplier's price."""
    text = ""
    for variance in variances:
        if variance.overpaid > 0:
            text += f"{variance.reference} {variance.sku}: "
            text += f"{money(variance.overpaid)} over {variance.supplier}\n"
    return text


def ledger_report(movements: Iterable[Movement]) -> str:
    """Return the ledger for people to read, newest movement first."""
    text = ""
    for movement in movements:
        when = movement.when.strftime("%d %b %Y %H:%M")
        what = f"{movement.kind.lower():8}{movement.quantity:6} {movement.sku:12}"
        text = f"{when}  {what} {movement.bay:6} {movement.reference}".rstrip() + "\n" + text
    return text
