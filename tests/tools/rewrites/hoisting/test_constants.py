"""Constants: moved to the module when nobody could change them."""

from __future__ import annotations

import pytest

APPLIES = {
    "table in a variable": (
        """
        def f(k: str):
            # names
            table = {'a': 1, 'b': 2, 'c': 3, 'd': 4}  # all
            if k in table:
                return table[k]
            return table.get(k, 0) + len(table)
        """,
        ("f('a')", "f('z')"),
    ),
    "table with comments of its own": (
        """
        def f(k: str):
            # over it
            table = {
                'a': 1,  # first
                # rest
                'b': 2, 'c': 3, 'd': 4,
            }  # after it
            return table[k]
        """,
        ("f('a')",),
    ),
    "inline table": (
        "import os\n\n\ndef f(k: str):\n    return {'a': 1, 'b': 2, 'c': 3, 'd': 4}.get(k)\n",
        ("f('a')", "f('z')"),
    ),
    "list item": ("def f(i: int):\n    return ['a', 'b', 'c', 'd'][i]\n", ("f(2)",)),
    "text of several alphabets": (
        """
        import string

        def f(key: str):
            # bare?
            return all(c in string.ascii_letters + string.digits + "-" + "_" for c in key)
        """,
        ("f('a-1_Z')", "f('a b')", "f('')"),
    ),
    "translation": (
        "def f(text: str):\n    return text.translate(str.maketrans('ab', 'xy'))\n",
        ("f('abc')",),
    ),
    "in a method": (
        """
        class A:
            def f(self, k: str):
                for x in {'a': 1, 'b': 2, 'c': 3, 'd': 4}:
                    if x == k:
                        return True
                return False
        def f(k):
            return A().f(k)
        """,
        ("f('a')", "f('q')"),
    ),
}

REFUSES = {
    "returned": "def f():\n    table = {'a': 1, 'b': 2, 'c': 3, 'd': 4}\n    return table\n",
    "changed": (
        """
        def f(k):
            table = {'a': 1, 'b': 2, 'c': 3, 'd': 4}
            table[k] = 1
            return len(table)
        """
    ),
    "handed on": "def f(g):\n    table = ['a', 'b', 'c', 'd']\n    return g(table)\n",
    "inner list may be changed": (
        """
        def f(k: str):
            table = {'a': [1], 'b': [2], 'c': [3], 'd': [4]}
            return table[k]
        """
    ),
    "not constant": "def f(x):\n    table = ['a', 'b', 'c', x]\n    return table[0]\n",
    "few": "def f(k: str):\n    return {'a': 1}.get(k)\n",
    "text of a module that is no constant": (
        "import names\ndef f(c):\n    return c in names.first + names.last + '-'\n"
    ),
    "text that the compiler adds up": "def f(c):\n    return c in 'ab' + 'cd'\n",
    "kept": "def f(xs):\n    for x in xs:\n        x.names = ['a', 'b', 'c', 'd']\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_one_object_serves_every_call(applies, case):
    source, expressions = case
    function = "A.f" if "class A" in source else "f"
    applies("hoist-constant", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_an_object_that_may_change_is_made_anew(refuses, source):
    refuses("hoist-constant", source, "f")
