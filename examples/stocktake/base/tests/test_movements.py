from datetime import datetime

import pytest

from stocktake import ParseError, parse_line, parse_log
from stocktake.movements import parse_fields, parse_money

RECEIPT = "2024-03-05T09:12:44 RECEIVE BOLT-M6-20 x120 bay=A-07 cost=3.14 ref=PO-10042"


def test_receipt_is_read_whole():
    movement = parse_line(RECEIPT)
    assert movement.when == datetime(2024, 3, 5, 9, 12, 44)
    assert movement.kind == "RECEIVE"
    assert movement.sku == "BOLT-M6-20"
    assert movement.quantity == 120
    assert movement.bay == "A-07"
    assert movement.unit_cost == 314
    assert movement.reference == "PO-10042"


def test_issue_needs_no_cost_or_reference():
    movement = parse_line("2024-03-05T11:40:02 ISSUE SEAL-12 x3 bay=A-07")
    assert (movement.unit_cost, movement.to_bay, movement.reference) == (None, None, "")


def test_move_names_both_bays():
    movement = parse_line("2024-03-06T08:02:10 MOVE SEAL-12 x20 bay=A-07 to=C-02")
    assert (movement.bay, movement.to_bay) == ("A-07", "C-02")


def test_case_of_kind_sku_and_field_names_is_ignored():
    movement = parse_line("2024-03-06T08:02:10 count seal-12 x20 BAY=A-07")
    assert (movement.kind, movement.sku, movement.bay) == ("COUNT", "SEAL-12", "A-07")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nonsense", "is not a movement"),
        ("2024-03-05T09:12:44 RECEIVE BOLT 120 bay=A-07", "is not a movement"),
        ("2024-03-05T09:12:44 STEAL BOLT x120 bay=A-07", "no movement called STEAL"),
        ("2024-13-05T09:12:44 ISSUE BOLT x1 bay=A-07", "is not a time"),
        ("2024-03-05 ISSUE BOLT x1 bay=A-07", "is not a time"),
        ("2024-03-05T09:12:44 ISSUE BOLT x1", "no bay is given"),
        ("2024-03-05T09:12:44 MOVE BOLT x1 bay=A-07", "needs the bay"),
        ("2024-03-05T09:12:44 RECEIVE BOLT x1 bay=A-07", "needs a cost"),
    ],
)
def test_bad_line_is_refused_with_its_number(line, problem):
    with pytest.raises(ParseError, match=problem) as caught:
        parse_line(line, 17)
    assert caught.value.line == 17


@pytest.mark.parametrize(
    ("text", "pence"), [("3.14", 314), ("3.1", 310), ("3", 300), ("0.05", 5), ("3.", None)]
)
def test_money_is_in_pence(text, pence):
    if pence is None:
        with pytest.raises(ParseError):
            parse_money(text, 1)
    else:
        assert parse_money(text, 1) == pence


@pytest.mark.parametrize("text", ["-1", "1.234", "abc", "", "1,000"])
def test_what_is_not_money_is_refused(text):
    with pytest.raises(ParseError, match="not an amount"):
        parse_money(text, 1)


def test_last_of_equal_fields_wins():
    assert parse_fields(" bay=A-01 bay=B-02") == {"bay": "B-02"}


def test_log_skips_comments_and_blank_lines():
    assert len(parse_log(f"# Leeds\n\n{RECEIPT}\n   # end\n")) == 1


def test_log_is_sorted_by_time_and_stable():
    log = "\n".join(
        [
            "2024-03-06T08:00:00 ISSUE B x1 bay=A-01",
            "2024-03-05T08:00:00 ISSUE C x1 bay=A-01",
            "2024-03-05T08:00:00 ISSUE A x1 bay=A-01",
        ]
    )
    assert [movement.sku for movement in parse_log(log)] == ["C", "A", "B"]


def test_log_error_names_the_line():
    with pytest.raises(ParseError, match="line 3"):
        parse_log(f"{RECEIPT}\n\nrubbish\n")
