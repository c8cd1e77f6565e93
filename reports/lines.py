"""The parts of a record (`report.json`) as reports read them; `record.py` reads the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Gain:
    """The measured speedup of the final patch against the base.

    Attributes:
        baseline: The middle value of the base, in the metric's unit.
        candidate: The same of the patched version.
        metric: What was measured: "wall", "cpu", "instructions", "rss" or "energy".
    """

    speedup: float
    ci_low: float | None
    ci_high: float | None
    confidence: float
    pairs: int | None
    baseline: float | None
    candidate: float | None
    metric: str


@dataclass(frozen=True, kw_only=True)
class Expert:
    """The expert commit, measured beside the patch.

    Attributes:
        speedup: Of the expert commit over the base.
        speedup_ratio: SR, the patch's speedup over the expert's.
        ratio_low: Lower end of the interval of `speedup_ratio`.
        ratio_high: Its upper end.
    """

    speedup: float | None
    speedup_ratio: float | None
    ratio_low: float | None
    ratio_high: float | None


@dataclass(frozen=True, kw_only=True)
class SuiteCounts:
    """How the repository's own tests went.

    Attributes:
        of: What they ran on: "final patch", or "base" when there is none.
        passed: Tests.
        failed: Tests, errors included.
        flaky: Tests set aside because two runs on the base differed.
        failing_before: Tests set aside because they fail on the base.
        seconds: How long they took.
    """

    of: str
    passed: int
    failed: int
    flaky: int
    failing_before: int
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class CandidateLine:
    """One candidate's fate.

    Attributes:
        diff: Its whole change against the base; empty when the record does not hold it.
        from_s: When its trial began, in seconds of run time; None when unknown.
        to_s: When it ended, likewise.
        stages: The gate's stages that it came to, with the seconds each took.
    """

    candidate_id: str
    origin: str
    hotspot: str
    hypothesis: str
    outcome: str
    stage: str
    reason: str
    speedup: float | None
    ci_low: float | None
    ci_high: float | None
    files: tuple[str, ...]
    round: int = 0
    parent_id: str = ""
    pairs: int = 0
    evidence: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    diff: str = ""
    from_s: float | None = None
    to_s: float | None = None
    stages: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class AskLine:
    """What one proposer was asked in a round, and what came of it.

    Attributes:
        proposer: Who.
        strategy: Of a model: which kind of change or move; else empty.
        parent: The version to change; empty for the base.
        about: The earlier candidates that it was about.
        plan: The plan that it was to carry out; empty without one.
        candidates: Ids of what it proposed.
        repeats: Ids of what its proposals repeated.
    """

    proposer: str
    strategy: str
    parent: str
    about: tuple[str, ...]
    plan: str
    candidates: tuple[str, ...]
    repeats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RoundLine:
    """One round of the search.

    Attributes:
        number: From 1.
        asks: In the order of their candidates.
        draws: What the bandit drew for each strategy, gain for a unit of cost, the highest first.
        problem: Why there were no plans in words; empty when there were, or none were asked for.
    """

    number: int
    asks: tuple[AskLine, ...]
    draws: tuple[tuple[str, float], ...]
    problem: str


@dataclass(frozen=True, kw_only=True)
class HotspotLine:
    """One hotspot, as shares of the workload, and what was seen of its calls.

    Attributes:
        lines: Its hottest lines: number, self share, total share.
        source: Its text; empty when the record does not hold it.
    """

    function: str
    path: str
    first_line: int | None
    own_share: float | None
    total_share: float | None
    max_speedup: float | None
    worthwhile: bool
    note: str | None
    facts_text: str | None
    callers: tuple[str, ...] = ()
    covering_tests: int = 0
    lines: tuple[tuple[int, float, float], ...] = ()
    source: str = ""

    @property
    def place(self) -> str:
        """`path:function`, which stays when lines move."""
        return f"{self.path}:{self.function}"


@dataclass(frozen=True, kw_only=True)
class SideMetric:
    """What else the final launches measured, in the middle: less is better.

    Attributes:
        unit: "s" or "bytes".
    """

    name: str
    unit: str
    baseline: float
    candidate: float


def candidate_line(part: Mapping[str, Any]) -> CandidateLine:
    """Read one candidate."""
    return CandidateLine(
        candidate_id=text_of(part.get("candidate_id")),
        origin=text_of(part.get("origin")),
        hotspot=text_of(part.get("hotspot")),
        hypothesis=text_of(part.get("hypothesis")),
        outcome=text_of(part.get("outcome")) or "unknown",
        stage=text_of(part.get("stage")),
        reason=text_of(part.get("reason")),
        speedup=part.get("speedup"),
        ci_low=part.get("ci_low"),
        ci_high=part.get("ci_high"),
        files=tuple(part.get("files") or ()),
        round=count_of(part.get("round")),
        parent_id=text_of(part.get("parent_id")),
        pairs=count_of(part.get("pairs")),
        evidence=tuple(map(text_of, part.get("evidence") or ())),
        doubts=tuple(map(text_of, part.get("doubts") or ())),
        diff=text_of(part.get("diff")),
        from_s=part.get("from_s"),
        to_s=part.get("to_s"),
        stages=tuple((each["stage"], each["seconds"]) for each in part.get("stages") or ()),
    )


def round_line(part: Mapping[str, Any]) -> RoundLine:
    """Read one round of the search."""
    arms = sorted(part.get("arms") or (), key=lambda arm: -arm["draw"])
    return RoundLine(
        number=count_of(part.get("round")),
        asks=tuple(_ask(ask) for ask in part.get("asks") or ()),
        draws=tuple((text_of(arm["strategy"]), float(arm["draw"])) for arm in arms),
        problem=text_of(part.get("problem")),
    )


def _ask(part: Mapping[str, Any]) -> AskLine:
    return AskLine(
        proposer=text_of(part.get("proposer")),
        strategy=text_of(part.get("strategy")),
        parent=text_of(part.get("parent")),
        about=tuple(part.get("about") or ()),
        plan=text_of(part.get("plan")),
        candidates=tuple(part.get("candidates") or ()),
        repeats=tuple(part.get("repeats") or ()),
    )


def hotspot_line(part: Mapping[str, Any]) -> HotspotLine:
    """Read one hotspot."""
    return HotspotLine(
        function=text_of(part.get("function")),
        path=text_of(part.get("path")),
        first_line=part.get("first_line"),
        own_share=part.get("own_share"),
        total_share=part.get("total_share"),
        max_speedup=part.get("max_speedup"),
        worthwhile=bool(part.get("worthwhile", True)),
        note=part.get("note"),
        facts_text=part.get("facts_text"),
        callers=tuple(part.get("callers") or ()),
        covering_tests=count_of(part.get("covering_tests")),
        lines=tuple(
            (line["line"], line["self_share"], line["total_share"])
            for line in part.get("lines") or ()
        ),
        source=text_of(part.get("source")),
    )


def text_of(value: Any) -> str:
    """Return a value as text, None as none."""
    return "" if value is None else str(value)


def count_of(value: Any) -> int:
    """Return a count that the record may hold as a number or as the list itself."""
    if value is None:
        return 0
    return len(value) if isinstance(value, Sequence) else int(value)
