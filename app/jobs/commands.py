"""The grammar of commands in comments: closed, on the first line, outside of code and quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_LONGEST = 300
_NAMES = ("optimize", "check", "status", "cancel", "retry", "ignore", "help")
_WORD = re.compile(r"[A-Za-z0-9_./:\[\]=-]{1,200}")
_DURATION = re.compile(r"([1-9][0-9]{0,3})(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_LONGEST_BUDGET_S = 4 * 3600
_SHORTEST = {"check": 7, "cancel": 6}
"""Digits with which a commit, or a job, is named at least."""

HELP = """\
| Say this on a line of its own | and perfagent |
|---|---|
| `/perfagent optimize` `[WORKLOAD]` `[--budget 30m]` | looks for changes that make a workload faster, and opens pull requests |
| `/perfagent check` `[SHA]` | measures this pull request against its base; with the SHA, approves that commit of a fork |
| `/perfagent status` | says what is queued and running |
| `/perfagent cancel` `[JOB]` | stops it |
| `/perfagent retry` | begins the last job of this thread again |
| `/perfagent ignore FUNCTION` | never proposes a change of that function again |

Workloads are named in `.github/perfagent.yml` on the default branch. Only people with write access \
are obeyed."""  # noqa: E501


@dataclass(frozen=True, kw_only=True)
class Command:
    """What a comment asks for.

    Attributes:
        name: One of the known names, or "unknown".
        word: Its argument, "" for none.
        budget_s: Of `--budget`, in seconds; None when it was not said.
    """

    name: str
    word: str = ""
    budget_s: float | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"name": self.name, "word": self.word, "budget_s": self.budget_s}


def parse_command(comment: str, slug: str) -> Command | None:
    """Return the command in a comment, or None when it gives none.

    Args:
        comment: Its Markdown.
        slug: The app's name, for `@slug …`.
    """
    line = next((line for line in comment.splitlines() if line.strip()), "")
    line = line.rstrip()
    if len(line) > _LONGEST:
        return None
    address = re.match(rf"(?:/perfagent|@(?:perfagent|{re.escape(slug)}))(?=\s|$)", line)
    # Four blanks or a tab begin a block of code, `>` a quote, backquotes code.
    if address is None:
        return None
    words = line[address.end() :].split()
    return _read(words) or Command(name="unknown")


def _read(words: list[str]) -> Command | None:
    """Return the command that the words behind the address are; None when they are none."""
    if not words:
        return Command(name="help")
    name, rest = words[0].lower(), words[1:]
    if name not in _NAMES or not all(_WORD.fullmatch(word) for word in rest):
        return None
    budget_s = None
    if name == "optimize" and "--budget" in rest:
        at = rest.index("--budget")
        said = _DURATION.fullmatch(rest[at + 1]) if at + 1 < len(rest) else None
        if said is None:
            return None
        budget_s = float(min(int(said[1]) * _SECONDS[said[2]], _LONGEST_BUDGET_S))
        rest = rest[:at] + rest[at + 2 :]
    if len(rest) > 1 or any(word.startswith("-") for word in rest):
        return None
    word = rest[0] if rest else ""
    takes_word = name in ("optimize", "check", "cancel", "ignore")
    if (word and not takes_word) or (name == "ignore" and not word):
        return None
    if name in _SHORTEST and word and not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST[name]},64}}", word):
        return None
    return Command(name=name, word=word, budget_s=budget_s)
