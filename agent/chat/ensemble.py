"""Which of the models that the settings name is asked: by role and weight, drawn by the run's seed.

The draw is the same whenever it is made again, and stands in the journal with each call.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from ...errors import UserError
from ...settings import Settings
from ..runs.run import Run
from .models import ChatModel
from .open import open_chat
from .replayed_model import Recording, ReplayedModel

Role = Literal["plan", "code", "repair"]
_OPTIONS: Mapping[Role, str] = MappingProxyType(
    {"plan": "plan_model", "code": "model", "repair": "repair_model"}
)


def model_for(run: Run, role: Role, *parts: str) -> ChatModel:
    """Return the model that is asked for one thing.

    Args:
        run: The run.
        role: What for: plans in words, a change, or mending one that was refused.
        parts: Name the thing, so that each is drawn by itself.

    Raises:
        UserError: No such provider, or its key is missing.
    """
    entries = weights(run.settings, role)
    draw = random.Random(run.seed_for("model", role, *parts))  # noqa: S311 - a choice, no secret
    (spec,) = draw.choices([spec for spec, _ in entries], [weight for _, weight in entries])
    if run.settings.replay is None:
        return open_chat(run.settings, spec)
    return ReplayedModel(
        name=spec,
        recording=_recording(run, run.settings.replay),
        on_departure=partial(run.emit, "note"),
    )


def _recording(run: Run, path: Path) -> Recording:
    """Return the run's one recording: what it has answered is not answered again."""
    with run.tree_lock:
        if run.recording is None:
            run.recording = Recording.read(path)
        return run.recording


def weights(settings: Settings, role: Role) -> list[tuple[str, float]]:
    """Return the models of a role, each with its weight: those of `--model` where it has none.

    Raises:
        UserError: A weight that is no positive number.
    """
    own: Sequence[str] = getattr(settings, _OPTIONS[role])
    return [_weighted(entry, _OPTIONS[role]) for entry in own or settings.model]


def _weighted(entry: str, option: str) -> tuple[str, float]:
    spec, mark, text = entry.rpartition("=")
    if not mark:
        return entry, 1.0
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not spec or not math.isfinite(weight) or weight <= 0:
        flag = option.replace("_", "-")
        raise UserError(f"--{flag} {entry!r}: write PROVIDER:NAME=WEIGHT with a weight above 0")
    return spec, weight


def check_models(settings: Settings) -> None:
    """See that every model of every role can be asked, before a run begins.

    Raises:
        UserError: One cannot.
    """
    if settings.replay is not None:
        Recording.read(settings.replay)
    for role in _OPTIONS:
        for spec, _ in weights(settings, role):
            if settings.replay is None:
                open_chat(settings, spec)
