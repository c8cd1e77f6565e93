"""Says at the forge that a job is over, where the job itself did not come to that.

A queued job that is cancelled has no worker, and one whose workers died has none any more: the
check and the answer that announced them would stay as they were for ever.
"""

from __future__ import annotations

import time

from ...errors import UserError
from ...redaction import redacted
from ..forge import ForgeError
from ..store.queue import Job
from .checking import end_check
from .desk import Desk

_TOLD = "told"
_LOOK_BACK_S = 7 * 86_400.0


def tell_ended(desk: Desk) -> int:
    """Tell of the jobs that ended untold; return of how many.

    What cannot be told now, because the forge is away or asks to wait, is told at a later call.
    """
    ended = desk.queue.listed(
        "lane = 'bench' AND state IN ('failed', 'cancelled', 'dead') AND progress <> ?"
        " AND host = ? AND finished_at >= ?",
        _TOLD,
        desk.forge.host,
        time.time() - _LOOK_BACK_S,
        limit=20,
    )
    for number, job in enumerate(ended):
        try:
            _tell(desk, job)
        except ForgeError as error:
            if error.status in (0, 429) or error.status >= 500:
                return number
        except UserError:  # the app's key cannot be read
            return number
        desk.queue.note(job, _TOLD)
    return len(ended)


def _tell(desk: Desk, job: Job) -> None:
    if _is_replaced(desk, job):
        return  # what is shown is the later job's
    why = redacted(job.outcome)[:500] or job.state
    end_check(desk, job, "cancelled" if job.state == "cancelled" else "neutral", why)
    if job.kind == "optimize" and job.request.get("number") is not None:
        # The job is over, so there is no claim that could be another worker's.
        place = desk.forge.place(job.installation, job.repo, lambda: None)
        told = why if job.state == "cancelled" else f"nothing was done: {why}"
        mark = f"answer:{job.request['answers']}"
        place.comment(int(job.request["number"]), mark, f"{told[:1].upper()}{told[1:]}.")


def _is_replaced(desk: Desk, job: Job) -> bool:
    """Return whether a later job shows its result in the same place."""
    later = desk.queue.listed(
        "host = ? AND repo = ? AND kind = ? AND created_at > ?",
        job.host,
        job.repo,
        job.kind,
        job.created_at,
    )
    places = ("number", "sha", "again", "answers")
    return any(
        all(each.request.get(name) == job.request.get(name) for name in places) for each in later
    )
