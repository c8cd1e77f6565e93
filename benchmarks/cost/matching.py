"""How long it takes to match all rewrites over a large body of code, every function a hotspot."""

from __future__ import annotations

import os
import sysconfig
import time
from pathlib import Path

from perfagent.profiles.hotspot import Hotspot
from perfagent.tests.hotspots import hotspot
from perfagent.tools.rewrites.places import reading_of
from perfagent.tools.rewrites.registry import propose_rewrites

from ..study.records import Record, say

LINES = 100_000


def lay_out_library(tree: Path, lines: int = LINES) -> list[Hotspot]:
    """Copy so many lines of the standard library into a tree; return each function as a hotspot."""
    spots: list[Hotspot] = []
    for file in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = file.read_bytes()
        reading = reading_of(file.name, text.decode(errors="replace"))
        if lines <= 0 or reading is None:
            continue
        (tree / file.name).write_bytes(text)
        lines -= text.count(b"\n")
        for name, node in reading.module.functions:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            spots.append(hotspot(file.name, name, first, node.end_lineno or first))
    if lines > 0:
        raise ValueError(f"this interpreter's library lacks {lines} lines")
    return spots


def measure_matching(tree: Path) -> Record:
    """Return seconds by the clock and of CPU of proposing over the whole body once.

    Args:
        tree: An empty folder.
    """
    spots = lay_out_library(tree)
    began, cpu = time.perf_counter(), os.times()
    proposals = propose_rewrites(tree, spots)
    took = time.perf_counter() - began
    cpu_s = sum(os.times()[:2]) - sum(cpu[:2])
    say(f"matching: {took:.1f} s, {cpu_s:.1f} s of CPU, {len(proposals)} proposals")
    return {
        "lines": LINES,
        "functions": len(spots),
        "seconds": took,
        "cpu_s": cpu_s,
        "proposals": len(proposals),
    }
