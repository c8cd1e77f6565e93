"""Works on jobs on a Ray cluster that is there already.

A job is a task. Each node says with a custom resource that it may time, and a task takes a share of
it; so no node has more jobs than fit its timing lane, whoever sent them. Which of a node's jobs
times is decided by the lane's lock, as on one machine.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...errors import InfrastructureError, UserError
from .backend import ATTEMPTS, Done, lost_worker

RESOURCE = "perfagent_timing"
"""The custom resource of nodes that time: 1 for a node's one timing lane."""

_SHARES = 10_000
"""Ray counts resources to four digits, so a share is rounded down to one of these."""

_START = f"""`ray start --resources='{{"{RESOURCE}": 1}}'`"""


_ANSWER_S = 10.0


@dataclass(frozen=True)
class _Task:
    number: int
    attempt: int


class RayBackend:
    """Tasks on the nodes of a Ray cluster; RAY_ADDRESS says which one, else the one on this host.

    Args:
        workers: Jobs at once on each node; timing is one at a time.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Done]:
        """See `Backend`.

        Raises:
            UserError: There is no cluster, it is of another Ray or Python, or none of its nodes
                may time.
            InfrastructureError: The cluster went away.
        """
        if not jobs:
            return
        ray, is_ours = _connected()
        try:
            yield from _worked(ray, self.workers, work, jobs)
        finally:
            if is_ours:
                ray.shutdown()


def _worked(
    ray: Any, workers: int, work: Callable[[Any], Any], jobs: Sequence[Any]
) -> Iterator[Done]:
    """Yield what comes of each job; those still under way are ended when nobody asks any more."""
    share = (_SHARES // workers) / _SHARES
    # What a node takes with it is begun again here, and counted, rather than by Ray.
    task = ray.remote(num_cpus=1, resources={RESOURCE: share}, max_retries=0)(_call)
    sent = ray.put(work)
    under_way = {task.remote(sent, job): _Task(number, 1) for number, job in enumerate(jobs)}
    try:
        while under_way:
            try:
                (ended,), _ = ray.wait(list(under_way), num_returns=1)
            except (ConnectionError, ray.exceptions.RaySystemError) as error:
                raise InfrastructureError(f"the Ray cluster went away: {error}") from error
            begun = under_way.pop(ended)
            found = _ended(ray, ended, begun)
            if found is None:
                again = replace(begun, attempt=begun.attempt + 1)
                under_way[task.remote(sent, jobs[begun.number])] = again
            else:
                yield found
    finally:
        for left in under_way:
            ray.cancel(left, force=True)


def _call(work: Callable[[Any], Any], job: Any) -> Any:
    return work(job)


def _ended(ray: Any, ended: Any, task: _Task) -> Done | None:
    """Return what came of a task; None when it was lost with its node and is to begin again."""
    try:
        value = ray.get(ended)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        lost = f"{type(cause).__name__}: {cause}"
        return Done(number=task.number, value=None, lost=lost, attempts=task.attempt)
    except ray.exceptions.RayError:
        if task.attempt < ATTEMPTS:
            return None
        lost = lost_worker(ATTEMPTS)
        return Done(number=task.number, value=None, lost=lost, attempts=task.attempt)
    return Done(number=task.number, value=value, attempts=task.attempt)


def _connected() -> tuple[Any, bool]:
    """Return the module `ray`, connected, and whether it was this call that connected it."""
    try:
        import ray  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise UserError("--backend ray needs Ray: pip install 'perfagent[ray]'") from None
    is_ours = not ray.is_initialized()
    if is_ours:
        address = os.environ.get("RAY_ADDRESS", "")
        try:
            _answers(address)
            ray.init(address="auto", log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, RuntimeError, ValueError) as error:
            lines = str(error).strip().splitlines() or [repr(error)]
            why = f"{address}: {lines[0]}" if address else "none runs on this machine"
            raise UserError(
                f"no Ray cluster to work on ({why}): start its nodes with {_START} (the first with"
                " --head), or name one with RAY_ADDRESS"
            ) from None
    if not ray.cluster_resources().get(RESOURCE):
        if is_ours:
            ray.shutdown()
        raise UserError(f"no node of the Ray cluster may time: start its nodes with {_START}")
    return ray, is_ours


def _answers(address: str) -> None:
    """Raise OSError where nobody listens at HOST:PORT, for which Ray itself waits for minutes."""
    host, mark, port = address.partition("://")[2 if "://" in address else 0].rpartition(":")
    if mark and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_S).close()
