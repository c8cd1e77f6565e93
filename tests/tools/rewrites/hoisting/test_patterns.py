"""Patterns: compiled objects match what the functions matched."""

from __future__ import annotations

import pytest

APPLIES = {
    "functions of re": (
        """
        import re

        WORD = r"[a-z]+"

        # about f
        def f(text):
            a = re.findall(r"\\d+", text)
            b = re.sub(r"\\d+", "#", text, 1)  # first
            c = re.split(WORD, text, maxsplit=1)
            d = re.match("A", text, re.IGNORECASE | re.M)
            return a, b, c, d is None
        """,
        ("f('12 ab 34')", "f('abc')"),
    ),
    "compile": (
        """
        import re as regex
        class C:
            def f(self, text):
                return regex.compile("a+", flags=regex.I).sub("b", text)
        def f(text):
            return C().f(text), regex.compile("a+").sub("b", text)
        """,
        ("f('aaAc')",),
    ),
    "struct": (
        """
        import struct
        def f(n):
            return struct.unpack("<I", struct.pack("<I", n)), struct.calcsize("<I")
        """,
        ("f(7)",),
    ),
    "size of a struct": (
        "import struct\ndef f(rows):\n    return len(rows) * struct.calcsize('<IH')\n",
        ("f([1, 2])",),
    ),
}

REFUSES = {
    "pattern varies": "import re\ndef f(p, t):\n    return re.match(p, t)\n",
    "pattern does not compile": "import re\ndef f(t):\n    return re.match('(', t)\n",
    "not the module": "re = None\ndef f(t):\n    return re.match('a', t)\n",
    "flags vary": "import re\ndef f(t, flags):\n    return re.match('a', t, flags)\n",
    "constant that changes": (
        """
        import re
        P = 'a'
        def g():
            global P
            P = 'b'
        def f(t):
            return re.match(P, t)
        """
    ),
    "imported inside": "def f(t):\n    import re\n    return re.match('a', t)\n",
    "star": "import re\ndef f(args):\n    return re.match('a', *args)\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_a_compiled_pattern_matches_the_same(applies, case):
    source, expressions = case
    applies("compiled-pattern", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_pattern_that_is_not_surely_constant_stays(refuses, source):
    refuses("compiled-pattern", source, "f")


def test_the_constant_stands_above_the_functions_comment(propose):
    source = "import re\n\n\n# about f\ndef f(t):\n    return re.match('a', t)\n"
    new = propose(source, "f", "compiled-pattern")[0].new_source
    assert new == (
        "import re\n\n\n_F_PATTERN = re.compile('a')\n\n\n"
        "# about f\ndef f(t):\n    return _F_PATTERN.match(t)\n"
    )
