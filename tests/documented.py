"""The fenced blocks of README and docs, and which of their commands are run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.main import get_command

from perfagent.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
COMMANDS = frozenset({"sh", "bash", "console"})

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)

NOT_RUN = {
    r"make ": "make -n shows that there is such a target; `make test` is what runs this",
    r"git clone|cd |\. \.venv": "the way to this checkout; docs/first-five-minutes.md went it",
    r"perfagent \w+ demo/run": "needs what `make demo` leaves; docs/first-five-minutes.md typed it",
    r"pip install": "CI installed the checkout so, or nothing here would run",
    r"perfagent optimize \S*(/stocktake|owner/name|pypi:)": "minutes, and a package or GitHub; "
    "`make demo` and `make study-libraries` run such ones",
    r"perfagent optimize .*(--model|--command)": "a provider's model or an agent; the end-to-end "
    "tests of models and outside agents run these options with scripted ones",
    r"perfagent optimize .*--sweep": "a minute; tests/agent/test_after.py does both",
    r"perfagent (measure|audit) ": "half a minute each; tests/end_to_end and tests/honesty do",
    r"perfagent verify .*--rerun": "half a minute; tests/end_to_end/test_verify.py does",
    r"perfagent init pypi:": "minutes, and a package; docs/init.md has what came of seven",
    r"perfagent openevolve": "a minute; tests/agent/test_openevolve.py, and `make test-agents`",
    r"(openevolve-run|aider|\w+=.* mini) ": "tools of others; `make test-agents` runs these lines",
}
"""Commands whose words are checked but which are not run, by how they begin, and why."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block: the page it stands on, its language, and its text."""

    page: Path
    language: str
    text: str

    def commands(self) -> Iterator[str]:
        """Yield the commands of a block of commands, continued lines joined, without prompts."""
        lines = self.text.replace("\\\n", " ").splitlines()
        prompted = any(line.startswith("$ ") for line in lines)
        for line in lines:
            command = re.sub(r"\s+", " ", line.removeprefix("$ ")).strip()
            if command and not command.startswith("#") and (line.startswith("$ ") or not prompted):
                yield command


def blocks(*languages: str) -> list[Block]:
    """Return the blocks in some languages, page by page."""
    return [
        Block(page=page, language=language, text=text)
        for page in PAGES
        for language, text in _BLOCK.findall(page.read_text(encoding="utf-8"))
        if language in languages
    ]


def commands() -> list[str]:
    """Return every command of README and docs once, in order."""
    found = (command for block in blocks(*COMMANDS) for command in block.commands())
    return list(dict.fromkeys(found))


def why_not_run(command: str) -> str | None:
    """Return why a command is not run here; None when it is."""
    return next((why for start, why in NOT_RUN.items() if re.match(start, command)), None)


OURS = [command for command in commands() if command.startswith("perfagent ")]
"""Those of perfagent itself."""


def read_by_the_program(command: str) -> str | None:
    """Return what the program would not take of a command line, None when nothing."""
    words = shlex.split(command, comments=True)[1:]
    found: Any = get_command(app)
    context = None
    try:
        while True:
            context = found.make_context(found.name, words, parent=context)
            if not hasattr(found, "commands"):
                return None
            rest = [*context._protected_args, *context.args]
            _, found, words = found.resolve_command(context, rest)
    except Exception as error:  # noqa: BLE001 - typer has a click of its own, with errors of its own
        return getattr(error, "message", None) or str(error)
