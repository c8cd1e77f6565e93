"""How code came to be: commits that changed a region, and the commit of each line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field

from ...errors import ToolError
from ...profiles.functions import FunctionMap
from ...repos.git import GitError
from ..edits.paths import relative_path
from ..sources.capped import capped, short
from .bench import Bench
from .reading import PATH
from .tool import MOST_CHARACTERS, Arguments, Tool

_WITHIN_S = 30.0
_MOST_COMMITS = 30
_HASH = re.compile(r"[0-9a-f]{7,40}")


class _Region(Arguments):
    path: str = Field(description=PATH)
    function: str = Field(default="", description="Only this `Class.method` of it.")
    start_line: int = Field(default=0, ge=0, description="First line, as numbered at the base.")
    end_line: int = Field(default=0, ge=0, description="Last line, likewise.")


class GitLog(_Region):
    """Arguments of `git_log`."""

    count: int = Field(default=10, ge=1, le=_MOST_COMMITS, description="Most commits.")
    commit: str = Field(default="", description="Show what this one changed in the file.")


class GitBlame(_Region):
    """Arguments of `git_blame`."""


def _git_log(bench: Bench, asked: GitLog) -> str:
    path = relative_path(asked.path)
    if asked.commit:
        return _change(bench, path, asked.commit)
    span = _lines(bench, path, asked)
    form = ("--format=%h %as %s", "-n", str(asked.count))
    if span is None:
        words = ("log", *form, bench.base_commit, "--", f":(literal){path}")
    else:
        words = ("log", *form, "-s", f"-L{span[0]},{span[1]}:{path}", bench.base_commit)
    text = _ask(bench, path, words)
    commits = [short(line, 200) for line in text.splitlines() if line.strip()]
    if not commits:
        return f"no commit up to the base changed {path}"
    if len(commits) == asked.count:
        commits.append("… there may be older ones; ask with a larger count")
    commits.append("(git_log with `commit` shows what one of them changed in the file)")
    return capped("\n".join(commits), MOST_CHARACTERS, "ask with a smaller count")


def _change(bench: Bench, path: str, commit: str) -> str:
    """Return what a commit changed in a file; only commits that led to the base are shown."""
    if not _HASH.fullmatch(commit):
        raise ToolError(f"{commit!r} is no commit: give one that git_log listed")
    older = ("merge-base", "--is-ancestor", commit, bench.base_commit)
    try:
        bench.repository.ask(bench.scratch.tree, *older)
    except GitError:
        raise ToolError(
            f"the base does not come from a commit {commit}: give one that git_log listed"
        ) from None
    words = ("show", "--no-ext-diff", "--no-textconv", "--format=%h %as %s%n%n%b", commit)
    text = _ask(bench, path, (*words, "--", f":(literal){path}"))
    return capped(text.strip(), MOST_CHARACTERS, "read_file shows the code as it is now")


def _git_blame(bench: Bench, asked: GitBlame) -> str:
    path = relative_path(asked.path)
    span = _lines(bench, path, asked)
    region = (f"-L{span[0]},{span[1]}",) if span else ()
    words = ("blame", "--line-porcelain", *region, bench.base_commit, "--", path)
    rows = _blamed(_ask(bench, path, words))
    left = "ask with start_line and end_line"
    return capped("\n".join(rows), MOST_CHARACTERS, left)


def _blamed(porcelain: str) -> list[str]:
    """Return one row a line of code; a commit's title stands at its first line of a stretch."""
    rows: list[str] = []
    commit = number = title = last = ""
    for line in porcelain.splitlines():
        if line.startswith("\t"):
            told = f"{commit} {short(title, 60)}" if commit != last else ""
            rows.append(f"{number:>6} {short(line[1:], 120)}" + (f"    # {told}" if told else ""))
            last = commit
        elif re.match(r"[0-9a-f]{40} ", line):
            words = line.split()
            commit, number = words[0][:10], words[2]
        elif line.startswith("summary "):
            title = line.removeprefix("summary ")
    return rows


def _lines(bench: Bench, path: str, asked: _Region) -> tuple[int, int] | None:
    """Return the first and last line of the region in the base commit, None for the whole file.

    Raises:
        ToolError: The base has no such file, function or lines.
    """
    text = _ask(bench, path, ("show", f"{bench.base_commit}:{path}"))
    count = max(text.count("\n") + (not text.endswith("\n")), 1)
    if asked.function:
        for span in FunctionMap.parse(text).spans:
            if span.qualname == asked.function:
                return span.first_line, span.last_line
        raise ToolError(f"{path} has no function {asked.function} in the base commit")
    if not asked.start_line and not asked.end_line:
        return None
    first, last = asked.start_line or 1, min(asked.end_line or count, count)
    if first > last:
        raise ToolError(f"{path} has {count} lines in the base commit: none from {first} to {last}")
    return first, last


def _ask(bench: Bench, path: str, words: Sequence[str]) -> str:
    try:
        return bench.repository.ask(bench.scratch.tree, *words, timeout_s=_WITHIN_S)
    except GitError as error:
        if error.stderr.startswith("Timeout:"):
            raise ToolError(
                f"its history took longer than {_WITHIN_S:.0f} s; ask for fewer lines or commits"
            ) from None
        if "does not exist" in error.stderr or "no such path" in error.stderr:
            raise ToolError(
                f"the base commit has no file {path}; find_symbol may find it"
            ) from None
        told = (error.stderr.strip().splitlines() or ["git gave no reason"])[-1]
        raise ToolError(f"the history of {path} cannot be read: {short(told, 200)}") from None


GIT_LOG = Tool(
    name="git_log",
    description=(
        "List the commits up to the base that changed a file, a function or some lines; or show "
        "what one of them changed in the file."
    ),
    arguments=GitLog,
    run=_git_log,
)
GIT_BLAME = Tool(
    name="git_blame",
    description="Show lines of a file at the base with the commits that last changed them.",
    arguments=GitBlame,
    run=_git_blame,
)
