"""Whether two versions gave the same answer.

An answer is what `inside/perfagent_answer.py` and `inside/perfagent_observer.py` record in a
launch that is not timed: named parts (return value, local variables, …), each a table of nodes,
what was printed, and for commands and declared outputs the files that were written (`files.py`).
They are compared node by node and line by line; no code of the repository runs here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..failure import WorkloadFailed
from .files import file_differences
from .loosening import Loosening
from .nodes import Difference, NodeTables

EXACT = Loosening()
"""Nothing loosened: floats within FLOAT_REL, everything else as it is."""

QUIET = 3
"""Launches in a row with the same answer, after which a base is taken to have no other."""
QUIET_VARYING = 6
"""Launches in a row that show nothing new of a base whose answers vary, likewise."""
LOOKS = 24
"""Most launches of the base for its answer."""
_POSITION = re.compile(r"\[\d+\]")
_MOST_MASKED = 200
_OUTPUT = "output"
_GLOBALS, _INPUTS = "globals", "inputs"

Answer = dict[str, Any]


def stable_answer(first: Answer, second: Answer, loosening: Loosening = EXACT) -> Answer:
    """Return `first` with the places masked at which `second`, of the same code, differs.

    Masked places (times, addresses, random numbers) are not compared afterwards; each is named in
    the answer's `doubts`.
    """
    alone = {"own_doubts": list(first.get("doubts", ())), "masked": [], "looks": 1, "quiet": 0}
    return _seen_again(first | alone, second, loosening)


def _seen_again(known: Answer, other: Answer, loosening: Loosening) -> Answer:
    """Return what is known of the base's answer after one more launch of it.

    `looks` counts the launches, `quiet` those since the last one that showed anything new.
    """
    before = frozenset(known["masked"])
    new = [(part, each.path) for part, each in _differences(known, other, loosening, before)]
    counts = Counter(part for part, _ in new)
    # Of a part that differs all over nothing is compared; the other parts are as they were.
    places = (part if counts[part] > _MOST_MASKED else path for part, path in new)
    masked = [*known["masked"], *dict.fromkeys(places)]
    doubts = list(known["own_doubts"])
    doubts += [f"{path} differs from run to run and is not compared" for path in masked[:5]]
    if len(masked) > 5:
        doubts.append(f"so do {len(masked) - 5} more places")
    if not _compared(known, frozenset(masked), loosening):
        doubts.append("the workload leaves nothing that could be compared")
    quiet = 0 if new else known["quiet"] + 1
    found = {"masked": masked, "doubts": doubts}
    return known | found | {"looks": known["looks"] + 1, "quiet": quiet}


def compare_again(
    known: Answer, candidate: Answer, again: Callable[[], Answer], loosening: Loosening = EXACT
) -> tuple[Answer, str | None]:
    """Compare like `compare_answers`; where they differ, see whether the base does so by itself.

    What varies in many ways (the numbers that a parser gives to its states, which follow from
    addresses) shows only a part of them in two launches, and a candidate one that neither had. So
    the base is run again until the difference is masked, some launches in a row showed nothing
    new, or there were LOOKS of it.

    Args:
        known: The base's answer, as `stable_answer` or this function returned it.
        candidate: The answer of the version on trial.
        again: Runs the base once more and returns its answer; where that fails, no more is asked.
        loosening: What is not, or not exactly, compared.

    Returns:
        What is known of the base's answer now, and the first difference, None when there is none.
    """
    difference = _first_difference(known, candidate, loosening)
    while difference is not None and not _is_known(known, difference.path):
        try:
            other = again()
        except WorkloadFailed:
            break  # the difference stands as far as the base can be asked
        known = _seen_again(known, other, loosening)
        difference = _first_difference(known, candidate, loosening)
    return known, None if difference is None else str(difference)


def _is_known(known: Answer, path: str) -> bool:
    """Tell whether another launch of the base is hardly going to show that a place varies."""
    # An answer that an earlier perfagent kept does not say how often it looked.
    if known.get("looks", LOOKS) >= LOOKS:
        return True
    if not known["masked"]:
        return known["quiet"] >= QUIET
    # Where an element's neighbours vary, so may the element.
    alike = {_POSITION.sub("[]", each) for each in known["masked"]}
    return _POSITION.sub("[]", path) not in alike and known["quiet"] >= QUIET_VARYING


def doubts_of(answer: Answer) -> tuple[str, ...]:
    """Return the reasons for which equal answers may hide a difference, in words."""
    parts = [*answer.get("parts", {}).values(), answer.get("stdout", {})]
    inner = {doubt for part in parts for doubt in part.get("doubts", ())}
    return (*answer.get("doubts", ()), *sorted(inner))


def compare_answers(base: Answer, candidate: Answer, loosening: Loosening = EXACT) -> str | None:
    """Return the first difference between two answers, None when they are the same.

    The same means: the same types and structure, down to the order of a dict's keys and which
    lists are one and the same object; integers, texts and bytes equal; floats (also in arrays)
    within the tolerance, with NaN equal to NaN and -0.0 to 0.0; exceptions alike in message and
    stated cause; functions made on the spot alike in code; files alike line by line. Of objects,
    public attributes count, and private ones that both sides have; those named after a cache or
    hash do not. Of arrays, frames, tensors and expressions counts what their libraries show, not
    how they are laid out.

    Args:
        base: The answer of the base; where it was masked by `stable_answer` nothing is compared.
        candidate: The answer of the version on trial.
        loosening: What is not, or not exactly, compared.

    Returns:
        One line such as "return value[3].name: base 'a', candidate 'b'".
    """
    difference = _first_difference(base, candidate, loosening)
    return None if difference is None else str(difference)


def _first_difference(base: Answer, candidate: Answer, loosening: Loosening) -> Difference | None:
    masked = frozenset(base.get("masked", ()))
    found = _differences(base, candidate, loosening, masked)
    return next((difference for _, difference in found), None)


def _differences(
    base: Answer, candidate: Answer, loosening: Loosening, masked: frozenset[str]
) -> Iterator[tuple[str, Difference]]:
    """Yield the differences, each with the part it is in."""
    ours, theirs = base.get("parts", {}), candidate.get("parts", {})
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        if name in masked or name in (_GLOBALS, _INPUTS):
            continue
        if name not in theirs or name not in ours:
            holder = "base" if name in ours else "candidate"
            yield name, Difference(path=name, what=f"only the {holder} has it")
        else:
            tables = NodeTables(ours[name], theirs[name], loosening, masked)
            yield from ((name, difference) for difference in tables.differences(name))
    if _GLOBALS not in masked:
        yield from ((_GLOBALS, each) for each in _changed_globals(ours, theirs, loosening, masked))
    printed, printed_too = base.get("stdout"), candidate.get("stdout")
    if printed and printed_too and not loosening.stdout and _OUTPUT not in masked:
        tables = NodeTables(printed, printed_too, loosening, masked)
        yield from ((_OUTPUT, difference) for difference in tables.differences(_OUTPUT))
    if not loosening.files:
        written, written_too = base.get("files", {}), candidate.get("files", {})
        yield from file_differences(written, written_too, masked)


def _changed_globals(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], loosening: Loosening, masked: frozenset[str]
) -> Iterator[Difference]:
    """Yield the differences of the script's variables that the call changed on either side."""
    changed, changed_too = _named(ours.get(_GLOBALS)), _named(theirs.get(_GLOBALS))
    if changed.keys() == changed_too.keys():
        if changed:
            tables = NodeTables(ours[_GLOBALS], theirs[_GLOBALS], loosening, masked)
            yield from tables.differences(_GLOBALS)
        return
    known, known_too = (
        _named(side.get(_INPUTS)) | found
        for side, found in ((ours, changed), (theirs, changed_too))
    )
    for name in [*changed, *(name for name in changed_too if name not in changed)]:
        path = f"{_GLOBALS}[{name!r}]"
        one, two = known.get(name), known_too.get(name)
        by = "" if name in changed and name in changed_too else _only(name in changed)
        if path in masked:
            continue
        if one is None or two is None:
            yield Difference(path=path, what=by.strip(" ()") or "differs in kind")
            continue
        for each in NodeTables(one, two, loosening, masked).differences(path):
            yield Difference(path=each.path, what=each.what + by)


def _only(by_base: bool) -> str:
    return f" (only the {'base' if by_base else 'candidate'} changes it)"


def _named(table: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Return the values of a recorded dict as tables of their own, by key."""
    if not table or not table["nodes"]:
        return {}
    return {
        key: {"root": value, "nodes": table["nodes"], "rest": None}
        for key, value in table["nodes"][0][2]
    }


def _compared(answer: Answer, masked: frozenset[str], loosening: Loosening) -> bool:
    """Tell whether anything that the workload did is compared."""
    parts = answer.get("parts", {})
    if any(name not in masked and name != _INPUTS for name in parts):
        return True
    printed = answer.get("stdout", {}).get("nodes") or [["sequence", "list", [], {}]]
    if printed[0][2] and not loosening.stdout and _OUTPUT not in masked:
        return True
    files = [] if loosening.files else answer.get("files", {})
    return any(f"file {path}" not in masked for path in files)
