"""SWE-fficiency's procedure: a block of samples on the base, then one with the patch.

The expert's speedup is of a run of its own, base and expert after each other at another time; so
it is kept with the instance and not measured again.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from ...errors import UserError
from ...workloads.script import parse_script
from ..running.ground import Ground
from .commands import asked

NUMBER, REPEAT = 1, 5
"""What the benchmark takes for counts that are no literals."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How a script says that it is timed.

    Attributes:
        number: Calls a sample.
        repeat: Samples.
        prewarm: Whether it calls `workload()` once before.
    """

    number: int
    repeat: int
    prewarm: bool


def timing_of(text: str) -> Timing:
    """Return how a workload script is timed, by its first `timeit.repeat(workload, …)`.

    Raises:
        UserError: It has none, for which the benchmark refuses it too.
    """
    prewarm = False
    for statement in ast.parse(text).body:
        call = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else None
        plain = call.func.id if isinstance(call.func, ast.Name) else None
        if plain == "workload":
            prewarm = True
        if "repeat" in (name, plain):
            given = {word.arg: word.value for word in call.keywords}
            return Timing(
                number=_literal(given.get("number"), NUMBER),
                repeat=_literal(given.get("repeat"), REPEAT),
                prewarm=prewarm,
            )
    raise UserError("the workload does not time itself by timeit.repeat, as the protocol asks")


def _literal(node: ast.expr | None, otherwise: int) -> int:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and value > 0 else otherwise


def block(ground: Ground, tree: Path) -> tuple[float, ...]:
    """Return the seconds of each sample of one version; the caller has the lane.

    Raises:
        BlockFailed: It gave none.
        UserError: The script does not time itself.
    """
    text = ground.instance.workload
    timing = timing_of(text)
    job = {
        "text": parse_script(text, "the workload").text,
        "number": timing.number,
        "repeat": timing.repeat,
        "prewarm": timing.prewarm,
    }
    limit_s = ground.settings.workload_timeout_s * (1 + timing.repeat)
    return tuple(asked(ground, tree, "perfagent_blocks.py", job, min(limit_s, 7200.0)))
