"""Local memo: a loop that asks again gets the answer it got before, and nobody else does."""

from __future__ import annotations

import pytest

APPLIES = {
    "letters of a text": (
        """
        def weight(letter: str) -> int:
            return sum(i for i, other in enumerate("etaoin") if other == letter)

        def score(text: str):
            total = 0
            for letter in text:
                # each
                total += weight(letter)  # heavy
            return total
        """,
        "score",
        ("score('notation')", "score('')"),
    ),
    "assigned, more than one argument": (
        """
        def cost(first: str, second: str, scale: int) -> int:
            return sum(scale for a in first for b in second if a == b)

        def total(pairs, words: list[str]):
            out = []
            for a in words:
                for b in words:
                    found = cost(a, b, scale=2)  # both
                    out.append(found)
            return out
        """,
        "total",
        ("total([], ['ab', 'bc', 'ab'])", "total([], [])"),
    ),
    "worked-out argument in a comprehension": (
        """
        def stem(word: str) -> str:
            for end in ("ing", "ed", "s"):
                if word.endswith(end):
                    return word[: -len(end)]
            return word

        def stems(text: str):
            return [stem(word.lower()) for word in text.split() if stem(word) != "a"]
        """,
        "stems",
        ("stems('Runs run running A as')", "stems('')"),
    ),
    "a method whose state stays during the loop": (
        """
        class Grid:
            def __init__(self, rows):
                self.rows = rows
                self.seen = 0

            def height(self, name: str, deep: bool = False) -> int:
                return sum(1 for row in self.rows if row == name)

            def heights(self, names: list[str]):
                out = []
                for name in names:
                    self.seen += 1
                    out.append(self.height(name))
                return out, self.seen

        def f():
            grid = Grid(["a", "b", "a"])
            first = grid.heights(["a", "a", "b"])
            grid.rows.append("a")
            return first, grid.heights(["a", "a"])
        """,
        "Grid.heights",
        ("f()",),
    ),
    "dates as text": (
        """
        from datetime import datetime

        def days(rows: list[str]):
            out = []
            for row in rows:
                out.append(datetime.strptime(row.split()[0], "%Y-%m-%d"))
            return out
        """,
        "days",
        ("days(['2024-01-02 a', '2024-01-02 b', '2024-02-03 c'])",),
    ),
    "numbers that may be told from True": (
        """
        def name(n: int) -> str:
            return "".join(str(n) for _ in range(2))

        def names(xs: list[int]):
            return [name(x) for x in xs]
        """,
        "names",
        ("names([1, True, 1, 0, False])",),
    ),
    "a list that is only looked through": (
        """
        def parts(word: str) -> list[str]:
            return [word[:i] for i in range(len(word))]

        def count(words: list[str], wanted: str):
            n = 0
            for word in words:
                if wanted in parts(word):
                    n += 1
            return n
        """,
        "count",
        ("count(['abc', 'ab', 'abc'], 'ab')",),
    ),
}

HEAVY = """
def heavy(word: str) -> {kind}:
    return {answer}

def f(words: list[str]{more}):
    out = []
    for word in words:
        {body}
    return out
"""


def heavy(body: str, *, kind="int", answer="sum(1 for letter in word)", more="") -> str:
    return HEAVY.format(kind=kind, answer=answer, body=body, more=more)


REFUSES = {
    "the answer is changed afterwards": heavy(
        "out.append(heavy(word))", kind="list", answer="[letter for letter in word]"
    ),
    "the answer is kept already": heavy("if word not in out: seen = heavy(word)"),
    "stored by its argument": heavy("more[word] = heavy(word)", more=", more"),
    "not pure": heavy("out.append(heavy(word))", answer="sum(print(letter) for letter in word)"),
    "unknown argument": "def heavy(x) -> int:\n    return sum(1 for y in x)\n\n"
    "def f(xs):\n    return [heavy(x) for x in xs]\n",
    "list argument": "def heavy(x: list) -> int:\n    return sum(1 for y in x)\n\n"
    "def f(xs: list[list]):\n    return [heavy(x) for x in xs]\n",
    "cheap": heavy("out.append(heavy(word))", answer="len(word)"),
    "cached for everybody": heavy("out.append(heavy(word))").replace(
        "def heavy", "import functools\n\n@functools.lru_cache\ndef heavy"
    ),
    "floats": "def heavy(x: float) -> float:\n    return sum(x for y in range(3))\n\n"
    "def f(xs: list[float]):\n    return [heavy(x) for x in xs]\n",
    "every element comes once": heavy("out.append(heavy(word))").replace("list[str]", "set[str]"),
    "no loop": "def heavy(x: str) -> int:\n    return sum(1 for y in x)\n\n"
    "def f(x: str):\n    return heavy(x)\n",
    "the same in every turn": heavy("out.append(heavy(more))", more=", more: str"),
    "nested questions": heavy(
        "out.append(heavy(heavy(word)))", kind="str", answer="''.join(x for x in word)"
    ),
    "named where a comprehension goes over it": heavy(
        "out += [x for x in str(heavy(word.lower()))]"
    ),
}
STATE = """
class Grid:
    def __init__(self, rows):
        self.rows = rows

    def height(self, name: str) -> int:
        return sum(1 for row in self.rows if row == name)

    def grow(self, name):
        self.rows.append(name)

    def f(self, names: list[str]):
        out = []
        rows = self.rows
        for name in names:
            out.append(self.height(name))
            CHANGE
        return out
"""


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_answers_come_as_they_came(applies, case):
    source, function, expressions = case
    applies("memoize-locally", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_answers_that_may_differ_or_cost_nothing_are_worked_out(refuses, source):
    refuses("memoize-locally", source, "f")


@pytest.mark.parametrize(
    "change",
    [
        "self.rows.append(name)",
        "self.rows = []",
        "self.grow(name)",
        "rows.append(name)",
        "self = 1",
    ],
)
def test_a_method_whose_state_changes_in_the_loop_is_asked_again(refuses, change):
    refuses("memoize-locally", STATE.replace("CHANGE", change), "Grid.f")


def test_the_dict_is_made_anew_for_every_call(applies):
    source, function, expressions = APPLIES["letters of a text"]
    new = applies("memoize-locally", source, function, *expressions).new_source
    inside = new[new.index("def score") :]
    assert "    weight_known = {}\n" in inside
    assert "weight_known" not in new.removesuffix(inside)
