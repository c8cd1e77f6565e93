"""How a rewrite is put to the test: its text is executed and its answers compared."""

from __future__ import annotations

import ast
import io
import sys
import textwrap
import tokenize
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from perfagent.profiles.facts.facts import CallFacts, ValueFacts
from perfagent.profiles.hotspot import Hotspot, LineShare
from perfagent.tools.rewrites.catalogue import ALL
from perfagent.tools.rewrites.places import reading_of
from perfagent.tools.rewrites.registry import changes_of, propose_rewrites
from perfagent.tools.rewrites.rewrite import Rewriting, Site

Propose = Callable[..., list[Rewriting]]


def hotspot(source: str, function: str, *, path: str = "module.py", share: float = 0.9) -> Hotspot:
    """Return a hotspot for a function of a source text, every line of it equally hot."""
    found = None
    for node in ast.walk(ast.parse(source)):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function and node.name == function.rpartition(".")[2]:
            found = node
    assert found is not None, f"no function {function}"
    first = min([found.lineno, *(each.lineno for each in found.decorator_list)])
    last = found.end_lineno or first
    texts = source.splitlines()
    return Hotspot(
        function=function,
        path=path,
        first_line=first,
        last_line=last,
        self_share=share,
        own_share=share,
        total_share=share,
        max_speedup=1 / (1 - share),
        owner="repository",
        callers=(),
        lines=tuple(
            LineShare(line=line, self_share=share, total_share=share, text=texts[line - 1])
            for line in range(first, last + 1)
        ),
        source="\n".join(texts[first - 1 : last]),
        covering_tests=(),
        worthwhile=True,
        note=None,
    )


@pytest.fixture
def propose(tmp_path: Path) -> Propose:
    """Propose for one function of a source text; with `rewrite`, that rewrite's proposals alone."""

    def proposing(source: str, function: str, rewrite: str | None = None) -> list[Rewriting]:
        source = textwrap.dedent(source).lstrip("\n")
        (tmp_path / "module.py").write_text(source, encoding="utf-8", newline="")
        found = propose_rewrites(tmp_path, [hotspot(source, function)], limit=1000)
        return [each for each in found if rewrite in (None, each.rewrite)]

    return proposing


def answers(source: str, expressions: list[str]) -> list[str]:
    """Execute a module and return the repr of each expression, or of the exception it raises."""
    found: list[str] = []
    for expression in expressions:
        module = ModuleType("executed_module")
        # Dataclasses look their module up.
        sys.modules[module.__name__] = module
        exec(compile(source, "module.py", "exec"), vars(module))
        try:
            found.append(repr(eval(expression, vars(module))))
        except Exception as error:  # noqa: BLE001 - which exception it is, is an answer too
            found.append(type(error).__name__)
        finally:
            del sys.modules[module.__name__]
    return found


def comments(source: str) -> list[str]:
    """Return every comment of a source text, in order."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@pytest.fixture
def applies(propose: Propose) -> Callable[..., Rewriting]:
    """Check that a rewrite applies, answers alike, keeps comments and does not apply again."""

    def check(rewrite: str, source: str, function: str, *expressions: str) -> Rewriting:
        source = textwrap.dedent(source).lstrip("\n")
        found = propose(source, function, rewrite)
        assert found, f"{rewrite} does not apply to\n{source}"
        for rewriting in found:
            new = rewriting.new_source
            assert answers(new, list(expressions)) == answers(source, list(expressions)), new
            assert sorted(comments(new)) == sorted(comments(source)), new
            assert all("Error" not in each for each in answers(source, list(expressions))), source
            again = propose(new, function, rewrite)
            assert len(again) < len(found), f"applies again to\n{new}"
        return found[0]

    return check


@pytest.fixture
def refuses(propose: Propose) -> Callable[..., None]:
    """Check that a rewrite leaves a function alone."""

    def check(rewrite: str, source: str, function: str) -> None:
        source = textwrap.dedent(source).lstrip("\n")
        found = propose(source, function, rewrite)
        assert not found, found[0].new_source

    return check


def parameter(name: str, **shares: float) -> ValueFacts:
    """Return the facts of a parameter that was seen with these types."""
    types = sorted(shares.items(), key=lambda each: -each[1])
    return ValueFacts(name=name, types=tuple(types))


@pytest.fixture
def applies_seen() -> Callable[..., str]:
    """Check a rewrite of a function whose calls were looked at: it applies once and answers alike.

    Takes the parameters' types as `x={"str": 0.9}` and returns the new text.
    """

    def check(
        rewrite: str, source: str, function: str, *expressions: str, **seen: dict[str, float]
    ) -> str:
        source = textwrap.dedent(source).lstrip("\n")
        found = changed_texts(rewrite, source, function, **seen)
        assert found, f"{rewrite} does not apply to\n{source}"
        for new in found:
            assert answers(new, list(expressions)) == answers(source, list(expressions)), new
            assert sorted(comments(new)) == sorted(comments(source)), new
            assert all("Error" not in each for each in answers(source, list(expressions))), source
            assert len(changed_texts(rewrite, new, function, **seen)) < len(found), new
        return found[0]

    return check


def changed_texts(rewrite: str, source: str, function: str, **seen: dict[str, float]) -> list[str]:
    """Return the texts that a rewrite makes of a function seen with these types."""
    source = textwrap.dedent(source).lstrip("\n")
    reading = reading_of("module.py", source)
    assert reading is not None
    facts = CallFacts(
        path="module.py",
        function=function,
        calls=1000,
        looked_at=1000,
        parameters=tuple(parameter(name, **shares) for name, shares in seen.items()),
    )
    site = Site(
        module=reading.module,
        kinds=reading.kinds,
        effects=reading.effects,
        function=dict(reading.module.functions)[function],
        qualname=function,
        facts=facts if seen else None,
    )
    rule = next(each for each in ALL if each.name == rewrite)
    return [reading.renderer.render(each.edits) for each in changes_of(rule, site)]


@pytest.fixture
def refuses_seen() -> Callable[..., None]:
    """Check that a rewrite leaves a function alone whose calls were looked at."""

    def check(rewrite: str, source: str, function: str, **seen: dict[str, float]) -> None:
        found = changed_texts(rewrite, source, function, **seen)
        assert not found, found[0]

    return check
