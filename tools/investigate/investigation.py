"""The toolbox of one conversation: all tools, over one bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from ...errors import ToolError
from ..sources.capped import capped
from . import calls, editing, heat, history, profiling, reaching, reading, rough, searching
from .bench import Bench
from .snippet import RUN_SNIPPET
from .testing import RUN_TESTS
from .tool import MOST_CHARACTERS, Tool
from .toolbox import ToolSpec

TOOLS: tuple[Tool, ...] = (
    reading.READ_FILE,
    reading.READ_SYMBOL,
    searching.SEARCH_TEXT,
    searching.FIND_SYMBOL,
    calls.CALLERS,
    calls.CALLEES,
    heat.LIST_HOTSPOTS,
    heat.ANNOTATED_SOURCE,
    heat.CALL_FACTS,
    history.GIT_LOG,
    history.GIT_BLAME,
    RUN_SNIPPET,
    editing.EDIT,
    editing.UNDO,
    editing.SHOW_DIFF,
    RUN_TESTS,
    rough.RUN_WORKLOAD,
    profiling.PROFILE_SCRATCH,
    reaching.REACH,
)
"""In the order in which a model is told of them."""

_LONGEST_ERROR = 2_000
_ROOM = 1_000
"""Characters for lines about an answer, which its own cap leaves out."""


class Investigation:
    """The tools of one conversation; a `Toolbox`.

    Args:
        bench: What they work on; closed with the toolbox.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._tools = {tool.name: tool for tool in TOOLS}

    def specs(self) -> Sequence[ToolSpec]:
        """Return what the model is told of each tool."""
        return [tool.spec for tool in TOOLS]

    def call(self, name: str, arguments: Mapping[str, object]) -> str:
        """Return a tool's answer, at most some 9,000 characters; it says what was cut.

        Raises:
            ToolError: There is no such tool, it does not take such arguments, or what was asked
                for is not possible; the message says what to do instead.
            UserError: The target's interpreter is gone.
            InfrastructureError: The machine failed, not what was asked for.
        """
        tool = self._tools.get(name)
        if tool is None:
            close = get_close_matches(name, self._tools, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(self._tools)}"
            raise ToolError(f"there is no tool {name!r}; {hint}")
        given = tool.read(arguments)
        try:
            text = tool.run(self._bench, given)
        except ToolError as error:
            raise ToolError(capped(str(error), _LONGEST_ERROR, "ask for less")) from error
        return capped(text, MOST_CHARACTERS + _ROOM, "ask for less")

    def sources(self) -> Mapping[str, str]:
        """Return the new text of each file that the edits made so far change."""
        return self._bench.scratch.sources()

    def close(self) -> None:
        """Delete the scratch tree."""
        self._bench.scratch.close()
