import pytest

from stocktake import fewest_packs, pack


@pytest.mark.parametrize(
    ("quantity", "sizes", "packs"),
    [
        (0, (5,), 0),
        (10, (5,), 2),
        (7, (5,), None),
        (12, (1, 6, 10), 2),
        (24, (5, 8), 3),
        (11, (5, 8), None),
        (30, (1, 6, 10), 3),
        (-5, (5,), None),
    ],
)
def test_fewest_packs(quantity, sizes, packs):
    assert fewest_packs(quantity, sizes) == packs


def test_order_of_sizes_does_not_matter():
    assert fewest_packs(24, (8, 5)) == fewest_packs(24, (5, 8))


def test_large_packs_are_chosen_when_as_few():
    assert pack(25, (5, 8, 10)) == {10: 2, 5: 1}


def test_greedy_choice_is_not_always_the_fewest():
    assert pack(12, (1, 6, 10)) == {6: 2}


def test_what_fits_no_pack_is_loose():
    assert pack(11, (5, 8)) == {5: 2, 0: 1}
    assert pack(3, (5, 8)) == {0: 3}


def test_nothing_ordered_nothing_packed():
    assert pack(0, (5, 8)) == {}


def test_negative_quantity_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        pack(-1, (5, 8))


@pytest.mark.parametrize("quantity", range(1, 25))
def test_packs_add_up(quantity):
    shipment = pack(quantity, (3, 7))
    loose = shipment.pop(0, 0)
    assert loose + sum(size * count for size, count in shipment.items()) == quantity
