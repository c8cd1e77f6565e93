"""What a worker is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...settings import Settings
from ..dataset.instance import Instance

Kind = Literal["prediction", "expert", "empty"]
Protocol = Literal["paired", "official"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is asked.

    Attributes:
        instance: The instance.
        kind: Whether a given patch is evaluated, the expert's, or none.
        patch: The patch of a prediction; "" for the others.
        model: Who made it.
        source: Where the repository is: a REPO argument without a revision.
        settings: What the user said.
        protocol: "official" also takes the benchmark's own blocks of samples.
        again: Measure even what was measured before.
        sample: Which of the instance's patches it is, from 1.
    """

    instance: Instance
    kind: Kind
    patch: str = ""
    model: str = ""
    source: str
    settings: Settings
    protocol: Protocol = "paired"
    again: bool = False
    sample: int = 1
