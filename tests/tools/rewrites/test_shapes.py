"""Shapes: what experience is kept by is the same for the same function."""

from __future__ import annotations

import textwrap

import pytest

from perfagent.tools.rewrites.shapes import shape_in

SOURCE = textwrap.dedent(
    """
    class Tree:
        def depth(self):
            return max(child.depth() + self.depth() for child in self.children)

        def names(self):
            return [child.name for child in self.children]

        def name(self):
            return self.label.strip()

    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    def total(xs):
        out = 0
        for x in xs:
            out += x
        return out

    def outer(xs):
        def inner(x):
            return [y for y in x]
        return inner(xs)
    """
)


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        ("Tree.depth", "recursive"),
        ("Tree.names", "loop"),
        ("Tree.name", "method"),
        ("fib", "recursive"),
        ("total", "loop"),
        ("outer", "leaf"),
        ("outer.<locals>.inner", "loop"),
        ("missing", None),
    ],
)
def test_the_shape_of_a_function(function, shape):
    assert shape_in(SOURCE, function) == shape


def test_a_text_that_does_not_parse_has_no_shapes():
    assert shape_in("def f(:\n", "f") is None
