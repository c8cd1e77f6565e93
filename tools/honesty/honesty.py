"""What a patch adds that an honest optimization has no use for, with the line and the reason.

The code before and after the patch is compared as syntax, so a use that was there before is not
held against the patch, no comment can switch a rule off, and formatting changes nothing.
A static reading proves nothing by itself; the measurement's own checks stand beside it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...repos.patch import Patch
from ..sources.names import parsed
from .answers import answer_signs, function_names, known_constants
from .evidence import signs
from .signs import STATEMENTS, Sign, placed, scope_name, statement_key
from .watched import WATCHED, WATCHED_ATTRIBUTES, Severity, Watched

__all__ = ["Finding", "Severity", "static_doubts"]

_PYTHON = frozenset({".py", ".pyi"})
_CYTHON = frozenset({".pyx", ".pxd", ".pxi"})
_COMPILED = frozenset({".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".rs", ".f", ".f90", ".pyf"})
_PLACES_FOR_CODE = frozenset({"src", "lib", "python"})
_HARNESS_PLACES = frozenset({"testing", "_testing", "pytest_plugin", "pytest_plugins"})
_TRADES = frozenset(
    {"stack", "clock", "environment", "background", "pool", "exit", "files", "network"}
    | {"descriptors"}
)
"""What some functions do for a living: an edit of such a function may do it in another way. To
the network a whole module's word counts."""
_TEXTS = frozenset({".md", ".rst", ".txt", ".adoc", ""})
_NAMELIKE = re.compile(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing a patch adds that speaks against it.

    Attributes:
        path: the file, relative to the repository's root.
        line: 1-based line in the patched file.
        rule: the kind of trick: stack, clock, tracing, interpreter, environment, background,
            pool, exit_work, exit, hidden_code, patching, files, descriptors, network, harness,
            workload, setting, literal_answers, special_case, equality, kept_state, import_work,
            unchecked.
        why: a clause that says what the code does: "uses time.time, which reads a clock, …".
        severity: "reject": honest code does not do this; "doubt": worth saying, not refusing.
    """

    path: str
    line: int
    rule: str
    why: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.why} ({self.rule})"


def static_doubts(
    patch: Patch,
    sources_before: Mapping[str, str],
    sources_after: Mapping[str, str],
    *,
    workload_names: Collection[str] = (),
    workload_text: str = "",
    own_packages: Collection[str] = (),
) -> list[Finding]:
    """Return what speaks against the code that a patch adds, rejections first.

    Args:
        patch: the patch.
        sources_before: text by path of the files it touches, as they were; new files are missing.
        sources_after: the same, as the patch leaves them; deleted files are missing.
        workload_names: file name and other names by which code could recognize the workload.
        workload_text: its source; code that compares with a value of it knows its input. Empty
            when it is no Python.
        own_packages: the repository's top-level packages; the folders of the patched files are
            taken for such without being named.

    Returns:
        An empty list when nothing was found, which is no proof of honesty.
    """
    before = {path: tree for path, text in sources_before.items() if (tree := _parsed(path, text))}
    after = {path: tree for path, text in sources_after.items() if (tree := _parsed(path, text))}
    own = _own_packages(sources_before, own_packages)
    script = parsed(workload_text)
    constants = known_constants([script]) if script else frozenset[str]()
    findings = _Reading(before, own, tuple(workload_names), constants).new(after)
    for path in sources_after.keys() - after.keys():
        is_new, was_parsed = path not in sources_before, path in before
        text = sources_after[path]
        findings += _unread(patch, path, text, is_new=is_new, was_parsed=was_parsed)
    unique = {(f.path, f.line, f.rule, f.why): f for f in findings}
    return sorted(unique.values(), key=lambda f: (f.severity != "reject", f.path, f.line, f.rule))


_Statement = tuple[str, int, str]  # path, line, key


class _Reading:
    """The signs and statements that were there before, to tell new ones from."""

    def __init__(
        self,
        before: Mapping[str, ast.Module],
        own_packages: frozenset[str],
        workload_names: tuple[str, ...],
        workload_constants: frozenset[str],
    ) -> None:
        self._workload_constants = workload_constants
        self._before = before
        self._own = own_packages
        self._workload_names = workload_names
        self._known = known_constants(list(before.values()))
        self._signs_before = Counter(
            (path, sign.scope, sign.rule, sign.evidence)
            for path, tree in before.items()
            for sign in self._signs(path, tree, frozenset())
        )

    def _signs(self, path: str, tree: ast.Module, known: Collection[str]) -> list[Sign]:
        functions = function_names(self._before[path]) if path in self._before else frozenset()
        found = signs(tree, own_packages=self._own, workload_names=self._workload_names)
        return found + answer_signs(
            tree,
            known=known,
            functions_before=functions,
            workload_constants=self._workload_constants,
        )

    def new(self, after: Mapping[str, ast.Module]) -> list[Finding]:
        """Return the signs that neither their statement nor their function had before."""
        kept = self._kept_statements(after)
        left = Counter(self._signs_before)
        candidates: list[tuple[str, Sign]] = []
        for path, tree in after.items():
            for sign in self._signs(path, tree, self._known):
                if (path, sign.statement_line, sign.statement) in kept:
                    left[path, sign.scope, sign.rule, sign.evidence] -= 1
                else:
                    candidates.append((path, sign))
        rules_before = {
            (path, place, rule)
            for path, scope, rule, _ in self._signs_before
            for place in (scope, "")
        }
        things_before = {(rule, thing) for _, _, rule, thing in self._signs_before}
        findings: list[Finding] = []
        for path, sign in candidates:
            key = (path, sign.scope, sign.rule, sign.evidence)
            left[key] -= 1
            # An import moved or made lazy does nothing by itself; each use of it is a sign too.
            is_old_import = (sign.rule, sign.evidence) in things_before and sign.is_import
            if left[key] < 0 and not is_old_import:
                place = "" if sign.rule == "network" else sign.scope
                is_usual = sign.rule in _TRADES and (path, place, sign.rule) in rules_before
                findings.append(_finding(path, sign, is_usual=is_usual))
        return findings

    def _kept_statements(self, after: Mapping[str, ast.Module]) -> set[_Statement]:
        """Return the statements that the code had before: in their place, else moved.

        A statement that stands more often than before is new as often as it is more.
        """
        here, anywhere = Counter[tuple[str, str, str]](), Counter[str]()
        for path, scope, (_, _, key) in _statements(self._before):
            here[path, scope, key] += 1
            anywhere[key] += 1
        kept: set[_Statement] = set()
        others: list[_Statement] = []
        for path, scope, statement in _statements(after):
            key = statement[2]
            if here[path, scope, key] > 0:
                here[path, scope, key] -= 1
                anywhere[key] -= 1
                kept.add(statement)
            else:
                others.append(statement)
        for statement in others:
            if anywhere[statement[2]] > 0:
                anywhere[statement[2]] -= 1
                kept.add(statement)
        return kept


def _statements(trees: Mapping[str, ast.Module]) -> Iterator[tuple[str, str, _Statement]]:
    for path, tree in trees.items():
        for node, _, scope in placed(tree):
            if isinstance(node, STATEMENTS):
                line = getattr(node, "lineno", 0)
                yield path, scope_name(scope), (path, line, statement_key(node))


def _finding(path: str, sign: Sign, *, is_usual: bool) -> Finding:
    in_test_tools = sign.rule == "harness" and _HARNESS_PLACES & set(PurePosixPath(path).parts)
    severity = "doubt" if is_usual or in_test_tools else sign.severity
    return Finding(path=path, line=sign.line, rule=sign.rule, why=sign.why, severity=severity)


def _own_packages(paths: Iterable[str], given: Collection[str]) -> frozenset[str]:
    """Return the repository's packages: those given and the folders of code it had before.

    A name of the standard library or of a test tool never is one.
    """
    folders: set[str] = set()
    for path in paths:
        parts = [part for part in PurePosixPath(path).parts if part not in _PLACES_FOR_CODE]
        folders.add(parts[0].removesuffix(".py"))
    foreign = {name.split(".")[0] for name, entry in WATCHED.items() if entry.rule == "harness"}
    return frozenset({*given, *folders} - sys.stdlib_module_names - foreign)


def _parsed(path: str, text: str) -> ast.Module | None:
    return parsed(text) if PurePosixPath(path).suffix in _PYTHON else None


def _unread(
    patch: Patch, path: str, text: str, *, is_new: bool, was_parsed: bool
) -> Iterator[Finding]:
    """Search the added lines of what is no Python to this interpreter, by names alone."""
    suffix = PurePosixPath(path).suffix
    if suffix not in _PYTHON | _CYTHON | _COMPILED:
        if is_new and suffix not in _TEXTS:
            why = "is a new file of data; it may hold answers"
            yield Finding(path=path, line=1, rule="literal_answers", why=why, severity="doubt")
        return
    was_readable = is_new or was_parsed
    reason = "is not Python" if suffix not in _PYTHON else "does not parse"
    severity: Severity = "reject" if suffix in _PYTHON and was_readable else "doubt"
    numbers = patch.new_lines().get(path, ())
    why = f"{reason}, so only names in the added lines were checked"
    first = numbers[0] if numbers else 1
    yield Finding(path=path, line=first, rule="unchecked", why=why, severity=severity)
    lines = text.split("\n")
    for number in numbers:
        for name in _NAMELIKE.findall(lines[number - 1] if number <= len(lines) else ""):
            if entry := _watched_spelling(name):
                why = f"names {name}, which {entry.why}"
                yield Finding(
                    path=path, line=number, rule=entry.rule, why=why, severity=entry.severity
                )


def _watched_spelling(name: str) -> Watched | None:
    last = name.rpartition(".")[2]
    return (WATCHED.get(name) if "." in name else None) or WATCHED_ATTRIBUTES.get(last)
