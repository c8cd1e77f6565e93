"""Workloads that a model writes for a commit, where neither benchmarks nor tests gain by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...agent.chat.messages import Message
from ...agent.chat.prompts import fenced, load_prompt
from ...errors import UserError
from ...profiles.functions import FunctionMap
from ...workloads.script import parse_script
from ..official.commands import BlockFailed
from .adviser import Adviser
from .drafts import Draft
from .gains import LEAST_GAIN, LEAST_S, Times, call, measured
from .site import Site

MOST_SCRIPTS = 2
_ROUNDS = 3
_MOST_FUNCTIONS, _MOST_TESTS = 8, 3
_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)

_TIMING = """

import statistics
import timeit

runtimes = timeit.repeat(workload, number=1, repeat=10{setup})

print("Mean:", statistics.mean(runtimes))
print("Std Dev:", statistics.stdev(runtimes))
"""


@dataclass(kw_only=True)
class Writing:
    """A conversation with the model about one commit's workload."""

    site: Site
    adviser: Adviser
    _messages: list[Message] = field(default_factory=list)

    def next(self) -> Draft | str:
        """Return the model's next script, or why it is of no use.

        Raises:
            NoAnswer: The model gives none.
            InfrastructureError: The machine failed.
        """
        if not self._messages:
            self._messages.append(Message(role="user", content=_opening(self.site, self.adviser)))
        answer = self.adviser.ask(self._messages, self.site.found)
        self._messages.append(Message(role="assistant", content=answer))
        try:
            text = script_of(answer)
            problem = _problem(self.site, text)
        except (UserError, BlockFailed) as error:
            return f"the model's script is of no use: {error}"
        model = self.adviser.model_for(self.site.found)
        if problem:
            return f"the model's script shows no gain: {problem}"
        return Draft(text=text, origin=f"the model {model}")

    def tell(self, problem: str) -> None:
        """Tell the model why its last script is of no use."""
        text = load_prompt("commit-workload-repair").render(
            problem=self.adviser.short(problem, 0.2).rstrip(".") + "."
        )
        self._messages.append(Message(role="user", content=text))


def script_of(answer: str) -> str:
    """Return the script of an answer in the form that SWE-fficiency's workloads have.

    Raises:
        UserError: It holds no script that defines `workload()`.
    """
    blocks: list[str] = _BLOCK.findall(answer)
    script = parse_script(max(blocks, key=len) if blocks else answer, "of the model")
    if not script.has_workload:
        raise UserError("it defines no function workload()")
    return (
        script.text.rstrip()
        + "\n"
        + _TIMING.format(setup=", setup=setup" if script.has_setup else "")
    )


def _problem(site: Site, text: str) -> str:
    """Return why a script shows no gain, "" where it does."""
    ground, times = site.ground, Times()
    with ground.lane.turn():
        first = call(ground, site.base, text, site.found.lines)[""]
    if first.problem:
        return f"before the change it fails: {first.problem}"
    if not first.reached:
        return "it calls none of the functions that the commit changes"
    problems = measured(ground, site.base, site.expert, text, _ROUNDS, times)
    if problems:
        return problems[""]
    before, gain = min(times.base[""]), times.gain("")
    if before < LEAST_S:
        return f"a call takes only {before * 1e6:.0f} µs, which cannot be measured"
    if gain < LEAST_GAIN:
        return (
            f"a call takes {before:.3g} s before the change, which makes it {gain:.2f} times as "
            f"fast, where at least {LEAST_GAIN:g} times is asked for"
        )
    return ""


def _opening(site: Site, adviser: Adviser) -> str:
    found = site.found
    code = "\n\n".join(_functions(site.ground.base, found.functions))
    tests = "\n\n".join(_tests(site))
    return load_prompt("commit-workload").render(
        message=fenced(adviser.short(found.message, 0.1)),
        patch=fenced(adviser.short(found.patch, 0.35), "diff"),
        code=fenced(adviser.short(code, 0.25), "python"),
        tests=fenced(adviser.short(tests, 0.15), "python"),
    )


def _functions(tree: Path, functions: dict[str, tuple[str, ...]]) -> Iterator[str]:
    left = _MOST_FUNCTIONS
    for path, names in functions.items():
        known = FunctionMap.read(tree / path)
        for span in known.spans:
            if span.qualname in names and left:
                left -= 1
                yield f"# {path}, {span.qualname}\n{known.source(span)}"


def _tests(site: Site) -> Iterator[str]:
    for test in site.covering[:_MOST_TESTS]:
        path, _, name = test.partition("::")
        known = FunctionMap.read(site.base / path)
        for span in known.spans:
            if span.qualname == name.replace("::", "."):
                yield f"# {path}\n{known.source(span)}"
