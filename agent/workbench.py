"""Opens the tools of one conversation on a scratch tree of the best version so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..profiles.facts.call_facts import RecordedFacts, record_facts
from ..profiles.facts.facts import CallFacts
from ..profiles.hotspot import Hotspot
from ..profiles.profile import Profile
from ..profiles.recording.record import record
from ..repos.environment.environment import prepare_tree
from ..repos.environment.side_packages import side_packages
from ..tools.honesty.scope import Scope, files_of_tests
from ..tools.investigate.bench import Bench
from ..tools.investigate.investigation import Investigation
from ..tools.investigate.scratch import Scratch
from .runs.run import Run
from .steps.calibrations import calibration_of
from .steps.reference import difference_from, reference
from .steps.tip import tip_scratch, tip_tree

_SAMPLES = 250
_LONGEST_PROFILE_S = 15.0


def open_toolbox(
    run: Run, tip: str | None, name: str, *, profile: Profile, call_facts: Sequence[CallFacts]
) -> Investigation:
    """Return the tools of one conversation; to be closed, which deletes its scratch tree.

    Args:
        run: The run.
        tip: The version to improve.
        name: The conversation's, unlike that of any other under way: letters, digits, `-`.
        profile: Of the tip.
        call_facts: What was seen of its hotspots' calls.

    Raises:
        ToolError: The build fails in the scratch tree.
    """
    prepared, settings = run.prepared, run.settings
    baseline = prepared.baseline
    scope = Scope.of(
        files_of_tests(baseline.stable) if baseline else frozenset(),
        run.request.workload.in_repo,
        allow=settings.allow,
    )

    def lay_out() -> Path:
        tree = tip_scratch(run, tip, name=f"scratch-{name}")
        prepare_tree(prepared.environment, tree, rebuild=True, containment=run.containment)
        return tree

    best = tip_tree(run, tip)
    bench = Bench(
        scratch=Scratch(lay_out, run.repository, prepared.environment, scope, run.containment),
        base=run.repository.trees / "base",
        best=best,
        repository=run.repository,
        base_commit=run.request.repo.commit,
        target=run.target,
        baseline_s=prepared.baseline_s,
        suite=run.suite if baseline else None,
        stable=frozenset(baseline.stable) if baseline else frozenset(),
        failing=frozenset((*baseline.failing, *baseline.flaky)) if baseline else frozenset(),
        coverage=run.coverage,
        best_profile=profile,
        call_facts=call_facts,
        min_share=settings.min_share,
        outputs=tuple(settings.outputs),
        difference=lambda answer: difference_from(run, reference(run, hash_seed=0), answer)[1],
        calibration=lambda: calibration_of(run, tip, best),
        take_profile=lambda tree: _profile(run, name, tree),
        record_facts=lambda tree, spots: _facts(run, tree, spots),
        timing=lambda: _timing(run),
        seed=run.seed_for("toolbox", name),
    )
    return Investigation(bench)


@contextmanager
def _timing(run: Run) -> Iterator[None]:
    with run.timing_lane, run.stopwatch.waiting_for("workload"):
        yield


def _profile(run: Run, name: str, tree: Path) -> Profile:
    with _timing(run):
        return record(
            run.target,
            tree,
            work_dir=run.directory.folder(f"work/profile-{name}"),
            environment_side_packages=lambda: side_packages(
                run.prepared.environment, run.settings.cache_dir, ("pyinstrument",)
            ),
            native=run.settings.native,
            min_samples=_SAMPLES,
            max_s=_LONGEST_PROFILE_S,
        )


def _facts(run: Run, tree: Path, spots: Sequence[Hotspot]) -> RecordedFacts:
    with _timing(run):
        return record_facts(run.target, tree, spots)
