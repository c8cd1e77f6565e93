"""Preparations: what is made once for a loop is what each call would have made."""

from __future__ import annotations

import pytest

APPLIES = {
    "a set of an argument": (
        """
        # look for it
        def find(x, items, least=0):
            \"\"\"Find.\"\"\"
            known = set(items)  # quick
            # not too small
            if x < least:
                return None
            return x in known


        def f(xs, items):
            out = []
            for x in xs:
                out.append(find(x, items, least=2))
            return out
        """,
        ("f([1, 2, 3], [3, 4])", "f([], [])", "find(3, [3])", "find(1, [3], 2)"),
    ),
    "several steps on what is given": (
        """
        import re

        WORDS = "a b"


        def count(text: str, names: list[str], *, flags=0) -> int:
            ordered = sorted(names)
            pattern = re.compile("|".join(ordered), flags)
            return len(pattern.findall(text))


        def f(texts, names):
            return [count(text, names + WORDS.split(), flags=re.I) for text in texts]
        """,
        ("f(['abc', 'xAy'], ['c', 'x'])",),
    ),
}

SPLIT = """
def find(x, items):
    known = {made}
    {more}
    return x in known

def f(xs, items, other):
    out = []
    for x in xs:
        out.append(find({given}))
        {change}
    return out
"""


def split(made="set(items)", more="pass", given="x, items", change="pass") -> str:
    return SPLIT.format(made=made, more=more, given=given, change=change)


REFUSES = {
    "the argument changes": split(change="items.append(x)"),
    "the argument is another one": split(change="items = other"),
    "made of what varies": split(made="set([x])"),
    "changed afterwards": split(more="known.add(x)"),
    "used up": split(made="(y for y in sorted(items))"),
    "handed out": split(more="print(known); return known"),
    "bound again": split(more="known = known | {x}"),
    "the parameter is bound before": split(made="set(items)", more="items = []").replace(
        "    known =", "    items = items[1:]\n    known ="
    ),
    "cheap": split(made="len(items)", more="known = [known]"),
    "not pure": split(made="set(map(print, items))"),
    "star arguments": split(given="*x"),
    "decorated": split().replace("def find", "@print\ndef find"),
    "in one line": "def find(x, items): known = set(items); return x in known\n\n"
    "def f(xs, items):\n    return [find(x, items) for x in xs]\n",
    "no loop": split().replace("for x in xs", "if xs").replace("find(x,", "find(xs,"),
    "caught": split().replace(
        "        out.append(find(x, items))",
        "        try:\n            out.append(find(x, items))\n"
        "        except TypeError:\n            pass",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_every_call_gets_what_it_made_for_itself(applies, case):
    source, expressions = case
    applies("prepare-once", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_what_may_differ_from_call_to_call_is_made_in_each(refuses, source):
    refuses("prepare-once", source, "f")


def test_other_callers_still_call_the_function_as_it_was(applies):
    source, expressions = APPLIES["a set of an argument"]
    new = applies("prepare-once", source, "f", *expressions).new_source
    assert "known = set(items)  # quick\n    return _find_prepared(known, x, items, least)\n" in new
    assert "def _find_prepared(known, x, items, least=0):\n    # not too small\n" in new
