from datetime import datetime

import pytest

from stocktake import Inventory, StockError, parse_log

NOW = datetime(2024, 3, 20, 12)


def test_oldest_lot_goes_first(inventory):
    assert inventory.issue("BOLT-M6-20", "A-01", 60) == 50 * 9 + 10 * 11
    assert [lot.quantity for lot in inventory.lots("BOLT-M6-20", "A-01")] == [90]


def test_on_hand_by_bay_and_in_all(inventory):
    assert inventory.on_hand("BOLT-M6-20") == 180
    assert inventory.on_hand("BOLT-M6-20", "A-02") == 30
    assert inventory.on_hand("NAIL") == 0


def test_too_large_an_issue_takes_nothing(inventory):
    with pytest.raises(StockError, match="holds 30"):
        inventory.issue("BOLT-M6-20", "A-02", 31)
    assert inventory.on_hand("BOLT-M6-20", "A-02") == 30
    assert inventory.issued() == []


def test_move_keeps_age_and_cost(inventory):
    inventory.move("BOLT-M6-20", "A-01", "A-02", 60)
    moved = inventory.lots("BOLT-M6-20", "A-02")
    assert [(lot.quantity, lot.unit_cost) for lot in moved] == [(50, 9), (10, 11), (30, 12)]
    assert inventory.on_hand("BOLT-M6-20") == 180


def test_emptied_lots_are_gone(inventory):
    inventory.issue("HINGE-75", "B-04", 8)
    assert inventory.skus() == ["BOLT-M6-20"]
    assert inventory.bays() == ["A-01", "A-02"]


def test_count_below_stock_takes_the_oldest(inventory):
    assert inventory.count("BOLT-M6-20", "A-01", 90, NOW) == -60
    assert [lot.unit_cost for lot in inventory.lots("BOLT-M6-20", "A-01")] == [11]
    assert inventory.issued() == []


def test_count_above_stock_adds_at_the_last_cost(inventory):
    assert inventory.count("BOLT-M6-20", "A-02", 35, NOW) == 5
    assert inventory.lots("BOLT-M6-20")[-1].unit_cost == 12


def test_exact_count_changes_nothing(inventory):
    assert inventory.count("HINGE-75", "B-04", 8, NOW) == 0
    assert len(inventory.lots("HINGE-75")) == 1


def test_receipt_of_nothing_is_refused(inventory):
    with pytest.raises(StockError):
        inventory.receive("HINGE-75", "B-04", 0, 205, NOW)


def test_stock_value(inventory):
    assert inventory.stock_value() == 100 * 11 + 50 * 9 + 30 * 12 + 8 * 205


def test_callers_may_change_the_lists_they_get(inventory):
    inventory.issue("HINGE-75", "B-04", 1)
    inventory.issued().clear()
    inventory.lots("HINGE-75").clear()
    assert inventory.issued() == [("HINGE-75", 1, 205)]
    assert inventory.on_hand("HINGE-75") == 7


def test_replay_tries_a_late_issue_again():
    movements = parse_log(
        """
        2024-03-05T08:00:00 ISSUE   SEAL-12 x4 bay=A-01 ref=SO-1
        2024-03-05T09:00:00 RECEIVE SEAL-12 x9 bay=A-01 cost=0.50
        2024-03-05T10:00:00 MOVE    SEAL-12 x2 bay=A-01 to=B-01
        2024-03-05T11:00:00 ISSUE   SEAL-12 x7 bay=A-01 ref=SO-2
        """
    )
    inventory = Inventory()
    refused = inventory.replay(movements)
    assert [movement.reference for movement in refused] == ["SO-1"]
    assert inventory.on_hand("SEAL-12") == 2
    assert inventory.issued() == [("SEAL-12", 7, 350)]


def test_counts_are_replayed():
    movements = parse_log(
        """
        2024-03-05T09:00:00 RECEIVE SEAL-12 x9 bay=A-01 cost=0.50
        2024-03-05T10:00:00 COUNT   SEAL-12 x11 bay=A-01
        """
    )
    inventory = Inventory()
    assert inventory.replay(movements) == []
    assert inventory.on_hand("SEAL-12") == 11
