"""The reference of the command line, made from the program: `python -m perfagent.cli.reference`.

docs/cli.md holds what this prints; a test holds it to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from . import app

_HEAD = """# Command line

Made from the program by `make docs-cli`: do not edit it. Results go to stdout, everything else to
stderr. Exit status: 0 accepted, 1 no improvement or inconclusive, 2 usage or prerequisite,
3 infrastructure, 130 interrupted. Each long option of `optimize` is also a setting
(`perfagent.toml`, `PERFAGENT_*` variables), with underscores and its unit.
"""


def reference() -> str:
    """Return the reference in Markdown: each command with its arguments and options by panel."""
    root: Any = get_command(app)
    parts = [_HEAD]
    for name, command in _commands(root, "perfagent"):
        parts += _command(name, command)
    return "\n".join(parts).rstrip() + "\n"


def _commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


def _command(name: str, command: Any) -> list[str]:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    words = " ".join(each.metavar or each.name.upper() for each in arguments)
    lines = [f"\n## {name}\n", _words(command.help or ""), "", "```text"]
    lines += [f"{name}{f' {words}' if words else ''}{' [OPTIONS]' if options else ''}", "```", ""]
    lines += [
        f"- `{each.metavar or each.name.upper()}`: {_words(each.help or '')}" for each in arguments
    ]
    panels: dict[str, list[Any]] = {}
    for each in options:
        if each.name != "help":
            panels.setdefault(each.rich_help_panel or "Options", []).append(each)
    for panel, members in panels.items():
        lines += ["", f"**{panel}**", "", "| option | |", "|---|---|"]
        lines += [f"| {_spelling(each)} | {_words(each.help or '')} |" for each in members]
    return lines


def _spelling(option: Any) -> str:
    value = "" if option.is_flag else f" {option.metavar or option.name.upper()}"
    return f"`{', '.join(option.opts)}{value}`".replace("|", "\\|")


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    typer.echo(reference(), nl=False)
