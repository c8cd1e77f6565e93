"""Membership: sets answer as the lists did, and lists that need to stay lists do."""

from __future__ import annotations

import pytest

APPLIES = {
    "list parameter": (
        "set-before-loop",
        """
        def common(first: list[str], second: list[str]) -> list[str]:
            found = []
            # look
            for word in first:
                if word in second:  # each
                    found.append(word)
                elif word not in second and word == "never":
                    found.append(word)
            return found
        """,
        "common",
        ("common(['a', 'b', 'b'], ['b', 'c'])", "common([], ['a'])", "common(['a'], [])"),
    ),
    "comprehension": (
        "set-before-loop",
        """
        def missing(wanted, stock):
            known = [item.lower() for item in stock]
            return [name for name in wanted if name.lower() not in known]
        """,
        "missing",
        ("missing(['A', 'x'], ['a', 'B'])",),
    ),
    "values of a dict": (
        "set-before-loop",
        """
        def unused(names: list[str], owner: dict[int, str]) -> list[str]:
            # nobody's
            return [name for name in names if name not in owner.values()]
        """,
        "unused",
        ("unused(['a', 'b'], {1: 'a', 2: 'c'})", "unused([], {})"),
    ),
    "attribute": (
        "set-before-loop",
        """
        class Filter:
            def __init__(self, stop: list[str]):
                self.stop = list(stop)

            def clean(self, words: list[str]) -> list[str]:
                kept = []
                for word in words:
                    if word not in self.stop:
                        kept.append(word)
                return kept
        """,
        "Filter.clean",
        ("Filter(['a', 'the']).clean(['the', 'cat', 'a'])",),
    ),
    "seen list that is returned": (
        "seen-set",
        """
        def unique(words: list[str]) -> list[str]:
            seen = []  # in order
            for word in words:
                if word not in seen:
                    seen.append(word)  # new
            return seen
        """,
        "unique",
        ("unique(['b', 'a', 'b', 'c', 'a'])", "unique([])"),
    ),
    "seen list that is only searched": (
        "seen-set",
        """
        def repeats(numbers: list[int]) -> int:
            seen = []
            count = 0
            for number in numbers:
                if number in seen: count += 1
                else: seen.append(number)
            return count
        """,
        "repeats",
        ("repeats([1, 2, 1, 1, 3])",),
    ),
    "computed value appended": (
        "seen-set",
        """
        def codes(words: list[str]) -> list[str]:
            out = ["x"]
            for word in words:
                if word.upper() not in out:
                    out.append(word.upper())
            return out
        """,
        "codes",
        ("codes(['a', 'A', 'b', 'x'])",),
    ),
    "constant tuple": (
        "constant-set",
        """
        import os

        # the vowels
        VOWELS = ("a", "e", "i", "o", "u")

        def count(text: str) -> int:
            return sum(1 for letter in text if letter in VOWELS)
        """,
        "count",
        ("count('education')", "VOWELS"),
    ),
    "inline list": (
        "constant-set",
        """
        def is_space(code: int) -> bool:
            return code in [9, 10, 11, 12, 13, 32]
        """,
        "is_space",
        ("is_space(9)", "is_space(8)"),
    ),
}

REFUSES = {
    "list changes in the loop": (
        "set-before-loop",
        """
        def f(xs: list[int], ys: list[int]):
            for x in xs:
                if x in ys:
                    ys.remove(x)
            return ys
        """,
        "f",
    ),
    "values that change": (
        "set-before-loop",
        """
        def f(xs: list[int], d: dict[int, int]):
            for x in xs:
                if x not in d.values():
                    d[x] = x
            return d
        """,
        "f",
    ),
    "values of something unknown": (
        "set-before-loop",
        "def f(xs: list[int], d):\n    return [x for x in xs if x in d.values()]\n",
        "f",
    ),
    "list changes under another name": (
        "set-before-loop",
        """
        def f(xs: list[int], ys: list[int]):
            same = ys
            for x in xs:
                if x not in ys:
                    same.append(x)
            return ys
        """,
        "f",
    ),
    "string search": (
        "set-before-loop",
        """
        def f(words: list[str], text: str):
            return [word for word in words if word in text]
        """,
        "f",
    ),
    "unknown container": (
        "set-before-loop",
        """
        def f(words, box):
            return [word for word in words if word in box]
        """,
        "f",
    ),
    "no loop": (
        "set-before-loop",
        """
        def f(word: str, words: list[str]):
            return word in words
        """,
        "f",
    ),
    "attribute changed by a method that the loop calls": (
        "set-before-loop",
        """
        class A:
            def __init__(self):
                self.known: list[str] = []
            def learn(self, word):
                self.known.append(word)
            def f(self, words: list[str]):
                for word in words:
                    if word not in self.known:
                        self.learn(word)
        """,
        "A.f",
    ),
    "seen list loses elements": (
        "seen-set",
        """
        def f(xs: list[int]):
            seen = []
            for x in xs:
                if x in seen:
                    seen.remove(x)
                else:
                    seen.append(x)
            return seen
        """,
        "f",
    ),
    "seen list is handed on in the loop": (
        "seen-set",
        """
        def f(xs: list[int], change):
            seen = []
            for x in xs:
                if x not in seen:
                    seen.append(x)
                change(seen)
            return seen
        """,
        "f",
    ),
    "sets are no elements of sets": (
        "seen-set",
        """
        def f(rows: list[list[int]]):
            seen = []
            for row in rows:
                members = set(row)
                if members not in seen:
                    seen.append(members)
            return len(seen)
        """,
        "f",
    ),
    "constant list that changes": (
        "constant-set",
        """
        NAMES = ["a", "b", "c", "d", "e"]
        def add(name):
            NAMES.append(name)
        def f(name: str):
            return name in NAMES
        """,
        "f",
    ),
    "local of the same name": (
        "constant-set",
        """
        NAMES = ["a", "b", "c", "d", "e"]
        def f(name: str, NAMES: str):
            return name in NAMES
        """,
        "f",
    ),
    "set is shadowed": (
        "set-before-loop",
        """
        def set(x):
            return x
        def f(xs: list[int], ys: list[int]):
            return [x for x in xs if x in ys]
        """,
        "f",
    ),
    "unhashable elements": (
        "constant-set",
        """
        def f(x):
            return x in [[1], [2], [3], [4], [5]]
        """,
        "f",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_a_set_answers_as_the_list_did(applies, case):
    rewrite, source, function, expressions = case
    applies(rewrite, source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_list_that_may_change_or_be_no_list_stays(refuses, case):
    refuses(*case)


@pytest.mark.parametrize(
    ("annotation", "left", "risks"),
    [
        ("list[str]", "str(word)", ["low"]),
        ("list", "str(word)", ["medium"]),
        ("list", "word", ["high"]),
        ("list[list[int]]", "word", []),
    ],
)
def test_risk_follows_what_is_known_of_the_elements(propose, annotation, left, risks):
    source = (
        f"def f(words, box: {annotation}):\n"
        f"    return [w for word in words for w in [{left}] if {left} in box]\n"
    )
    assert [each.risk for each in propose(source, "f", "set-before-loop")] == risks
