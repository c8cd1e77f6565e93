"""Whether recorded calls come out alike on the base and on the version on trial."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .answer import EXACT, compare_answers, stable_answer
from .calls import CallOutcome, RecordedFunction, Recording, Replay, listed
from .loosening import Loosening

_COMPARABLE = ("returned", "raised")
_SHOWN = 5
_PART = re.compile(r"\bcall\['(\w+)'\]")
_PRIVATE_CLASS_IS_GONE = re.compile(r"Can't get attribute '(\w+\.)*_\w+'")
_CACHE = re.compile("cache|memo|hash|lazy", re.IGNORECASE)
_OTHER_ARGUMENTS = ("TypeError", "AttributeError", "KeyError", "IndexError")


@dataclass(frozen=True, kw_only=True)
class ExpectedCall:
    """What a call comes to on the base.

    Attributes:
        outcome: The outcome; "returned" or "raised".
        masked: Places that vary from run to run, as paths.
    """

    outcome: CallOutcome
    masked: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What every recorded call must come to.

    Attributes:
        calls: By the call's number; those that cannot be compared are left out.
        signatures: The functions' parameters on the base; None where unknown.
        variables: Full names of the base's public module variables; what a call does to others is
            not compared.
        duration_s: Seconds that the base's replay took.
        doubts: What is not compared, and why, a line each.
    """

    calls: dict[int, ExpectedCall]
    signatures: tuple[tuple[str, ...] | None, ...]
    variables: frozenset[str]
    duration_s: float
    doubts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CallChange:
    """Why recorded calls do not come out alike.

    Attributes:
        reason: One sentence with the number of calls.
        evidence: The first such calls, a line each.
    """

    reason: str
    evidence: tuple[str, ...]


def expected_outcomes(
    recording: Recording, first: Replay, second: Replay, loosening: Loosening = EXACT
) -> Expectation:
    """Return what the calls come to on the base, with what varies between two replays masked.

    A call is left out that gave no outcome in one of them, or that went otherwise than when it
    was recorded: more than its arguments decides about it.

    Args:
        recording: The calls.
        first: A replay on the base; what is expected are its outcomes.
        second: Another one, with another seed of random numbers.
        loosening: What is not compared.
    """
    calls: dict[int, ExpectedCall] = {}
    left_out: dict[str, int] = {}
    varying: dict[str, int] = {}
    inner: set[str] = set()
    for number, call in enumerate(recording.calls):
        one, other = first.outcomes.get(number), second.outcomes.get(number)
        name = recording.name_of(number)
        usual = "raised" if call.raised else "returned"
        if not (one and other and one.kind == other.kind == usual and _is_whole(one)):
            left_out[name] = left_out.get(name, 0) + 1
            continue
        stable = stable_answer(
            _as_answer(one, private=True), _as_answer(other, private=True), loosening
        )
        if stable["masked"]:
            varying[name] = varying.get(name, 0) + 1
        inner.update((one.value or {}).get("doubts", ()))
        calls[number] = ExpectedCall(outcome=one, masked=tuple(stable["masked"]))
    doubts = [
        f"{count} recorded calls of {name} do not come out again on the base and are not compared"
        for name, count in left_out.items()
    ]
    doubts += [
        f"{count} recorded calls of {name} vary from run to run; what varies is not compared"
        for name, count in varying.items()
    ]
    doubts += [f"recorded calls: {doubt}" for doubt in sorted(inner)]
    ended = next((replay.ended for replay in (first, second) if replay.ended), None)
    if ended is not None:
        doubts = [f"the recorded calls cannot be replayed on the base: {ended}"]
    return Expectation(
        calls=calls,
        signatures=first.signatures,
        variables=first.variables,
        duration_s=first.duration_s,
        doubts=tuple(doubts),
    )


def compare_calls(
    recording: Recording,
    expected: Expectation,
    replay: Replay,
    *,
    reshaped: Collection[str] = (),
    loosening: Loosening = EXACT,
) -> tuple[CallChange | None, tuple[str, ...]]:
    """Return why the calls do not come out as on the base, and what could not be compared.

    Every call must have one outcome, and the same one: value or exception, arguments afterwards,
    output, and what became of the base's public module variables (one that is named after a cache
    may hold what it likes). Of the object that a method is called on, only the public attributes
    that the base has count. Excused, with a doubt, are calls of private functions that the patch
    removed or whose parameters it changed, or that all return another type or all refuse their
    arguments now: their contract with the rest of the repository changed; and calls with objects in
    a state that the patch holds in another way.

    Args:
        recording: The calls.
        expected: What they come to on the base.
        replay: What they came to on the version on trial.
        reshaped: Full names of classes whose state the patch holds in another way.
        loosening: What is not compared.
    """
    lost = [number for number in expected.calls if number not in replay.outcomes]
    if lost:
        return _loss(recording, expected, replay, lost), ()
    changes = {
        number: what
        for number, call in expected.calls.items()
        if (what := _change(call, replay.outcomes[number], expected.variables, loosening))
        is not None
    }
    excuses: dict[str, dict[str, int]] = {}
    for index, function in enumerate(recording.functions):
        of_it = [n for n in expected.calls if recording.calls[n].function == index]
        changed = [n for n in of_it if n in changes]
        if not changed:
            continue
        excuse = _excuse(function, index, of_it, changed, expected, replay)
        excused = [
            n
            for n in changed
            if excuse
            or set(recording.calls[n].by_state) & set(reshaped)
            or _PRIVATE_CLASS_IS_GONE.search(replay.outcomes[n].words)
        ]
        if excused:
            why = excuse or "the patch changes how their objects hold their state"
            excuses.setdefault(why, {})[function.name] = len(excused)
        left = [n for n in changed if n not in excused]
        if left:
            return _changed(function, left, len(of_it), changes), _doubts(excuses)
    unlike = () if reshaped else _private_doubts(recording, expected, replay, changes, loosening)
    return None, (*_doubts(excuses), *unlike)


def _private_doubts(
    recording: Recording,
    expected: Expectation,
    replay: Replay,
    changes: Collection[int],
    loosening: Loosening,
) -> tuple[str, ...]:
    """Return which functions leave their object's private state otherwise, a line each.

    Work put off shows there too, so it is no reason to refuse; but nothing else may ever have
    looked at that state.
    """
    found: dict[str, list[str]] = {}
    for number, call in expected.calls.items():
        if number in changes:
            continue
        base = _as_answer(call.outcome, private=True) | {"masked": list(call.masked)}
        candidate = _as_answer(
            replay.outcomes[number], call.outcome, expected.variables, private=True
        )
        what = compare_answers(base, candidate, loosening)
        if what is not None:
            found.setdefault(recording.name_of(number), []).append(_PART.sub(r"\1", what))
    return tuple(
        f"{len(lines)} recorded calls of {name} leave private state of their object otherwise: "
        f"{lines[0]}"
        for name, lines in found.items()
    )


def _doubts(excuses: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    return tuple(
        f"{sum(counts.values())} recorded calls of {listed(list(counts))} are not comparable: {why}"
        for why, counts in excuses.items()
    )


def _loss(
    recording: Recording, expected: Expectation, replay: Replay, lost: Sequence[int]
) -> CallChange:
    # A process that ended early took the outcomes of the calls with it that were over.
    gone = lost[replay.over :] if replay.ended else lost
    gone = gone or lost
    names = list(dict.fromkeys(recording.name_of(number) for number in gone))
    of_them = [n for n in expected.calls if recording.name_of(n) in names]
    how = f" ({replay.ended})" if replay.ended else ""
    return CallChange(
        reason=f"{len(gone)} of {len(of_them)} recorded calls of {listed(names)} gave no outcome"
        + how,
        evidence=tuple(
            f"call {number} of {recording.name_of(number)}: no outcome" for number in gone[:_SHOWN]
        ),
    )


def _changed(
    function: RecordedFunction, numbers: Sequence[int], count: int, changes: Mapping[int, str]
) -> CallChange:
    lines = tuple(f"call {n} of {function.name}: {changes[n]}" for n in numbers[:_SHOWN])
    return CallChange(
        reason=f"{len(numbers)} of {count} recorded calls of {function.name} changed: "
        f"call {numbers[0]}: {changes[numbers[0]]}",
        evidence=lines,
    )


def _change(
    call: ExpectedCall, outcome: CallOutcome, variables: Collection[str], loosening: Loosening
) -> str | None:
    """Return in words how a call came out otherwise; None when it did not."""
    before = call.outcome
    if outcome.kind != before.kind:
        return f"base {_told(before)}, candidate {_told(outcome)}"
    base = _as_answer(before) | {"masked": list(call.masked)}
    what = compare_answers(base, _as_answer(outcome, before, variables), loosening)
    return None if what is None else _PART.sub(r"\1", what)


def _told(outcome: CallOutcome) -> str:
    return {
        "returned": "returns",
        "raised": f"raises {outcome.words}",
        "missing": "has no such function",
        "unloadable": f"cannot make its arguments ({outcome.words})",
        "unbindable": f"does not take its arguments ({outcome.words})",
    }.get(outcome.kind, outcome.kind)


def _excuse(
    function: RecordedFunction,
    index: int,
    of_it: Sequence[int],
    changed: Sequence[int],
    expected: Expectation,
    replay: Replay,
) -> str | None:
    """Return how the patch changed a private function's contract; None when it did not."""
    if not function.is_private:
        return None
    outcomes = [replay.outcomes[number] for number in changed]
    if all(outcome.kind == "missing" for outcome in outcomes):
        return "private, and removed by the patch"
    if expected.signatures[index] != replay.signatures[index]:
        return "private, and the patch changes the parameters"
    if len(changed) < len(of_it):
        return None
    before = [expected.calls[number].outcome for number in changed]
    if all(outcome.kind == "returned" for outcome in (*before, *outcomes)) and all(
        _type_of(one) != _type_of(other) and not (_is_text(one) and _is_text(other))
        for one, other in zip(before, outcomes, strict=True)
    ):
        return "private, and of another type with the patch"
    if all(
        was.kind == "returned" and now.kind != "returned" and now.words.startswith(_OTHER_ARGUMENTS)
        for was, now in zip(before, outcomes, strict=True)
    ):
        return "private, and taking other arguments with the patch"
    return None


def _as_answer(
    outcome: CallOutcome,
    like: CallOutcome | None = None,
    variables: Collection[str] | None = None,
    *,
    private: bool = False,
) -> dict[str, Any]:
    """Return an outcome as an answer of one part; of the object itself, its public state alone.

    With `like`, public attributes that the object has not got there are left out as well; with
    `variables`, all others; `private` keeps the object's private state.
    """
    value = _value(outcome, variables)
    number = _node_of(value, "self")
    if number is None or value["nodes"][number][0] != "object":
        return {"parts": {"call": value}}
    tag, name, public, hidden = value["nodes"][number]
    known = like and like.value and _node_of(like.value, "self")
    if like and like.value and known is not None and like.value["nodes"][known][0] == "object":
        names = like.value["nodes"][known][2]
        public = {key: item for key, item in public.items() if key in names}
    nodes = list(value["nodes"])
    nodes[number] = [tag, name, public, hidden if private else {}]
    return {"parts": {"call": value | {"nodes": nodes}}}


def _value(outcome: CallOutcome, variables: Collection[str] | None) -> dict[str, Any]:
    """Return what came of a call without the module variables named after a cache, and others.

    Others are those not among `variables`; None for none.
    """
    value = outcome.value or {"root": None, "nodes": [], "rest": None, "doubts": []}
    number = _node_of(value, "variables")
    if number is None:
        return value
    tag, name, pairs, attributes = value["nodes"][number]
    kept = [
        pair
        for pair in pairs
        if not _CACHE.search(pair[0].rpartition(".")[2])
        and (variables is None or pair[0] in variables)
    ]
    nodes = list(value["nodes"])
    nodes[number] = [tag, name, kept, attributes]
    return value | {"nodes": nodes}


def _member(value: Mapping[str, Any], name: str) -> Any:
    pairs = value["nodes"][0][2] if value["nodes"] else []
    return next((item for key, item in pairs if key == name), None)


def _node_of(value: Mapping[str, Any], name: str) -> int | None:
    """Return the number of the node that a member of the outcome refers to, None for none."""
    member = _member(value, name)
    if isinstance(member, list) and member[0] == "#" and member[1] < len(value["nodes"]):
        return member[1]
    return None


def _type_of(outcome: CallOutcome) -> object:
    if outcome.value is None:
        return None
    number = _node_of(outcome.value, "outcome")
    if number is not None:
        return tuple(outcome.value["nodes"][number][:2])
    member = _member(outcome.value, "outcome")
    return member[0] if isinstance(member, list) else type(member).__name__


def _is_text(outcome: CallOutcome) -> bool:
    """Tell whether a string came of a call, be it of a class of its own."""
    member = None if outcome.value is None else _member(outcome.value, "outcome")
    if isinstance(member, list) and member[0] == "scalar":
        member = member[2]
    return isinstance(member, str) or (isinstance(member, list) and member[:2] == ["digest", "str"])


def _is_whole(outcome: CallOutcome) -> bool:
    return outcome.value is not None and outcome.value.get("rest") is None
