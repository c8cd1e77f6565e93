"""The steps `profile` and `localize`: where the current best version spends its time, and how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...errors import InfrastructureError
from ...profiles.facts.call_facts import LONGEST_WORKLOAD_S, RecordedFacts, record_facts
from ...profiles.facts.facts import CallFacts
from ...profiles.hotspot import Hotspot, localize
from ...profiles.profile import Profile
from ...profiles.recording.record import record
from ...profiles.views.export import collapsed, speedscope
from ...repos.environment.side_packages import side_packages
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run


def take_profile(run: Run, name: str, tree: Path) -> Profile:
    """Record the workload's profile in a tree, once; later calls read it back.

    Args:
        run: The run.
        name: What the profile is of ("round-1", "after").
        tree: The version to profile.

    Raises:
        WorkloadFailed: The workload fails under the profiler.
        InfrastructureError: No profiler works here.
    """
    file = f"profiles/{name}.json"
    if (known := read_profile(run, name)) is not None:
        return known
    work_dir = run.directory.folder("work/profile")
    with run.timing_lane, run.stopwatch.waiting_for("workload"):
        profile = record(
            run.target,
            tree,
            work_dir=work_dir,
            environment_side_packages=lambda: side_packages(
                run.prepared.environment, run.settings.cache_dir, ("pyinstrument",)
            ),
            native=run.settings.native,
        )
    run.keep(file, profile.to_json())
    if profile.note:
        run.note(profile.note)
    return profile


def read_profile(run: Run, name: str) -> Profile | None:
    """Return a profile that was recorded, or None when the run did not get so far."""
    file = f"profiles/{name}.json"
    return Profile.from_json(run.directory.read_json(file)) if run.directory.has(file) else None


def export_profile(run: Run, profile: Profile, name: str) -> None:
    """Write a profile as speedscope JSON and collapsed stacks, for people's own tools."""
    title = f"{run.request.workload.name} ({name})"
    run.keep(f"profile-{name}.speedscope.json", speedscope(profile, title))
    run.directory.write_text(f"profile-{name}.collapsed.txt", collapsed(profile))


def find_hotspots(run: Run, name: str, profile: Profile, tree: Path) -> list[Hotspot]:
    """Rank the functions the repository owns by what a change to them could save."""
    if (known := read_hotspots(run, name)) is not None:
        return known
    found = localize(
        profile,
        tree,
        min_share=run.settings.min_share,
        covering=run.coverage.covering if run.coverage else None,
    )
    run.keep(f"profiles/{name}-hotspots.json", [to_plain(hotspot) for hotspot in found])
    return found


def read_hotspots(run: Run, name: str) -> list[Hotspot] | None:
    """Return the hotspots that were ranked, or None when the run did not get so far."""
    file = f"profiles/{name}-hotspots.json"
    if not run.directory.has(file):
        return None
    return [from_plain(Hotspot, plain) for plain in run.directory.read_json(file)]


def find_facts(
    run: Run, name: str, hotspots: Sequence[Hotspot], tree: Path
) -> tuple[CallFacts, ...]:
    """Look into the calls of the hotspots in one run of the workload, once.

    Facts only steer proposals, so that there are none is a note and never an error.

    Args:
        run: The run.
        name: What the hotspots are of ("round-01").
        hotspots: What `find_hotspots` found.
        tree: The version that they were found in.

    Returns:
        Nothing when it is off, when no proposer would use it, or when the calls cannot be seen.
    """
    if not run.settings.facts or {"rewrites", "llm"}.isdisjoint(run.settings.proposers()):
        return ()
    file = f"profiles/{name}-facts.json"
    if (known := read_facts(run, name)) is not None:
        return known
    workload_s = _workload_s(run, name)
    if workload_s > LONGEST_WORKLOAD_S:
        made = RecordedFacts(notes=(f"none, as the workload takes {workload_s:.0f} s",))
    else:
        run.stage("localize", "looking into the hotspots' calls")
        try:
            with run.timing_lane, run.stopwatch.waiting_for("workload"):
                made = record_facts(run.target, tree, hotspots, usual_s=workload_s or None)
        except InfrastructureError as error:
            made = RecordedFacts(notes=(str(error),))
    run.keep(file, to_plain(made))
    for note in made.notes:
        run.note(f"call facts: {note}")
    return made.facts


def _workload_s(run: Run, name: str) -> float:
    """Return how long the workload takes, or did under the profiler where nobody timed it."""
    if run.prepared.baseline_s is not None:
        return run.prepared.baseline_s
    profile = read_profile(run, name)
    return profile.duration_s if profile else 0.0


def read_facts(run: Run, name: str) -> tuple[CallFacts, ...] | None:
    """Return the facts that were recorded, or None when nothing was."""
    file = f"profiles/{name}-facts.json"
    if not run.directory.has(file):
        return None
    return from_plain(RecordedFacts, run.directory.read_json(file)).facts
