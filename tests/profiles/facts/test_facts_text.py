"""The one sentence on a function's calls, as every report and briefing has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfagent.profiles.facts.facts import CallFacts, Growth, Spread, ValueFacts, by_function
from perfagent.profiles.facts.facts_text import facts_text

CODE = ValueFacts(name="code", types=(("str", 1.0),), hashable=True, changed_share=0.0)
ROWS = ValueFacts(
    name="rows",
    types=(("list", 1.0),),
    size=Spread(smallest=1, median=30, largest=4000),
    changed_share=0.0,
)
FACTS = CallFacts(
    path="shop/orders.py",
    function="price",
    calls=1_200_000,
    looked_at=1_200_000,
    distinct=214,
    distinct_is_exact=True,
    repeat_share=1 - 214 / 1_200_000,
    parameters=(CODE,),
)


def grown(low: float, high: float) -> Growth:
    return Growth(
        parameter="rows",
        exponent=(low + high) / 2,
        ci_low=low,
        ci_high=high,
        smallest=2,
        largest=90,
        sizes=5,
    )


def test_calls_repeats_and_writes_are_named() -> None:
    assert facts_text(FACTS) == (
        "called 1.2 M times with 214 distinct arguments, 99.98 % repeats, no writes seen"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"calls": 1, "looked_at": 1, "repeat_share": 0.0, "distinct": 1}, "called once, no"),
        ({"calls_are_exact": False}, "called at least 1.2 M times with"),
        ({"distinct_is_exact": False, "looked_at": 900}, "with about 214 distinct arguments"),
        ({"distinct_is_exact": False, "looked_at": 900}, "900 calls looked into"),
        ({"distinct": None, "repeat_share": None}, "called 1.2 M times, no writes seen"),
        ({"parameters": ()}, "called 1.2 M times without arguments"),
        ({"repeat_share": 0.0}, ", 0 % repeats"),
        ({"repeat_share": 1.0}, ", 100 % repeats"),
        ({"repeat_share": 0.9999999}, ", over 99.99 % repeats"),
        ({"repeat_share": 0.00001}, ", under 0.01 % repeats"),
        ({"repeat_share": 0.5}, ", 50 % repeats"),
        ({"depth": 12}, "recursive to depth 12"),
        ({"parameters": (CODE, ROWS)}, "rows of up to 4,000 elements"),
        ({"written_globals": ("KNOWN",)}, "writes `KNOWN`"),
        ({"written_attributes": ("A.a", "A.b", "A.c", "A.d")}, "`A.a`, `A.b`, `A.c` and 1 more"),
        ({"parameters": (replace(ROWS, changed_share=0.5),)}, "changes its argument `rows`"),
        ({"receiver": replace(CODE, name="self", changed_share=1.0)}, "changes its object"),
        ({"does_io": True}, "does input or output"),
        ({"raised": (("KeyError", 4),)}, "raises `KeyError`"),
        ({"calls": 0, "note": "not called here"}, "not called here"),
        ({"calls": 0, "calls_are_exact": False, "note": "too slow"}, "no call seen (too slow)"),
        ({"growth": grown(1.8, 2.06)}, "time grows as size of rows ^ 1.9 (1.8 to 2.1)"),
        ({"growth": grown(-0.3, 0.2)}, "time does not grow with the size of rows"),
        ({"growth": grown(-1.7, -0.4)}, "time does not grow with the size of rows"),
        ({"note": "a reason"}, "(a reason)"),
    ],
)
def test_what_was_seen_is_in_the_sentence(changes: dict[str, object], words: str) -> None:
    assert words in facts_text(replace(FACTS, **changes))  # pyright: ignore[reportArgumentType]


def test_an_exponent_that_may_be_anything_is_not_told() -> None:
    assert facts_text(replace(FACTS, growth=grown(-0.4, 2.1))) == facts_text(FACTS)


def test_facts_of_two_functions_of_one_name_are_nobodys() -> None:
    getter = replace(FACTS, function="Shop.rate")
    assert by_function([FACTS, getter, replace(getter, calls=2)]) == {
        ("shop/orders.py", "price"): FACTS
    }
