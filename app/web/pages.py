"""The status page: what is queued, what runs, what came of it. No script, nothing from elsewhere.

A job's page is found by its id, which nobody can guess and which checks and comments link to. The
list of all jobs, and reports of repositories, are for people on this machine: it is shown on
loopback alone, unless the deployment stands behind a login of its own.
"""

from __future__ import annotations

import ipaddress
import re
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from ...reports.regression import DECISIONS
from ...reports.wording import duration_text
from ..store.queue import Job, Queue

_FOLDER = Path(__file__).with_name("templates")
_WEB = re.compile(r"https?://[^/]")
_HASH = re.compile(r"sha256-[A-Za-z0-9+/]{43}=")
_STATES = ("running", "queued", "done", "failed", "cancelled", "dead")


class Pages:
    """The pages of one queue."""

    def __init__(self, queue: Queue, *, folder: Path, open_to_all: bool = False) -> None:
        """Make the pages.

        Args:
            queue: The jobs.
            folder: Where jobs keep their files.
            open_to_all: Whether the list is shown to others than people on this machine.
        """
        self.queue = queue
        self.folder = folder
        self.open_to_all = open_to_all

    def routes(self) -> list[Route]:
        """Return where they are."""
        return [
            Route("/", self.overview),
            Route("/jobs/{job:str}", self.job),
            Route("/jobs/{job:str}/report", self.report),
            Route("/style.css", self.style),
            Route("/favicon.ico", lambda request: Response(status_code=204)),
        ]

    async def overview(self, request: Request) -> Response:
        """Show all jobs."""
        if not self.open_to_all and not _is_near(request):
            return PlainTextResponse("perfagent is at work here", 200)
        return await run_in_threadpool(self._overview)

    def _overview(self) -> Response:
        jobs = [job for job in self.queue.listed(limit=200) if job.lane == "bench"]
        groups = [
            (state, [self._line(job) for job in jobs if job.state == state]) for state in _STATES
        ]
        return _page("overview.html", groups=[group for group in groups if group[1]])

    async def job(self, request: Request) -> Response:
        """Show one job."""
        return await run_in_threadpool(self._job, request.path_params["job"])

    def _job(self, name: str) -> Response:
        job = self.queue.find(name)
        if job is None:
            return _page("missing.html", status=404)
        report = self.folder / job.id / "run" / "report.html"
        return _page(
            "job.html",
            job=self._line(job),
            results=[
                {**each, "decision": DECISIONS.get(each["decision"], each["decision"])}
                for each in job.report.get("results") or []
            ],
            pulls=[
                {**each, "url": each["url"] if _WEB.match(each["url"]) else ""}
                for each in job.report.get("pulls") or []
            ],
            notes=job.report.get("notes") or [],
            has_report=report.is_file(),
        )

    async def report(self, request: Request) -> Response:
        """Show a run's own report page, which has a policy of its own."""
        job = await run_in_threadpool(self.queue.find, request.path_params["job"])
        file = self.folder / job.id / "run" / "report.html" if job else None
        if file is None or not file.is_file():
            return _page("missing.html", status=404)
        text = await run_in_threadpool(file.read_text, encoding="utf-8")
        return HTMLResponse(text, headers={"content-security-policy": _report_policy(text)})

    async def style(self, request: Request) -> Response:
        """Return the style sheet."""
        del request
        text = (_FOLDER / "style.css").read_text(encoding="utf-8")
        return Response(text, media_type="text/css", headers={"cache-control": "max-age=3600"})

    def _line(self, job: Job) -> dict[str, Any]:
        ahead = self.queue.position(job) if job.state == "queued" else 0
        end = job.finished_at or time.time()
        return {
            "id": job.id,
            "kind": job.kind,
            "repo": job.repo,
            "about": f"#{job.request['number']}" if job.request.get("number") else "",
            "workload": job.request.get("workload") or "",
            "commit": str(job.request.get("sha") or job.report.get("base") or "")[:12],
            "state": job.state,
            "by": job.requester or "the forge",
            "at": datetime.fromtimestamp(job.created_at, UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "took": duration_text(end - job.started_at) if job.started_at else "",
            "ahead": ahead,
            "told": job.outcome or job.progress,
            "attempts": job.attempts,
        }


def _report_policy(text: str) -> str:
    """Return the policy of a run's report: its own scripts, by their hashes, and nothing else.

    The sandbox gives the page an origin of its own: it is no part of this server to a browser.
    """
    hashes = sorted(set(_HASH.findall(text[:20_000])))
    scripts = " ".join(f"'{each}'" for each in hashes) or "'none'"
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src {scripts}; "
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _is_near(request: Request) -> bool:
    """Return whether a request comes from this machine, and through no proxy."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _page(name: str, *, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(_templates().get_template(name).render(**values), status)


@cache
def _templates() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
