"""How a rewrite of array code is put to the test: answers are compared to the last bit."""

from __future__ import annotations

import ast
import difflib
import io
import textwrap
import tokenize
import warnings
from collections.abc import Callable, Mapping
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from perfagent.profiles.facts.facts import CallFacts, ValueFacts
from perfagent.repos.patch import Patch
from perfagent.tools.honesty.honesty import Finding, static_doubts
from perfagent.tools.rewrites.catalogue import ALL
from perfagent.tools.rewrites.places import reading_of
from perfagent.tools.rewrites.registry import changes_of
from perfagent.tools.rewrites.rewrite import Rewriting, Site


def shown(value: object) -> object:
    """Return a value as plain data that is equal only for values alike to the last bit."""
    if isinstance(value, np.ndarray):
        bits = [shown(each) for each in value.ravel()] if value.dtype.hasobject else value.tobytes()
        return type(value).__name__, str(value.dtype), value.shape, bits
    if isinstance(value, np.generic):
        # Nobody sees the sign of a nan by itself.
        is_nan = isinstance(value, np.floating) and np.isnan(value)
        return type(value).__name__, "nan" if is_nan else value.tobytes()
    if isinstance(value, pd.DataFrame):
        columns = [shown(value.iloc[:, number]) for number in range(value.shape[1])]
        return "DataFrame", shown(value.index), shown(value.columns), columns
    if isinstance(value, pd.Series):
        values = [shown(each) for each in value.array]
        return "Series", value.name, str(value.dtype), shown(value.index), values
    if isinstance(value, pd.Index):
        return type(value).__name__, value.name, str(value.dtype), [shown(each) for each in value]
    if isinstance(value, float):
        return "float", value.hex()
    if isinstance(value, list | tuple):
        return type(value).__name__, [shown(each) for each in value]
    if isinstance(value, set | frozenset):
        return type(value).__name__, sorted(repr(shown(each)) for each in value)
    if isinstance(value, Mapping):
        return type(value).__name__, [(shown(key), shown(value[key])) for key in value]
    return type(value).__name__, repr(value)


def answers(source: str, expressions: list[str]) -> list[object]:
    """Execute a module and return what each expression gives, or which exception it raises."""
    found: list[object] = []
    for expression in expressions:
        module = ModuleType("executed_module")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec("import numpy as np\nimport pandas as pd\n" + source, vars(module))
            try:
                found.append(shown(eval(expression, vars(module))))
            except Exception as error:  # noqa: BLE001 - which exception it is, is an answer too
                found.append(type(error).__name__)
    return found


class _Fallbacks(ast.NodeTransformer):
    """Makes every way that is left for other types fail."""

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if node.orelse and _asks(node.test):
            node.orelse = [ast.parse("raise AssertionError('fallback')").body[0]]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        if _asks(node.test):
            node.orelse = ast.parse("(_ for _ in ()).throw(AssertionError)", mode="eval").body
        return node


def _asks(test: ast.expr) -> bool:
    return any(word in ast.unparse(test) for word in ("ndarray", "dtype"))


def without_fallbacks(source: str) -> str:
    """Return a text whose new ways are the only ones."""
    return ast.unparse(ast.fix_missing_locations(_Fallbacks().visit(ast.parse(source))))


def comments(source: str) -> list[str]:
    """Return every comment of a source text, sorted."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sorted(token.string for token in tokens if token.type == tokenize.COMMENT)


def rejections(old: str, new: str) -> list[Finding]:
    """Return what the gate's reading of a patch would reject it for."""
    path = "package/module.py"
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    text = f"diff --git a/{path} b/{path}\n{''.join(lines)}"
    patch = Patch.parse(text, base_commit="0" * 40)
    found = static_doubts(patch, {path: old}, {path: new})
    return [each for each in found if each.severity == "reject"]


@pytest.fixture
def array_applies(propose) -> Callable[..., Rewriting]:
    """Check that a rewrite applies, answers alike to the last bit, and does not apply again.

    `fast` are expressions that must go the new way; `slow` ones may go the old one, and may raise.
    """

    def check(
        rewrite: str, source: str, function: str, fast: list[str], slow: list[str] | None = None
    ) -> Rewriting:
        source = textwrap.dedent(source).lstrip("\n")
        found = propose(source, function, rewrite)
        assert found, f"{rewrite} does not apply to\n{source}"
        expressions = [*fast, *(slow or [])]
        wanted = answers(source, expressions)
        assert not any("Error" in str(each) for each in wanted[: len(fast)]), wanted
        for rewriting in found:
            new = rewriting.new_source
            assert answers(new, expressions) == wanted, new
            assert answers(without_fallbacks(new), fast) == wanted[: len(fast)], new
            assert comments(new) == comments(source), new
            assert not rejections(source, new), new
            assert len(propose(new, function, rewrite)) < len(found), f"applies again to\n{new}"
        return found[0]

    return check


def proposed_with_facts(
    rewrite: str, source: str, function: str, types: dict[str, tuple[str, str]]
) -> list[str]:
    """Return the new texts for a function of whose parameters type and element type were seen."""
    source = textwrap.dedent(source).lstrip("\n")
    reading = reading_of("module.py", source)
    assert reading is not None
    parameters = tuple(
        ValueFacts(name=name, types=((kind, 1.0),), element_types=((element, 1.0),))
        for name, (kind, element) in types.items()
    )
    site = Site(
        module=reading.module,
        kinds=reading.kinds,
        effects=reading.effects,
        function=dict(reading.module.functions)[function],
        qualname=function,
        facts=CallFacts(path="module.py", function=function, calls=1, parameters=parameters),
    )
    rule = next(each for each in ALL if each.name == rewrite)
    return [reading.renderer.render(each.edits) for each in changes_of(rule, site)]


@pytest.fixture
def with_facts() -> Callable[..., list[str]]:
    """Give `proposed_with_facts` to a test."""
    return proposed_with_facts
