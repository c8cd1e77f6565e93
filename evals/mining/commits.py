"""The commits of a history that speak of performance and change what code does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...errors import ToolError
from ...profiles.functions import function_at
from ...repos.git import GitError, git
from ...repos.patch import Patch

_WORDS = re.compile(
    r"\b(perf|performance|speed[- ]?ups?|faster|memory|optimi[sz](e|es|ed|ing|ation)|profiling"
    r"|accelerat\w+|fast|runtime|efficien(t|cy)|benchmarks?|latency|throughput|caching|caches?"
    r"|timeit|asv|quadratic|overhead|slow(er)?)\b",
    re.IGNORECASE,
)
_FOLDERS = ("tests", "test", "testing", "benchmarks", "benchmark", "bench", "asv_bench")
_BESIDE = {"doc", "docs", "examples", "setup.py", "noxfile.py", "tasks.py"}
_SHOUTED = re.compile(r"\bOPTIM\b")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A commit that may be an instance.

    Attributes:
        commit: Its id.
        base: Its parent's.
        message: Its subject and body.
        created_at: When it was committed, ISO 8601.
        patch: What it changes outside tests and benchmarks, as a diff.
        test_patch: What it changes in those.
        functions: By file, qualified names of the functions it changes.
        lines: By file, the lines of the base that these functions have.
    """

    commit: str
    base: str
    message: str
    created_at: str
    patch: str
    test_patch: str
    functions: dict[str, tuple[str, ...]]
    lines: dict[str, tuple[int, ...]]


def speaks_of_speed(message: str, words: Sequence[str] = ()) -> bool:
    """Return whether a commit's message has one of the words that such commits have.

    Args:
        message: The message.
        words: What a repository writes besides, such as a prefix; case counts.
    """
    own = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)") if words else None
    return any(each and each.search(message) for each in (_WORDS, _SHOUTED, own))


def candidates(
    mirror: Path,
    revision: str,
    *,
    since: str | None,
    most: int,
    most_files: int,
    words: Sequence[str] = (),
) -> Iterator[tuple[Found | None, str]]:
    """Yield commits of a history, newest first, each with "" or why it is none.

    Args:
        mirror: A bare repository.
        revision: Where to begin.
        since: Only later commits, in git's words; None for all.
        most: So many commits whose message fits are looked at.
        most_files: A commit that changes more files outside tests is none.
        words: Words that make a message fit, besides the usual ones.
    """
    command = ["log", "--no-merges", "--format=%H%x00%P%x00%cI%x00%B%x1e"]
    command += [f"--since={since}"] if since else []
    looked_at = 0
    for entry in git(mirror, *command, revision, "--").split("\x1e"):
        parts = entry.strip("\n").split("\0")
        if len(parts) != 4 or not parts[1] or not speaks_of_speed(parts[3], words):
            continue
        if looked_at >= most:
            return
        looked_at += 1
        yield _looked_at(mirror, parts, most_files)


def _looked_at(mirror: Path, parts: list[str], most_files: int) -> tuple[Found | None, str]:
    commit, parents, created_at, message = parts
    base, subject = parents.split()[0], message.strip().splitlines()[0][:80]
    told = f"{commit[:10]} {subject}"
    files = git(mirror, "diff", "--name-only", "-z", base, commit).split("\0")
    tests = [path for path in files if path and is_test(path)]
    code = [path for path in files if _is_code(path) and not is_test(path)]
    if not code:
        return None, f"{told}: it changes no code"
    if len(code) > most_files:
        return None, f"{told}: it changes {len(code)} files"
    try:
        patch = Patch.parse(_diff(mirror, base, commit, code), base)
        functions, lines = _changed(mirror, base, commit, patch)
    except (GitError, ToolError) as error:
        return None, f"{told}: {error}"
    if not functions:
        return None, f"{told}: no function does anything else than before"
    found = Found(
        commit=commit,
        base=base,
        message=message.strip(),
        created_at=created_at,
        patch=patch.diff,
        test_patch=_diff(mirror, base, commit, tests) if tests else "",
        functions=functions,
        lines=lines,
    )
    return found, ""


def _is_code(path: str) -> bool:
    """Return whether a file is of what users run, by its name or its folder's."""
    parts = PurePosixPath(path).parts
    return path.endswith(".py") and not _BESIDE & {*parts[:-1], path}


def is_test(path: str) -> bool:
    """Return whether a file is a test's or a benchmark's, by its name or its folder's."""
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return (
        any(part.lower() in _FOLDERS for part in parts[:-1])
        or name.startswith("test_")
        or name.endswith("_test.py")
        or name == "conftest.py"
    )


def _diff(mirror: Path, base: str, commit: str, files: list[str]) -> str:
    words = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", base, commit, "--", *files)
    return git(mirror, *words)


def _changed(
    mirror: Path, base: str, commit: str, patch: Patch
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[int, ...]]]:
    """Return the functions of the base that do something else after the commit."""
    names: dict[str, tuple[str, ...]] = {}
    lines: dict[str, tuple[int, ...]] = {}
    for path, numbers in patch.base_lines().items():
        before = git(mirror, "show", f"{base}:{path}")
        try:
            after = git(mirror, "show", f"{commit}:{path}")
        except GitError:
            continue  # the commit deletes or renames the file
        if _shape(before) == _shape(after):
            continue
        spans = {span for n in numbers if (span := function_at(before, n)) is not None}
        if spans:
            names[path] = tuple(sorted(span.qualname for span in spans))
            covered = {n for s in spans for n in range(s.first_line, s.last_line + 1)}
            lines[path] = tuple(sorted(covered))
    return names, lines


def _shape(text: str) -> str | None:
    """Return what a source does, without comments, docstrings and line breaks; None if unread."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return ast.dump(module)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
