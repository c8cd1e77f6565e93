"""Timings and samples that no process measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from perfagent.workloads.timing.calibration import Calibration
from perfagent.workloads.timing.decision import ComparisonPlan
from perfagent.workloads.timing.samples import Samples
from perfagent.workloads.timing.timings import Regime, Timings

PAIRS = 10
WARM = Calibration(regime="warm", loops=100, cold_s=1e-3, warm_s=1e-3, launch_s=0.1)
COLD = Calibration(regime="cold", loops=0, cold_s=0.05, warm_s=0.05, launch_s=0.2)


def timings_of_values(
    values: Sequence[float],
    *,
    regime: Regime = "cold",
    loops: int = 0,
    import_s: Sequence[float] | None = None,
    cold_s: Sequence[float] | None = None,
    start_s: float = 0.05,
    **changes: Any,
) -> Timings:
    """Return timings whose launches took what their process says, and `start_s` more."""
    values, count = tuple(values), len(values)
    first = tuple(cold_s or values)
    imports = tuple(import_s or (0.1,) * count)
    calls = zip(first, imports, values, strict=True)
    made = Timings(
        arm="base",
        regime=regime,
        values=values,
        first=first,
        mean=values,
        wall_s=values,
        blocks_s=tuple((value,) for value in values) if regime == "warm" else (),
        cold_s=first,
        import_s=imports,
        setup_s=(0.0,) * count,
        cpu_s=values,
        peak_rss_bytes=(50_000_000,) * count,
        duration_s=tuple(start_s + one + start + loops * value for one, start, value in calls),
        disturbed_share=(0.0,) * count,
        loops=loops,
        started_at="2024-01-01T00:00:00+00:00",
        machine={"processor": "made up"},
    )
    return replace(made, **changes)


def timings(
    value_s: float,
    *,
    regime: Regime = "warm",
    cold_s: float | None = None,
    mean_s: float | None = None,
    import_s: float = 0.1,
    seed: int = 1,
    noise: float = 0.01,
    **changes: Any,
) -> Timings:
    """Return PAIRS launches around these times, with `noise` as the spread of their logarithm."""
    rng = np.random.default_rng(seed)

    def several(center: float) -> tuple[float, ...]:
        return tuple((center * np.exp(rng.normal(0, noise, PAIRS))).tolist())

    values, means = several(value_s), several(mean_s or value_s)
    cold, imports = several(cold_s or value_s), several(import_s)
    loops = 100 if regime == "warm" else 0
    made = timings_of_values(values, regime=regime, loops=loops, cold_s=cold, import_s=imports)
    return replace(made, **{"mean": means} | changes)


def samples_of(baseline: Timings, candidate: Timings, **changes: Any) -> Samples:
    """Return samples of two versions, launched in alternating order."""
    count = len(baseline.values)
    made = Samples(
        plan=ComparisonPlan(),
        calibration=WARM if baseline.regime == "warm" else COLD,
        baseline=baseline,
        candidate=replace(candidate, arm="candidate"),
        baseline_first=tuple(index % 2 == 0 for index in range(count)),
        ended="pairs",
        load=0.5,
        cores=2,
    )
    return replace(made, **changes)
