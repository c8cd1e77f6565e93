"""Inlining: what a small function did is done where it was called, on the same values, in order."""

from __future__ import annotations

import textwrap

import pytest

APPLIES = {
    "expression in a comprehension": (
        """
        SCALE = 3

        def _scaled(x, by=2):
            \"\"\"Scale.\"\"\"
            return x * by + SCALE

        def f(xs):
            # all
            return [_scaled(x) - _scaled(2, by=x) for x in xs if not _scaled(x) == 5]
        """,
        "f",
        ("f([1, 2, 3])", "f([])"),
    ),
    "brackets where they are needed": (
        """
        def _either(a, b):
            return a or b

        def _pair(a, b):
            return a, b

        def f(x, y):
            return _either(x, y) + 1, [_pair(x, -1)], -_either(y, x), _pair(b=x, a=y)
        """,
        "f",
        ("f(0, 2)", "f(3, 4)"),
    ),
    "an argument that is worked out": (
        """
        def _late(x, y):
            return x - y

        def f(rows):
            return [_late(row[0], row[1] + 1) for row in rows]
        """,
        "f",
        ("f([(5, 1), (6, 2)])",),
    ),
    "statements before a value": (
        """
        def _mixed(a, b, c=1):
            a = a * 2
            d = b + a
            return d - c

        def f(xs, a):
            out = 0
            for x in xs:
                b = _mixed(x.pop(), a)  # last
                out += _mixed(b, c=x.pop(), b=a)
            return out, a
        """,
        "f",
        ("f([[1, 2], [3, 4]], 7)",),
    ),
    "a method that changes its object": (
        """
        class Stack:
            def __init__(self):
                self._items = []
                self.count = 0

            def _push(self, item, weight):
                self._items.append(item)
                self.count += weight

            @property
            def _size(self):
                return len(self._items)

            def fill(self, items):
                for item in items:
                    if self._size < 3:
                        self._push(item, self._size)
                return self._items, self.count

        def f(items):
            return Stack().fill(items)
        """,
        "Stack.fill",
        ("f([1, 2, 3, 4])",),
    ),
    "nested calls": (
        """
        def _up(x):
            return x + 1

        def f(xs):
            return [_up(_up(x)) for x in xs]
        """,
        "f",
        ("f([1, 2])",),
    ),
}

CALLED = """
LIMIT = 2

{helper}

def f(xs, y):
    out = []
    for x in xs:
        out.append({call})
    return out
"""


def called(helper: str, call: str = "_h(x)") -> str:
    return CALLED.format(helper=helper, call=call)


REFUSES = {
    "decorated": called("import functools\n@functools.lru_cache\ndef _h(x):\n    return x + 1"),
    "recursive": called("def _h(x):\n    return x and _h(x - 1)"),
    "calls another function of the module": called(
        "def _g(x):\n    return [y for y in x]\n\ndef _h(x):\n    return _g(x)[0]"
    ),
    "a name that means something else here": called("def _h(x):\n    return x + y\n\ny = 1"),
    "a name of the comprehension": called(
        "z = 1\n\ndef _h(x):\n    return x + z", "[_h(x) for z in xs]"
    ),
    "an argument used twice that is worked out": called("def _h(x):\n    return x + x", "_h(x[0])"),
    "an argument that need not be used": called("def _h(a, b):\n    return a and b", "_h(x, y[0])"),
    "an argument with an effect": called("def _h(a):\n    return a + 1", "_h(x.pop())"),
    "an argument worked out after a call": called(
        "def _h(a, b):\n    return len(a) + b", "_h(y, x[0])"
    ),
    "star arguments": called("def _h(x):\n    return x + 1", "_h(*x)"),
    "bound again": called("def _h(x):\n    return x + 1\n\n_h = print"),
    "quoted": called("def _h(x):\n    return x + 1\n\nsetattr(f, '_h', 1)"),
    "default that is worked out": called("def _h(x, y=[]):\n    return x + y"),
    "looks around": called("def _h(x):\n    return locals()"),
    "a closure that may set the argument": """
        def _h(x, g):
            return g() + x

        def f(x):
            def g():
                nonlocal x
                x += 1
                return x
            return _h(x, g)
        """,
    "inside a text": called("def _h(x):\n    return x + 1", "f'{_h(x)}'"),
    "generator": called("def _h(x):\n    return (yield x)"),
}
CLASS = """
class Base:
    def f(self, xs):
        return [self._h(x) for x in xs]

    def _h(self, x):
        return x + 1
"""
REFUSED_METHODS = {
    "overridden": CLASS + "\nclass Other(Base):\n    def _h(self, x):\n        return 0\n",
    "overridden by an assignment": CLASS + "\nclass Other(Base):\n    _h = print\n",
    "set on an instance": CLASS + "\nbase = Base()\nbase._h = print\n",
    "public, which a user's class may override": CLASS.replace("_h", "h"),
    "waits to be overridden": CLASS.replace("return x + 1", "return False"),
    "looked up some other way": CLASS
    + "\n    def __getattr__(self, name):\n        return print\n",
    "made by a metaclass": CLASS.replace("class Base:", "class Base(metaclass=type):"),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_same_is_done_in_the_same_order(applies, case):
    source, function, expressions = case
    applies("inline-helper", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_call_that_may_do_something_else_stays(refuses, source):
    refuses("inline-helper", source, "f")


@pytest.mark.parametrize("source", REFUSED_METHODS.values(), ids=REFUSED_METHODS)
def test_a_method_that_may_be_another_one_stays(refuses, source):
    refuses("inline-helper", source, "Base.f")


@pytest.mark.parametrize(
    "text",
    [
        "from module import Base\nclass Mine(Base):\n    def _h(self, x):\n        return 0\n",
        "def test_it(mocker):\n    mocker.patch('module.Base._h')\n",
        "import module\nmodule.Base._h = print\n",
    ],
    ids=["overridden", "patched by name", "set"],
)
def test_a_method_that_another_file_replaces_stays(refuses, tmp_path, text):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "other.py").write_text(text)
    refuses("inline-helper", CLASS, "Base.f")


def test_a_file_that_only_calls_it_is_no_obstacle(propose, tmp_path):
    (tmp_path / "other.py").write_text("from module import Base\nprint(Base()._h(1) == 2)\n")
    assert len(propose(CLASS, "Base.f", "inline-helper")) == 1


def test_all_helpers_of_a_function_are_offered_together_too(propose):
    source = textwrap.dedent(
        """
        def a(x):
            return x + 1

        def b(x):
            return x * 2

        def f(xs):
            return [a(x) - b(x) for x in xs]
        """
    )
    found = propose(source, "f", "inline-helper")
    assert sorted(each.new_source.count("(x) for x") for each in found) == [0, 0, 1]
    assert any("[(x + 1) - (x * 2) for x in xs]" in each.new_source for each in found)
