from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from perfagent.agent.proposers.command import propose_with_command
from perfagent.agent.proposers.proposal import Proposal
from perfagent.errors import UserError
from perfagent.repos.checkout import RunRepository
from perfagent.repos.commands.process import Limits

SECRET = "sk-agent-secret-0123456789"
FASTER = "sed -i s/slow/fast/ pkg/work.py"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@dataclass
class Agent:
    """A scratch worktree, and the means to let a command loose in it."""

    repository: RunRepository
    tree: Path
    base: str

    def run(self, command: str, *, wall_s: float = 30, **more: object) -> Proposal:
        return propose_with_command(
            command,
            tree=self.tree,
            prompt="Make it faster: é ü.",
            workload_text="print('the workload')",
            limits=Limits(wall_s=wall_s),
            environ={**os.environ, "AGENT_KEY": SECRET, "OPENAI_API_KEY": "sk-not-for-agents"},
            run_repository=self.repository,
            base_commit=self.base,
            **more,  # pyright: ignore[reportArgumentType]
        )


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    source = tmp_path / "a source"
    (source / "pkg").mkdir(parents=True)
    (source / "pkg" / "work.py").write_text("def work():\n    return 'slow'\n")
    git(source, "init", "-q", "-b", "main")
    git(source, "add", ".")
    git(source, "commit", "-q", "-m", "base")
    mirror = tmp_path / "mirror.git"
    git(tmp_path, "clone", "-q", "--mirror", str(source), str(mirror))
    base = git(source, "rev-parse", "HEAD")
    repository = RunRepository.create(tmp_path / "run", mirror, [base])
    return Agent(repository, repository.checkout("agent", base), base)


def test_an_agents_edits_become_a_patch(agent: Agent) -> None:
    proposal = agent.run(f"{FASTER}; echo 'HYPOTHESIS: slow was slow'; echo new > pkg/added.py")
    assert proposal.problem is None
    assert proposal.origin == "command"
    assert proposal.hypothesis == "slow was slow"
    assert proposal.patch is not None
    assert set(proposal.patch.files) == {"pkg/work.py", "pkg/added.py"}
    assert "+    return 'fast'" in proposal.patch.diff
    assert proposal.notes == ()
    assert Proposal.from_json(proposal.to_json()) == proposal


def test_the_agent_finds_its_task_outside_the_tree(agent: Agent) -> None:
    proposal = agent.run(
        'cp "$PERFAGENT_PROMPT_FILE" pkg/a.txt; cp "$PERFAGENT_WORKLOAD" pkg/b.txt;'
        " pwd > pkg/c.txt;"
        ' case "$PERFAGENT_PROMPT_FILE" in "$PWD"*) exit 9;; esac'
    )
    assert proposal.patch is not None
    assert "+Make it faster: é ü." in proposal.patch.diff
    assert "+print('the workload')" in proposal.patch.diff
    assert f"+{agent.tree}" in proposal.patch.diff
    assert proposal.notes == ()


def test_an_agent_gets_the_keys_it_was_promised_and_no_other(agent: Agent) -> None:
    proposal = agent.run("env > pkg/env.txt", pass_env=["AGENT_KEY"])
    assert proposal.patch is not None
    assert f"AGENT_KEY={SECRET}" in proposal.patch.diff
    assert "sk-not-for-agents" not in proposal.patch.diff
    with pytest.raises(UserError, match="NO_SUCH_KEY"):
        agent.run("true", pass_env=["NO_SUCH_KEY"])


def test_an_agent_that_fails_after_its_edits_still_counts(agent: Agent) -> None:
    proposal = agent.run(f"{FASTER}; exit 3")
    assert proposal.problem is None
    assert proposal.patch is not None
    assert proposal.notes == ("the command ended with status 3",)


def test_an_agent_that_runs_out_of_time_is_stopped_and_its_edits_count(agent: Agent) -> None:
    proposal = agent.run(f"{FASTER}; sleep 60", wall_s=1)
    assert proposal.problem is None
    assert proposal.patch is not None
    assert "was stopped after" in proposal.notes[0]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("true", "the command changed nothing"),
        ("no-such-agent-here --fix", "not found"),
        ("echo out of cheese >&2; exit 4", "status 4: out of cheese"),
        ("ln -s /etc/passwd pkg/link", "cannot be used"),
    ],
)
def test_an_agent_without_a_usable_change_is_a_problem(
    agent: Agent, command: str, said: str
) -> None:
    proposal = agent.run(command)
    assert proposal.patch is None
    assert proposal.problem is not None
    assert said in proposal.problem


def test_a_key_in_the_agents_last_words_is_erased(agent: Agent) -> None:
    proposal = agent.run('echo "refused $AGENT_KEY" >&2; exit 1', pass_env=["AGENT_KEY"])
    assert proposal.problem is not None
    assert "refused [secret]" in proposal.problem
    assert SECRET not in str(proposal.to_json())


def test_an_agent_that_commits_is_judged_by_the_same_difference(agent: Agent) -> None:
    proposal = agent.run(f"{FASTER} && git commit -qam mine && git status --short")
    assert proposal.patch is not None
    assert proposal.patch.files == ("pkg/work.py",)


def test_what_agents_leave_lying_about_is_no_part_of_the_patch(agent: Agent) -> None:
    proposal = agent.run(f"{FASTER}; mkdir .agent; echo x > .agent/log; echo y > .agent.history")
    assert proposal.patch is not None
    assert proposal.patch.files == ("pkg/work.py",)
    assert ".agent.history, .agent/log" in proposal.notes[0]


def test_litter_alone_is_no_change(agent: Agent) -> None:
    assert agent.run("echo y > .agent.history").problem == "the command changed nothing"
