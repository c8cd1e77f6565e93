"""What each stage of the gate asks, and what can be done about its refusal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StageWords:
    """A stage in words.

    Attributes:
        asks: The question that a candidate must pass.
        next_step: What a user can do about a refusal; "" when there is nothing but another patch.
    """

    asks: str
    next_step: str = ""


_UNKNOWN = StageWords(asks="a check that this version of perfagent does not know")
_LOOSEN = (
    "if the difference does not matter, `--loosen NAME` says so by name (docs/formats.md lists the"
    " names); the report then says it too"
)
_MORE = (
    "a quieter machine or more pairs (`--max-pairs`, `--max-compare`) may tell; `perfagent doctor`"
    " shows the noise here"
)
STAGES: dict[str, StageWords] = {
    "applies": StageWords(asks="does the patch apply to the version it was made for?"),
    "in scope": StageWords(
        asks="does it stay out of tests, build files and what else was not asked to change?",
        next_step="`--allow GLOB` lets a candidate touch named files",
    ),
    "parses": StageWords(asks="is every changed file still Python?"),
    "honest": StageWords(
        asks="does it do without what only a trick needs: clocks, frames, `exec`, kept answers?",
        next_step="`--allow PACKAGE` allows a new import; the rest of this check has no switch",
    ),
    "imports": StageWords(asks="can the changed modules be imported?"),
    "covering tests": StageWords(
        asks="do the tests that run the changed lines still pass?",
        next_step="`--tests ARGS` chooses which tests make up the suite",
    ),
    "same answer": StageWords(
        asks="does the workload give the same answer as on the base?", next_step=_LOOSEN
    ),
    "same calls": StageWords(
        asks="do recorded calls of the touched functions come to the same, made again?",
        next_step=_LOOSEN,
    ),
    "first call too": StageWords(
        asks="is the first call in a fresh process faster too, not only a repeated one?"
    ),
    "quick timing": StageWords(
        asks="is there a chance that it is faster? The first look ends trials that have none",
        next_step=_MORE,
    ),
    "full timing": StageWords(
        asks="is the lower bound of its speedup above the smallest gain worth accepting?",
        next_step=_MORE,
    ),
    "unchanged files": StageWords(asks="are the files still those of commit and patch afterwards?"),
    "unannounced answer": StageWords(
        asks="is the answer right too in a launch that looks like a timed one?"
    ),
    "perturbed input": StageWords(asks="is the answer right too under another hash seed?"),
    "other inputs": StageWords(asks="do answer and gain hold for other inputs (`vary`)?"),
    "kept state": StageWords(asks="what survives a call that did not before? A doubt, no refusal"),
    "judge": StageWords(asks="does a model think that it is a trick? A doubt, no refusal"),
    "full suite": StageWords(
        asks="does the whole suite still pass?",
        next_step="`--tests ARGS` chooses which tests make up the suite",
    ),
}


def stage_words(name: str) -> StageWords:
    """Return a stage in words; of one that is not known, that it is not."""
    return STAGES.get(name, _UNKNOWN)
