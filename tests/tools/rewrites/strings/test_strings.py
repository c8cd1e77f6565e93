"""Strings: joined pieces make the string that adding made."""

from __future__ import annotations

import pytest

APPLIES = {
    "augmented": (
        """
        def f(words):
            text = ""
            for word in words:
                # one
                text += word
                text += ", "
            return text.strip()
        """,
        "f",
        ("f(['a', 'b'])", "f([])"),
    ),
    "added twice": (
        """
        def f(rows: list[str]) -> str:
            out = "<" * 2
            n = 0
            for row in rows:
                if row:
                    out = out + row + "\\n"  # line
                n += 1
            return out + str(n)
        """,
        "f",
        ("f(['a', '', 'b'])",),
    ),
    "in front": (
        """
        def f(n: int) -> str:
            digits = ""
            while n:
                digits = "01"[n % 2] + digits
                n //= 2
            return digits
        """,
        "f",
        ("f(10)", "f(0)"),
    ),
    "bytes": (
        """
        def f(chunks):
            out = b"<"
            for chunk in chunks:
                out += chunk  # raw
                out = out + b";"
            return out
        """,
        "f",
        ("f([b'a', bytearray(b'bc')])", "f([])"),
    ),
    "bytes in front": (
        """
        def f(n: int) -> bytes:
            out = b""
            while n:
                out = bytes([n % 256]) + out
                n //= 256
            return out
        """,
        "f",
        ("f(1000000)", "f(0)"),
    ),
    "inner loop": (
        """
        def f(rows):
            out = []
            for row in rows:
                line = ">"
                for cell in row:
                    line += f"{cell};"
                out.append(line)
            return out
        """,
        "f",
        ("f([[1, 2], []])",),
    ),
}

REFUSES = {
    "read in the loop": (
        """
        def f(ws):
            s = ''
            for w in ws:
                if s:
                    s += ','
                s += w
            return s
        """
    ),
    "number": "def f(ws):\n    s = 0\n    for w in ws:\n        s += w\n    return s\n",
    "number added": "def f(ws):\n    s = ''\n    for w in ws:\n        s += len(w)\n    return s\n",
    "text added to bytes": (
        "def f(ws):\n    s = b''\n    for w in ws:\n        s += str(w)\n    return s\n"
    ),
    "both ends": (
        """
        def f(ws):
            s = ''
            for w in ws:
                s += w
                s = w + s
            return s
        """
    ),
    "read by a handler": (
        """
        def f(ws):
            try:
                s = ''
                for w in ws:
                    s += w
            except TypeError:
                return s
            return s
        """
    ),
    "global": """
    def f(ws):
        global s
        s = ''
        for w in ws:
            s += w
        return s
    """,
    "returned from the loop": (
        """
        def f(ws):
            s = ''
            for w in ws:
                s += w
                if w == 'x':
                    return s
            return s
        """
    ),
    "read between": (
        "def f(ws):\n    s = ''\n    t = s\n    for w in ws:\n        s += w\n    return s + t\n"
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_joined_pieces_make_the_same_string(applies, case):
    source, function, expressions = case
    applies("join-pieces", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_string_that_is_looked_at_while_it_grows_stays(refuses, source):
    refuses("join-pieces", source, "f")
