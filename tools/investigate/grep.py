"""Finds lines in the scratch tree by git's own search, which is quick on any repository."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...errors import ToolError
from ...repos.git import GitError
from ..edits.paths import relative_path
from .bench import Bench

_WITHIN_S = 20.0


class Match(NamedTuple):
    """One line; `line` counts from 1."""

    path: str
    line: int
    text: str


def grep(
    bench: Bench, pattern: str, globs: Sequence[str] = (), *, ignore_case: bool = False
) -> list[Match]:
    """Return the lines of text files that match, in the order of their paths.

    New files are searched too; those that the repository ignores are not.

    Args:
        bench: Whose scratch tree.
        pattern: A Perl-compatible regular expression.
        globs: Only files whose paths match one of them; `*` also matches `/`, unless there is a
            `**` in the glob. None: all files.
        ignore_case: Whether upper and lower case are the same.

    Raises:
        ToolError: The pattern is none, a glob leaves the repository, or it took too long.
    """
    if not pattern or "\n" in pattern or "\0" in pattern:
        raise ToolError("the pattern must be one line and not empty: name what to look for")
    words = ["grep", "--untracked", "-I", "-n", "-z", "--no-color", "--full-name", "-P"]
    words += ["-i"] if ignore_case else []
    paths = [_pathspec(glob) for glob in globs]
    try:
        found = bench.repository.ask(
            bench.scratch.tree, *words, "-e", pattern, "--", *paths, timeout_s=_WITHIN_S
        )
    except GitError as error:
        if error.status == 1 and not error.stderr.strip():
            return []
        raise ToolError(f"the search for {pattern!r} failed: {_reason(error)}") from None
    matches = (line.split("\0", 2) for line in found.split("\n") if line.count("\0") >= 2)
    return [Match(path, int(number), text) for path, number, text in matches]


def _pathspec(glob: str) -> str:
    path = relative_path(glob.rstrip("/") or ".")
    return f":(glob){path}" if "**" in path else f":(top){path}"


def _reason(error: GitError) -> str:
    if error.stderr.startswith("Timeout:"):
        return f"it took longer than {_WITHIN_S:.0f} s; make it plainer, or search fewer files"
    lines = [line for line in error.stderr.splitlines() if line.strip()]
    told = lines[-1].removeprefix("fatal: ") if lines else "git gave no reason"
    return f"{told} (it takes a Perl-compatible regular expression; quote special characters)"
