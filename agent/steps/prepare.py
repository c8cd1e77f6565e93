"""The step `prepare`: everything about the base that later steps rely on."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ...errors import InfrastructureError, UserError
from ...repos.environment.environment import (
    Environment,
    EnvironmentSpec,
    build_environment,
    find_subdir,
    prepare_tree,
)
from ...repos.environment.side_packages import side_packages
from ...repos.suite.suite import BaselineSuite, baseline
from ...workloads.launch import LaunchPlan, WorkloadFailed, launch
from ...workloads.timing.calibration import Calibration
from ...workloads.timing.compare import NOISE_PAIRS, NoiseFloor, noise_floor
from ...workloads.timing.interval import FEWEST
from ...workloads.timing.timings import describe_machine
from ..runs.plain import to_plain
from ..runs.run import Prepared, Run
from .calibrations import calibration_of
from .reference import reference

SHOWN = 3  # node ids named in a note
LONGEST_FLOOR_S = 120.0


def prepare(run: Run, *, suite: bool = True, floor: bool = True) -> Prepared:
    """Build the environment, check suite and workload on the base, measure the noise floor.

    Args:
        run: The run.
        suite: Whether to run the suite (never with `--no-tests`).
        floor: Whether to measure the noise floor and take the reference answers.

    Raises:
        UserError: The target cannot be used as it is: it does not install, its suite fails or is
            empty, its workload fails or hangs.
        InfrastructureError: The machine or the network failed.
    """
    if run.directory.has("prepared.json"):
        return run.prepared
    tree = checkout_base(run)
    environment = environment_for(run, tree)
    timing_cpus, other_cpus = divide_cpus(os.sched_getaffinity(0))
    notes = list(_notes(run, environment))
    # Steps below use run.target, which needs what is known so far.
    known = Prepared(
        environment=environment,
        baseline=None,
        noise_floor=None,
        baseline_s=None,
        machine=dict(describe_machine()),
        timing_cpus=timing_cpus,
        other_cpus=other_cpus,
        notes=(),
    )
    run.use(known)
    known = replace(known, read_only=_check_workload(run, tree))
    run.use(known)
    wanted = suite and not run.settings.no_tests
    tested = _check_suite(run, tree, notes) if wanted else None
    noise, baseline_s = _measure_floor(run, tree) if floor else (None, None)
    made = Prepared(
        environment=environment,
        baseline=tested,
        noise_floor=noise,
        baseline_s=baseline_s,
        machine=known.machine,
        timing_cpus=timing_cpus,
        other_cpus=other_cpus,
        notes=tuple(notes),
        read_only=known.read_only,
    )
    run.use(made)
    if floor:
        for hash_seed in (0, 1):
            reference(run, hash_seed=hash_seed)
    _prepare_expert(run)
    run.keep("prepared.json", to_plain(made))
    for note in notes:
        run.note(note)
    return made


def divide_cpus(available: set[int]) -> tuple[frozenset[int] | None, frozenset[int] | None]:
    """Return (cores for timing, cores for the rest); None twice when there is only one core."""
    if len(available) < 2:
        return None, None
    last = max(available)
    return frozenset({last}), frozenset(available - {last})


def checkout_base(run: Run) -> Path:
    """Return a new checkout of the base."""
    run.stage("prepare", f"checking out {run.request.repo.commit[:12]}")
    return run.repository.checkout("base", run.request.repo.commit)


def environment_for(run: Run, tree: Path) -> Environment:
    """Return the environment that the base's tree runs in, built when it is not kept already.

    Raises:
        UserError: It cannot be built.
        InfrastructureError: The machine or the network failed.
    """
    run.stage("prepare", "building the environment")
    settings = run.settings
    subdir = run.request.repo.subdir or find_subdir(tree)
    spec = EnvironmentSpec(
        python=settings.python,
        install=tuple(settings.install),
        build=settings.build,
        subdir=subdir,
        image=run.request.sandbox.image_id,
    )
    with run.stopwatch.waiting_for("environment"):
        environment = build_environment(
            spec,
            tree,
            settings.cache_dir,
            lambda text: run.stage("prepare", text),
            run.containment,
        )
        prepare_tree(environment, tree, rebuild=True, containment=run.containment)
    return environment


def _notes(run: Run, environment: Environment) -> list[str]:
    notes = [*run.request.notes, *environment.left_out]
    repo = run.request.repo
    if repo.dirty:
        notes.append(
            f"the working tree has uncommitted changes; the commit {repo.commit[:12]} is used"
        )
    return notes


def _check_workload(run: Run, tree: Path) -> bool:
    """Run the workload once; return whether it wrote nothing to the tree but byte code."""
    run.stage("prepare", "running the workload once")
    before = _files(tree)
    try:
        with run.stopwatch.waiting_for("workload"):
            launch(run.target, tree, LaunchPlan(pinned=False, keep_home=True))
    except WorkloadFailed as error:
        raise UserError(f"the workload fails on the base: {error.summary}") from None
    return _files(tree) == before


def _files(tree: Path) -> dict[Path, int]:
    """Return when each file of a tree was changed, byte code of Python apart."""
    return {
        path: path.lstat().st_ctime_ns
        for path in tree.rglob("*")
        if path.suffix != ".pyc" and not path.is_dir()
    }


def _check_suite(run: Run, tree: Path, notes: list[str]) -> BaselineSuite:
    run.stage("prepare", "running the suite twice")
    suite = replace(run.suite, side_packages=_coverage_tools(run, notes))
    out = run.directory.folder("baseline")
    with run.stopwatch.waiting_for("tests"):
        found = baseline(
            suite, tree, out, lambda text, about_s: run.stage("prepare", text, about_s=about_s)
        )
    report = found.report
    if report.problem:
        raise UserError(f"the suite does not run on the base: {report.problem} ({report.command})")
    if not found.stable and not found.failing:
        raise UserError(
            f"the suite has no tests ({report.command}); name them with --tests or use --no-tests"
        )
    if len(found.failing) > len(found.stable):
        raise UserError(
            f"the suite fails on the base: {len(found.failing)} of "
            f"{len(found.failing) + len(found.stable)} tests, first {found.failing[0]}; "
            "mend the environment (--install, --python) or choose tests with --tests"
        )
    for what, node_ids in (("failing on the base", found.failing), ("flaky", found.flaky)):
        if node_ids:
            named = ", ".join(node_ids[:SHOWN]) + (", …" if len(node_ids) > SHOWN else "")
            notes.append(f"{len(node_ids)} test(s) set aside as {what}: {named}")
    return found


def _coverage_tools(run: Run, notes: list[str]) -> Path | None:
    """Return the folder with coverage for the target's interpreter, or None with a note."""
    try:
        with run.stopwatch.waiting_for("environment"):
            return side_packages(run.prepared.environment, run.settings.cache_dir, ("coverage",))
    except (UserError, InfrastructureError) as error:
        notes.append(f"no coverage, so every candidate runs the whole suite: {error}")
        return None


def _measure_floor(run: Run, tree: Path) -> tuple[NoiseFloor | None, float]:
    run.stage("prepare", "timing the workload on the base")
    calibration: Calibration = calibration_of(run, None, tree)
    warm = calibration.regime == "warm" and calibration.warm_s is not None
    baseline_s = calibration.warm_s if warm and calibration.warm_s else calibration.cold_s
    limit_s = min(run.settings.max_compare_s, LONGEST_FLOOR_S)
    if calibration.pairs_within(limit_s) < FEWEST:
        return None, baseline_s  # so few pairs would say nothing
    plan = run.plan(max_wall_s=limit_s)
    run.stage(
        "prepare",
        "measuring the noise floor, base against base",
        about_s=min(calibration.rounds_s(NOISE_PAIRS), limit_s),
    )
    with run.timing_lane, run.stopwatch.waiting_for("workload"):
        floor = noise_floor(
            run.target, tree, plan=plan, seed=run.seed_for("floor"), calibration=calibration
        )
    return floor, baseline_s


def _prepare_expert(run: Run) -> None:
    commit = run.request.expert_commit
    if commit is None:
        return
    run.stage("prepare", f"checking out the expert commit {commit[:12]}")
    tree = run.expert_repository.checkout("expert", commit)
    with run.stopwatch.waiting_for("environment"):
        prepare_tree(run.prepared.environment, tree, rebuild=True, containment=run.containment)
    try:
        with run.stopwatch.waiting_for("workload"):
            launch(run.target, tree, LaunchPlan(pinned=False))
    except WorkloadFailed as error:
        raise UserError(f"the workload fails on the expert commit: {error.summary}") from None
