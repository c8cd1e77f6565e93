"""A prebuilt container image: its interpreter, and the files of its packages."""

from __future__ import annotations

import shlex
from pathlib import Path

from ...errors import UserError
from ..commands.docker_engine import Engine
from .interpreter import ASK, Interpreter, answered, supported

USUAL_PYTHONS = (
    "/opt/miniconda3/envs/testbed/bin/python",
    "/testbed/.venv/bin/python",
    "python3",
    "python",
)
"""Where the images of benchmarks have their interpreter, and what others call it."""

_ANSWER_S = 120.0


def interpreter_in(image: str, python: str | None) -> Interpreter:
    """Return the interpreter of an image.

    Args:
        image: The image's id.
        python: Its path in the image, or its name on the image's PATH; None for the first of
            `USUAL_PYTHONS` that is there.

    Raises:
        UserError: The image has no such interpreter, or it is no CPython from 3.8 up.
        InfrastructureError: The engine does not answer.
    """
    wanted = USUAL_PYTHONS if python is None else (python,)
    script = (
        f'for each in {shlex.join(wanted)}; do found=$(command -v "$each") || continue;'
        f' exec "$found" -I -c {shlex.quote(ASK)}; done; exit 3'
    )
    status, said = Engine.reached().ask(image, ["/bin/sh", "-c", script], _ANSWER_S)
    found = answered(said)
    if status or found is None:
        raise UserError(
            f"image {image} has no CPython at {' or '.join(wanted)}: give --python the path of one"
        )
    return supported(found)


def copied_out(image: str, path: Path, folder: Path) -> Path:
    """Copy a package out of an image and return its place in `folder`.

    Raises:
        InfrastructureError: The engine does not give it, or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return Engine.reached().copy_out(image, str(path), folder)
