"""Whether two versions gave the same answer.

An answer is what `inside/perfagent_answer.py` and `inside/perfagent_observer.py` record in a
launch that is not timed: named parts (return value, local variables, …), each a table of nodes,
and what was printed. They are compared node by node; no code of the repository runs here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .nodes import Difference, NodeTables, Tolerance

REL_TOL = 1e-9
"""Relative difference between two floats that counts as the same answer."""

_MOST_MASKED = 200

Answer = dict[str, Any]


def stable_answer(first: Answer, second: Answer) -> Answer:
    """Return `first` with the places masked at which `second`, of the same code, differs.

    Masked places (times, addresses, random numbers) are not compared afterwards; each is named in
    the answer's `doubts`.
    """
    masked: list[str] = []
    for difference in _differences(first, second, Tolerance(rel=REL_TOL, abs=0.0), frozenset()):
        if len(masked) >= _MOST_MASKED:
            masked = sorted({path.partition(".")[0].partition("[")[0] for path in masked})
            break
        masked.append(difference.path)
    doubts = list(first.get("doubts", ()))
    doubts += [f"{path} differs from run to run and is not compared" for path in masked[:5]]
    if len(masked) > 5:
        doubts.append(f"so do {len(masked) - 5} more places")
    parts = first.get("parts", {})
    printed = first.get("stdout", {}).get("nodes") or [["sequence", "list", [], {}]]
    compared = [name for name in parts if name not in masked]
    if not compared and (not printed[0][2] or "output" in masked):
        doubts.append("the workload leaves nothing that could be compared")
    return first | {"masked": masked, "doubts": doubts}


def doubts_of(answer: Answer) -> tuple[str, ...]:
    """Return the reasons for which equal answers may hide a difference, in words."""
    parts = [*answer.get("parts", {}).values(), answer.get("stdout", {})]
    inner = {doubt for part in parts for doubt in part.get("doubts", ())}
    return (*answer.get("doubts", ()), *sorted(inner))


def compare_answers(
    base: Answer, candidate: Answer, *, rel_tol: float = REL_TOL, abs_tol: float = 0.0
) -> str | None:
    """Return the first difference between two answers, None when they are the same.

    The same means: the same types and structure, down to the order of a dict's keys and which
    lists are one and the same object; integers, texts and bytes equal; floats (also in arrays)
    within the tolerance, with NaN equal to NaN and -0.0 to 0.0; exceptions alike in message;
    functions made on the spot alike in code. Of objects, public attributes count, and private ones
    that both sides have; those named after a cache or hash do not.

    Args:
        base: The answer of the base; where it was masked by `stable_answer` nothing is compared.
        candidate: The answer of the version on trial.
        rel_tol: Relative difference at which two floats are still the same.
        abs_tol: Absolute difference at which they are still the same.

    Returns:
        One line such as "return value[3].name: base 'a', candidate 'b'".
    """
    masked = frozenset(base.get("masked", ()))
    tolerance = Tolerance(rel=rel_tol, abs=abs_tol)
    for difference in _differences(base, candidate, tolerance, masked):
        return str(difference)
    return None


def _differences(
    base: Answer, candidate: Answer, tolerance: Tolerance, masked: frozenset[str]
) -> Iterator[Difference]:
    ours, theirs = base.get("parts", {}), candidate.get("parts", {})
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        if name in masked:
            continue
        if name not in theirs or name not in ours:
            holder = "base" if name in ours else "candidate"
            yield Difference(path=name, what=f"only the {holder} has it")
        else:
            yield from NodeTables(ours[name], theirs[name], tolerance, masked).differences(name)
    printed, printed_too = base.get("stdout"), candidate.get("stdout")
    if printed and printed_too and "output" not in masked:
        yield from NodeTables(printed, printed_too, tolerance, masked).differences("output")
