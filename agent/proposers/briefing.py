"""The case that a proposer is briefed with: workload, hotspots, their code, and what was tried.

Everything is cut to a number of tokens, says what was cut, and shows no line of source twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...profiles.facts.facts import CallFacts, by_function
from ...profiles.facts.facts_text import facts_text
from ...profiles.hotspot import Hotspot
from ..chat.prices import token_bound
from ..chat.prompts import fenced, load_prompt
from .listing import CodeListing
from .workload_text import first_lines, shortened

_WORKLOAD_SHARE = 0.2
_STANDING_SHARE = 0.08
_TREE_SHARE = 0.08
_TRIED_SHARE = 0.18
_TRIED_ROOM = 900
_TRIED_MOST_SHARE = 0.35
_LONGEST_ENTRY = 500
_MOST_EVIDENCE = 12
_LONGEST_EVIDENCE_LINE = 200
_TESTS_NAMED = 2
_CALLERS_OF = 3
_CALLERS_EACH = 2
_TOKENS_BETWEEN = 12


def case_text(  # noqa: PLR0913 - the sections of a briefing, by name
    hotspots: Sequence[Hotspot],
    *,
    tree: Path,
    workload_text: str,
    tried: Sequence[str],
    facts: Sequence[str] = (),
    call_facts: Sequence[CallFacts] = (),
    call_tree: Sequence[str] = (),
    standing: Sequence[str] = (),
    max_tokens: int,
) -> str:
    """Return the briefing, at most `max_tokens` by `token_bound`.

    Args:
        hotspots: Best first.
        tree: The checkout that the change will be made in.
        workload_text: The workload's source, node id or command.
        tried: One entry for each candidate judged so far, oldest first: a line with what it
            measured, and below it lines of evidence, which come from the repository.
        facts: What else a proposer should know, one sentence each: the target's Python version,
            packages it can use.
        call_facts: What was seen of the hotspots' calls.
        call_tree: What `hot_path` returns.
        standing: Where the run stands, one sentence each: what was gained, what is left to gain
            and to spend.
        max_tokens: From about 1,500; below that, only the frame and the hotspot table remain.
    """
    prompt = load_prompt("case")
    workload = fenced(shortened(workload_text, int(max_tokens * _WORKLOAD_SHARE)), "python")
    known = by_function(call_facts)
    rows = [
        _row(rank, spot, known.get((spot.path, spot.function)))
        for rank, spot in enumerate(hotspots, 1)
    ]
    parts = {
        "workload": "\n".join([workload, *(f"\n{fact}" for fact in facts)]),
        "standing": first_lines(_listed(standing), int(max_tokens * _STANDING_SHARE)),
        "hotspots": "\n".join(rows),
        "tree": _tree(call_tree, int(max_tokens * _TREE_SHARE)),
        "tried": _ledger(tried, _tried_room(max_tokens)),
    }
    used = token_bound(prompt.render(**parts, code=""))
    return prompt.render(**parts, code=_code(hotspots, tree, max_tokens - used))


def command_prompt(  # noqa: PLR0913 - the same
    hotspots: Sequence[Hotspot],
    *,
    tree: Path,
    workload_text: str,
    tried: Sequence[str],
    facts: Sequence[str] = (),
    call_facts: Sequence[CallFacts] = (),
    call_tree: Sequence[str] = (),
    standing: Sequence[str] = (),
    max_tokens: int = 12_000,
) -> str:
    """Return what an outside agent is told; arguments as for `case_text`."""
    rules = load_prompt("rules").render()
    prompt = load_prompt("command")
    left = max_tokens - token_bound(prompt.render(rules=rules, case=""))
    case = case_text(
        hotspots,
        tree=tree,
        workload_text=workload_text,
        tried=tried,
        facts=facts,
        call_facts=call_facts,
        call_tree=call_tree,
        standing=standing,
        max_tokens=left,
    )
    return prompt.render(rules=rules, case=case)


def _row(rank: int, spot: Hotspot, calls: CallFacts | None) -> str:
    shares = f"self {spot.self_share:.0%}, own {spot.own_share:.0%}, total {spot.total_share:.0%}"
    bound = f"at most {spot.max_speedup:.2f}x" if spot.max_speedup else "all of the workload"
    facts = [shares, bound]
    if spot.callers:
        facts.append("called by " + ", ".join(f"`{caller}`" for caller in spot.callers))
    if spot.covering_tests:
        facts.append(_tests(spot.covering_tests))
    if spot.note:
        facts.append(spot.note)
    if calls is not None:
        facts.append(facts_text(calls))
    where = f"{spot.path}:{spot.first_line}-{spot.last_line}"
    return f"{rank}. `{spot.function}` in {where}: {'; '.join(facts)}"


def _tests(node_ids: Sequence[str]) -> str:
    """Say which tests run a function, by name; a parameter's id may be any text of the target."""
    names = list(dict.fromkeys(node_id.partition("[")[0] for node_id in node_ids))
    shown = names[:_TESTS_NAMED]
    if len(names) > _TESTS_NAMED:
        shown.append(f"{len(names) - _TESTS_NAMED} more")
    count = len(node_ids)
    return f"executed by {count} {'test' if count == 1 else 'tests'}: {', '.join(shown)}"


def _listed(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences) or "Nothing was measured yet."


def _tree(lines: Sequence[str], max_tokens: int) -> str:
    return fenced(first_lines("\n".join(lines), max_tokens), "text") if lines else "(unknown)"


class _Passages:
    """Blocks of code that together stay under a number of tokens."""

    def __init__(self, tree: Path, max_tokens: int) -> None:
        self.listing = CodeListing(tree)
        self.blocks: list[str] = []
        self._left = max_tokens

    def add(self, title: str, body: str) -> bool:
        """Take a block in if it fits, and return whether it did."""
        block = f"### {title}\n\n{fenced(body, 'text')}"
        needed = token_bound(block) + _TOKENS_BETWEEN
        if needed > self._left:
            return False
        self.blocks.append(block)
        self._left -= needed
        return True


def _code(hotspots: Sequence[Hotspot], tree: Path, max_tokens: int) -> str:
    """Return the hotspots' code and that of the hottest ones' callers, as far as it fits."""
    names = ", ".join(f"`{spot.function}`" for spot in hotspots)
    # The line that names what was left out must fit as well.
    passages = _Passages(tree, max_tokens - token_bound(names) - 2 * _TOKENS_BETWEEN)
    left_out: list[str] = []
    for spot in hotspots:
        draft = passages.listing.draft()
        body = draft.hotspot(spot)
        if body and passages.add(f"`{spot.function}` in {spot.path}", body):
            draft.keep()
        elif body:
            left_out.append(f"`{spot.function}`")
    for path, function in _callers(hotspots):
        draft = passages.listing.draft()
        body = draft.function(path, function)
        if body and passages.add(f"its caller `{function}` in {path}", body):
            draft.keep()
    if left_out:
        passages.blocks.append(f"Not shown for want of room: {', '.join(left_out)}.")
    return "\n\n".join(passages.blocks) or "(no source could be read)"


def _callers(hotspots: Sequence[Hotspot]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for spot in hotspots[:_CALLERS_OF]:
        for caller in spot.callers[:_CALLERS_EACH]:
            path, _, function = caller.rpartition(":")
            found.append((path, function))
    return list(dict.fromkeys(found))


def _tried_room(max_tokens: int) -> int:
    """Return the ledger's tokens: a share, and in a small case room for one entry's evidence."""
    least = min(_TRIED_ROOM, max_tokens * _TRIED_MOST_SHARE)
    return int(max(max_tokens * _TRIED_SHARE, least))


def _ledger(tried: Sequence[str], max_tokens: int) -> str:
    """Return the newest entries that fit, oldest of them first; evidence goes before entries."""
    if not tried:
        return "Nothing yet."
    entries: list[str] = []
    for entry in reversed(tried):
        line, _, evidence = entry.partition("\n")
        line = _short("- " + " ".join(line.split()), _LONGEST_ENTRY)
        line = _with_evidence(line, evidence, max_tokens / 2)
        max_tokens -= token_bound(line)
        if max_tokens < 0:
            break
        entries.append(line)
    omitted = len(tried) - len(entries)
    if omitted:
        entries.append(f"- ({omitted} earlier ones are left out)")
    head = "Do not propose these again in another form; build on what the numbers say.\n\n"
    return (head + "\n".join(reversed(entries))).rstrip()


def _with_evidence(line: str, evidence: str, max_tokens: float) -> str:
    """Return an entry with as many of the last lines of its evidence as fit with it."""
    if not evidence.strip():
        return line
    for most in range(_MOST_EVIDENCE, 1, -1):
        whole = f"{line}\n\n{_evidence(evidence, most)}\n"
        if token_bound(whole) <= max_tokens:
            return whole
    return line


def _evidence(text: str, most: int) -> str:
    """Return the last lines between fences, as they come from the repository."""
    lines = [_short(line, _LONGEST_EVIDENCE_LINE) for line in text.splitlines()]
    if len(lines) > most:
        left = len(lines) - most + 1
        lines = [f"... ({left} lines are left out)", *lines[-most + 1 :]]
    return fenced("\n".join(lines), "text")


def _short(line: str, longest: int) -> str:
    return line if len(line) <= longest else line[: longest - 1] + "…"
