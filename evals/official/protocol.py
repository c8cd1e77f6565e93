"""One patch on one instance by the benchmark's own procedure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...agent.runs.plain import from_plain, to_plain
from ..running.ground import Ground
from ..running.lane import Watch
from ..running.outcome import Blocks
from . import perf_tests, script_blocks, sessions
from .commands import BlockFailed

_WORKLOAD = "workload"
_EXPERT = "expert-blocks.json"


def official_blocks(ground: Ground, candidate: Path, expert: Path | None) -> Blocks:
    """Return the samples of the benchmark's own procedure.

    Args:
        ground: The base.
        candidate: The tree with the patch.
        expert: The tree with the expert's patch; None without one.

    Raises:
        UserError: The workload cannot be timed this way.
    """
    watch = Watch()
    measure = {"swefficiency": _scripts, "gso": _perf_tests, "sweperf": _sessions}
    with ground.lane.turn():
        try:
            found = measure[ground.instance.suite](ground, candidate, expert)
        except BlockFailed as error:
            found = Blocks(base_s={}, candidate_s={}, problem=f"on the base: {error}")
    return replace(found, seconds=watch.spent_s)


def _scripts(ground: Ground, candidate: Path, expert: Path | None) -> Blocks:
    base = {_WORKLOAD: script_blocks.block(ground, ground.base)}
    problem, patched = "", {}
    try:
        patched = {_WORKLOAD: script_blocks.block(ground, candidate)}
    except BlockFailed as error:
        problem = f"with the patch: {error}"
    apart = _expert_apart(ground, expert) if expert else Blocks(base_s={}, candidate_s={})
    return Blocks(
        base_s=base,
        candidate_s=patched,
        expert_base_s=apart.base_s,
        expert_s=apart.candidate_s,
        problem=problem,
    )


def _expert_apart(ground: Ground, expert: Path) -> Blocks:
    """Return the expert's own run, made once."""
    if ground.directory.has(_EXPERT):
        return from_plain(Blocks, ground.directory.read_json(_EXPERT))
    base = {_WORKLOAD: script_blocks.block(ground, ground.base)}
    try:
        made = Blocks(base_s=base, candidate_s={_WORKLOAD: script_blocks.block(ground, expert)})
    except BlockFailed as error:
        made = Blocks(base_s=base, candidate_s={}, problem=str(error))
    ground.directory.write_json(_EXPERT, to_plain(made))
    return made


def _perf_tests(ground: Ground, candidate: Path, expert: Path | None) -> Blocks:
    found = perf_tests.blocks(ground, candidate, expert)
    base, patched, theirs = (found.get(name, {}) for name in ("base", "candidate", "expert"))
    return Blocks(
        base_s={} if isinstance(base, str) else base,
        candidate_s={} if isinstance(patched, str) else patched,
        expert_base_s={} if isinstance(base, str) else base,
        expert_s={} if isinstance(theirs, str) else theirs,
        problem=f"with the patch: {patched}" if isinstance(patched, str) else "",
    )


def _sessions(ground: Ground, candidate: Path, expert: Path | None) -> Blocks:
    base = sessions.block(ground, ground.base)
    try:
        patched = sessions.block(ground, candidate)
    except BlockFailed as error:
        return Blocks(base_s=_seconds(base), candidate_s={}, problem=f"with the patch: {error}")
    both = [*base, *patched]
    tests = ground.instance.efficiency_tests
    return Blocks(
        base_s=_seconds(base),
        candidate_s=_seconds(patched),
        passed={t: all(s.get(t, ("", 0.0))[0] == "passed" for s in both) for t in tests},
    )


def _seconds(found: list[sessions.Session]) -> dict[str, tuple[float, ...]]:
    names = dict.fromkeys(name for session in found for name in session)
    return {name: tuple(session[name][1] for session in found if name in session) for name in names}
