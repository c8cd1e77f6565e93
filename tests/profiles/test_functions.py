"""Which function a line belongs to, whatever the interpreter's version called it."""

from __future__ import annotations

import pytest

from perfagent.profiles.functions import FunctionMap, enclosing_name, function_at

SOURCE = """\
import functools

@functools.lru_cache(
    maxsize=None)
def cached(n):
    return [i for i in range(n)]

class Box:
    size = len([1, 2])
    key = lambda self: self.size

    def total(self, items):
        def part(item):
            return item * 2
        return sum(part(item) for item in sorted(items, key=lambda x: -x))

def outer():
    class Inner:
        async def run(self):
            return 1
    return Inner

TABLE = [n * n for n in range(10)]
"""


@pytest.mark.parametrize(
    ("line", "reported", "qualname"),
    [
        (6, "cached", "cached"),
        (6, "<listcomp>", "cached"),
        (6, "cached.<locals>.<listcomp>", "cached"),
        (14, "part", "Box.total.<locals>.part"),
        (14, "Box.total.<locals>.part", "Box.total.<locals>.part"),
        (15, "Box.total", "Box.total"),
        (15, "Box.total.<locals>.<genexpr>", "Box.total"),
        (15, "<lambda>", "Box.total"),
        (13, "total", "Box.total"),
        (13, "part", "Box.total.<locals>.part"),
        (10, "Box.<lambda>", "Box.<lambda>"),
        (9, "Box", "<module>"),
        (19, "run", "outer.<locals>.Inner.run"),
        (3, "<module>", "<module>"),
        (5, "<module>", "<module>"),
        (23, "<listcomp>", "<module>"),
    ],
)
def test_every_frame_finds_the_function_a_person_would_name(
    line: int, reported: str, qualname: str
) -> None:
    span = FunctionMap.parse(SOURCE).find(line, reported)
    assert span is not None
    assert span.qualname == qualname


def test_a_function_starts_at_its_decorator() -> None:
    functions = FunctionMap.parse(SOURCE)
    span = functions.find(6, "cached")
    assert span is not None
    assert (span.first_line, span.last_line) == (3, 6)
    assert functions.source(span).startswith("@functools.lru_cache(\n")
    assert functions.source(span).endswith("range(n)]\n")


def test_source_of_another_python_gives_no_function_instead_of_a_crash() -> None:
    functions = FunctionMap.parse("def f():\n    print 'old'\n")
    assert functions.find(2, "f") is None
    assert functions.text(2) == "print 'old'"
    assert FunctionMap.parse(SOURCE).find(999, "f") is None


@pytest.mark.parametrize(
    ("name", "enclosing"),
    [
        ("A.f.<locals>.<listcomp>", "A.f"),
        ("A.f.<locals>.g", "A.f.<locals>.g"),
        ("<lambda>", "<lambda>"),
        ("<module>", "<module>"),
    ],
)
def test_comprehensions_are_folded_into_their_function(name: str, enclosing: str) -> None:
    assert enclosing_name(name) == enclosing


def test_a_changed_line_finds_the_function_around_it() -> None:
    names = [span and span.qualname for span in (function_at(SOURCE, n) for n in (3, 14, 13, 9, 1))]
    assert names == ["cached", "Box.total.<locals>.part", "Box.total.<locals>.part", None, None]
    assert function_at("def f(:", 1) is None
