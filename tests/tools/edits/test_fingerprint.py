"""The same change in another spelling is recognized; a different change never passes for it."""

from __future__ import annotations

import ast
import io
import random
import subprocess
import sys
import textwrap
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfagent.tools.edits import edits
from perfagent.tools.edits import fingerprint as module
from perfagent.tools.edits.fingerprint import fingerprint
from perfagent.tools.honesty import evidence


def of(text: str) -> str:
    return fingerprint({"a.py": textwrap.dedent(text)})


SOLVE = """
def solve(items, n):
    total = 0
    for item in items:
        total += item * n
    return total
"""

SAME: dict[str, tuple[str, str]] = {
    "comments and blank lines": (
        SOLVE,
        SOLVE.replace("total = 0", "\n    # nothing yet\n    total = 0  # !"),
    ),
    "docstrings": (SOLVE, SOLVE.replace("    total = 0", '    """Sum."""\n    total = 0')),
    "a function with a docstring alone": ('def f():\n    """Doc."""\n', "def f(): pass\n"),
    "local names": (
        SOLVE,
        SOLVE.replace("total", "t").replace("item ", "x ").replace("item*", "x*"),
    ),
    "quotes and parentheses": ("x = ('a')\n", 'x = "a"\n'),
    "the u prefix": ("x = u'a'\n", "x = 'a'\n"),
    "del in parentheses": ("def f(a, b):\n    del (a, b)\n", "def f(a, b):\n    del a, b\n"),
    "a byte-order mark": ("x = 1\n", "\ufeffx = 1\n"),
    "line ends": ("x = 1\ny = 2\n", "x = 1\r\ny = 2\r\n"),
    "comprehension variables": (
        "def f(v):\n    return [a for a in v if a]\n",
        "def f(v):\n    return [b for b in v if b]\n",
    ),
    "comprehension over a name it hides": (
        "def f(v):\n    return {x: y for x in v for y in x}\n",
        "def f(v):\n    return {a: b for a in v for b in a}\n",
    ),
    "names of local functions and closures": (
        "def f(v):\n    k = 1\n    def g(x):\n        return x + k\n    return g(v)\n",
        "def f(v):\n    m = 1\n    def h(x):\n        return x + m\n    return h(v)\n",
    ),
    "nonlocal": (
        "def f():\n    a = 1\n    def g():\n        nonlocal a\n        a += 1\n    return g\n",
        "def f():\n    b = 1\n    def h():\n        nonlocal b\n        b += 1\n    return h\n",
    ),
    "local imports": (
        "def f():\n    import os as o\n    from math import sqrt as s\n    return o, s\n",
        "def f():\n    import os\n    from math import sqrt\n    return os, sqrt\n",
    ),
    "exception and with names": (
        "def f(p):\n    try:\n        with p as q: q()\n    except E as e:\n        print(e)\n",
        "def f(p):\n    try:\n        with p as w: w()\n    except E as x:\n        print(x)\n",
    ),
    "captures": (
        "def f(p):\n    match p:\n        case [a, *b]: g(a, b)\n        case {**r}: g(r)\n",
        "def f(p):\n    match p:\n        case [x, *y]: g(x, y)\n        case {**z}: g(z)\n",
    ),
    "walrus": (
        "def f(v):\n    return [y for x in v if (y := g(x))]\n",
        "def f(v):\n    return [b for a in v if (b := g(a))]\n",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_another_spelling_has_the_same_fingerprint(name: str) -> None:
    first, second = SAME[name]
    assert first != second
    assert of(first) == of(second)


DIFFERENT: dict[str, tuple[str, str]] = {
    "a parameter's name": (SOLVE, SOLVE.replace("n)", "m)").replace("* n", "* m")),
    "a global's name": ("x = 1\n", "y = 1\n"),
    "the order of statements": ("a()\nb()\n", "b()\na()\n"),
    "a constant": (SOLVE, SOLVE.replace("= 0", "= 1")),
    "a constant's type": ("x = 1\n", "x = 1.0\n"),
    "which local is used": (
        "def f(v):\n    a = 1\n    b = 2\n    return a\n",
        "def f(v):\n    a = 1\n    b = 2\n    return b\n",
    ),
    "local or global": (
        "def f():\n    x = 1\n    return x\n",
        "def f():\n    global x\n    x = 1\n    return x\n",
    ),
    "an annotation": (SOLVE, SOLVE.replace("n)", "n: int)")),
    "a decorator": (SOLVE, f"@cache{SOLVE}"),
    "an attribute": ("def f(a):\n    return a.b\n", "def f(a):\n    return a.c\n"),
    "a class attribute in a function": (
        "def f():\n    class A:\n        x = 1\n    return A\n",
        "def f():\n    class A:\n        y = 1\n    return A\n",
    ),
    "a keyword": ("def f():\n    x = 1\n    g(x=x)\n", "def f():\n    y = 1\n    g(y=y)\n"),
    "names that locals() sees": (
        "def f():\n    x = 1\n    return locals()\n",
        "def f():\n    y = 1\n    return locals()\n",
    ),
    "which module is imported": (
        "def f():\n    import os\n    return os\n",
        "def f():\n    import re\n    return re\n",
    ),
    "inner or outer variable": (
        "def f():\n    x = 1\n    def g():\n        y = 2\n        return x\n    return g\n",
        "def f():\n    x = 1\n    def g():\n        y = 2\n        return y\n    return g\n",
    ),
    "a string that looks like a docstring": (
        "def f():\n    return 'a'\n",
        "def f():\n    return 'b'\n",
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_another_meaning_has_another_fingerprint(name: str) -> None:
    first, second = DIFFERENT[name]
    assert of(first) != of(second)


def test_paths_and_every_file_count() -> None:
    assert fingerprint({"a.py": "x = 1\n"}) != fingerprint({"b.py": "x = 1\n"})
    assert fingerprint({"a.py": "x"}) != fingerprint({"a.py": "x", "b.py": ""})
    assert fingerprint({"a.py": "x", "b.py": "y"}) == fingerprint({"b.py": "y", "a.py": "x"})


def test_what_is_no_python_counts_by_its_lines() -> None:
    for path in ("a.pyx", "a.py"):
        assert fingerprint({path: "cdef int x = 1  \n\n"}) == fingerprint(
            {path: "cdef int x = 1\n"}
        )
        assert fingerprint({path: "cdef int x = 1\n"}) != fingerprint({path: "cdef int y = 1\n"})


SOURCES = [Path(str(part.__file__)).read_text() for part in (edits, evidence, module)]


def test_what_a_formatter_does_never_changes_it() -> None:
    options = ["--isolated", "--line-length=60", "--config=format.quote-style='single'"]
    for text in SOURCES:
        formatted = subprocess.run(
            [sys.executable, "-m", "ruff", "format", *options, "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert formatted != text
        assert of(formatted) == of(text)
        assert of(ast.unparse(ast.parse(text))) == of(text)


def respaced(text: str, seed: int) -> str:
    """The same tokens with other blanks between them, other comments and blank lines."""
    choose = random.Random(seed)
    out: list[str] = []
    row, column = 1, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in {tokenize.ENDMARKER, tokenize.INDENT, tokenize.DEDENT}:
            continue
        if token.start[0] > row:
            gap = text.split("\n")[token.start[0] - 1][: token.start[1]]
        else:
            gap = " " * (token.start[1] - column)
            gap += " " * choose.randint(0, 2) if gap else ""
        row, column = token.end
        if token.type == tokenize.COMMENT:
            out.append(gap + "# other")
            continue
        if token.type == tokenize.NEWLINE:
            out.append(choose.choice(["", "  # added"]) + "\n" * choose.randint(1, 3))
            continue
        out.append(gap + token.string)
    return "".join(out)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(SOURCES), st.integers(0, 10_000))
def test_blanks_comments_and_blank_lines_never_change_it(text: str, seed: int) -> None:
    assert of(respaced(text, seed)) == of(text)


@given(st.text(max_size=200))
def test_no_text_crashes_it(text: str) -> None:
    assert len(fingerprint({"a.py": text, "b.txt": text})) == 64
