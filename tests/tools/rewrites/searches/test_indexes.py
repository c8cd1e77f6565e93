"""Indexes: dicts of positions, counts and groups answer as the searches did."""

from __future__ import annotations

import pytest

APPLIES = {
    "list.index": (
        "position-index",
        """
        def ranks(words: list[str], order: list[str]) -> list[int]:
            out = []
            for word in words:
                # place
                out.append(order.index(word))
            return out
        """,
        "ranks",
        ("ranks(['b', 'a'], ['a', 'b', 'a'])", "ranks([], [])"),
    ),
    "list.index in a key": (
        "position-index",
        """
        def ordered(words: list[str], order: list[str]) -> list[str]:
            return sorted(words, key=lambda word: order.index(word))
        """,
        "ordered",
        ("ordered(['b', 'a', 'b'], ['b', 'a', 'b'])",),
    ),
    "list.count": (
        "count-index",
        """
        def once(numbers: list[int]) -> list[int]:
            return [number for number in numbers if numbers.count(number) == 1]
        """,
        "once",
        ("once([1, 2, 1, 3])", "once([])"),
    ),
    "characters": (
        "count-index",
        """
        def counts(text: str) -> dict:
            out = {}
            for letter in set(text):
                out[letter] = text.count(letter)
            return sorted(out.items())
        """,
        "counts",
        ("counts('banana')",),
    ),
    "nested for with if": (
        "join-index",
        """
        def join(orders: list[dict], customers: list[dict]) -> list:
            rows = []
            for order in orders:
                for customer in customers:
                    if customer["id"] == order["customer"]:
                        name = customer["name"]  # found
                        rows.append((order["n"], name))
            return rows
        """,
        "join",
        (
            "join([{'n': 1, 'customer': 7}, {'n': 2, 'customer': 9}],"
            " [{'id': 7, 'name': 'x'}, {'id': 7, 'name': 'y'}])",
        ),
    ),
    "nested for with a further test": (
        "join-index",
        """
        class Item:
            def __init__(self, key: str, n: int):
                self.key = key
                self.n = n

        def match(first: list[Item], second: list[Item]) -> list[int]:
            out = []
            for a in first:
                for b in second:
                    if a.key == b.key and b.n > 1:
                        out.append(a.n * b.n)
                        break
            return out
        """,
        "match",
        ("match([Item('a', 3), Item('b', 5)], [Item('a', 1), Item('a', 2), Item('b', 7)])",),
    ),
    "comprehension in a loop": (
        "join-index",
        """
        def group(keys: list[str], rows: list[tuple[str, int]]) -> dict:
            out = {}
            for key in keys:
                out[key] = [row[1] for row in rows if row[0] == key]
            return out
        """,
        "group",
        ("group(['a', 'b', 'z'], [('a', 1), ('b', 2), ('a', 3)])",),
    ),
    "second clause of a comprehension": (
        "join-index",
        """
        def pairs(xs: list[int], ys: list[int]) -> list:
            return [(x, y) for x in xs for y in ys if y % 3 == x]
        """,
        "pairs",
        ("pairs([0, 1, 2], [3, 4, 5, 7])",),
    ),
    "first match by next": (
        "join-index",
        """
        def names(ids: list[int], people: list[dict]) -> list:
            out = []
            for i in ids:
                person = next((p for p in people if p["id"] == i), None)
                out.append(person)
            return out
        """,
        "names",
        ("names([1, 5, 2], [{'id': 2}, {'id': 1}])",),
    ),
}

REFUSES = {
    "list changes": (
        "position-index",
        """
        def f(xs: list[int], ys: list[int]):
            out = []
            for x in xs:
                out.append(ys.index(x))
                ys.insert(0, x)
            return out
        """,
        "f",
    ),
    "string index": (
        "position-index",
        """
        def f(parts: list[str], text: str):
            return [text.index(part) for part in parts]
        """,
        "f",
    ),
    "substring count": (
        "count-index",
        """
        def f(parts: list[str], text: str):
            return [text.count(part) for part in parts]
        """,
        "f",
    ),
    "inner list grows": (
        "join-index",
        """
        def f(xs: list[int], ys: list[int]):
            out = []
            for x in xs:
                for y in ys:
                    if y == x:
                        out.append(y)
                ys.append(x)
            return out
        """,
        "f",
    ),
    "key changes in the loop": (
        "join-index",
        """
        class Item:
            key: int
        def f(xs: list[int], items: list[Item]):
            for x in xs:
                for item in items:
                    if item.key == x:
                        item.key = x + 1
            return items
        """,
        "f",
    ),
    "inner iterator": (
        "join-index",
        """
        def f(xs: list[int], ys):
            out = []
            for x in xs:
                for y in ys:
                    if y == x:
                        out.append(y)
            return out
        """,
        "f",
    ),
    "else branch": (
        "join-index",
        """
        def f(xs: list[int], ys: list[int]):
            out = []
            for x in xs:
                for y in ys:
                    if y == x:
                        out.append(y)
                    else:
                        out.append(-y)
            return out
        """,
        "f",
    ),
    "key depends on the outer element": (
        "join-index",
        """
        def f(xs: list[int], ys: list[int]):
            return [(x, y) for x in xs for y in ys if x + y == x * 2]
        """,
        "f",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_an_index_answers_as_the_search_did(applies, case):
    rewrite, source, function, expressions = case
    applies(rewrite, source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_search_that_an_index_would_answer_otherwise_stays(refuses, case):
    refuses(*case)


def test_a_missing_value_raises_as_before(propose):
    source = (
        "def f(words: list[str], order: list[str]) -> list[int]:\n"
        "    return [order.index(word) for word in words]\n"
    )
    new = propose(source, "f", "position-index")[0].new_source
    names: dict = {}
    exec(new, names)
    with pytest.raises(ValueError, match="not in list"):
        names["f"](["z"], ["a"])
