"""What was seen of a function's calls decides what is tried and what comes first."""

from __future__ import annotations

import importlib.util
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.profiles.facts.facts import CallFacts, Growth, Spread, ValueFacts
from perfagent.tools.rewrites import steering
from perfagent.tools.rewrites.registry import propose_rewrites
from perfagent.tools.rewrites.steering import steered

_spec = importlib.util.spec_from_file_location(
    "rewrite_checks", Path(__file__).parent / "conftest.py"
)
assert _spec is not None
assert _spec.loader is not None
_checks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_checks)

PRICE = textwrap.dedent(
    """
    def price(code: int) -> int:
        total = 0
        for number in range(code):
            total += number * number % 7
        return total


    class Shop:
        def __init__(self, rows):
            self._rows = tuple(rows)

        def total(self) -> int:
            return sum(row * row % 7 for row in self._rows)
    """
)
CODE = ValueFacts(name="code", types=(("int", 1.0),), hashable=True, changed_share=0.0)
SEEN = CallFacts(
    path="module.py",
    function="price",
    calls=1000,
    looked_at=1000,
    seconds_per_call=1e-3,
    distinct=10,
    distinct_is_exact=True,
    repeat_share=0.99,
    parameters=(CODE,),
)
ROWS = ValueFacts(name="rows", types=(("list", 1.0),), size=Spread(smallest=0, median=2, largest=3))
GROWTH = Growth(
    parameter="rows", exponent=1.9, ci_low=1.7, ci_high=2.1, smallest=10, largest=900, sizes=7
)


def proposals(tree: Path, function: str, *facts: CallFacts) -> dict[str, float]:
    (tree / "module.py").write_text(PRICE)
    spot = _checks.hotspot(PRICE, function)
    found = propose_rewrites(tree, [spot], facts=facts)
    return {each.rewrite: each.gain_share for each in found if each.function == function}


def test_a_cache_is_proposed_when_arguments_repeat_and_promises_what_it_saves(
    tmp_path: Path,
) -> None:
    guessed = proposals(tmp_path, "price")["memoize"]
    assert proposals(tmp_path, "price", SEEN)["memoize"] == pytest.approx(0.9 * 0.99, rel=0.01)
    half = replace(SEEN, repeat_share=0.5)
    assert proposals(tmp_path, "price", half)["memoize"] < guessed
    cheap = replace(SEEN, seconds_per_call=0.2e-6)
    assert proposals(tmp_path, "price", cheap)["memoize"] == pytest.approx(0.9 * 0.99 / 4)


@pytest.mark.parametrize(
    "changes",
    [
        {"repeat_share": 0.1},
        {"parameters": (replace(CODE, hashable=False),)},
        {"parameters": (replace(CODE, changed_share=0.1),)},
        {"written_globals": ("KNOWN",)},
        {"written_attributes": ("Shop.rows",)},
        {"does_io": True},
    ],
    ids=str,
)
def test_a_cache_is_not_proposed_where_it_cannot_help_or_would_be_wrong(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    facts = replace(SEEN, **changes)  # pyright: ignore[reportArgumentType]
    assert "memoize" not in proposals(tmp_path, "price", facts)
    assert "cached-on-instance" not in proposals(
        tmp_path, "Shop.total", replace(facts, function="Shop.total")
    )


def test_facts_of_another_function_or_of_no_call_change_nothing(tmp_path: Path) -> None:
    guessed = proposals(tmp_path, "price")
    other = replace(SEEN, repeat_share=0.0, function="other")
    elsewhere = replace(SEEN, repeat_share=0.0, path="other.py")
    unseen = replace(SEEN, repeat_share=None, looked_at=0, calls=0)
    for facts in (other, elsewhere, unseen):
        assert proposals(tmp_path, "price", facts) == guessed


def test_an_index_over_a_handful_promises_less_and_over_a_square_more() -> None:
    needs = ("sizes", "growth")
    tiny = replace(SEEN, parameters=(ROWS, CODE))
    assert steered(0.8, needs, tiny) == pytest.approx(0.8 * steering.OF_TINY)
    large = replace(ROWS, size=Spread(smallest=1, median=2, largest=5000))
    assert steered(0.8, needs, replace(SEEN, parameters=(large,))) == 0.8
    returned = replace(large, name="return")
    assert steered(0.8, needs, replace(tiny, returns=returned)) == 0.8
    assert steered(0.8, needs, replace(SEEN, growth=GROWTH)) == pytest.approx(0.9)
    linear = replace(GROWTH, exponent=1.0, ci_low=0.9, ci_high=1.1)
    unsure = replace(GROWTH, ci_low=0.2, ci_high=3.6)
    for growth in (linear, unsure):
        assert steered(0.8, needs, replace(SEEN, growth=growth)) == 0.8
    assert steered(0.8, ("calls",), replace(tiny, growth=GROWTH)) == 0.8


def test_the_length_of_a_text_says_nothing_about_containers() -> None:
    text = replace(ROWS, name="label", types=(("str", 1.0),))
    assert steered(0.8, ("sizes",), replace(SEEN, parameters=(text,))) == 0.8
