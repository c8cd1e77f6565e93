"""Whether something else had the core while a launch was timed."""

from __future__ import annotations

from collections.abc import Iterable

from ..launch import Launch
from ..metrics import Metric

_OF_THE_MACHINE: tuple[Metric, ...] = ("wall", "energy")
_UNHEEDED_SHARE = 0.02
_CHANGED_FACTOR = 1.1


def disturbance(launch: Launch, metric: Metric = "wall") -> float:
    """Return the share (0-1) of a launch in which something else had its core.

    It adds up what the kernel knows of waiting for a core, of the hypervisor's taking it, and of
    quotas, and so depends on nothing that the launch measured: repeating a launch for it favours no
    version. CPU time is only disturbed by the hypervisor; instructions and memory are by nothing.
    What the system does not tell counts as none.
    """
    if metric in ("instructions", "rss"):
        return 0.0
    stolen = launch.steal_share or 0.0
    if metric not in _OF_THE_MACHINE:
        return min(1.0, stolen)
    held_back = (launch.throttled_s or 0.0) / max(launch.duration_s, 1e-9)
    return min(1.0, (launch.waited_share or 0.0) + stolen + min(1.0, held_back))


def changed_speed(probes_s: Iterable[float], metric: Metric = "wall") -> bool:
    """Tell whether the core's speed changed in a pair of launches.

    A sibling hyperthread, heat or a neighbour on the host can halve it for a while, and no counter
    of the system shows that. Two launches at the same low speed compare as well as two at full
    speed. The probe is no part of the code on trial, so repeating a pair for it favours no version.

    Args:
        probes_s: The probes of all launches of the pair.
        metric: What is compared.
    """
    probes = list(probes_s)
    if metric in ("instructions", "rss") or not probes:
        return False
    return max(probes) > _CHANGED_FACTOR * min(probes)


def is_disturbed(share: float, min_effect: float) -> bool:
    """Tell whether a launch is worth repeating: the share could hide or feign the smallest gain."""
    return share > max(min_effect, _UNHEEDED_SHARE)
