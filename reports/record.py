"""The run's record (`report.json`) as reports read it: every key is named here and nowhere else.

A key that is missing or null reads as None or as an empty list, so that the record of a run that
ended early still renders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .lines import (
    CandidateLine,
    Expert,
    Gain,
    HotspotLine,
    RoundLine,
    SideMetric,
    SuiteCounts,
    candidate_line,
    count_of,
    hotspot_line,
    round_line,
    text_of,
)
from .sweep import SizeSweep, guard_text, read_sweep

SCHEMA_VERSION = 2


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
        return text_of(self._record.get("run_id"))

    @property
    def outcome(self) -> str:
        """How the run ended, such as "accepted", "no_improvement" or "inconclusive"."""
        return text_of(self._record.get("outcome")) or "unknown"

    @property
    def metric(self) -> str:
        """What was measured: "wall", "cpu", "instructions", "rss" or "energy"."""
        return text_of(self._part("workload").get("metric")) or "wall"

    @property
    def noise_floor(self) -> float | None:
        """How far apart identical code measured, as a share; None when it was not measured."""
        return self._part("workload").get("noise_floor")

    @property
    def provable_gain(self) -> float | None:
        """The smallest gain that one comparison could prove there, as a share; None likewise."""
        return self._part("workload").get("provable_gain")

    @property
    def baseline_s(self) -> float | None:
        """Seconds of the workload on the base; None when it was not measured."""
        return self._part("workload").get("baseline_s")

    @property
    def stopped(self) -> str:
        """Why the search ended; empty when unknown."""
        return text_of(self._record.get("stopped"))

    @property
    def repository(self) -> str:
        """What was optimized, as the user named it."""
        return text_of(self._part("target").get("repo"))

    @property
    def commit(self) -> str:
        """The base commit, 40 hex digits; empty when unknown."""
        return text_of(self._part("target").get("commit"))

    @property
    def expert_commit(self) -> str:
        """The expert commit; empty when none was named."""
        return text_of(self._part("target").get("expert"))

    @property
    def workload(self) -> str:
        """The workload's name."""
        return text_of(self._part("workload").get("name"))

    @property
    def command(self) -> str:
        """The command that reproduces the run."""
        return text_of(self._record.get("command"))

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
        return text_of(self._record.get("evidence"))

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
    def sweep(self) -> SizeSweep | None:
        """Base and patched version over sizes; None when that was not asked for."""
        confidence = self.gain.confidence if self.gain else 0.95
        return read_sweep(self._part("sweep"), self.metric, confidence)

    @property
    def guard(self) -> str:
        """What became of the guard test; empty when none was asked for."""
        return guard_text(self._part("guard"))

    @property
    def guard_file(self) -> str:
        """The guard test's name in the run's directory; empty when there is none."""
        return text_of(self._part("guard").get("file"))

    @property
    def suite(self) -> SuiteCounts | None:
        """The suite's counts; None when it did not run."""
        part = self._part("suite")
        if not part:
            return None
        return SuiteCounts(
            of=text_of(part.get("of")) or "final patch",
            passed=count_of(part.get("passed")),
            failed=count_of(part.get("failed")),
            flaky=count_of(part.get("flaky")),
            failing_before=count_of(part.get("failing_before")),
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
            text_of(part.get("candidate_id")) for part in self._part("patch").get("stacked") or ()
        ]
        by_id = {line.candidate_id: line for line in self.candidates}
        return [by_id[name] for name in stacked if name in by_id] or accepted

    @property
    def candidates(self) -> list[CandidateLine]:
        """Every candidate, in the order of the record."""
        return [candidate_line(part) for part in self._list("candidates")]

    @property
    def gate(self) -> list[str]:
        """The names of the gate's stages, in order; empty when the record does not say."""
        return [text_of(name) for name in self._list("gate")]

    @property
    def steps(self) -> list[tuple[str, float]]:
        """The run's steps and when each began, in seconds of run time."""
        return [(text_of(part.get("stage")), part["from_s"]) for part in self._list("steps")]

    @property
    def pairs(self) -> tuple[list[float], list[float]]:
        """The values of the final pairs, the base's and the patched version's."""
        part = self._part("speedup")
        return list(part.get("baseline_values") or ()), list(part.get("candidate_values") or ())

    @property
    def side_metrics(self) -> list[SideMetric]:
        """What else the final launches measured."""
        return [SideMetric(**part) for part in self._part("speedup").get("also") or ()]

    @property
    def regime(self) -> str:
        """Which call was compared: "cold" (the first of a process) or "warm"; "" if unknown."""
        return text_of(self._part("speedup").get("regime"))

    @property
    def min_effect(self) -> float | None:
        """The smallest gain worth accepting, as a share; None when nothing was accepted."""
        return self._part("speedup").get("min_effect")

    def flames(self, name: str) -> Mapping[str, Any] | None:
        """The call tree of "before" or "after"; None when it was not profiled."""
        value = self._part("profiles").get(name)
        return value if isinstance(value, Mapping) else None

    @property
    def started_at(self) -> str:
        """When it began, ISO 8601 in UTC; empty when unknown."""
        return text_of(self._record.get("started_at"))

    @property
    def workload_source(self) -> str:
        """The workload's text; empty when unknown."""
        return text_of(self._part("workload").get("source"))

    @property
    def environment(self) -> Mapping[str, Any]:
        """The target's `python`, `version` and `packages`."""
        return self._part("environment")

    @property
    def settings(self) -> Mapping[str, Any]:
        """The effective settings."""
        return self._part("settings")

    @property
    def policy(self) -> str:
        """Which versions the search started from; empty when there was none."""
        return text_of(self._part("search").get("policy"))

    @property
    def rounds(self) -> list[RoundLine]:
        """What each round asked, in their order."""
        return [round_line(part) for part in self._part("search").get("rounds") or ()]

    @property
    def hotspots(self) -> list[HotspotLine]:
        """The base's hotspots, those worth most first."""
        return [hotspot_line(part) for part in self._list("hotspots")]

    @property
    def hotspots_after(self) -> list[HotspotLine]:
        """The patched version's hotspots; empty when nothing was accepted."""
        return [hotspot_line(part) for part in self._list("hotspots_after")]

    @property
    def doubts(self) -> list[str]:
        """Reasons why a number may be unsound."""
        return [text_of(doubt) for doubt in self._list("doubts")]

    @property
    def notes(self) -> list[str]:
        """What else a reader should know."""
        return [text_of(note) for note in self._list("notes")]

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
            name: text_of(value)
            for name, value in self._part("machine").items()
            if value is not None
        }

    @property
    def sandbox(self) -> str:
        """What contained the target's code; "" when the record does not say."""
        part = self._part("sandbox")
        if not part:
            return ""
        network = "with the network" if part.get("network") else "no network"
        told = [text_of(part.get("name")), *([network] if part.get("name") != "none" else [])]
        return f"{', '.join(told)}: {'; '.join(map(text_of, part.get('guarantees') or ()))}"

    def _part(self, key: str) -> Mapping[str, Any]:
        value = self._record.get(key)
        return value if isinstance(value, Mapping) else {}

    def _list(self, key: str) -> Sequence[Any]:
        value = self._record.get(key)
        return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
