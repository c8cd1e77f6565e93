"""What runs are told in words: the command line that repeats one, and who listens."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

Listener = Callable[[dict[str, Any]], None]


def command_line(kind: str, repo: str, workload: str, settings: Mapping[str, Any]) -> str:
    """Return the command line that repeats a run; settings that were not said are left out."""
    return shlex.join(["perfagent", kind, repo, workload, *option_words(settings)])


def option_words(settings: Mapping[str, Any]) -> list[str]:
    """Return the command line's options that say these settings; what says nothing is left out."""
    from ..settings import Settings

    words: list[str] = []
    for key, value in settings.items():
        field = Settings.model_fields.get(key)
        if field is not None and field.default is True:  # a switch that can only be put off
            words += [] if value else [f"--no-{key.replace('_', '-')}"]
            continue
        if value is None or value is False or value == []:
            continue
        # Options are singular and without their unit.
        name = "output" if key == "outputs" else key.removesuffix("_s")
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
            continue
        for item in value if isinstance(value, list | tuple) else [value]:
            words += [option, str(item)]
    return words


def ignore(event: dict[str, Any]) -> None:
    """Listen to nothing."""
