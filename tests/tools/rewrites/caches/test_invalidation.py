"""Invalidation: a remembered answer is forgotten by whatever changes what it depends on."""

from __future__ import annotations

import pytest

BASKET = """
class Basket:
    def __init__(self, prices: list[float]):
        self._prices = list(prices)
        self._scale = 1
        self.name = "basket"

    @property
    def total(self) -> float:
        \"\"\"Sum.\"\"\"
        # all of them
        return sum(price for price in self._prices) * self._scale

    def spread(self) -> float:
        least = most = 0.0
        for price in self._prices:
            least = min(least, price)
            if price > most:
                most = price  # the most
        if not self._prices:
            return 0.0
        return most - least

    def put(self, price: float) -> None:
        self._prices.append(price)  # one more

    def put_all(self, prices: list[float]) -> None:
        self._prices.extend(prices)

    def take(self) -> float:
        return self._prices.pop()

    def change(self, index: int, price: float) -> None:
        self._prices[index] = price

    def drop(self, index: int) -> None:
        del self._prices[index]

    def rescale(self, scale: int) -> None:
        self._scale *= scale
        self.name = "rescaled"

    def clear(self) -> None:
        if self._prices:
            self._prices = []

    # MORE

def f():
    basket = Basket([1.0, 2.0])
    out = [basket.total, basket.total, basket.spread()]
    for step in (
        lambda: basket.put(3.5),
        lambda: basket.put_all([4.0, 5.0]),
        lambda: basket.take(),
        lambda: basket.change(0, 9.0),
        lambda: basket.drop(1),
        lambda: basket.rescale(2),
        lambda: basket.put_all(x if x < 8 else x / 0 for x in (7.0, 8.0)),
        lambda: basket.clear(),
    ):
        try:
            step()
        except ZeroDivisionError:
            out.append("partly")
        out += [basket.total, basket.spread(), Basket([1.0]).total]
    return out, Basket.total.__doc__
"""


@pytest.mark.parametrize("function", ["Basket.total", "Basket.spread"])
def test_every_kind_of_change_is_seen_in_the_next_answer(applies, function):
    new = applies("cache-until-written", BASKET, function, "f()").new_source
    assert new.count("_known = None\n") >= 6


def test_an_answer_is_worked_out_once_between_changes(applies):
    new = applies("cache-until-written", BASKET, "Basket.total", "f()").new_source
    space: dict = {}
    exec(new, space)
    basket = space["Basket"]([1.0, 2.0])
    first = basket.total
    basket._prices = None  # nothing could be summed any more
    assert basket.total is first
    basket.clear()
    basket._prices = [1.0]
    basket.put(4.0)
    assert basket.total == 5.0


def with_more(text: str, *, old: str = "    # MORE\n") -> str:
    assert old in BASKET
    return BASKET.replace(old, text)


REFUSES = {
    "handed out": with_more("    def prices(self):\n        return self._prices\n"),
    "held by another name": with_more("    def f(self):\n        prices = self._prices\n"),
    "written on another instance": with_more("    def f(self, other):\n        other._scale = 3\n"),
    "written by a subclass": with_more(
        "class Other(Basket):\n    def f(self):\n        self._scale = 3\n\ndef f():\n",
        old="def f():\n",
    ),
    "written by name": with_more("    def f(self):\n        setattr(self, '_scale', 3)\n"),
    "handed to something unknown": with_more("    def f(self, g):\n        g(self._prices)\n"),
    "changed in a closure": with_more(
        "    def f(self):\n        return lambda: self._prices.append(1.0)\n"
    ),
    "changed in the middle of a statement": with_more(
        "    def f(self, g):\n        g(self._prices.pop(), self.total)\n"
    ),
    "kept from outside": with_more("self._prices = prices\n", old="self._prices = list(prices)\n"),
    "contents that may change": with_more(
        "    def g(self, price):\n        self._prices.append(price)\n"
    ),
    "depends on a public attribute": BASKET.replace("* self._scale", "* len(self.name)"),
    "construction asks": with_more(
        "        self.put(1.0)\n        self._scale = 1\n", old="        self._scale = 1\n"
    ),
    "made again": with_more("    def reset(self):\n        self.__init__([])\n"),
    "its own way to set attributes": with_more(
        "    def __setattr__(self, name, value):\n        object.__setattr__(self, name, value)\n"
    ),
    "threads": "import threading\n" + BASKET,
    "shallow copies": "import copy\n" + BASKET,
}


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_state_that_something_else_may_change_is_read_again(refuses, source):
    refuses("cache-until-written", source, "Basket.total")


def test_state_that_another_file_mentions_is_read_again(refuses, tmp_path):
    (tmp_path / "other.py").write_text("def f(basket):\n    return basket._prices\n")
    refuses("cache-until-written", BASKET, "Basket.total")
