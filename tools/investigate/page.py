"""Writes docs/tools.md from the tools themselves: `python -m perfagent.tools.investigate.page`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .investigation import TOOLS
from .tool import MOST_CHARACTERS, Tool

_HEAD = f"""# The tools of a model

Made by `python -m perfagent.tools.investigate.page docs/tools.md`; a test holds it to the tools.

A model that proposes changes works on a scratch tree: a checkout of the best version so far, made
for the one conversation and deleted after it. What `edit` changed there is what it proposes. The
user's repository is never touched, nor the trees in which candidates are judged. What comes out of
a tool decides nothing: a proposal is judged by the gate, in a tree of its own, from the start.

- **Answers are short.** About {MOST_CHARACTERS:,} characters at most. What was cut is counted, with
  what to ask to see the rest.
- **A refusal says what to do instead.** It is text to the model, as is a failure of the code that
  was run. A refused call changes nothing.
- **Paths stay inside.** They are relative to the repository's root; links, `..` and `.git` are
  refused. History ends at the base commit: a later one, such as an expert's, is never shown.
- **What runs is bounded** in seconds, a snippet also in memory and processes, and sees none of the
  user's environment variables but the few that the target's commands get. Files that it changes in
  the scratch tree are put back, so that nothing but the edits is measured or proposed.
- **What is timed has the timing core to itself**, as in the gate. A rough speedup of five pairs
  says how wide its interval is.
"""


def page(tools: Sequence[Tool] = TOOLS) -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(_section(tool) for tool in tools)])


def _section(tool: Tool) -> str:
    spec = tool.spec
    lines = [f"## {spec.name}", "", spec.description, ""]
    required = spec.parameters.get("required", ())
    for name, schema in spec.parameters["properties"].items():
        lines.append(f"- `{name}` ({_kind(schema, name in required)}): {schema['description']}")
    return "\n".join([*lines, ""] if spec.parameters["properties"] else lines)


def _kind(schema: Mapping[str, Any], is_required: bool) -> str:
    words = [f"one of {', '.join(schema['enum'])}" if "enum" in schema else schema["type"]]
    if "maximum" in schema:
        words.append(f"at most {schema['maximum']}")
    if not is_required:
        words.append(f"default {schema['default']}" if "default" in schema else "optional")
    return "; ".join(words)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
