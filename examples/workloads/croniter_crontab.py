"""List when the jobs of a crontab run."""

import datetime

from croniter import croniter

JOBS = [
    "*/7 * * * *",
    "0 4 8-14 * *",
    "15 2,14 * * mon-fri",
    "30 */6 1,15 * *",
    "0 0 29 2 *",
    "5 0 * jan,jul sun#1",
]


def workload():
    """Return the next runs of each job."""
    start = datetime.datetime(2024, 1, 1)  # noqa: DTZ001 - crontabs know no time zones
    return [
        [each.isoformat() for each in (runs.get_next(datetime.datetime) for _ in range(100))]
        for runs in (croniter(job, start) for job in JOBS)
    ]
