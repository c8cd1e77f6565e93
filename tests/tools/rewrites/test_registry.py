"""The registry: which proposals come, in which order, and what never stops a run."""

from __future__ import annotations

import ast
import csv
import difflib
import importlib.util
import inspect
import logging
import statistics
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.tools.rewrites import registry
from perfagent.tools.rewrites.catalogue import ALL
from perfagent.tools.rewrites.registry import propose_rewrites
from perfagent.tools.rewrites.rewrite import RISKS

_spec = importlib.util.spec_from_file_location(
    "rewrite_checks", Path(__file__).parent / "conftest.py"
)
assert _spec is not None
assert _spec.loader is not None
_checks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_checks)
comments, hotspot = _checks.comments, _checks.hotspot

TWO_KINDS = textwrap.dedent(
    '''
    """Doc."""
    import re

    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    def clean(words: list[str], stop: list[str]) -> str:
        # all of them
        kept = []
        for word in words:
            kept.append(re.sub(r"[^a-z]", "", word))
        text = ""
        for word in kept:
            if word not in stop:
                text += word + " "  # piece
        return text
    '''
)


def write(tree: Path, text: str, name: str = "module.py") -> None:
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_bytes(text.encode())


def test_the_largest_expected_gain_comes_first(tmp_path):
    write(tmp_path, TWO_KINDS)
    cold = replace(hotspot(TWO_KINDS, "fib"), total_share=0.1)
    hot = hotspot(TWO_KINDS, "clean", share=0.8)
    found = propose_rewrites(tmp_path, [cold, hot])
    gains = [each.gain_share for each in found]
    assert gains == sorted(gains, reverse=True)
    assert found[0].function == "clean"
    assert {each.function for each in found} == {"clean", "fib"}


def test_a_hot_line_counts_more_than_a_cold_one(tmp_path):
    write(tmp_path, TWO_KINDS)
    spot = hotspot(TWO_KINDS, "clean")
    line = next(each.line for each in spot.lines if "not in stop" in each.text)
    lines = tuple(
        replace(each, total_share=0.8 if each.line == line else 0.01) for each in spot.lines
    )
    assert propose_rewrites(tmp_path, [replace(spot, lines=lines)])[0].rewrite in (
        "set-before-loop",
        "combined",
    )


def test_low_risk_changes_are_also_offered_together(propose):
    together = propose(TWO_KINDS, "clean", "combined")
    assert len(together) == 1
    new = together[0].new_source
    assert together[0].risk == "low"
    assert "_CLEAN_PATTERN" in new
    assert '"".join(text_parts)' in new
    assert comments(new) == comments(TWO_KINDS)
    before: dict = {}
    after: dict = {}
    exec(TWO_KINDS, before)
    exec(new, after)
    words = ["The", "quick", "fox!"]
    assert after["clean"](words, ["fox"]) == before["clean"](words, ["fox"])


def test_the_number_of_proposals_is_capped(tmp_path):
    functions = "\n".join(
        f"def f{number}(xs: list[int], ys: list[int]):\n    return [x for x in xs if x in ys]\n"
        for number in range(60)
    )
    write(tmp_path, functions)
    spots = [hotspot(functions, f"f{number}") for number in range(60)]
    assert len(propose_rewrites(tmp_path, spots)) == registry.MOST_PROPOSALS
    assert len(propose_rewrites(tmp_path, spots, limit=3)) == 3


def test_the_same_hotspot_twice_proposes_once(tmp_path):
    write(tmp_path, TWO_KINDS)
    spot = hotspot(TWO_KINDS, "fib")
    assert len(propose_rewrites(tmp_path, [spot, spot])) == 1


def test_a_hotspot_that_is_not_worthwhile_is_passed_over(tmp_path):
    write(tmp_path, TWO_KINDS)
    assert propose_rewrites(tmp_path, [replace(hotspot(TWO_KINDS, "fib"), worthwhile=False)]) == []


def test_functions_called_by_a_hotspot_and_its_callers_are_looked_at(tmp_path):
    source = textwrap.dedent(
        """
        def caller(rows: list[str], known: list[str]):
            return [middle(row) for row in rows if row in known]

        def middle(row):
            return callee(row, ["a"]) + 1

        def callee(row, known: list[str]):
            return sum(1 for letter in row if letter in known)
        """
    )
    write(tmp_path, source)
    spot = replace(hotspot(source, "middle"), callers=("module.py:caller",))
    assert {each.function for each in propose_rewrites(tmp_path, [spot])} >= {"caller", "callee"}


@pytest.mark.parametrize(
    "content",
    [
        b"def f(:\n",
        b"\xff\xfe\x00",
        b"",
        b"def f(x):\n\treturn (\n",
        "\ufeffdef f(x):\n    return x\n".encode(),
        b"def f(x):\n    return x\x0c\n",
    ],
)
def test_a_file_that_does_not_parse_proposes_nothing(tmp_path, content):
    (tmp_path / "module.py").write_bytes(content)
    assert propose_rewrites(tmp_path, [hotspot("def f(x):\n    return x\n", "f")]) == []


@pytest.mark.parametrize("path", ["missing.py", "../outside.py", "/etc/hostname", "folder"])
def test_a_file_that_is_not_the_repositorys_proposes_nothing(tmp_path, path):
    (tmp_path / "tree" / "folder").mkdir(parents=True)
    (tmp_path / "outside.py").write_text(TWO_KINDS)
    spot = hotspot(TWO_KINDS, "fib", path=path)
    assert propose_rewrites(tmp_path / "tree", [spot]) == []


def test_a_fault_in_one_rewrite_costs_only_its_own_proposals(tmp_path, monkeypatch, caplog):
    class Faulty:
        name = "faulty"
        summary = why_right = ""
        risk = "low"
        promise = 1.0

        def propose(self, site):
            raise KeyError(site.qualname)

    write(tmp_path, TWO_KINDS)
    monkeypatch.setattr(registry, "ALL", (Faulty(), *ALL))
    with caplog.at_level(logging.ERROR):
        found = propose_rewrites(tmp_path, [hotspot(TWO_KINDS, "fib")])
    assert [each.rewrite for each in found] == ["memoize"]
    assert "faulty failed on fib" in caplog.text


def test_every_rewrite_says_what_it_is():
    assert len({each.name for each in ALL}) == len(ALL) >= 30
    for each in ALL:
        assert each.summary.endswith(".")
        assert each.why_right.endswith(".")
        assert each.risk in RISKS
        assert 0 < each.promise <= 1


def test_every_rewrite_has_a_case_of_its_own():
    tests = "".join(path.read_text() for path in Path(__file__).parent.rglob("test_*.py"))
    assert [each.name for each in ALL if f'"{each.name}"' not in tests] == []


@pytest.mark.parametrize("module", [csv, difflib, statistics, textwrap], ids=lambda m: m.__name__)
def test_real_code_is_rewritten_without_losing_a_comment(tmp_path, module, caplog):
    source = inspect.getsource(module)
    write(tmp_path, source)
    names = [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    spots = [hotspot(source, name) for name in dict.fromkeys(names)]
    found = propose_rewrites(tmp_path, spots, limit=1000)
    assert not caplog.records
    for rewriting in found:
        compile(rewriting.new_source, "module.py", "exec")
        assert sorted(comments(rewriting.new_source)) == sorted(comments(source))


def test_experience_changes_the_order_and_nothing_else(tmp_path):
    write(tmp_path, TWO_KINDS)
    spots = [hotspot(TWO_KINDS, "clean")]
    plain = propose_rewrites(tmp_path, spots)
    last = plain[-1].rewrite
    asked: set[tuple[str, str]] = set()

    def weigh(rewrite: str, shape: str, promise: float) -> float:
        asked.add((rewrite, shape))
        return 1 / promise if rewrite == last else 1.0

    weighed = propose_rewrites(tmp_path, spots, weigh=weigh)
    assert last in (weighed[0].rewrite, weighed[1].rewrite)
    found = [
        {each.new_source for each in row if each.rewrite != "combined"} for row in (weighed, plain)
    ]
    assert found[0] == found[1]
    assert (last, "loop") in asked
