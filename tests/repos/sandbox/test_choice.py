"""Which sandbox a run gets, and what the user is told without one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from perfagent.cli import app
from perfagent.errors import UserError
from perfagent.repos.sandbox import local
from perfagent.repos.sandbox.choice import choose, opened
from perfagent.repos.sandbox.containment import interpreter_paths, not_a_home
from perfagent.tests.repos.conftest import MakeRepository

SCRIPT = """
import os, socket
from shapes import total

def workload():
    print(sorted(os.environ))
    assert not os.path.exists({secret!r})
    assert socket.if_nameindex() == [(1, "lo")]
    return total(range(1000))
"""


@pytest.fixture
def no_bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take bubblewrap off PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_bubblewrap")
def test_without_bubblewrap_the_user_is_told_once_what_is_lost_and_what_to_do() -> None:
    chosen = choose("auto")
    assert chosen.name == "none"
    assert chosen.lost is not None
    assert "bubblewrap is not installed" in chosen.lost
    assert "every file of yours" in chosen.lost
    assert "install bubblewrap" in chosen.lost


@pytest.mark.usefixtures("no_bubblewrap")
def test_a_sandbox_asked_for_by_name_is_never_replaced_by_none() -> None:
    with pytest.raises(UserError, match=r"no --sandbox local here.*apt-get install bubblewrap"):
        choose("local")


def test_none_is_taken_when_asked_for_and_warned_about() -> None:
    chosen = choose("none")
    assert (chosen.name, opened(chosen).sandbox.name) == ("none", "none")
    assert chosen.lost is not None
    assert chosen.lost.startswith("no sandbox, as asked")


@pytest.mark.sandbox
def test_a_run_says_what_held_the_code_and_it_did(
    tmp_path: Path, make_repository: MakeRepository, private_home: Path
) -> None:
    if problem := local.problem():
        pytest.skip(problem)
    secret = private_home / "secret"
    secret.write_text("of the user")
    code = "def total(numbers):\n    return sum(number for number in numbers)\n"
    repo = make_repository({"shapes/__init__.py": code}).path
    script = tmp_path / "jobs" / "job.py"
    script.parent.mkdir()
    script.write_text(SCRIPT.format(secret=str(secret)))
    out = tmp_path / "out"
    python = os.path.realpath(sys.executable)
    words = ["profile", str(repo), str(script), "--out", str(out), "--python", python]
    done = CliRunner().invoke(
        app, [*words, "--install", "true", "--no-facts", "--sandbox", "local"]
    )
    assert done.exit_code == 0, done.output
    assert "sandbox local: no network" in done.output
    recorded = json.loads((out / "run.json").read_text())["sandbox"]
    assert (recorded["name"], recorded["network"], recorded["lost"]) == ("local", False, None)
    assert recorded["guarantees"]


def test_the_folder_of_a_script_is_not_opened_where_it_is_a_home(private_home: Path) -> None:
    script = private_home / "job.py"
    below = private_home / "jobs" / "job.py"
    assert not_a_home(script.parent, script) == script
    assert not_a_home(Path("/"), script) == script
    assert not_a_home(below.parent, below) == below.parent


def test_an_environment_is_seen_with_its_base_and_never_with_a_home(
    tmp_path: Path, private_home: Path
) -> None:
    base = tmp_path / "pythons" / "3.11" / "bin"
    base.mkdir(parents=True)
    (base / "python3.11").touch()
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(base / "python3.11")
    (venv / "pyvenv.cfg").write_text(f"home = {base}\n")
    packages = venv / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    sibling = tmp_path / "sibling"
    sibling.mkdir()
    (packages / "a.pth").write_text(f"import sys\n{sibling}\n{private_home}\n")
    seen = interpreter_paths(venv / "bin" / "python")
    assert seen == (venv, base.parent, sibling)
