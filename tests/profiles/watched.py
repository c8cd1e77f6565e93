"""A library whose calls are known to the last one, and its calls as the recorder saw them."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.profiles.facts.call_facts import RecordedFacts, record_facts
from perfagent.profiles.facts.facts import CallFacts
from perfagent.profiles.functions import FunctionMap
from perfagent.profiles.hotspot import Hotspot
from perfagent.repos.environment.interpreter import find_interpreter
from perfagent.workloads.target import Target

from .conftest import Bench

STAND_INS, EVENTS = "3.11", "3.13"
"""A Python without and one with `sys.monitoring`."""


def interpreter(version: str) -> Path:
    """Return an interpreter of this version; skips the test when there is none."""
    try:
        return find_interpreter(version).path
    except UserError:
        pytest.skip(f"Python {version} is not installed")


def hotspots(bench: Bench, *functions: str) -> list[Hotspot]:
    """Return a hotspot for each function of the bench's library, or for those named."""
    known = FunctionMap.read(bench.tree / "lib.py")
    found = [span for span in known.spans if not functions or span.qualname in functions]
    assert len({span.qualname for span in found}) >= len(functions)
    return [
        Hotspot(
            function=span.qualname,
            path="lib.py",
            first_line=span.first_line,
            last_line=span.last_line,
            self_share=0.5,
            own_share=0.5,
            total_share=0.5,
            max_speedup=2.0,
            owner="repository",
            callers=(),
            lines=(),
            source=known.source(span),
            covering_tests=(),
            worthwhile=True,
            note=None,
        )
        for span in found
    ]


def target(bench: Bench, library: str, workload: str, version: str) -> Target:
    """Return a script's target over a library, on another version of Python."""
    (bench.tree / "lib.py").write_text(textwrap.dedent(library), encoding="utf-8")
    made = bench.target(bench.script(textwrap.dedent(workload)))
    environment = replace(made.environment, python=interpreter(version))
    return replace(made, environment=environment)


def record(
    bench: Bench, library: str, workload: str, *functions: str, version: str = STAND_INS
) -> RecordedFacts:
    """Look into the calls that a workload makes of a library's functions."""
    made = target(bench, library, workload, version)
    return record_facts(made, bench.tree, hotspots(bench, *functions))


def seen(
    bench: Bench, library: str, workload: str, *functions: str, version: str = STAND_INS
) -> dict[str, CallFacts]:
    """Return what was seen by the functions' names; the workload must not have been harmed."""
    found = record(bench, library, workload, *functions, version=version)
    assert found.notes == (), found.notes
    return {facts.function: facts for facts in found.facts}
