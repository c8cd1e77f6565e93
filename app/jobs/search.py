"""One search for faster code, and each change that it accepted measured by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..store.queue import Job
from .desk import Desk
from .publishing import Suggestion

_SLACK_S = 1800.0
"""What a run may take beyond its budget: the environment, the suite, the last measurement."""

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a job has perfagent do. Begun again it goes on where it was.

    Attributes:
        desk: What the job works with.
        job: The job.
        name: The workload's name in the repository's configuration.
        target: Repository, workload and options, as words of the command line.
        budget_s: Seconds that the search may take.
        options: Further words, for tests that have no time.
        beat: Called while it lasts; raises when the job is lost.
    """

    desk: Desk
    job: Job
    name: str
    target: tuple[str, ...]
    budget_s: float
    options: tuple[str, ...]
    beat: Callable[[str], None]

    def run(self) -> Record:
        """Search, and return the record."""
        found = self.desk.engine(self.job).run(
            ["optimize", *self.target, "--max-wall", f"{self.budget_s:g}", *self.options],
            out=self.desk.folder(self.job) / "run",
            beat=self.beat,
            most_s=self.budget_s + _SLACK_S,
        )
        return self._named(found)

    def suggestions(
        self, record: Record, unwanted: Mapping[str, str], *, most: int, least: float
    ) -> list[Suggestion]:
        """Return the changes worth showing, one function each, what saves most time first.

        Args:
            record: What `run` returned.
            unwanted: Functions that are not to be changed, and why.
            most: How many to return at most.
            least: Lower bound of the interval that each must have by itself.
        """
        best = _best(record)
        wanted = {spot: line for spot, line in best.items() if not why_not(spot, unwanted)}
        if len(best) == 1 == len((record["patch"] or {}).get("stacked", ())):
            found = [self._whole(record, spot) for spot in wanted]
        else:
            found = []
            for spot, line in wanted.items():
                if sum(_is_worth(each, least) for each in found) < most:
                    found += self._alone(spot, line["candidate_id"])
        worth = [each for each in found if _is_worth(each, least)]
        return sorted(worth, key=lambda each: -each.saved_s)[:most]

    def _whole(self, record: Record, spot: str) -> Suggestion:
        """Return the run's one change: its last measurement is of nothing else."""
        file = self.desk.folder(self.job) / "run" / "patch.diff"
        diff = file.read_text(encoding="utf-8", errors="surrogateescape")
        return _suggestion(record["patch"]["stacked"][0]["candidate_id"], spot, record, diff)

    def _alone(self, spot: str, candidate: str) -> list[Suggestion]:
        """Measure one of several changes by itself, on fresh samples; none when that is no gain."""
        folder = self.desk.folder(self.job)
        kept = json.loads((folder / "run" / "candidates" / f"{candidate}.json").read_text())
        diff = kept["patch"]["diff"]
        file, out = folder / f"{candidate}.diff", folder / f"alone-{candidate}"
        file.write_text(diff, encoding="utf-8", errors="surrogateescape")
        if (out / "report.json").is_file():
            record = json.loads((out / "report.json").read_text(encoding="utf-8"))
        else:
            record = self.desk.engine(self.job).run(
                ["measure", *self.target, "--patch", str(file), *self._pairs()],
                out=out,
                beat=self.beat,
                most_s=_SLACK_S,
            )
        if record["outcome"] != "accepted":
            return []
        return [_suggestion(candidate, spot, self._described(record, candidate), diff)]

    def _described(self, record: Record, candidate: str) -> Record:
        """Return a measurement's record with what the search knew of its change."""
        file = self.desk.folder(self.job) / "run" / "report.json"
        search = json.loads(file.read_text(encoding="utf-8"))
        ours = [line for line in search["candidates"] if line["candidate_id"] == candidate]
        others = [line for line in search["candidates"] if line["candidate_id"] != candidate]
        names = ("candidate_id", "origin", "hypothesis")
        stacked = [{name: line[name] for name in names} for line in ours]
        return self._named(
            {
                **record,
                "hotspots": search["hotspots"],
                "candidates": [*ours, *others],
                "patch": {**record["patch"], "stacked": stacked},
            }
        )

    def _named(self, record: Record) -> Record:
        """Call the workload what the repository calls it."""
        return {**record, "workload": {**record["workload"], "name": self.name}}

    def _pairs(self) -> list[str]:
        at = self.options.index("--max-pairs") if "--max-pairs" in self.options else None
        return [] if at is None else list(self.options[at : at + 2])


def why_not(spot: str, unwanted: Mapping[str, str]) -> str:
    """Return why a function, `path:function`, is not to be changed; "" when it may be."""
    return unwanted.get(spot) or unwanted.get(spot.rpartition(":")[2]) or ""


def left_out(record: Record, unwanted: Mapping[str, str]) -> list[str]:
    """Say which accepted changes were left out because of what people decided."""
    return [f"{spot}: {why}" for spot in _best(record) if (why := why_not(spot, unwanted))]


def _best(record: Record) -> dict[str, Record]:
    """Return the best accepted change of each function by itself, the best of all first."""
    accepted = [
        line
        for line in record["candidates"]
        if line["outcome"] == "accepted" and line["parent_id"] is None and line.get("speedup")
    ]
    best: dict[str, Record] = {}
    if record["outcome"] == "accepted":
        for line in sorted(accepted, key=lambda line: -line["speedup"]):
            best.setdefault(line["hotspot"] or line["candidate_id"], line)
    return best


def _is_worth(suggestion: Suggestion, least: float) -> bool:
    return float(suggestion.record["speedup"].get("ci_low") or 0.0) >= least


def _suggestion(candidate: str, spot: str, record: Record, diff: str) -> Suggestion:
    speedup = record["speedup"]
    saved = speedup["baseline"] - speedup["candidate"] if speedup["unit"] == "s" else 0.0
    spots = (spot,) if ":" in spot else ()
    return Suggestion(candidate=candidate, spots=spots, saved_s=saved, record=record, diff=diff)
