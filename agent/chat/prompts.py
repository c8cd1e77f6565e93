"""The prompts: Markdown files in `prompts/` beside this module, each with a version.

A file begins with a line "version: N" and a blank line; the rest is a `string.Template`. The
version is raised with every change of the text, so that a run's record says what was asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).with_name("prompts")
_HEADER = re.compile(r"version: (\d+)\n\n")
_STRATEGY = "strategy-"


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One prompt file.

    Attributes:
        name: The file's name without its ending.
        version: A whole number from 1, raised with every change.
        text: The template.
    """

    name: str
    version: int
    text: str

    def render(self, **values: str) -> str:
        """Return the text with its placeholders filled in; values are taken as they are.

        Raises:
            KeyError: A placeholder has no value.
        """
        return Template(self.text).substitute(values)


@cache
def load_prompt(name: str) -> Prompt:
    """Return the prompt of that name.

    Raises:
        FileNotFoundError: There is no such prompt.
        ValueError: The file does not begin with its version.
    """
    content = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    header = _HEADER.match(content)
    if not header:
        raise ValueError(f"the prompt {name} does not begin with 'version: N' and a blank line")
    return Prompt(name=name, version=int(header[1]), text=content[header.end() :].strip())


def prompt_versions() -> dict[str, int]:
    """Return the version of every prompt, by name."""
    names = sorted(path.stem for path in _FOLDER.glob("*.md"))
    return {name: load_prompt(name).version for name in names}


def strategies() -> tuple[str, ...]:
    """Return the names of the strategies a model can be asked to follow, sorted."""
    return tuple(
        name.removeprefix(_STRATEGY) for name in prompt_versions() if name.startswith(_STRATEGY)
    )


def strategy_prompt(strategy: str) -> str:
    """Return what tells the model to follow a strategy.

    Raises:
        FileNotFoundError: There is no such strategy.
    """
    return load_prompt(f"{_STRATEGY}{strategy}").render()


def fenced(text: str, language: str = "") -> str:
    """Return the text between fences that nothing inside it can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
