"""Affixes: a loop over prefixes or suffixes does the same, and is passed by when none fits."""

from __future__ import annotations

import pytest

APPLIES = {
    "a class's suffixes": (
        """
        class Stemmer:
            __suffixes = ("ational", "tional", "enci", "anci")

            def stem(self, word):
                word = word.lower()
                # step 2
                for suffix in self.__suffixes:
                    if word.endswith(suffix):
                        word = word[:-len(suffix)]  # off
                        break
                return word

        def f(word):
            return Stemmer().stem(word)
        """,
        "Stemmer.stem",
        ("f('Relational')", "f('Tree')", "f('')"),
    ),
    "the module's prefixes, another test, an else": (
        """
        PREFIXES = ("un", "re", "pre", "over")

        def f(word: str, least: int):
            for prefix in PREFIXES:
                if word.startswith(prefix) and len(word) > least:
                    word = word[len(prefix):]
            else:
                word += "!"
            return word
        """,
        "f",
        ("f('reunpack', 3)", "f('pack', 3)", "f('unit', 9)"),
    ),
}

REFUSES = {
    "a list, which the methods refuse": (
        """
        SUFFIXES = ["a", "b", "c", "d"]
        def f(word: str):
            for s in SUFFIXES:
                if word.endswith(s):
                    return s
        """
    ),
    "unknown elements": (
        """
        def f(word: str, suffixes: tuple):
            for s in suffixes:
                if word.endswith(s):
                    return s
        """
    ),
    "something for those that do not fit": (
        """
        SUFFIXES = ("a", "b", "c", "d")
        def f(word: str):
            count = 0
            for s in SUFFIXES:
                if word.endswith(s):
                    return s
                else:
                    count += 1
            return count
        """
    ),
    "the last one is read afterwards": (
        """
        SUFFIXES = ("a", "b", "c", "d")
        def f(word: str):
            for s in SUFFIXES:
                if word.endswith(s):
                    break
            return s
        """
    ),
    "a method of its own": (
        """
        SUFFIXES = ("a", "b", "c", "d")
        class Word:
            def endswith(self, s):
                return s == "a"
        def f(word):
            for s in SUFFIXES:
                if word.endswith(s):
                    return s
        """
    ),
    "few": (
        "PAIR = ('a', 'b')\ndef f(word: str):\n    for s in PAIR:\n"
        "        if word.endswith(s):\n            return s\n"
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_affix_that_fits_is_found_as_before(applies, case):
    source, function, expressions = case
    applies("affixes-at-once", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_loop_stays_that_one_question_cannot_stand_for(refuses, source):
    refuses("affixes-at-once", source, "f")
