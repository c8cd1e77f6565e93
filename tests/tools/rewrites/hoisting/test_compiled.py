"""Compiled patterns: their methods find what the functions of re found."""

from __future__ import annotations

import pytest

APPLIES = {
    "the module's pattern": (
        """
        import re

        WORD = re.compile(r"[a-z]+", re.I)

        def f(text):
            # first
            a = re.findall(WORD, text)
            b = re.sub(WORD, "#", text, 1)  # once
            c = re.split(WORD, text, maxsplit=1)
            return a, b, c, re.match(WORD, text) is None, re.subn(WORD, repl="", string=text)
        """,
        "f",
        ("f('ab 12 Cd')", "f('')"),
    ),
    "a class's pattern": (
        """
        import re as regex

        class Text:
            space = regex.compile(" +")

            def words(self, text):
                return regex.split(self.space, text)

        def f(text):
            return Text().words(text)
        """,
        "Text.words",
        ("f('a  b c')",),
    ),
    "a local pattern": (
        """
        import re

        def f(pattern, text):
            compiled = re.compile(pattern)
            return [each.group() for each in re.finditer(compiled, text)]
        """,
        "f",
        ("f('a.', 'abac')",),
    ),
}

REFUSES = {
    "not known to be compiled": "import re\ndef f(p, t):\n    return re.match(p, t)\n",
    "text": "import re\nP = 'a'\ndef f(t):\n    return re.match(P, t)\n",
    "flags, which would be refused": (
        "import re\nP = re.compile('a')\ndef f(t, g):\n    return re.match(P, t, g), "
        "re.sub(P, '', t, flags=g)\n"
    ),
    "star": "import re\nP = re.compile('a')\ndef f(t):\n    return re.match(P, *t)\n",
    "another module": "import regex as re\nP = re.compile('a')\ndef f(t):\n    re.match(P, t)\n",
    "sometimes text": (
        """
        import re
        def f(t, p):
            q = "a" if p else re.compile("a")
            return re.match(q, t)
        """
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_a_patterns_own_method_finds_the_same(applies, case):
    source, function, expressions = case
    applies("pattern-method", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_call_stays_where_the_pattern_may_be_text_or_the_flags_matter(refuses, source):
    refuses("pattern-method", source, "f")


def test_a_pattern_that_could_be_replaced_is_no_low_risk(propose):
    source = """
    import re

    class A:
        def __init__(self):
            self.pattern = re.compile("a")

        def f(self, t):
            return re.match(self.pattern, t)
    """
    assert propose(source, "A.f", "pattern-method")[0].risk == "medium"
