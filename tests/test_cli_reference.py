"""docs/cli.md is what the program says of itself; documented commands and options exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from perfagent.cli import app
from perfagent.cli.reference import reference

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_reference_is_up_to_date():
    assert (ROOT / "docs" / "cli.md").read_text() == reference(), "run `make docs-cli`"


def lines(page: Path) -> list[str]:
    """Return the commands of perfagent in a page's blocks of commands, continued lines joined."""
    text = "\n".join(BLOCK.findall(page.read_text())).replace("\\\n", " ")
    found = (re.sub(r"^\$ ", "", line.strip()) for line in text.splitlines())
    return [line for line in found if line.startswith("perfagent ")]


def problem(line: str) -> str | None:
    """Return what the program would not take of a command, None when nothing."""
    words = shlex.split(line, comments=True)[1:]
    command: Any = get_command(app)
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        if words[0] not in command.commands:
            return f"no command {words[0]}"
        command = command.commands[words.pop(0)]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    known |= {"--help", "--version", "--install-completion", "--show-completion"}
    for word in words:
        name = word.split("=")[0]
        if name.startswith("--") and name not in known:
            return f"no option {name}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_the_documentation_exists(page: Path):
    wrong = [(line, why) for line in lines(page) if (why := problem(line))]
    assert wrong == []


def test_commands_are_found_in_the_readme():
    assert len(lines(ROOT / "README.md")) > 8


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("perfagent optimise . w.py", "no command optimise"),
        ("perfagent optimize . w.py --fast", "no option --fast"),
        ("perfagent eval report --k=2 a.json", None),
        ("perfagent optimize . cmd:'a --b' # --c", None),
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str, why: str | None):
    assert problem(line) == why
