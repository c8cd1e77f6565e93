"""Templates: f-strings say what format and % said."""

from __future__ import annotations

import pytest

APPLIES = {
    "positions": (
        'def f(a, b):\n    return "{}-{}: {{}} \\n".format(a, b)  # both\n',
        ("f(1, 'x')", "f(None, [1])"),
    ),
    "numbers and names": (
        """
        def f(a: str, b: list):
            return '"{1}" {0!r}'.format(a, b) + "{x} {y!s}".format(y=len(b), x=a)
        """,
        ("f('q', [])",),
    ),
    "one unknown call": (
        "def f(run):\n    return 'ü {}'.format(run(1))\n",
        ("f(str)", "f(lambda x: [x])"),
    ),
    "percent": (
        """
        def f(a: str, n: int):
            return "<%s {}>" % a + "%s" % n
        """,
        ("f('x', 2)", "f('', True)"),
    ),
}

REFUSES = {
    "a format of its own": "def f(a):\n    return '{:>5}'.format(a)\n",
    "quotes in a value": "def f(a):\n    return '{}'.format(a['x'])\n",
    "a value used twice": "def f(a):\n    return '{0}{0}'.format(a)\n",
    "a value not used": "def f(a, b):\n    return '{}'.format(a, b)\n",
    "an attribute in the field": "def f(a):\n    return '{0.x}'.format(a)\n",
    "effects between": "def f(xs, run):\n    return '{}{}'.format(xs, run(xs))\n",
    "several lines": "def f(a):\n    return '''{}\n'''.format(a)\n",
    "stars": "def f(a):\n    return '{}{}'.format(*a)\n",
    "names of characters": "def f(a):\n    return '\\N{EM DASH}{}'.format(a)\n",
    "a template known later": "def f(t, a):\n    return t.format(a)\n",
    "perhaps a tuple": "def f(a):\n    return '<%s>' % a\n",
    "a tuple": "def f(a: str, b: str):\n    return '<%s%s>' % (a, b)\n",
    "a number": "def f(a: int):\n    return '<%d>' % a\n",
    "an error": "def f(a):\n    raise ValueError('no {}'.format(a))\n",
    "a percent sign": "def f(a: str):\n    return '%%%s' % a\n",
    "wrong fields": "def f(a):\n    return '{} {}'.format(a)\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_text_is_the_same(applies, case):
    source, expressions = case
    applies("fstring-for-format", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_template_that_says_more_stays(refuses, source):
    refuses("fstring-for-format", source, "f")
