"""A proposer sees the code it needs, with true line numbers, and is told what it does not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.errors import ToolError
from perfagent.tools.function_context import ContextLimits, function_context
from perfagent.tools.sources import (
    enclosing_function,
    find_callers,
    read_lines,
    search_text,
)

STORE = '''\
"""A store."""

import json
from functools import partial

from .keys import normal_key, unused

LIMIT = 10
OTHER = 20
_parse = partial(json.loads)


class Base:
    pass


@register
class Store(Base):
    """Keeps things."""

    kind = "memory"

    def __init__(self, items):
        self.items = items

    def get(self, key):
        """Find one."""
        def same(item):
            return item == wanted

        wanted = normal_key(key)
        self._count()
        for item in self.items[:LIMIT]:
            if same(item):
                return self._decode(item)
        return None

    def _decode(self, item):
        return _parse(item)

    def _count(self):
        self.calls = getattr(self, "calls", 0) + 1


def plain(store):
    return store.get("a")
'''
USE = "from pkg import keys\n\n\ndef f(k):\n    return keys.normal_key(k)\n"
KEYS = "def normal_key(key):\n    return key.lower()\n\n\ndef unused():\n    pass\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "pkg/__init__.py").write_text("")
    (tmp_path / "pkg/store.py").write_text(STORE)
    (tmp_path / "pkg/keys.py").write_text(KEYS)
    (tmp_path / "pkg/use.py").write_text(USE)
    (tmp_path / "pkg/broken.py").write_text("def get(:\n  x.get()\n")
    (tmp_path / "tests/test_a.py").write_text("def test_get():\n    Store([]).get('x')\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text("normal_key")
    return tmp_path


def line_of(text: str) -> int:
    return STORE.split("\n").index(text) + 1


def test_a_function_comes_with_its_class_its_module_and_its_callees(tree: Path) -> None:
    context = function_context(tree, "pkg/store.py", "Store.get")
    assert context.function.text.startswith("    def get(self, key):")
    assert context.function.lines[0][0] == line_of("    def get(self, key):")
    assert context.class_header is not None
    assert [text.strip() for _, text in context.class_header.lines] == [
        "@register",
        "class Store(Base):",
        'kind = "memory"',
        "def __init__(self, items):",
        "self.items = items",
        "def _decode(self, item): …",
        "def _count(self): …",
    ]
    for number, text in context.class_header.lines:
        assert STORE.split("\n")[number - 1] == text.removesuffix(" …")
    assert [part.text for part in context.module] == [
        "from .keys import normal_key, unused",
        "LIMIT = 10",
    ]
    assert {(callee.path, callee.name) for callee in context.callees} == {
        ("pkg/store.py", "Store.get.<locals>.same"),
        ("pkg/store.py", "Store._count"),
        ("pkg/store.py", "Store._decode"),
        ("pkg/keys.py", "normal_key"),
    }
    call = line_of('    return store.get("a")')
    assert [str(place) for place in context.callers] == [
        f'pkg/store.py:{call} in plain: return store.get("a")',
        "tests/test_a.py:2 in test_get: Store([]).get('x')",
    ]


def test_a_prompt_text_has_every_part_with_line_numbers(tree: Path) -> None:
    text = function_context(tree, "pkg/store.py", "Store.get").text()
    for expected in (
        "pkg/store.py, function Store.get:",
        "its class:",
        "what it uses of its module:",
        "     8| LIMIT = 10",
        "it calls normal_key (pkg/keys.py):\n     1| def normal_key(key):",
        "called from:",
    ):
        assert expected in text


def test_what_does_not_fit_is_cut_and_said(tree: Path) -> None:
    limits = ContextLimits(function=2, class_header=3, module=1, callee=1, callees=1, callers=1)
    context = function_context(tree, "pkg/store.py", "Store.get", limits=limits)
    assert str(context.function).endswith("(not shown: 9 more lines of Store.get)")
    assert context.class_header is not None
    assert context.class_header.cut == "4 more lines of Store"
    assert context.module[-1].cut == "more of what get uses of its module"
    assert (len(context.callees), len(context.callers)) == (1, 1)


def test_functions_of_other_modules_are_found_through_their_import(tree: Path) -> None:
    context = function_context(tree, "pkg/use.py", "f")
    assert [(callee.path, callee.name) for callee in context.callees] == [
        ("pkg/keys.py", "normal_key")
    ]


def test_an_unknown_function_or_file_is_an_error_that_helps(tree: Path) -> None:
    with pytest.raises(ToolError, match=r"has no function Store\.put; it has Base, Store, Store\."):
        function_context(tree, "pkg/store.py", "Store.put")
    with pytest.raises(ToolError, match=r"did you mean pkg/store\.py"):
        function_context(tree, "lib/store.py", "Store.get")
    with pytest.raises(ToolError, match="does not parse"):
        function_context(tree, "pkg/broken.py", "get")


def test_the_function_at_a_line_is_the_innermost(tree: Path) -> None:
    assert enclosing_function(
        tree, "pkg/store.py", line_of("            return item == wanted")
    ) == ("Store.get.<locals>.same")
    assert enclosing_function(tree, "pkg/store.py", line_of("        return None")) == "Store.get"
    assert enclosing_function(tree, "pkg/store.py", line_of('    kind = "memory"')) == "<module>"


def test_callers_are_found_by_name_and_tests_come_last(tree: Path) -> None:
    found = find_callers(tree, "get")
    assert [place.path for place in found] == ["pkg/store.py", "tests/test_a.py"]
    assert find_callers(tree, "nothing_calls_this") == []
    assert len(find_callers(tree, "get", max_callers=1)) == 1


def test_lines_are_read_with_numbers_and_the_rest_is_counted(tree: Path) -> None:
    assert read_lines(tree, "pkg/keys.py", 1, 2) == (
        "     1| def normal_key(key):\n     2|     return key.lower()\n(lines 1 to 2 of 6)"
    )
    assert read_lines(tree, "pkg/keys.py", 6) == "     6|     pass"
    assert read_lines(tree, "pkg/keys.py", max_lines=3).endswith("(lines 1 to 3 of 6)")
    with pytest.raises(ToolError, match="has 6 lines, none at 7"):
        read_lines(tree, "pkg/keys.py", 7)
    with pytest.raises(ToolError, match="leaves the repository"):
        read_lines(tree, "../secret")


def test_line_numbers_are_the_interpreter_s_even_with_form_feeds(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n\x0c\r\ndef f():\r\n    return '\xe2\x80\xa8'\r\n")
    assert read_lines(tmp_path, "a.py", 3, 3).startswith("     3| def f():")
    assert enclosing_function(tmp_path, "a.py", 4) == "f"


def test_a_search_lists_matches_and_says_when_there_are_more(tree: Path) -> None:
    line = f"{line_of('        wanted = normal_key(key)')}:"
    assert search_text(tree, "normal_key(", suffix=".py").split("\n") == [
        "pkg/keys.py:1: def normal_key(key):",
        f"pkg/store.py:{line} wanted = normal_key(key)",
        "pkg/use.py:5: return keys.normal_key(k)",
    ]
    assert search_text(tree, r"^LIMIT\s*=", is_regex=True) == "pkg/store.py:8: LIMIT = 10"
    assert search_text(tree, "e", max_matches=2).endswith("(more than 2 matches; narrow it)")
    assert search_text(tree, "not there at all") == "no line contains 'not there at all'"
    for pattern, is_regex in (("", False), ("(", True)):
        with pytest.raises(ToolError):
            search_text(tree, pattern, is_regex=is_regex)


def test_binary_and_linked_files_are_passed_over(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.py"
    outside.write_text("secret_word = 1\n")
    (tree / "link.py").symlink_to(outside)
    (tree / "blob.bin").write_bytes(b"secret_word\0\xff")
    assert search_text(tree, "secret_word") == "no line contains 'secret_word'"
