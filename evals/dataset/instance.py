"""One row of a benchmark, whatever the benchmark calls its columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Suite = Literal["swefficiency", "gso", "sweperf"]


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A repository at a commit, what is timed there, and how an expert made it faster.

    Attributes:
        instance_id: As the benchmark writes it.
        suite: The benchmark.
        repo: GitHub's owner/name.
        base: A revision of it; not always a hash (GSO says `HASH^`).
        expert_patch: The expert's diff against the base; "" when only `expert_commit` is known.
        expert_commit: The expert's commit; None when only the patch is known.
        expert_files: Of that commit, the files that are the expert's patch; () for all of them.
        version: Of the project, as the benchmark names it; "" where it does not.
        created_at: When the expert's change was made, in the benchmark's words; "" where unknown.
        workload: The script with `workload()` that is timed; "" where tests are timed.
        perf_tests: Scripts with `experiment()` that are timed, one after the other (GSO).
        efficiency_tests: Node ids of the tests that are timed (SWE-Perf).
        covering_tests: Files or folders of the tests that reach what the expert changed.
        must_pass: Tests that pass before and have to pass afterwards: node ids, or names.
        serial_tests: Of `covering_tests` those that run alone.
        python: The interpreter's version; None: by the environments' specifications.
        requirements: What pip installs beside the repository; () likewise.
        install: Shell commands that install it; () likewise.
        test_command: How the benchmark runs tests; "" where it does not say.
        image: Name of the image that has it installed; None for none.
        expert_speedup: As the benchmark's authors measured it; None where unknown.
        expert_sessions: SWE-Perf's times of the efficiency tests on its authors' machine, one
            mapping a session.
        api: The function or module that the benchmark asks about; "" where it does not say.
    """

    instance_id: str
    suite: Suite
    repo: str
    base: str
    expert_patch: str = ""
    expert_commit: str | None = None
    expert_files: tuple[str, ...] = ()
    version: str = ""
    created_at: str = ""
    workload: str = ""
    perf_tests: tuple[str, ...] = ()
    efficiency_tests: tuple[str, ...] = ()
    covering_tests: tuple[str, ...] = ()
    must_pass: tuple[str, ...] = ()
    serial_tests: tuple[str, ...] = ()
    python: str | None = None
    requirements: tuple[str, ...] = ()
    install: tuple[str, ...] = ()
    test_command: str = ""
    image: str | None = None
    expert_speedup: float | None = None
    expert_sessions: tuple[Mapping[str, Mapping[str, Any]], ...] = field(default=(), repr=False)
    api: str = ""

    @property
    def key(self) -> str:
        """What two ids have in common that mean one instance: SWE-fficiency's ignore case."""
        return self.instance_id if self.suite == "gso" else self.instance_id.lower()

    @property
    def folder(self) -> str:
        """A name for its files: its id, made safe, and enough of a digest to be its own."""
        safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in self.instance_id)[:100]
        if safe == self.instance_id and safe.lower() == safe and not safe.startswith("."):
            return safe
        return f"{safe.lstrip('.')}-{hashlib.sha256(self.instance_id.encode()).hexdigest()[:8]}"
