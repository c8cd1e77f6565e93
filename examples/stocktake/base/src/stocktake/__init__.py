"""Warehouse ledgers from plain text: stock, picking, packing, valuation and reports."""

from .catalog import Catalog, Product
from .errors import ParseError, StockError, StocktakeError
from .inventory import Inventory, Lot
from .layout import Floor
from .movements import Movement, parse_line, parse_log
from .packing import fewest_packs, pack
from .report import ledger_report, movement_table, price_report, stock_report
from .search import SearchIndex
from .trends import moving_average, percentile_ranks, running_balance
from .valuation import abc_classes, cost_of_goods, price_variances

__version__ = "1.3.0"

__all__ = [
    "Catalog",
    "Floor",
    "Inventory",
    "Lot",
    "Movement",
    "ParseError",
    "Product",
    "SearchIndex",
    "StockError",
    "StocktakeError",
    "abc_classes",
    "cost_of_goods",
    "fewest_packs",
    "ledger_report",
    "movement_table",
    "moving_average",
    "pack",
    "parse_line",
    "parse_log",
    "percentile_ranks",
    "price_report",
    "price_variances",
    "running_balance",
    "stock_report",
]
