"""One run: its request, its directory, and the services its steps share."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ...redaction import redacted_values
from ...repos.checkout import RunRepository
from ...repos.commands.process import USUAL_LIMITS
from ...repos.environment.environment import Environment
from ...repos.sandbox.choice import UNCONFINED, SandboxChoice, opened
from ...repos.sandbox.containment import Containment
from ...repos.source.ref import RepoRef
from ...repos.suite.coverage_map import CoverageMap
from ...repos.suite.suite import BaselineSuite, Suite
from ...settings import Settings
from ...workloads.target import Target
from ...workloads.timing.compare import NoiseFloor
from ...workloads.timing.decision import ComparisonPlan
from ...workloads.workload import Workload
from ..chat.journal import CallJournal
from ..chat.prices import Price
from ..chat.replayed_model import Recording
from .budget import Budget, Left, Spend
from .clock import Stopwatch
from .directory import RunDirectory
from .plain import from_plain

Listener = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What the user asked for; enough to resume the run.

    Attributes:
        run_id: Name of the run, unique in the state folder.
        kind: What was asked for; only "optimize" can be resumed.
        repo: The target and its base commit.
        expert_commit: The expert commit (40 hex), or None.
        workload: What is timed, with its text as it was when the run began.
        settings: The effective settings.
        command: The command line that repeats the run.
        started_at: ISO 8601 time in UTC.
        notes: What the user should know from the start.
        sandbox: What contains the target's code.
    """

    run_id: str
    kind: Literal["optimize", "measure", "profile", "audit"]
    repo: RepoRef
    expert_commit: str | None
    workload: Workload
    settings: Settings
    command: str
    started_at: str
    notes: tuple[str, ...] = ()
    sandbox: SandboxChoice = UNCONFINED


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What the step `prepare` established about the base.

    Attributes:
        environment: Where the target runs.
        baseline: The suite on the base, or None with `--no-tests`.
        noise_floor: What the base measured against itself; None if unmeasured.
        baseline_s: Seconds of the workload on the base (median of the floor's launches).
        machine: Facts about the machine the numbers hold for.
        timing_cpus: Cores used for nothing but timing, or None when there is only one core.
        other_cpus: Cores for everything else, or None.
        read_only: Whether timed launches may only read their tree: on the base the workload wrote
            nothing there but byte code.
        notes: Lines the user should know (dirty tree, failing tests set aside, …).
    """

    environment: Environment
    baseline: BaselineSuite | None
    noise_floor: NoiseFloor | None
    baseline_s: float | None
    machine: dict[str, str]
    timing_cpus: frozenset[int] | None
    other_cpus: frozenset[int] | None
    notes: tuple[str, ...]
    read_only: bool = False


class Interrupted(Exception):
    """The user asked the run to stop; its state is kept."""


@dataclass(kw_only=True)
class Run:
    """The context every step gets; nothing in it is lost with the process."""

    request: RunRequest
    directory: RunDirectory
    listener: Listener = lambda event: None
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    timing_lane: threading.Lock = field(default_factory=threading.Lock)
    tree_lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)
    earlier_s: float = 0.0
    recording: Recording | None = None
    _prepared: Prepared | None = None
    _repository: RunRepository | None = None

    @property
    def settings(self) -> Settings:
        """The effective settings."""
        return self.request.settings

    @property
    def budget(self) -> Budget:
        """What the run may use."""
        chosen = self.settings
        return Budget(
            max_usd=chosen.max_usd,
            max_tokens=chosen.max_tokens,
            max_wall_s=chosen.max_wall_s,
            max_rounds=chosen.max_rounds,
        )

    @property
    def prepared(self) -> Prepared:
        """What `prepare` established; read back from disk after a resume."""
        if self._prepared is None:
            self._prepared = from_plain(Prepared, self.directory.read_json("prepared.json"))
        return self._prepared

    def use(self, prepared: Prepared) -> None:
        """Take what `prepare` knows so far, before it is on disk."""
        self._prepared = prepared

    @property
    def repository(self) -> RunRepository:
        """The run's own bare repository with its worktrees."""
        if self._repository is None:
            self._repository = RunRepository.create(
                self.directory.path / "work",
                Path(self.request.repo.mirror),
                [self.request.repo.commit],
                # The target's code, the tools of a model and an outside agent read it.
                sealed=self.settings.sealed or self.request.expert_commit is not None,
            )
        return self._repository

    @cached_property
    def expert_repository(self) -> RunRepository:
        """Another one, with the expert commit alone; only where there is one."""
        assert self.request.expert_commit is not None
        return RunRepository.create(
            self.directory.path / "work" / "expert",
            Path(self.request.repo.mirror),
            [self.request.expert_commit],
        )

    @property
    def expert_tree(self) -> Path | None:
        """The worktree of the expert commit, which `prepare` made; None when there is none."""
        if self.request.expert_commit is None:
            return None
        return self.expert_repository.trees / "expert"

    @property
    def target(self) -> Target:
        """The workload in its environment."""
        memory_gb = self.settings.memory_gb
        return Target(
            workload=self.request.workload,
            environment=self.prepared.environment,
            limits=replace(
                USUAL_LIMITS,
                wall_s=self.settings.workload_timeout_s,
                memory_bytes=int(memory_gb * 2**30) if memory_gb else None,
            ),
            timing_cpus=self.prepared.timing_cpus,
            other_cpus=self.prepared.other_cpus,
            metric=self.settings.metric,
            instructions_by=self.settings.instructions_by,
            containment=self.containment,
            read_only=self.prepared.read_only,
        )

    @cached_property
    def containment(self) -> Containment:
        """How the target's code is contained."""
        return opened(self.request.sandbox, tuple(map(Path, self.settings.allow_read)))

    @property
    def suite(self) -> Suite:
        """The target's own tests."""
        import shlex

        return Suite(
            env=self.prepared.environment,
            arguments=tuple(shlex.split(self.settings.tests)),
            timeout_s=self.settings.suite_timeout_s,
            containment=self.containment,
        )

    @cached_property
    def coverage(self) -> CoverageMap | None:
        """Which test of the base runs which lines; None when that is not known."""
        baseline = self.prepared.baseline
        if baseline is None or baseline.contexts is None:
            return None
        return CoverageMap.read(baseline.contexts)

    def plan(self, **changes: Any) -> ComparisonPlan:
        """Return the comparison plan of the settings, with some fields changed."""
        chosen = self.settings
        fields: dict[str, Any] = {
            "min_effect": chosen.min_effect,
            "error": chosen.error,
            "miss": chosen.miss,
            "confidence": chosen.confidence,
            "max_pairs": chosen.max_pairs,
            "max_wall_s": chosen.max_compare_s,
            "allow_memory": chosen.allow_memory,
            "allow_import": chosen.allow_import,
        }
        return ComparisonPlan(**{**fields, **changes})

    def seed_for(self, *parts: str) -> int:
        """Return the seed of one random choice: the same for the same run seed and parts."""
        text = ":".join([str(self.settings.seed), *parts])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")

    def keep(self, name: str, value: object) -> None:
        """Write a result into the run directory, unless the run is being stopped.

        Processes that were ended by the stop look like failures; nothing they said may be kept.

        Raises:
            Interrupted: The user asked the run to stop.
            InfrastructureError: The disk is full or not writable.
        """
        self.check_stopping()
        self.directory.write_json(name, value)

    def emit(self, event: str, **fields: Any) -> None:
        """Add an event to the trajectory and tell the listener."""
        record = redacted_values({"event": event, "at_s": round(self.wall_s(), 3), **fields})
        self.directory.append_event(record)
        self.listener(record)

    def stage(self, stage: str, text: str, *, about_s: float | None = None) -> None:
        """Say which step of the run is under way, and how many seconds it takes, if known."""
        self.check_stopping()
        known = {} if about_s is None else {"about_s": round(about_s, 1)}
        self.emit("stage", stage=stage, text=text, **known)

    def note(self, text: str) -> None:
        """Say something the user should know."""
        self.emit("note", text=text)

    def wall_s(self) -> float:
        """Return the seconds this run has used, over all its resumes."""
        return self.earlier_s + self.stopwatch.elapsed_s()

    @cached_property
    def journal(self) -> CallJournal:
        """The model calls already paid."""
        return CallJournal(
            self.directory.path / "calls", sleep=self._wait, check_stopping=self.check_stopping
        )

    def _wait(self, seconds: float) -> None:
        self.stopping.wait(seconds)

    def allows_call(
        self, spend: Spend, *, prompt_tokens: int, max_output_tokens: int, price: Price | None
    ) -> str | None:
        """Return why a model call must not be made now, or None: the budget, wall time included."""
        return self.budget.allows(
            replace(spend, wall_s=self.wall_s()),
            prompt_tokens=prompt_tokens,
            max_output_tokens=max_output_tokens,
            price=price,
        )

    def left(self) -> Left:
        """Return what remains of the budget, if calls under way use the most they can."""
        used = self.journal.spend + self.journal.at_risk
        return self.budget.left(replace(used, wall_s=self.wall_s()))

    def spend(self, rounds: int = 0) -> Spend:
        """Return what the run has used so far."""
        calls = self.journal.spend
        return Spend(
            rounds=rounds,
            usd=calls.usd,
            tokens=calls.tokens,
            wall_s=self.wall_s(),
            model_calls=calls.model_calls,
        )

    def check_stopping(self) -> None:
        """Raise Interrupted when the user asked the run to stop."""
        if self.stopping.is_set():
            raise Interrupted
