"""An instance's base, ready for any number of patches: what is found out once and kept.

    ground.json       environment, suite on the base, how the workloads are timed
    answers/          the base's answer to each workload
    expert*.json      what the expert's patch measured beside the base alone
    results/          what came of each patch
    work/             a bare repository and the base's worktree; candidates' come and go

The folder lies in the cache under a name that follows from the instance, its base commit and what
the user said of the environment: another run finds it there.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...agent.runs.directory import RunDirectory
from ...agent.runs.plain import from_plain, to_plain
from ...errors import InfrastructureError, UserError
from ...repos.checkout import RunRepository
from ...repos.commands.process import USUAL_LIMITS
from ...repos.environment.environment import (
    Environment,
    EnvironmentSpec,
    build_environment,
    prepare_tree,
)
from ...repos.environment.interpreter import NoInterpreter
from ...repos.git import git
from ...repos.locks import exclusive
from ...repos.patch import Patch
from ...repos.sandbox.choice import choose, opened
from ...repos.sandbox.containment import Containment
from ...repos.source.mirror import open_ref, resolve
from ...repos.source.ref import RepoRef, parse_repo
from ...repos.suite.suite import BaselineSuite, Suite, baseline
from ...settings import Settings
from ...workloads.answers.answer import Answer, compare_again, stable_answer
from ...workloads.answers.capture import capture_answer
from ...workloads.answers.loosening import Loosening
from ...workloads.launch import LaunchPlan, WorkloadFailed, launch
from ...workloads.target import Target
from ...workloads.timing.calibration import Calibration, calibrate
from ...workloads.timing.timings import describe_machine
from ...workloads.workload import Workload
from ..dataset.instance import Instance
from .environments import environment_of
from .lane import Lane, open_lane
from .parts import workloads_of

FORMAT = 4
"""Raised when kept files of an earlier perfagent must not be used any more."""

_FILE = "ground.json"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is kept of the base.

    Attributes:
        environment: Where it runs.
        suite: The covering tests on the base; None when there are none to run.
        missing_tests: Covering tests that the base does not have.
    """

    environment: Environment
    suite: BaselineSuite | None
    missing_tests: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ground:
    """An instance's base, ready.

    Attributes:
        instance: The instance.
        settings: What the user said.
        ref: The repository and the base commit.
        directory: Where all of it is kept.
        repository: Its worktrees.
        known: What was found out of the base.
        workloads: What is timed.
        containment: How the target's code is contained.
        lane: Whose turn it is to time.
    """

    instance: Instance
    settings: Settings
    ref: RepoRef
    directory: RunDirectory
    repository: RunRepository
    known: Known
    workloads: tuple[Workload, ...]
    containment: Containment
    lane: Lane

    @property
    def base(self) -> Path:
        """The base's tree."""
        return self.repository.trees / "base"

    def target(self, workload: Workload) -> Target:
        """Return a workload where it runs."""
        settings = self.settings
        memory = settings.memory_gb
        return Target(
            workload=workload,
            environment=self.known.environment,
            limits=replace(
                USUAL_LIMITS,
                wall_s=settings.workload_timeout_s,
                memory_bytes=int(memory * 2**30) if memory else None,
            ),
            timing_cpus=self.lane.timing_cpus,
            other_cpus=self.lane.other_cpus,
            containment=self.containment,
        )

    @property
    def tests(self) -> tuple[str, ...]:
        """Covering tests, or those that are timed: paths and node ids, of the base or not."""
        return self.instance.efficiency_tests or self.instance.covering_tests

    @property
    def missing_tests(self) -> tuple[str, ...]:
        """Those of them that the base does not have."""
        return tuple(path for path in self.tests if not (self.base / path.split("::")[0]).exists())

    @property
    def suite(self) -> Suite:
        """The covering tests that the base has."""
        missing = self.missing_tests
        return Suite(
            env=self.known.environment,
            arguments=tuple(path for path in self.tests if path not in missing),
            timeout_s=self.settings.suite_timeout_s,
            containment=self.containment,
        )

    def tree(self, name: str, patch: Patch) -> Path:
        """Return a worktree of the base with a patch, prepared to run.

        Raises:
            ToolError: The patch does not apply, or the repository does not build with it.
        """
        tree = self.repository.checkout(name, self.ref.commit, patch)
        environment = self.known.environment
        prepare_tree(environment, tree, rebuild=True, containment=self.containment)
        return tree

    def calibration(self, number: int) -> Calibration:
        """Return how a workload is timed, found out on the base once; the caller has the lane.

        Raises:
            WorkloadFailed: It does not run.
        """
        name = f"calibrations/{number}.json"
        if self.directory.has(name):
            return from_plain(Calibration, self.directory.read_json(name))
        made = calibrate(self.target(self.workloads[number]), self.base)
        self.directory.write_json(name, to_plain(made))
        return made

    def answer(self, number: int) -> Answer:
        """Return the base's answer to a workload: two launches, so that chance is masked.

        Raises:
            WorkloadFailed: It does not run.
        """
        name = _answer_name(number)
        if self.directory.has(name):
            return self.directory.read_json(name)
        target = self.target(self.workloads[number])
        first, second = (capture_answer(target, self.base) for _ in range(2))
        made = stable_answer(first, second, Loosening.parse(self.settings.loosen))
        self.directory.write_json(name, made)
        return made

    def difference_from(
        self, number: int, known: Answer, answer: Answer
    ) -> tuple[Answer, str | None]:
        """Return what is known of the base's answer now, and the difference: `compare_again`."""
        target = self.target(self.workloads[number])
        loosening = Loosening.parse(self.settings.loosen)
        found, difference = compare_again(
            known, answer, lambda: capture_answer(target, self.base), loosening
        )
        if found is not known:
            self.directory.write_json(_answer_name(number), found)
        return found, difference

    @functools.cached_property
    def expert(self) -> Patch | None:
        """The expert's patch; None without one.

        Raises:
            ToolError: It is no diff that may be applied.
            UserError: The repository lacks the expert's commit.
        """
        instance, commit = self.instance, self.ref.commit
        if instance.expert_patch.strip():
            return Patch.parse(instance.expert_patch, commit)
        if instance.expert_commit is None:
            return None
        mirror = Path(self.ref.mirror)
        expert = resolve(mirror, instance.expert_commit)
        words = ("diff", "--no-ext-diff", "--no-color", "--no-textconv", commit, expert)
        files = instance.expert_files
        return Patch.parse(git(mirror, *words, *(("--", *files) if files else ())), commit)


def _answer_name(number: int) -> str:
    return f"answers/{number}.json"


def prepare(instance: Instance, source: str, settings: Settings) -> Ground:
    """Return an instance's base, ready; from the cache where it was made before.

    Args:
        instance: The instance.
        source: Where its repository is: a REPO argument without a revision.
        settings: What the user said.

    Raises:
        UserError: The instance cannot be used here: it does not install, its workload or its tests
            do not run, or there is no such commit.
        InfrastructureError: The machine or the network failed.
    """
    ref = open_ref(parse_repo(source, revision=instance.base), settings.cache_dir)
    choice = choose(settings.sandbox, network=settings.allow_network, image=settings.image)
    spec = replace(
        environment_of(instance, settings, Path(ref.mirror), ref.commit), image=choice.image_id
    )
    folder = _folder(instance, settings, ref, spec)
    folder.mkdir(parents=True, exist_ok=True)
    directory = RunDirectory(folder)
    containment = opened(choice, tuple(map(Path, settings.allow_read)))
    with exclusive(folder.with_suffix(".lock"), lambda: None):
        # The code of a patch may not find the expert's commit.
        repository = RunRepository.create(
            folder / "work", Path(ref.mirror), [ref.commit], sealed=True
        )
        base = repository.checkout("base", ref.commit)
        known = _kept(directory)
        ground = Ground(
            instance=instance,
            settings=settings,
            ref=ref,
            directory=directory,
            repository=repository,
            known=known or _installed(spec, base, settings, containment),
            workloads=workloads_of(instance, timeout_s=settings.workload_timeout_s),
            containment=containment,
            lane=open_lane(settings.cache_dir),
        )
        return ground if known else _found_out(ground)


def _folder(instance: Instance, settings: Settings, ref: RepoRef, spec: EnvironmentSpec) -> Path:
    content = {
        "format": FORMAT,
        "instance": _digest(to_plain(instance)),
        "commit": ref.commit,
        "environment": asdict(spec),
        "sandbox": settings.sandbox,
        "loosen": settings.loosen,
        "machine": dict(describe_machine()),
    }
    name = f"{instance.folder}-{_digest(content)[:16]}"
    return settings.cache_dir / "evals" / "grounds" / name


def _kept(directory: RunDirectory) -> Known | None:
    """Return what was found out before; None when nothing was."""
    if not directory.has(_FILE):
        return None
    known = from_plain(Known, directory.read_json(_FILE))
    if known.environment.image is None and not known.environment.python.exists():
        raise InfrastructureError(f"{known.environment.python} is gone: delete {directory.path}")
    return known


def _installed(
    spec: EnvironmentSpec, base: Path, settings: Settings, containment: Containment
) -> Known:
    try:
        environment = build_environment(spec, base, settings.cache_dir, containment=containment)
    except NoInterpreter as error:
        # Neither the instance nor a patch is to blame; once it is installed, it is tried again.
        raise InfrastructureError(str(error)) from None
    prepare_tree(environment, base, rebuild=True, containment=containment)
    return Known(environment=environment, suite=None)


def _found_out(ground: Ground) -> Ground:
    """See that the base's workloads and its tests run, and keep it."""
    for workload in ground.workloads:
        try:
            launch(ground.target(workload), ground.base, LaunchPlan(pinned=False, keep_home=True))
        except WorkloadFailed as error:
            raise UserError(f"the workload fails on the base: {error.summary}") from None
    known = replace(ground.known, suite=_tested(ground), missing_tests=ground.missing_tests)
    ground.directory.write_json(_FILE, to_plain(known))
    return replace(ground, known=known)


def _tested(ground: Ground) -> BaselineSuite | None:
    """Return how the covering tests do on the base; None when there are none to run."""
    suite = ground.suite
    if ground.settings.no_tests or not suite.arguments:
        return None
    found = baseline(suite, ground.base, ground.directory.path)
    report = found.report
    if report.problem:
        raise UserError(
            f"the covering tests do not run on the base: {report.problem} ({report.command})"
        )
    if not found.stable:
        raise UserError(f"no covering test passes on the base ({report.command})")
    return found


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def content_key(**content: Any) -> str:
    """Return a short name for JSON-plain content, fit for a file."""
    return _digest(content)[:20]
