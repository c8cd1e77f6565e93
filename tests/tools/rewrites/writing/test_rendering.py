"""Rendering: everything outside an edit stays byte for byte."""

from __future__ import annotations

import ast

import pytest

from perfagent.tools.rewrites.reading.module_source import ModuleSource
from perfagent.tools.rewrites.writing.edit import (
    Constant,
    Decorate,
    Definition,
    Delete,
    ForInstead,
    Import,
    InsertAfter,
    InsertBefore,
    Rename,
    Replace,
)
from perfagent.tools.rewrites.writing.rendering import Renderer, UnrenderableError

SOURCE = '''#!/usr/bin/env python
"""Doc."""


class A:
    x = 1   ;   y = 2

    # over f
    @staticmethod
    def f(a,b):   # odd   spacing
        # first
        c = (a
             + b)  # sum
        if c: d = 1
        elif b:
            d = 2
        for i in range( 3 ):
            d += i

            # last
        return f"{c + d!r}" + "é" + str(a*b)   # tail
    # after


def g(): return 1
'''


def parsed(source: str = SOURCE) -> tuple[ModuleSource, ast.FunctionDef]:
    module = ModuleSource.parse("module.py", source)
    assert module is not None
    function = module.functions[0][1]
    assert isinstance(function, ast.FunctionDef)
    return module, function


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.split("\n"), after.split("\n")
    return [each for each in old if each not in new], [each for each in new if each not in old]


def test_no_edit_changes_nothing():
    module, _ = parsed()
    assert Renderer(module).render([]) == SOURCE


def test_an_expression_after_other_letters_is_found_and_replaced():
    module, function = parsed()
    product = next(
        node
        for node in ast.walk(function)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
    )
    new = Renderer(module).render([Replace(product, "b * a")])
    assert changed_lines(SOURCE, new) == (
        ['        return f"{c + d!r}" + "é" + str(a*b)   # tail'],
        ['        return f"{c + d!r}" + "é" + str(b * a)   # tail'],
    )


def test_a_loosely_binding_expression_gets_parentheses():
    module, function = parsed()
    call = next(
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node) == "str(a * b)"
    )
    assert "(a if b else c)   # tail" in Renderer(module).render([Replace(call, "a if b else c")])


def test_statements_go_in_below_the_comments_over_them():
    module, function = parsed()
    first = function.body[0]
    new = Renderer(module).render([InsertBefore(first, "z = 0"), InsertAfter(first, "w = 1")])
    assert (
        "        # first\n        z = 0\n        c = (a\n             + b)  # sum\n        w = 1\n"
        in new
    )
    assert changed_lines(SOURCE, new) == ([], ["        z = 0", "        w = 1"])


def test_a_deleted_statement_leaves_its_comments():
    module, function = parsed()
    new = Renderer(module).render([Delete(function.body[0])])
    assert "        # first\n        # sum\n        if c: d = 1\n" in new


def test_a_deleted_last_statement_leaves_its_comments():
    source = "def f(x):\n    x = 1\n    # why\n    x = 2  # two\n\n\ny = 1\n"
    module, function = parsed(source)
    new = Renderer(module).render([Delete(function.body[1])])
    assert new == "def f(x):\n    x = 1\n    # why\n    # two\n\n\ny = 1\n"


def test_a_replaced_loop_leaves_its_comments():
    module, function = parsed()
    loop = function.body[2]
    new = Renderer(module).render([Replace(loop, "d += 3")])
    assert "        d += 3\n" in new
    assert "# last" in new


def test_a_function_is_decorated_and_renamed_where_it_stands():
    module, function = parsed()
    new = Renderer(module).render([Decorate(function, "cache"), Rename(function, "h")])
    assert "    # over f\n    @cache\n    @staticmethod\n    def h(a,b):   # odd   spacing\n" in new


def test_constants_and_imports_go_to_module_level():
    module, function = parsed()
    top = module.top_level(function)
    new = Renderer(module).render([Constant("N", "1", top), Import("os", None)])
    assert new.startswith(
        '#!/usr/bin/env python\n"""Doc."""\n\nimport os\n\n\nN = 1\n\n\nclass A:\n'
    )


def test_a_decorator_may_go_under_those_that_are_there():
    module, function = parsed()
    new = Renderer(module).render([Decorate(function, "cache", innermost=True)])
    assert "    # over f\n    @staticmethod\n    @cache\n    def f(a,b):   # odd   spacing\n" in new


def test_a_function_goes_over_what_needs_it_and_under_its_constants():
    source = "X = 1\n\n\n# about f\ndef f(): return 1\n"
    module, function = parsed(source)
    new = Renderer(module).render(
        [Definition("g", "def g():\n    return N\n", function), Constant("N", "1", function)]
    )
    assert new == source.replace("# about", "N = 1\n\n\ndef g():\n    return N\n\n\n# about")


def test_a_while_becomes_a_for_with_the_same_body():
    source = (
        "def f(n):\n    # over\n    while n:  # test\n        n  -= 1  # one\n\n        # end\n"
    )
    module, function = parsed(source)
    loop = function.body[0]
    assert isinstance(loop, ast.While)
    new = Renderer(module).render([ForInstead(loop, "i", "range(n)")])
    assert new == source.replace("while n:", "for i in range(n):")


def test_an_expression_whose_comment_would_be_lost_is_refused():
    source = "def f(a):\n    return g(\n        a,  # why\n    )\n"
    module, function = parsed(source)
    statement = function.body[0]
    assert isinstance(statement, ast.Return)
    assert statement.value is not None
    with pytest.raises(UnrenderableError, match="comment"):
        Renderer(module).render([Replace(statement.value, "h(a)")])
    kept = Renderer(module).render([Replace(statement.value, "h(\n    a,  # why\n)")])
    assert "# why" in kept


@pytest.mark.parametrize(
    ("source", "new"),
    [
        ("def f(xs):\n    return sum(g(xs))\n", "sum(x for x in xs)"),
        ("def f(xs):\n    return sum(g(xs), 1)\n", "sum((x for x in xs), 1)"),
        ("def f(xs):\n    return [y for y in g(xs)]\n", "[y for y in (x for x in xs)]"),
    ],
)
def test_a_generator_loses_its_parentheses_only_as_the_one_argument(source, new):
    module, function = parsed(source)
    call = next(
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "g"
    )
    assert f"return {new}\n" in Renderer(module).render([Replace(call, "(x for x in xs)")])


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_definitions_stand_apart_below_constants(newline):
    module, function = parsed(SOURCE.replace("\n", newline))
    top = module.top_level(function)
    new = Renderer(module).render(
        [
            Definition("g", "def g():\n    pass\n", top),
            Constant("N", "1", top),
            Definition("h", "def h(): ...\n", top),
        ]
    )
    added = "\n\nN = 1\n\n\ndef g():\n    pass\n\n\ndef h(): ...\n\n\nclass A:\n"
    assert added.replace("\n", newline) in new
    assert new.count("\n") == new.count(newline)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_are_kept(newline):
    source = SOURCE.replace("\n", newline)
    module, function = parsed(source)
    new = Renderer(module).render(
        [
            InsertBefore(function.body[0], "z = 0\nfor q in z:\n    pass"),
            Constant("N", "[\n    1,\n]", module.top_level(function)),
            Import("os", "path"),
        ]
    )
    assert new.count("\n") == new.count(newline)
    assert f"        z = 0{newline}        for q in z:{newline}            pass{newline}" in new


def test_tabs_and_a_missing_last_line_end_are_kept():
    source = "class A:\n\tdef f(self):\n\t\tfor x in self:\n\t\t\tprint(x)\n\t\treturn 1"
    module, function = parsed(source)
    new = Renderer(module).render([InsertBefore(function.body[0], "if 1:\n    y = 2")])
    assert new == source.replace("\t\tfor", "\t\tif 1:\n\t\t\ty = 2\n\t\tfor")


@pytest.mark.parametrize("where", ["elif", "one line", "semicolon"])
def test_code_that_shares_its_line_is_refused(where):
    module, function = parsed()
    branch = function.body[1]
    assert isinstance(branch, ast.If)
    owner = module.owner(function)
    assert owner is not None
    statement = {"elif": branch.orelse[0], "one line": branch.body[0], "semicolon": owner.body[1]}[
        where
    ]
    with pytest.raises(UnrenderableError):
        Renderer(module).render([InsertBefore(statement, "z = 0")])


def test_overlapping_edits_are_refused():
    module, function = parsed()
    loop = function.body[2]
    assert isinstance(loop, ast.For)
    with pytest.raises(UnrenderableError):
        Renderer(module).render([Replace(loop, "pass"), Replace(loop.iter, "x")])
    with pytest.raises(UnrenderableError):
        Renderer(module).render([Replace(loop, "pass"), InsertBefore(loop.body[0], "x = 1")])


def test_text_that_does_not_parse_is_refused():
    module, function = parsed()
    with pytest.raises(UnrenderableError):
        Renderer(module).render([Replace(function.body[0], "c = = 1")])


@pytest.mark.parametrize(
    ("source", "segment"),
    [
        ("def f():\n    x = g(a,\n          b)\n", "g(a,\n      b)"),
        ("def f():\n    x = (a +\n         b)\n", "(a +\n     b)"),
        ("def f():\n    x = '''a\n    b'''\n", "'''a\n    b'''"),
        ("def f():\n    x = a\n", "a"),
    ],
)
def test_a_segment_stands_alone_at_the_left_margin(source, segment):
    module, function = parsed(source)
    assignment = function.body[0]
    assert isinstance(assignment, ast.Assign)
    assert module.segment(assignment.value) == segment
