"""The sizes of input that a workload's script declares, and the script at one of them.

A script says `SIZES = (1000, 2000, 4000)` and defines `resize(size)`, which is called once, after
the script was read and before anything else of it runs, as `vary(number)` is.
"""

from __future__ import annotations

import ast
import math
from dataclasses import replace

from ..errors import UserError
from .workload import Workload

SIZES = "SIZES"
RESIZE = "resize"
FEWEST_SIZES = 3

_EXAMPLE = (
    f"say in the script `{SIZES} = (1000, 2000, 4000)` and define `{RESIZE}(size)`, which sets "
    "what setup() makes its input from"
)


def declared_sizes(workload: Workload) -> tuple[float, ...]:
    """Return the sizes that a workload's script declares, the smallest first.

    Raises:
        UserError: It declares none, fewer than three, or what are no numbers above zero; or the
            workload is no script with `workload()`.
    """
    if workload.kind != "script" or not workload.has_workload:
        raise UserError(
            "--sweep needs a workload that is a script with workload(): no other says its sizes"
        )
    body = ast.parse(workload.text).body
    defines = any(isinstance(each, ast.FunctionDef) and each.name == RESIZE for each in body)
    values = [each.value for each in body if isinstance(each, ast.Assign) and _names_sizes(each)]
    if not values or not defines:
        raise UserError(f"the workload {workload.name} declares no sizes for --sweep: {_EXAMPLE}")
    try:
        sizes = tuple(sorted(set(ast.literal_eval(values[-1]))))
    except (ValueError, TypeError):
        sizes = ()
    if len(sizes) < FEWEST_SIZES or not all(_is_size(size) for size in sizes):
        raise UserError(
            f"{SIZES} of the workload {workload.name} has to be a tuple or list of {FEWEST_SIZES} "
            "numbers above zero or more, written out"
        )
    return sizes


def at_size(workload: Workload, size: float) -> Workload:
    """Return the workload with input of a size."""
    return replace(workload, text=f"{workload.text}\n{RESIZE}({size!r})\n")


def _names_sizes(statement: ast.Assign) -> bool:
    return any(isinstance(name, ast.Name) and name.id == SIZES for name in statement.targets)


def _is_size(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value < math.inf  # pyright: ignore[reportOperatorIssue]
