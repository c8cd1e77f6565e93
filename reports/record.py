"""The run's record (`report.json`) as reports read it: every key is named here and nowhere else.

A key that is missing or null reads as None or as an empty list, so that the record of a run that
ended early still renders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCHEMA_VERSION = 2


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
    """One candidate's fate."""

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
    """One hotspot, as shares of the workload, and what was seen of its calls."""

    function: str
    path: str
    first_line: int | None
    own_share: float | None
    total_share: float | None
    max_speedup: float | None
    worthwhile: bool
    note: str | None
    facts_text: str | None

    @property
    def place(self) -> str:
        """`path:function`, which stays when lines move."""
        return f"{self.path}:{self.function}"


class RunRecord:
    """Reads one run's record.

    Args:
        record: what `report.json` holds.

    Raises:
        ValueError: on construction, when the record's schema is newer than this program.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        version = record.get("schema_version", SCHEMA_VERSION)
        if not isinstance(version, int) or version > SCHEMA_VERSION:
            raise ValueError(
                f"record has schema version {version}, this program reads up to {SCHEMA_VERSION}"
            )
        self._record = record

    @property
    def run_id(self) -> str:
        """The run's name, empty when unknown."""
        return _text(self._record.get("run_id"))

    @property
    def outcome(self) -> str:
        """How the run ended, such as "accepted", "no_improvement" or "inconclusive"."""
        return _text(self._record.get("outcome")) or "unknown"

    @property
    def metric(self) -> str:
        """What was measured: "wall", "cpu", "instructions", "rss" or "energy"."""
        return _text(self._part("workload").get("metric")) or "wall"

    @property
    def noise_floor(self) -> float | None:
        """How far apart identical code measured, as a share; None when it was not measured."""
        return self._part("workload").get("noise_floor")

    @property
    def provable_gain(self) -> float | None:
        """The smallest gain that one comparison could prove there, as a share; None likewise."""
        return self._part("workload").get("provable_gain")

    @property
    def stopped(self) -> str:
        """Why the search ended; empty when unknown."""
        return _text(self._record.get("stopped"))

    @property
    def repository(self) -> str:
        """What was optimized, as the user named it."""
        return _text(self._part("target").get("repo"))

    @property
    def commit(self) -> str:
        """The base commit, 40 hex digits; empty when unknown."""
        return _text(self._part("target").get("commit"))

    @property
    def expert_commit(self) -> str:
        """The expert commit; empty when none was named."""
        return _text(self._part("target").get("expert"))

    @property
    def workload(self) -> str:
        """The workload's name."""
        return _text(self._part("workload").get("name"))

    @property
    def command(self) -> str:
        """The command that reproduces the run."""
        return _text(self._record.get("command"))

    @property
    def gain(self) -> Gain | None:
        """The final measurement; None when nothing was measured."""
        part = self._part("speedup")
        if part.get("speedup") is None:
            return None
        return Gain(
            speedup=part["speedup"],
            ci_low=part.get("ci_low"),
            ci_high=part.get("ci_high"),
            confidence=part.get("confidence") or 0.95,
            pairs=part.get("pairs"),
            baseline=part.get("baseline", part.get("baseline_s")),
            candidate=part.get("candidate", part.get("candidate_s")),
            metric=self.metric,
        )

    @property
    def evidence(self) -> str:
        """The file from which the verdict can be derived again; empty when there is none."""
        return _text(self._record.get("evidence"))

    @property
    def expert(self) -> Expert | None:
        """The expert commit's speedup and the ratio to it; None when none was named."""
        part = self._part("expert")
        if not part:
            return None
        return Expert(
            speedup=part.get("speedup"),
            speedup_ratio=part.get("speedup_ratio"),
            ratio_low=part.get("speedup_ratio_ci_low"),
            ratio_high=part.get("speedup_ratio_ci_high"),
        )

    @property
    def suite(self) -> SuiteCounts | None:
        """The suite's counts; None when it did not run."""
        part = self._part("suite")
        if not part:
            return None
        return SuiteCounts(
            of=_text(part.get("of")) or "final patch",
            passed=_count(part.get("passed")),
            failed=_count(part.get("failed")),
            flaky=_count(part.get("flaky")),
            failing_before=_count(part.get("failing_before")),
            seconds=part.get("seconds"),
        )

    @property
    def patch_size(self) -> tuple[tuple[str, ...], int, int] | None:
        """The patch's files, added lines and removed lines; None when there is no patch."""
        part = self._part("patch")
        if not part.get("files"):
            return None
        return tuple(part["files"]), part.get("added_lines") or 0, part.get("removed_lines") or 0

    @property
    def changes(self) -> list[CandidateLine]:
        """The candidates that the final patch consists of, in the order they were stacked.

        Every accepted one when the record does not say.
        """
        accepted = [line for line in self.candidates if line.outcome == "accepted"]
        stacked = [
            _text(part.get("candidate_id")) for part in self._part("patch").get("stacked") or ()
        ]
        by_id = {line.candidate_id: line for line in self.candidates}
        return [by_id[name] for name in stacked if name in by_id] or accepted

    @property
    def candidates(self) -> list[CandidateLine]:
        """Every candidate, in the order of the record."""
        return [
            CandidateLine(
                candidate_id=_text(part.get("candidate_id")),
                origin=_text(part.get("origin")),
                hotspot=_text(part.get("hotspot")),
                hypothesis=_text(part.get("hypothesis")),
                outcome=_text(part.get("outcome")) or "unknown",
                stage=_text(part.get("stage")),
                reason=_text(part.get("reason")),
                speedup=part.get("speedup"),
                ci_low=part.get("ci_low"),
                ci_high=part.get("ci_high"),
                files=tuple(part.get("files") or ()),
                round=_count(part.get("round")),
                parent_id=_text(part.get("parent_id")),
            )
            for part in self._list("candidates")
        ]

    @property
    def policy(self) -> str:
        """Which versions the search started from; empty when there was none."""
        return _text(self._part("search").get("policy"))

    @property
    def rounds(self) -> list[RoundLine]:
        """What each round asked, in their order."""
        return [_round(part) for part in self._part("search").get("rounds") or ()]

    @property
    def hotspots(self) -> list[HotspotLine]:
        """The base's hotspots, those worth most first."""
        return [_hotspot(part) for part in self._list("hotspots")]

    @property
    def hotspots_after(self) -> list[HotspotLine]:
        """The patched version's hotspots; empty when nothing was accepted."""
        return [_hotspot(part) for part in self._list("hotspots_after")]

    @property
    def doubts(self) -> list[str]:
        """Reasons why a number may be unsound."""
        return [_text(doubt) for doubt in self._list("doubts")]

    @property
    def notes(self) -> list[str]:
        """What else a reader should know."""
        return [_text(note) for note in self._list("notes")]

    @property
    def spend(self) -> Mapping[str, Any]:
        """Rounds, usd, tokens, wall_s; what was not counted is missing or None."""
        return self._part("spend")

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by what they went into: workload, tests, model, own, total."""
        return {
            name: float(value) for name, value in self._part("seconds").items() if value is not None
        }

    @property
    def machine(self) -> dict[str, str]:
        """What it was measured on."""
        return {
            name: _text(value) for name, value in self._part("machine").items() if value is not None
        }

    @property
    def sandbox(self) -> str:
        """What contained the target's code; "" when the record does not say."""
        part = self._part("sandbox")
        if not part:
            return ""
        network = "with the network" if part.get("network") else "no network"
        told = [_text(part.get("name")), *([network] if part.get("name") != "none" else [])]
        return f"{', '.join(told)}: {'; '.join(map(_text, part.get('guarantees') or ()))}"

    def _part(self, key: str) -> Mapping[str, Any]:
        value = self._record.get(key)
        return value if isinstance(value, Mapping) else {}

    def _list(self, key: str) -> Sequence[Any]:
        value = self._record.get(key)
        return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _round(part: Mapping[str, Any]) -> RoundLine:
    arms = sorted(part.get("arms") or (), key=lambda arm: -arm["draw"])
    return RoundLine(
        number=_count(part.get("round")),
        asks=tuple(_ask(ask) for ask in part.get("asks") or ()),
        draws=tuple((_text(arm["strategy"]), float(arm["draw"])) for arm in arms),
        problem=_text(part.get("problem")),
    )


def _ask(part: Mapping[str, Any]) -> AskLine:
    return AskLine(
        proposer=_text(part.get("proposer")),
        strategy=_text(part.get("strategy")),
        parent=_text(part.get("parent")),
        about=tuple(part.get("about") or ()),
        plan=_text(part.get("plan")),
        candidates=tuple(part.get("candidates") or ()),
        repeats=tuple(part.get("repeats") or ()),
    )


def _hotspot(part: Mapping[str, Any]) -> HotspotLine:
    return HotspotLine(
        function=_text(part.get("function")),
        path=_text(part.get("path")),
        first_line=part.get("first_line"),
        own_share=part.get("own_share"),
        total_share=part.get("total_share"),
        max_speedup=part.get("max_speedup"),
        worthwhile=bool(part.get("worthwhile", True)),
        note=part.get("note"),
        facts_text=part.get("facts_text"),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _count(value: Any) -> int:
    """Return a count that the record may hold as a number or as the list itself."""
    if value is None:
        return 0
    return len(value) if isinstance(value, Sequence) else int(value)
