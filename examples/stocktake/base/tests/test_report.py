import pytest

from stocktake import (
    ledger_report,
    movement_table,
    parse_log,
    price_report,
    stock_report,
)
from stocktake.report import money, table
from stocktake.valuation import Variance


@pytest.mark.parametrize(
    ("pence", "text"), [(0, "0.00"), (5, "0.05"), (123456789, "1,234,567.89"), (-250, "-2.50")]
)
def test_money(pence, text):
    assert money(pence) == text


def test_numbers_stand_to_the_right():
    assert table(["name", "n"], [["a", "1"], ["bcdef", "100"]]) == (
        "name   n\na        1\nbcdef  100\n"
    )


def test_table_without_rows_is_its_headings():
    assert table(["name", "n"], []) == "name  n\n"


def test_lines_do_not_end_in_spaces():
    text = table(["a", "note"], [["x", ""], ["y", "long note"]])
    assert all(line == line.rstrip() for line in text.splitlines())


def test_stock_report(inventory, catalog):
    assert stock_report(inventory, catalog).splitlines() == [
        "SKU         lots  pieces  cost   list price",
        "BOLT-M6-20     3     180  19.10       32.40",
        "HINGE-75       1       8  16.40       24.80",
    ]


def test_stock_that_is_not_in_the_catalog_has_no_list_price(inventory, catalog):
    inventory.receive("NAIL", "A-01", 5, 2, inventory.lots("HINGE-75")[0].received)
    assert stock_report(inventory, catalog).splitlines()[-1].split() == [
        "NAIL", "1", "5", "0.10", "0.00",
    ]  # fmt: skip


@pytest.fixture
def movements():
    return parse_log(
        """
        2024-03-01T08:00:00 RECEIVE SEAL-12 x10 bay=A-01 cost=0.50 ref=PO-1
        2024-03-02T09:30:00 ISSUE   SEAL-12 x4 bay=A-01
        """
    )


def test_movement_table(movements):
    assert movement_table(movements).splitlines() == [
        "when                 what     SKU      pieces  bay   reference",
        "2024-03-01 08:00:00  receive  SEAL-12      10  A-01  PO-1",
        "2024-03-02 09:30:00  issue    SEAL-12       4  A-01",
    ]


def test_ledger_has_the_newest_movement_first(movements):
    assert ledger_report(movements).splitlines() == [
        "02 Mar 2024 09:30  issue        4 SEAL-12      A-01",
        "01 Mar 2024 08:00  receive     10 SEAL-12      A-01   PO-1",
    ]


def test_ledger_of_nothing_is_empty():
    assert ledger_report([]) == ""


def test_price_report_names_only_what_was_dearer():
    variances = [
        Variance("PO-1", "SEAL-12", "Acme", 50, 55),
        Variance("PO-2", "SEAL-12", "Acme", 60, 55),
    ]
    assert price_report(variances) == "PO-2 SEAL-12: 0.05 over Acme\n"
