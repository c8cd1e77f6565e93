"""What a language model thinks of a patch: several votes, and at most a doubt.

A model can be wrong and can be talked to by the patch, so it is never the witness: it refuses
nothing, and what it says stands in the record beside what the other stages have measured.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import InfrastructureError, ToolError
from ..chat.models import Message
from ..chat.open import judge_model
from ..chat.prompts import load_prompt
from ..runs.budget import OverBudget
from ..runs.plain import to_plain
from .case import Case, Rejection

_MOST_CHARACTERS = 30_000
_MOST_OUTPUT_TOKENS = 4_000
_TIMEOUT_S = 300.0
_LONGEST_REASON = 300
_VERDICT = r"^[\s*#>_-]*verdict[*_]*\s*:[\s*_]*({words})\b"
_REASON = re.compile(r"^[\s*#>_-]*reason[*_]*\s*:[*_]*[ \t]*(\S.*)$", re.I | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Vote:
    """One answer of the model.

    Attributes:
        verdict: One of the words that were asked for; None for an answer without one, or for none.
        reason: What it says for it, or why there is no answer.
    """

    verdict: str | None
    reason: str


def opinion(case: Case) -> Rejection | None:
    """Ask the judge of the settings, when there is one, and keep its votes; it refuses nothing."""
    run = case.run
    if run.settings.judge is None:
        return None
    name = f"opinions/{case.candidate.candidate_id}.json"
    votes = [_vote(case, number) for number in range(run.settings.judge_votes)]
    run.keep(name, {"model": run.settings.judge, "votes": [to_plain(vote) for vote in votes]})
    given = [vote for vote in votes if vote.verdict is not None]
    against = [vote for vote in given if vote.verdict == "trick"]
    if not given:
        case.doubts.append(f"the judge {run.settings.judge} gave no vote: {votes[0].reason}")
    elif 2 * len(against) > len(given):
        case.doubts.append(
            f"the judge {run.settings.judge} calls it a trick in {len(against)} of {len(given)} "
            f"votes: {against[0].reason}"
        )
    return None


def _vote(case: Case, number: int) -> Vote:
    run = case.run
    text = load_prompt("judge").render(
        workload=_short(run.request.workload.text), patch=_short(case.candidate.patch.diff)
    )
    try:
        with run.stopwatch.waiting_for("model"):
            reply = run.journal.complete(
                judge_model(run.settings),
                [Message(role="user", content=text)],
                max_output_tokens=_MOST_OUTPUT_TOKENS,
                timeout_s=_TIMEOUT_S,
                budget_check=run.allows_call,
                attempt=f"judge, vote {number + 1}",
            )
    except (ToolError, OverBudget, InfrastructureError) as error:
        return Vote(verdict=None, reason=" ".join(str(error).split())[:_LONGEST_REASON])
    return vote_of(reply.text)


def vote_of(text: str, words: Sequence[str] = ("honest", "trick")) -> Vote:
    """Return what a model's answer says: the last verdict in it, and the reason after that.

    Args:
        text: The answer.
        words: The verdicts there are, in lower case.
    """
    pattern = _VERDICT.format(words="|".join(words))
    verdicts = list(re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE))
    if not verdicts:
        missing = f"the answer has no line 'VERDICT: {' or '.join(words)}'"
        return Vote(verdict=None, reason=missing)
    reason = _REASON.search(text, verdicts[-1].end())
    line = "".join(c for c in reason[1] if c.isprintable()).strip() if reason else "no reason given"
    return Vote(verdict=verdicts[-1][1].lower(), reason=line[:_LONGEST_REASON])


def _short(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}\n(cut off here)"
