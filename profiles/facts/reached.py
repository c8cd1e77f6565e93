"""Whether the workload reaches changed lines, and how often: one launch that nobody times.

Like call facts, this only steers proposals; it has no part in a verdict.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import InfrastructureError
from ...workloads.failure import WorkloadFailed
from ...workloads.launch import LaunchPlan, launch
from ...workloads.target import Target
from ..functions import MODULE, function_at
from .call_facts import INSIDE, LONGEST_WORKLOAD_S, RECORDING_S

_FUNCTIONS_NAMED = 4


@dataclass(frozen=True, kw_only=True)
class FunctionHits:
    """The changed lines of one function, or of a module outside functions.

    Attributes:
        function: Qualified name; `<module>` outside functions.
        path: Repository-relative.
        lines: Changed lines that hold code.
        ran: Those of them that ran in the workload's first call.
        most: Hits of the one that ran most often.
    """

    function: str
    path: str
    lines: int
    ran: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one launch showed of the changed lines.

    Attributes:
        functions: By place; () when the change holds no line of Python.
        is_whole: False when counting stopped early, so that there were more hits.
        problem: Why nothing is known, else None.
    """

    functions: tuple[FunctionHits, ...] = ()
    is_whole: bool = True
    problem: str | None = None

    def text(self) -> str:
        """Return it in a sentence or two."""
        if self.problem is not None:
            return f"Whether its lines were reached is not known: {self.problem}."
        lines = sum(each.lines for each in self.functions)
        ran = sum(each.ran for each in self.functions)
        if not lines:
            return "It changes no line of Python that runs."
        if not ran and lines == 1:
            return "Its changed line of code did not run in the workload's call."
        if not ran:
            return f"None of its {lines} changed lines of code ran in the workload's call."
        at_least = "" if self.is_whole else "at least "
        named = "; ".join(
            f"`{each.function}` {each.ran} of {each.lines}, one of them {at_least}"
            f"{each.most:,} {'time' if each.most == 1 else 'times'}"
            for each in self.functions[:_FUNCTIONS_NAMED]
        )
        return f"Of its {lines} changed lines of code {ran} ran in the workload's call: {named}."


def changed_lines(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the new or changed lines that hold code, by path; from 1, as they stand afterwards.

    Where a change only removes lines, the line that follows stands for them.

    Args:
        before: Text by path; new files are not there.
        after: Likewise; deleted files are not there.
    """
    found: dict[str, list[int]] = {}
    for path, text in after.items():
        code = _code_lines(text) if path.endswith(".py") else frozenset[int]()
        old, new = before.get(path, "").splitlines(), text.splitlines()
        matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
        lines: set[int] = set()
        for tag, _, _, first, last in matcher.get_opcodes():
            if tag != "equal":
                lines |= set(range(first + 1, max(last, first + 1) + 1))
        if wanted := sorted(lines & code):
            found[path] = wanted
    return found


def record_reach(
    target: Target, tree: Path, lines: Mapping[str, list[int]], *, workload_s: float
) -> Reach:
    """Run the workload once and count how often some lines run.

    Args:
        target: The workload and where it runs.
        tree: The version that holds the lines.
        lines: As `changed_lines` returns them.
        workload_s: How long the workload takes; longer ones than `LONGEST_WORKLOAD_S` are left.
    """
    if not lines:
        return Reach()
    if workload_s > LONGEST_WORKLOAD_S:
        return Reach(problem="the workload takes too long to be traced")
    try:
        counts = count_lines(target.within(RECORDING_S), tree, lines)
        functions = _by_function(tree, counts.in_call)
    except (WorkloadFailed, InfrastructureError) as error:
        return Reach(problem=f"the workload fails while it is traced: {error}")
    except OSError as error:
        return Reach(problem=f"the version cannot be read: {error}")
    return Reach(functions=functions, is_whole=counts.is_whole)


@dataclass(frozen=True, kw_only=True)
class LineCounts:
    """How often lines ran in one launch, by (path, line).

    Attributes:
        in_call: In the workload's first call; 0 for lines that did not run.
        before: While it was imported and set up.
        is_whole: False when counting stopped early, so that there were more hits.
    """

    in_call: Mapping[tuple[str, int], int]
    before: Mapping[tuple[str, int], int]
    is_whole: bool


def count_lines(target: Target, tree: Path, lines: Mapping[str, list[int]]) -> LineCounts:
    """Run the workload once and count how often some lines run.

    Args:
        target: The workload, which may not be a command, and where it runs.
        tree: The version that holds the lines.
        lines: Line numbers from 1, by path relative to the tree.

    Raises:
        WorkloadFailed: The workload fails, or its lines cannot be counted.
        UserError: The interpreter does not exist.
        InfrastructureError: The process could not be run.
    """
    if target.workload.kind == "command":
        raise WorkloadFailed("the lines that a command runs are not counted")
    job = {"do": "reached", "folder": str(INSIDE), "lines": dict(lines)}
    done = launch(target, tree, LaunchPlan(calls=job, pinned=False))
    try:
        told = (done.answer or {})["parts"]["calls"]
        rows = [(str(path), int(line), int(b), int(c)) for path, line, b, c in told["rows"]]
        is_whole = bool(told["is_whole"])
    except (KeyError, TypeError, ValueError) as error:
        raise WorkloadFailed(f"what the recorder reports makes no sense ({error!r:.100})") from None
    return LineCounts(
        in_call={(path, line): count for path, line, _, count in rows},
        before={(path, line): count for path, line, count, _ in rows},
        is_whole=is_whole,
    )


def _by_function(tree: Path, hits: Mapping[tuple[str, int], int]) -> tuple[FunctionHits, ...]:
    grouped: dict[tuple[str, str], list[int]] = {}
    texts = {path: _text(tree / path) for path in {path for path, _ in hits}}
    for (path, line), count in hits.items():
        span = function_at(texts[path], line)
        name = span.qualname if span else MODULE
        grouped.setdefault((path, name), []).append(count)
    return tuple(
        FunctionHits(
            function=function,
            path=path,
            lines=len(counts),
            ran=sum(1 for count in counts if count),
            most=max(counts),
        )
        for (path, function), counts in grouped.items()
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _code_lines(text: str) -> frozenset[int]:
    """Return the lines on which statements begin that do something when they run."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    heads = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    quiet = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, *heads)
    return frozenset(
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.stmt)
        and not isinstance(node, quiet)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    )
