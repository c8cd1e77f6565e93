import pytest

from stocktake import moving_average, percentile_ranks, running_balance
from stocktake.trends import peaks


def test_balance_after_each_change():
    assert running_balance([5, -2, 4]) == [5, 3, 7]
    assert running_balance([5, -2], opening=10) == [15, 13]


def test_no_changes_no_balances():
    assert running_balance([], opening=10) == []


def test_moving_average_starts_with_what_there_is():
    assert moving_average([2, 4, 6, 8], 2) == [2.0, 3.0, 5.0, 7.0]


def test_window_of_one_is_the_values():
    assert moving_average([3, 1], 1) == [3.0, 1.0]


def test_window_longer_than_the_values():
    assert moving_average([3, 5], 10) == [3.0, 4.0]


@pytest.mark.parametrize("window", [0, -1])
def test_window_without_values_is_refused(window):
    with pytest.raises(ValueError, match="window"):
        moving_average([1], window)


def test_rank_is_the_share_of_smaller_values():
    assert percentile_ranks([10, 30, 20, 40]) == [0.0, 0.5, 0.25, 0.75]


def test_equal_values_have_equal_ranks():
    assert percentile_ranks([7, 7, 9, 1]) == [0.25, 0.25, 0.75, 0.0]


def test_ranks_of_nothing():
    assert percentile_ranks([]) == []


def test_values_are_left_as_they_were():
    values = [3, 1, 2]
    percentile_ranks(values)
    assert values == [3, 1, 2]


def test_peaks_are_the_highest():
    assert peaks([1, 9, 3, 10], threshold=0.5) == [1, 3]
