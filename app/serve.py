"""Starts the app: the web process, the workers, or both in one."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from starlette.routing import Route

from ..errors import UserError
from ..repos.environment.interpreter import find_interpreter
from ..repos.sandbox.choice import choose
from ..settings import load_settings
from .deployment import Deployment, load_deployment
from .logs import keep_logs_clean
from .store.database import Database
from .store.queue import Queue
from .web.events import QUIET_S, Us
from .web.pages import Pages
from .web.reception import Reception
from .web.server import make_app
from .web.signature import check_secrets


def run(
    *,
    folder: Path | None,
    host: str,
    port: int,
    half: Literal["both", "web", "worker"],
    **said: Any,
) -> None:
    """Serve until the process is told to end.

    Raises:
        UserError: The app is not set up right; nothing was started.
    """
    keep_logs_clean()
    place = folder or load_settings({}, working_dir=Path.cwd()).state_dir / "app"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    said["public_url"] = said.get("public_url") or f"http://127.0.0.1:{port}"
    deployment = load_deployment(place, **said)
    if deployment.is_made:
        check_secrets(deployment.secrets)
    database = Database(deployment.database)
    stop = threading.Event()
    with ExitStack() as closing:
        closing.callback(database.close)
        if half != "web" and deployment.is_made:
            closing.callback(_start_workers(deployment, database, stop))
        if half == "worker":
            if not deployment.is_made:
                raise UserError("the app is not made yet: run `perfagent serve` and open /setup")
            _wait(stop)
        else:
            _serve(deployment, database, host, port)


def _serve(deployment: Deployment, database: Database, host: str, port: int) -> None:
    import uvicorn

    reception = None
    if deployment.is_made:
        us = Us(app_id=deployment.app_id, slug=deployment.slug, quiet_s=QUIET_S)
        reception = Reception(
            database=database, host=deployment.host, secrets=deployment.secrets, us=us
        )
    sys.stderr.write(f"perfagent: listening on http://{host}:{port}; Ctrl-C ends it\n")
    pages = Pages(Queue(database), folder=deployment.folder / "jobs")
    routes = [*pages.routes(), *([] if deployment.is_made else _setup_routes(deployment))]
    uvicorn.run(
        make_app(reception, database, routes),
        host=host,
        port=port,
        log_config=None,
        lifespan="off",
        access_log=False,
        server_header=False,
        limit_concurrency=200,
        timeout_keep_alive=5,
    )


def _setup_routes(deployment: Deployment) -> list[Route]:
    """Return the setup page's routes, and say where it is to who started this."""
    from .github.client import Client
    from .web.setup import Setup

    setup = Setup(deployment, Client(deployment.api_url))
    address = f"{deployment.public_url}/setup?token={setup.token}"
    sys.stderr.write(f"perfagent: the app is not made yet; open {address}\n")
    return setup.routes()


def _start_workers(
    deployment: Deployment, database: Database, stop: threading.Event
) -> Callable[[], None]:
    """Start the worker; return what stops it."""
    from .github.client import Client
    from .github.github import GitHub
    from .github.tokens import AppKey
    from .jobs.desk import Desk, keep_git_quiet
    from .jobs.wall import require_wall
    from .jobs.worker import Worker

    key = deployment.key_file
    if key is None:
        raise UserError("the app has no private key: set GITHUB_APP_PRIVATE_KEY_FILE")
    choose(deployment.sandbox, network=False)  # said now, not at the first job
    if deployment.python and not Path(deployment.python).exists():
        # A version: behind their wall, runs do not find what this process finds.
        found = find_interpreter(deployment.python).path
        deployment = replace(deployment, python=str(found))
    if deployment.sandbox == "local":
        require_wall(deployment.folder / "trial")
    keep_git_quiet()
    client = Client(deployment.api_url)
    forge = GitHub(
        client,
        AppKey(deployment.app_id, key),
        server_url=deployment.server_url,
        slug=deployment.slug,
    )
    desk = Desk(deployment=deployment, database=database, queue=Queue(database), forge=forge)
    worker = Worker(desk, stop)
    worker.start()
    sys.stderr.write(f"perfagent: a worker is at work in {deployment.folder}\n")

    def end() -> None:
        stop.set()
        worker.join()
        client.close()

    return end


def _wait(stop: threading.Event) -> None:
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    while not stop.wait(1.0):
        continue
