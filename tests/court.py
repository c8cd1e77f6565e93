"""A repository prepared once, before whose gate many patches are brought."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfagent.agent.candidate import Candidate
from perfagent.agent.gate.judge import STAGES, judge
from perfagent.agent.runs.budget import Spend
from perfagent.agent.runs.on_disk import start_run
from perfagent.agent.runs.run import Run
from perfagent.agent.steps.prepare import prepare
from perfagent.agent.steps.tip import tip_tree
from perfagent.agent.verdict import Verdict
from perfagent.repos.patch import Patch

from .shop import git, write_repo


@dataclass(frozen=True)
class Court:
    """The gate, with everything about the base known.

    Attributes:
        repo: The repository, as the user has it.
        run: The run of perfagent on it.
    """

    repo: Path
    run: Run

    def candidate(self, **changes: str) -> Candidate:
        """Return the candidate that gives files new text; `__` in a name stands for `/`."""
        for name, text in changes.items():
            path = self.repo / (name.replace("__", "/") + ".py")
            path.write_text(text)
        git(self.repo, "add", "--all")
        diff = git(self.repo, "diff", "--cached")
        git(self.repo, "reset", "--quiet", "--hard")
        return candidate_of(Patch.parse(diff, self.run.request.repo.commit))

    def judge(self, *, without: tuple[str, ...] = (), **changes: str) -> Verdict:
        """Return the verdict on new texts of files; the stages in `without` are left out."""
        stages = [stage for stage in STAGES if stage[0] not in without]
        return judge(self.run, self.candidate(**changes), tip_tree(self.run, None), stages=stages)


def candidate_of(patch: Patch) -> Candidate:
    """Return the candidate that is this patch against the base."""
    return Candidate(
        candidate_id=patch.sha256[:10],
        parent_id=None,
        origin="measure",
        hypothesis="a test",
        patch=patch,
        spend=Spend(),
        round=1,
        hotspot=None,
        fingerprint="",
    )


def open_court(
    folder: Path,
    files: dict[str, str],
    workload: str,
    *,
    earlier: dict[str, str] | None = None,
    **settings: Any,
) -> Court:
    """Lay out a repository and prepare a run on it, without a suite.

    With `earlier`, those files are a commit of their own before the base.
    """
    repo = folder / "repo"
    repo.mkdir(parents=True)
    if earlier:
        write_repo(repo, earlier, message="the first version")
    write_repo(repo, files)
    script = folder / "workload.py"
    script.write_text(workload)
    given = {
        "python": sys.prefix,
        "no_tests": True,
        "max_pairs": 5,
        "cache_dir": folder / "cache",
        "state_dir": folder / "state",
    }
    run = start_run(
        str(repo),
        str(script),
        given | settings,
        kind="measure",
        working_dir=folder,
        out=folder / "run",
        command="a test",
        listener=lambda event: None,
    )
    prepare(run, floor=False)
    return Court(repo, run)
