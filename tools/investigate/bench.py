"""What the tools of one conversation work on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ...profiles.facts.call_facts import RecordedFacts
from ...profiles.facts.facts import CallFacts
from ...profiles.hotspot import Hotspot, localize
from ...profiles.places import Places
from ...profiles.profile import Profile
from ...repos.checkout import RunRepository
from ...repos.suite.coverage_map import CoverageMap
from ...repos.suite.suite import Suite
from ...workloads.answers.answer import Answer
from ...workloads.target import Target
from ...workloads.timing.calibration import Calibration
from ..edits.edits import read_text
from ..edits.paths import existing_file
from ..sources.sources import PythonSource
from .scratch import Scratch

ALL_LINES = 100_000


class Seen:
    """A profile of one tree, as hotspots and by function.

    Args:
        profile: What was recorded.
        tree: The tree that ran, as it still is.
        min_share: The smallest share worth a candidate, 0 to 1.
        coverage: Which tests execute which lines of it; None when unknown.
    """

    def __init__(
        self, profile: Profile, tree: Path, min_share: float, coverage: CoverageMap | None
    ) -> None:
        self.profile = profile
        self.places = Places(tree)
        self.hotspots = localize(
            profile,
            tree,
            min_share=min_share,
            limit=None,
            covering=coverage.covering if coverage else None,
            most_lines=ALL_LINES,
        )

    def spot(self, path: str, function: str) -> Hotspot | None:
        """Return what was seen of a function, None when no sample shows it."""
        return next(
            (spot for spot in self.hotspots if (spot.path, spot.function) == (path, function)), None
        )


@dataclass(kw_only=True)
class Bench:
    """What the tools of one conversation work on.

    Attributes:
        scratch: The tree that the conversation changes.
        base: Tree of the base, whose lines the coverage map knows.
        best: Tree of the best version so far, which the scratch tree began as; only read and run.
        repository: The run's, for its history.
        base_commit: The commit whose history is shown, and no later one.
        target: The workload and where it runs.
        baseline_s: Seconds that one call of the workload takes; None when unknown.
        suite: The repository's tests; None when there are none or they are not to be run.
        stable: Tests that passed on the base.
        failing: Tests that did not.
        coverage: Which test of the base runs which lines; None when that is not known.
        best_profile: Of the best version.
        call_facts: What was seen of its hotspots' calls.
        min_share: The smallest share of the workload worth a candidate, 0 to 1.
        outputs: Globs of files that are part of the answer.
        difference: Returns where an answer differs from the base's; None when it does not.
        calibration: Returns how the workload is timed on the best version.
        take_profile: Records a profile of a tree.
        record_facts: Looks into the calls of functions in a tree.
        timing: Held while something is timed, so that nothing else of the run is.
        seed: Decides the order of launches.
        tried: The profile of the scratch tree and the edits that it was taken with; None before.
    """

    scratch: Scratch
    base: Path
    best: Path
    repository: RunRepository
    base_commit: str
    target: Target
    baseline_s: float | None
    suite: Suite | None
    stable: frozenset[str]
    failing: frozenset[str]
    coverage: CoverageMap | None
    best_profile: Profile
    call_facts: Sequence[CallFacts]
    min_share: float
    outputs: Sequence[str]
    difference: Callable[[Answer], str | None]
    calibration: Callable[[], Calibration]
    take_profile: Callable[[Path], Profile]
    record_facts: Callable[[Path, Sequence[Hotspot]], RecordedFacts]
    timing: Callable[[], AbstractContextManager[object]]
    seed: int = 0
    tried: tuple[Seen, Mapping[str, str]] | None = None
    _sources: dict[str, tuple[str, PythonSource]] = field(default_factory=dict)

    @cached_property
    def seen(self) -> Seen:
        """The profile of the best version."""
        return Seen(self.best_profile, self.best, self.min_share, self.coverage)

    def source(self, path: str) -> PythonSource:
        """Return a Python file of the scratch tree, parsed once for each text that it has.

        Raises:
            ToolError: There is no such file, or this interpreter cannot parse it.
        """
        text = read_text(existing_file(self.scratch.tree, path))
        if path not in self._sources or self._sources[path][0] != text:
            self._sources[path] = text, PythonSource(path, text)
        return self._sources[path][1]
