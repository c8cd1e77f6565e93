"""Says what an environment consists of: its interpreter, and the packages installed in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ...errors import InfrastructureError
from ..commands.process import Limits, run_command
from ..commands.variables import target_variables
from ..sandbox.containment import OPEN, Containment

_LIST = Path(__file__).parents[1] / "inside" / "list_packages.py"
_ANSWER_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What an interpreter is and has.

    Attributes:
        version: Like "3.11.7".
        implementation: Like "CPython".
        platform: Like "linux-x86_64".
        packages: `name==version` of each installed package, sorted.
    """

    version: str
    implementation: str
    platform: str
    packages: tuple[str, ...]


def read_installed(python: Path, containment: Containment = OPEN) -> Installed:
    """Ask an interpreter what it is and which packages it finds installed; takes one process.

    Args:
        python: The interpreter, as a path inside its environment.
        containment: How it is contained.

    Raises:
        UserError: It is gone.
        InfrastructureError: It does not answer.
    """
    result = run_command(
        # -I: neither the working directory nor the user's own packages count.
        [str(python), "-I", str(_LIST)],
        cwd=python.parent,
        env=target_variables(python),
        limits=Limits(wall_s=_ANSWER_S, output_bytes=20_000_000),
        enclosure=containment.starting(python),
    )
    try:
        answer = json.loads(result.stdout)
    except ValueError:
        raise InfrastructureError(
            f"{python} does not say which packages it has: {result.tail(1) or 'no answer'}"
        ) from None
    return Installed(**{**answer, "packages": tuple(answer["packages"])})
