"""What every kind of job works with: the forge, the queue, mirrors, and the way to keep a lease."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import InfrastructureError
from ...repos.source.mirror import open_mirror, resolve
from ...repos.source.ref import parse_repo
from ..deployment import Deployment
from ..forge import Forge, Place, Pull
from ..store.database import Database
from ..store.queue import HEARTBEAT_S, LEASE_S, Job, LeaseLost, Queue
from .configuration import PATH, Read, read_configuration
from .engine import Engine
from .wall import Wall

_GIT = {
    "http.followRedirects": "false",
    "transfer.fsckObjects": "true",
    "credential.helper": "",
}


def keep_git_quiet() -> None:
    """See that git, in this process, reads nobody's configuration and follows nobody's orders."""
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    os.environ["GIT_CONFIG_NOSYSTEM"] = "1"
    os.environ["GIT_ATTR_NOSYSTEM"] = "1"
    os.environ["GIT_LFS_SKIP_SMUDGE"] = "1"
    os.environ["GIT_CONFIG_COUNT"] = str(len(_GIT))
    for number, (key, value) in enumerate(_GIT.items()):
        os.environ[f"GIT_CONFIG_KEY_{number}"] = key
        os.environ[f"GIT_CONFIG_VALUE_{number}"] = value


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What jobs work with.

    Attributes:
        deployment: How the app is set up.
        database: What it must not lose.
        queue: Its jobs.
        forge: Where repositories are.
        lease_s: How long a job is a worker's without a sign of life.
    """

    deployment: Deployment
    database: Database
    queue: Queue
    forge: Forge
    lease_s: float = LEASE_S
    mirrors: threading.Lock = field(default_factory=threading.Lock)

    def engine(self, job: Job) -> Engine:
        """Return how perfagent is run for a job."""
        folder, work = self.folder(job), self.kept(job.repo) / "work"
        state = folder / "state"
        state.mkdir(exist_ok=True)
        wall = None
        if self.deployment.sandbox == "local":
            mirror, python = self.kept(job.repo) / "mirror", self.deployment.python
            wall = Wall(folder=folder, work=work, mirror=mirror, python=python)
        return Engine(cache=work, state=state, canary=self.canary(job), wall=wall)

    def canary(self, job: Job) -> str:
        """Return the job's canary (see `Engine`), the same at each attempt."""
        file = self.folder(job) / "canary"
        if not file.exists():
            # Named once it is whole: with an empty one, after a kill, nothing would be looked for.
            part = file.with_suffix(".part")
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as written:
                written.write(secrets.token_hex(16))
            part.replace(file)
        return file.read_text()

    def place(self, job: Job) -> Place:
        """Return the job's repository; nothing is written there once the job is lost."""
        return self.forge.place(job.installation, job.repo, lambda: self.queue.check(job))

    def folder(self, job: Job) -> Path:
        """Return where a job keeps its files, made when missing."""
        folder = self.deployment.folder / "jobs" / job.id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def kept(self, repo: str) -> Path:
        """Return where what is kept of a repository lies: nothing of it is another's."""
        return self.deployment.folder / "repositories" / repo.lower().replace("/", "+")

    def clear(self, job: Job) -> None:
        """Remove a job's files."""
        shutil.rmtree(self.deployment.folder / "jobs" / job.id, ignore_errors=True)

    def mirror(self, place: Place, revision: str | None) -> Path:
        """Bring a repository into the cache, through a token that can only read it."""
        with place.reading() as address, self.mirrors:
            source = parse_repo(address, revision=revision)
            return open_mirror(source, self.kept(place.repo) / "mirror")

    def mirror_of(self, place: Place, pull: Pull) -> Path:
        """Bring a pull request's last commit into the cache.

        Raises:
            InfrastructureError: It has another one by now.
        """
        mirror = self.mirror(place, f"pull/{pull.number}/head")
        if resolve(mirror, f"refs/pull/{pull.number}/head") != pull.head_sha:
            raise InfrastructureError("the pull request moved on while it was fetched")
        return mirror

    def configuration(self, place: Place, commit: str) -> Read:
        """Read the repository's configuration at a commit of its default or base branch."""
        return read_configuration(place.text(PATH, commit))

    def over_quota(self, job: Job, times: int) -> bool:
        """Return whether the repository had so many times the daily number of measurements."""
        since = time.time() - 86_400
        had = self.queue.asked_since(job.host, since, "repo", job.repo)
        return had >= times * self.deployment.daily

    def details(self, job: Job) -> str:
        """Return the address of a job's page."""
        return f"{self.deployment.public_url}/jobs/{job.id}"

    @contextmanager
    def alive(self, job: Job) -> Iterator[Callable[[str], None]]:
        """Keep a job's lease during the block; give what to call with the progress.

        The function raises LeaseLost when the job was cancelled, or is another worker's.
        """
        stop, lost = threading.Event(), threading.Event()
        said = {"progress": job.progress}

        def beat() -> None:
            while not stop.wait(min(HEARTBEAT_S, self.lease_s / 3)):
                try:
                    self.queue.heartbeat(job, lease_s=self.lease_s, progress=said["progress"])
                except LeaseLost:
                    lost.set()
                    return
                except Exception:  # noqa: BLE001, S112 - the database is away; the lease decides
                    continue

        def progress(text: str) -> None:
            said["progress"] = text or said["progress"]
            if lost.is_set():
                raise LeaseLost(job.id)

        thread = threading.Thread(target=beat, name=f"lease-{job.id[:8]}", daemon=True)
        thread.start()
        try:
            yield progress
        finally:
            stop.set()
            thread.join()


def today(now: float | None = None) -> str:
    """Return the day, UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(now))
