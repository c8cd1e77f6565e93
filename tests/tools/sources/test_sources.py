"""A proposer sees the code it needs, with true line numbers, and is told what it does not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.errors import ToolError
from perfagent.tools.sources.callees import callees
from perfagent.tools.sources.function_context import ContextLimits, function_context
from perfagent.tools.sources.sources import PythonSource, read_lines

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


def source(tree: Path, path: str) -> PythonSource:
    return PythonSource.read(tree, path)


def test_a_function_comes_with_its_class_and_what_it_uses_of_its_module(tree: Path) -> None:
    context = function_context(source(tree, "pkg/store.py"), "Store.get")
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


def test_the_functions_that_a_function_calls_are_followed_through_imports(tree: Path) -> None:
    def opened(path: str) -> PythonSource:
        return source(tree, path)

    found = callees(opened("pkg/store.py"), "Store.get", opened)
    assert dict(found.found) == {
        ("pkg/store.py", "Store.get.<locals>.same"): 1,
        ("pkg/store.py", "Store._count"): 1,
        ("pkg/store.py", "Store._decode"): 1,
        ("pkg/keys.py", "normal_key"): 1,
    }
    assert found.unknown == ()
    other = callees(opened("pkg/use.py"), "f", opened)
    assert other.found == ((("pkg/keys.py", "normal_key"), 1),)
    assert callees(opened("pkg/keys.py"), "normal_key", opened).unknown == (("key.lower", 1),)


def test_a_prompt_text_has_every_part_with_line_numbers(tree: Path) -> None:
    text = function_context(source(tree, "pkg/store.py"), "Store.get").text()
    for expected in (
        "pkg/store.py, function Store.get:",
        "its class:",
        "what it uses of its module:",
        "     8| LIMIT = 10",
    ):
        assert expected in text


def test_what_does_not_fit_is_cut_and_said(tree: Path) -> None:
    limits = ContextLimits(function=2, class_header=3, module=1)
    context = function_context(source(tree, "pkg/store.py"), "Store.get", limits=limits)
    assert str(context.function).endswith("(not shown: 9 more lines of Store.get)")
    assert context.class_header is not None
    assert context.class_header.cut == "4 more lines of Store"
    assert context.module[-1].cut == "more of what get uses of its module"


def test_an_unknown_function_or_file_is_an_error_that_helps(tree: Path) -> None:
    with pytest.raises(ToolError, match=r"has no function Store\.put; it has Base, Store, Store\."):
        function_context(source(tree, "pkg/store.py"), "Store.put")
    with pytest.raises(ToolError, match=r"did you mean pkg/store\.py"):
        source(tree, "lib/store.py")
    with pytest.raises(ToolError, match="does not parse"):
        source(tree, "pkg/broken.py")


def test_the_function_at_a_line_is_the_innermost(tree: Path) -> None:
    store = source(tree, "pkg/store.py")
    inner = line_of("            return item == wanted")
    assert store.around(inner) == "Store.get.<locals>.same"
    assert store.around(line_of("        return None")) == "Store.get"
    assert store.around(line_of('    kind = "memory"')) == "<module>"


def test_lines_are_read_with_numbers_and_the_rest_is_counted(tree: Path) -> None:
    assert read_lines(tree, "pkg/keys.py", 1, 2) == (
        "     1| def normal_key(key):\n     2|     return key.lower()\n(lines 1 to 2 of 6)"
    )
    assert read_lines(tree, "pkg/keys.py", 6) == "     6|     pass"
    assert read_lines(tree, "pkg/keys.py", most=60).endswith(
        "\n… 4 more lines of 6; ask with start_line=3"
    )
    with pytest.raises(ToolError, match="has 6 lines, none at 7"):
        read_lines(tree, "pkg/keys.py", 7)
    with pytest.raises(ToolError, match="leaves the repository"):
        read_lines(tree, "../secret")


def test_line_numbers_are_the_interpreter_s_even_with_form_feeds(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n\x0c\r\ndef f():\r\n    return '\xe2\x80\xa8'\r\n")
    assert read_lines(tmp_path, "a.py", 3, 3).startswith("     3| def f():")
    assert source(tmp_path, "a.py").around(4) == "f"
