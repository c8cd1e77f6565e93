"""Running tests of the repository on the scratch tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from ...errors import ToolError
from ...profiles.functions import FunctionMap
from ...repos.suite.suite import SuiteReport
from ..edits.paths import existing_file
from ..sources.capped import capped, ending
from .bench import Bench
from .snippet import what_was_put_back
from .symbols import the_symbol
from .tool import MOST_CHARACTERS, Arguments, Tool

LONGEST_S = 180
_MOST_TESTS = 400
_MOST_FAILURES = 5
_MOST_TAIL = 1_200


class RunTests(Arguments):
    """Arguments of `run_tests`."""

    node_ids: list[str] = Field(
        default_factory=list,
        description="Such as `tests/test_a.py::test_b`.",
    )
    covering: str = Field(default="", description="Tests that execute this function.")
    seconds: int = Field(default=60, ge=1, le=LONGEST_S, description="They are ended then.")


def _run_tests(bench: Bench, asked: RunTests) -> str:
    if bench.suite is None:
        raise ToolError("this run has no tests (--no-tests): compare answers with run_workload")
    wanted, why = _wanted(bench, asked)
    chosen = wanted[:_MOST_TESTS]
    suite = replace(bench.suite, timeout_s=float(asked.seconds))
    with bench.scratch.running() as touched:
        report = suite.run(bench.scratch.tree, node_ids=chosen, cpus=bench.target.other_cpus)
        tree = str(bench.scratch.tree)
    lines = [f"{why}: {_summary(report)}."]
    if len(wanted) > len(chosen):
        lines.append(f"… {len(wanted) - len(chosen)} more tests were left out; name them to run.")
    if report.problem:
        lines.append(f"They did not run to their end: {report.problem}")
    lines += _failures(bench, report)
    lines += what_was_put_back(touched)
    text = "\n".join(lines).replace(tree, "<tree>")
    return capped(text, MOST_CHARACTERS, "run fewer tests to see the rest")


def _wanted(bench: Bench, asked: RunTests) -> tuple[tuple[str, ...], str]:
    """Return the tests to run and what they are, in words.

    Raises:
        ToolError: There are none.
    """
    if asked.node_ids:
        return _named(bench, asked.node_ids), "The tests you named"
    if bench.coverage is None:
        raise ToolError("which tests cover what is not known here: name tests in `node_ids`")
    if asked.covering:
        symbol = the_symbol(bench, asked.covering)
        found = _covering(bench, symbol.path, {symbol.qualname})
        what = f"the function {symbol.qualname}"
    else:
        touched = {
            path: _functions_at(bench, path, lines)
            for path, lines in bench.scratch.changed_lines().items()
        }
        if not touched:
            raise ToolError("make an edit first, or name tests in `node_ids` or a function")
        found = tuple(
            dict.fromkeys(
                test for path, names in touched.items() for test in _covering(bench, path, names)
            )
        )
        what = "what you changed"
    if not found:
        raise ToolError(f"no test of the suite executes {what}; name tests in `node_ids`")
    return found, f"Tests that execute {what}"


def _named(bench: Bench, node_ids: Sequence[str]) -> tuple[str, ...]:
    for each in node_ids:
        if each.startswith("-"):
            raise ToolError(f"{each!r} is an option, not a test: name tests by their node ids")
        folder = bench.target.environment.subdir
        path = each.partition("::")[0]
        existing_file(bench.scratch.tree, f"{folder}/{path}" if folder else path)
    return tuple(node_ids)


def _functions_at(bench: Bench, path: str, lines: Sequence[int]) -> set[str]:
    """Return the functions of the scratch tree's file that the lines are in."""
    functions = FunctionMap.read(bench.scratch.tree / path)
    return {
        span.qualname
        for span in functions.spans
        if any(span.first_line <= line <= span.last_line for line in lines)
    }


def _covering(bench: Bench, path: str, names: set[str]) -> tuple[str, ...]:
    """Return the stable tests that execute a file's functions on the base.

    Where the base has none of them, the tests of the whole file are meant.
    """
    if bench.coverage is None:
        return ()
    spans = [span for span in FunctionMap.read(bench.base / path).spans if span.qualname in names]
    lines = [line for span in spans for line in range(span.first_line, span.last_line + 1)]
    found = bench.coverage.covering(path, lines or None)
    return tuple(test for test in found if test in bench.stable)


def _summary(report: SuiteReport) -> str:
    counts = {
        "passed": report.passed,
        "failed": report.failed,
        "errored": report.errored,
        "skipped": report.skipped,
    }
    told = ", ".join(f"{len(tests)} {name}" for name, tests in counts.items() if tests)
    return f"{told or 'none ran'} in {report.duration_s:.1f} s"


def _failures(bench: Bench, report: SuiteReport) -> list[str]:
    broken = [*report.failed, *report.errored]
    new = [test for test in broken if test not in bench.failing]
    lines: list[str] = []
    for test in new[:_MOST_FAILURES]:
        reason = ending(report.reasons.get(test, "").strip(), _MOST_TAIL)
        lines.append(f"FAILED {test}\n{reason}")
    if len(new) > _MOST_FAILURES:
        lines.append(f"… {len(new) - _MOST_FAILURES} more fail: {', '.join(new[_MOST_FAILURES:])}")
    if len(new) < len(broken):
        lines.append(f"{len(broken) - len(new)} of the failing tests fail on the base too.")
    return lines


RUN_TESTS = Tool(
    name="run_tests",
    description=(
        "Run tests with your edits and show how they fail: those named, those that execute a "
        "function, or without arguments those that execute what you changed."
    ),
    arguments=RunTests,
    run=_run_tests,
)
