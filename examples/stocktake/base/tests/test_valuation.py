import pytest

from stocktake import StockError, abc_classes, cost_of_goods, parse_log, price_variances
from stocktake.valuation import SupplierPrice


@pytest.fixture
def movements():
    return parse_log(
        """
        2024-03-01T08:00:00 RECEIVE SEAL-12 x10 bay=A-01 cost=0.50 ref=PO-1
        2024-03-02T08:00:00 ISSUE   SEAL-12 x4 bay=A-01
        2024-03-03T08:00:00 RECEIVE SEAL-12 x10 bay=B-01 cost=0.60 ref=PO-2
        2024-03-04T08:00:00 MOVE    SEAL-12 x3 bay=B-01 to=A-01
        2024-03-05T08:00:00 ISSUE   SEAL-12 x8 bay=B-01
        """
    )


def test_cost_of_goods_is_first_in_first_out(movements):
    assert cost_of_goods(movements) == 10 * 50 + 2 * 60


def test_nothing_sold_costs_nothing(movements):
    assert cost_of_goods(movements[:1]) == 0
    assert cost_of_goods([]) == 0


def test_more_sold_than_bought_is_an_error(movements):
    with pytest.raises(StockError, match="8 SEAL-12 sold, 6 bought"):
        cost_of_goods(movements[:2] + movements[3:])


def test_every_receipt_is_compared_with_every_supplier(movements):
    prices = [
        SupplierPrice("SEAL-12", "Acme", 55),
        SupplierPrice("HINGE-75", "Acme", 300),
        SupplierPrice("SEAL-12", "Brook", 45),
    ]
    found = [(v.reference, v.supplier, v.overpaid) for v in price_variances(movements, prices)]
    assert found == [
        ("PO-1", "Acme", -5),
        ("PO-1", "Brook", 5),
        ("PO-2", "Acme", 5),
        ("PO-2", "Brook", 15),
    ]


def test_prices_may_be_a_generator(movements):
    prices = (SupplierPrice("SEAL-12", name, 55) for name in ["Acme"])
    assert len(price_variances(movements, prices)) == 2


def test_product_nobody_sells_has_no_variance(movements):
    assert price_variances(movements, []) == []


def test_abc_classes_by_share_of_turnover():
    classes = abc_classes({"P": 5, "Q": 800, "R": 150, "S": 45})
    assert classes == {"Q": "A", "R": "B", "S": "C", "P": "C"}


def test_equal_turnover_is_ranked_by_sku():
    assert list(abc_classes({"Q": 10, "P": 10})) == ["P", "Q"]


def test_no_turnover_is_class_c():
    assert abc_classes({"P": 0}) == {"P": "C"}
    assert abc_classes({}) == {}
