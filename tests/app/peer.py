"""GitHub on loopback: a peer that keeps state (emulate), a real git repository, and faults.

Issues, pull requests, checks, rights and tokens are emulate's. What it does not know is answered
here: commits, trees and branches are those of a real repository, which is served over HTTP with the
same tokens; and what GitHub refuses, and emulate does not, is refused.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from perfagent.tests.app.contract import Contract
from perfagent.tests.app.served import Served

REPO, APP_ID = "acme/shop", 29310


@dataclass
class Fault:
    """What goes wrong with the first request that it fits."""

    method: str
    path: str
    how: str
    left: int = 1
    headers: dict[str, str] = field(default_factory=dict)

    def fits(self, method: str, path: str) -> bool:
        return self.left > 0 and method == self.method and bool(re.search(self.path, path))


class Peer:
    def __init__(self, git_root: Path, upstream: str | None, contract: Contract | None) -> None:
        self.git = git_root / f"{REPO}.git"
        self.git_root = git_root
        self.upstream = httpx.Client(base_url=upstream, timeout=30) if upstream else None
        self.contract = contract
        self.faults: list[Fault] = []
        self.log: list[tuple[str, str]] = []
        self.tokens: dict[str, dict[str, str]] = {}
        self.issued: list[str] = []
        self.revoked: list[str] = []
        self.plain: dict[str, str] = {}
        self.logins: list[str] = []
        self.reactions: list[tuple[str, str]] = []
        self.forks: dict[int, str] = {}
        self.reviews: dict[int, list[dict[str, Any]]] = {}
        self.aliases: dict[str, str] = {}
        self.on_git: Callable[[], None] = lambda: None
        self.on_write: Callable[[], None] = lambda: None
        app = Starlette(
            routes=[
                Route("/api/v3/{rest:path}", self.api, methods=["GET", "POST", "PATCH", "DELETE"]),
                Route("/{rest:path}", self.smart, methods=["GET", "POST"]),
            ]
        )
        self.served = Served(app)

    def __enter__(self) -> Peer:
        self.served.__enter__()
        self.url = self.served.url
        self.api_url = f"{self.url}/api/v3"
        return self

    def __exit__(self, *_: object) -> None:
        self.served.__exit__()
        if self.upstream is not None:
            self.upstream.close()

    def run(self, *words: str, stdin: bytes | None = None) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.git), *words], input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def written(self, pattern: str) -> int:
        """Return how many requests that change something went to a path."""
        return sum(m != "GET" and bool(re.search(pattern, path)) for m, path in self.log)

    async def api(self, request: Request) -> Response:
        body = await request.body()
        path = request.scope["raw_path"].decode().removeprefix("/api/v3")
        query = request.url.query
        whole = f"{path}?{query}" if query else path
        self.log.append((request.method, whole))
        if request.method != "GET":
            await run_in_threadpool(self.on_write)
        if self.contract is not None:
            self.contract.hold(request.method, whole, dict(request.headers), body)
        fault = next((f for f in self.faults if f.fits(request.method, whole)), None)
        if fault is None:
            return await self.answer(request, path, query, body)
        fault.left -= 1
        if fault.how == "hang":
            await asyncio.sleep(3)
            return JSONResponse({"message": "late"}, 504)
        if fault.how == "after":
            await self.answer(request, path, query, body)
            return JSONResponse({"message": "Server Error"}, 502)
        if fault.how == "truncated":
            done = await self.answer(request, path, query, body)
            cut = bytes(done.body)[: len(done.body) // 2]
            return Response(cut, done.status_code, media_type="application/json")
        if fault.how == "bare":
            done = await self.answer(request, path, query, body)
            kept = {"id", "number", "sha", "token"}
            value = json.loads(bytes(done.body))
            if isinstance(value, dict):
                value = {key: each for key, each in value.items() if key in kept}
            return JSONResponse(value, done.status_code)
        status = {"limit": 403, "unauthorized": 401, "redirect": 307, "broken": 503}[fault.how]
        return JSONResponse({"message": fault.how}, status, fault.headers)

    async def answer(self, request: Request, path: str, query: str, body: bytes) -> Response:
        token = request.headers.get("authorization", "").partition(" ")[2]
        if token in self.revoked:
            return JSONResponse({"message": "Bad credentials"}, 401)
        if path == "/installation/token":
            del self.tokens[token]
            self.revoked.append(token)
            return Response(status_code=204)
        found = re.fullmatch(rf"/repos/{REPO}(/.*)?", path)
        rest = (found[1] or "") if found else ""
        if rest.startswith(("/git/", "/contents/")):
            return self.git_data(request, rest, query, body)
        if rest.endswith("/reactions"):
            self.reactions.append((rest, json.loads(body)["content"]))
            return JSONResponse({"id": len(self.reactions)}, 201)
        if found := re.fullmatch(r"/pulls/(\d+)/(files|reviews)", rest):
            return self._of_pull(request, int(found[1]), found[2], body)
        if request.method == "POST" and rest == "/pulls":
            refused = await self._refuse_pull(request, json.loads(body))
            if refused:
                return refused
        if "check-runs" in rest:
            path, body = await self._as_it_knows(path, body)
        return await self.forward(request, path, query, body, rest)

    def _of_pull(self, request: Request, number: int, what: str, body: bytes) -> Response:
        files = self._shown(number)
        if what == "files":
            return JSONResponse([{"filename": name, "patch": text} for name, text in files.items()])
        kept = self.reviews.setdefault(number, [])
        if request.method == "GET":
            return JSONResponse(kept)
        token = request.headers.get("authorization", "").partition(" ")[2]
        if self.tokens.get(token, {}).get("pull_requests") != "write":
            return JSONResponse({"message": "Resource not accessible by integration"}, 403)
        asked = json.loads(body)
        for comment in asked["comments"]:
            hunks = re.findall(r"(?m)^@@ \S+ \+(\d+),(\d+)", files.get(comment["path"], ""))
            ends = (comment.get("start_line", comment["line"]), comment["line"])
            if not any(all(int(a) <= n < int(a) + int(size) for n in ends) for a, size in hunks):
                told = "Pull request review thread line must be part of the diff"
                return JSONResponse({"message": "Unprocessable Entity", "errors": [told]}, 422)
        url = f"{self.url}/{REPO}/pull/{number}#pullrequestreview-{len(kept) + 1}"
        user = {"login": "perfagent[bot]"}
        kept.append({**asked, "id": len(kept) + 1, "user": user, "html_url": url})
        return JSONResponse(kept[-1])

    def _shown(self, number: int) -> dict[str, str]:
        """Return what a pull request changes, by path, as the forge cuts it into hunks."""
        sides = f"refs/heads/main...refs/pull/{number}/head"
        names = self.run("diff", "--name-only", sides).splitlines()
        texts = {name: self.run("diff", "-U3", sides, "--", name) for name in names}
        return {name: text[text.find("@@") :] for name, text in texts.items()}

    async def _as_it_knows(self, path: str, body: bytes) -> tuple[str, bytes]:
        """Name commits as the stateful peer does, which has ids of its own for them."""
        for sha in set(re.findall(r"[0-9a-f]{40}", path)):
            path = path.replace(sha, await self.alias(sha))
        asked = json.loads(body) if body else {}
        if "head_sha" in asked:
            asked["head_sha"] = await self.alias(asked["head_sha"])
            body = json.dumps(asked).encode()
        return path, body

    async def alias(self, sha: str) -> str:
        if sha not in self.aliases:
            assert self.upstream is not None
            sent = {"authorization": "token acme_token"}
            root = f"/repos/{REPO}"
            branch = await run_in_threadpool(
                self.upstream.get, f"{root}/branches/main", headers=sent
            )
            head = branch.json()["commit"]["sha"]
            known = await run_in_threadpool(
                self.upstream.get, f"{root}/git/commits/{head}", headers=sent
            )
            made = await run_in_threadpool(
                self.upstream.post,
                f"{root}/git/commits",
                headers=sent,
                json={"message": sha, "tree": known.json()["tree"]["sha"], "parents": []},
            )
            self.aliases[sha] = made.json()["sha"]
        return self.aliases[sha]

    async def forward(
        self, request: Request, path: str, query: str, body: bytes, rest: str
    ) -> Response:
        assert self.upstream is not None, f"{request.method} {path} needs the stateful peer"
        headers = {
            name: request.headers[name]
            for name in ("authorization", "accept", "content-type")
            if name in request.headers
        }
        kind, _, token = headers.get("authorization", "").partition(" ")
        if token in self.plain:
            headers["authorization"] = f"{kind} {self.plain[token]}"
        done = await run_in_threadpool(
            self.upstream.request,
            request.method,
            f"{path}?{query}" if query else path,
            headers=headers,
            content=body,
        )
        if not done.content:
            return Response(status_code=done.status_code)
        value = done.json()
        if path.endswith("/access_tokens") and done.status_code == 201:
            value["token"] = self._stateless(value["token"])
            self.tokens[value["token"]] = value["permissions"]
        if rest.startswith("/pulls") and done.status_code < 300:
            for pull in value if isinstance(value, list) else [value]:
                self._with_real_commits(pull)
        if "check-runs" in rest and isinstance(value, dict):
            for run in value.get("check_runs", [value]):
                run["app"] = {"id": APP_ID}  # nobody but an app may make one
        kept = {k: v for k, v in done.headers.items() if k in ("link", "etag")}
        return JSONResponse(value, done.status_code, kept)

    def _stateless(self, plain: str) -> str:
        """Return a token as GitHub makes them now: dots, dashes and 520 characters."""
        parts = [secrets.token_urlsafe(size) for size in (60, 240, 60)]
        token = f"ghs_{APP_ID}_{'.'.join(parts)}-_x"[:520]
        self.plain[token] = plain
        self.issued.append(token)
        return token

    def _with_real_commits(self, pull: dict[str, Any]) -> None:
        for side in ("head", "base"):
            if side in pull:
                sha = self.head(pull[side]["ref"])
                if sha:
                    pull[side]["sha"] = sha
        if pull.get("number") in self.forks:
            pull["head"]["repo"]["full_name"] = self.forks[pull["number"]]

    async def _refuse_pull(self, request: Request, asked: dict[str, Any]) -> Response | None:
        if self.head(asked["head"]) is None:
            return JSONResponse({"message": "Validation Failed", "errors": ["no head"]}, 422)
        assert self.upstream is not None
        listed = await run_in_threadpool(
            self.upstream.get,
            f"/repos/{REPO}/pulls?state=open",
            headers={"authorization": request.headers["authorization"]},
        )
        if any(pull["head"]["ref"] == asked["head"] for pull in listed.json()):
            return JSONResponse({"message": "Validation Failed", "errors": ["exists"]}, 422)
        return None

    def head(self, branch: str) -> str | None:
        try:
            return self.run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
        except subprocess.CalledProcessError:
            return None

    def _right(self, request: Request) -> str:
        token = request.headers.get("authorization", "").partition(" ")[2]
        return self.tokens.get(token, {}).get("contents", "none")

    def git_data(self, request: Request, rest: str, query: str, body: bytes) -> Response:
        right = self._right(request)
        if right == "none" or (request.method != "GET" and right != "write"):
            return JSONResponse({"message": "Resource not accessible by integration"}, 403)
        asked = json.loads(body) if body else {}
        try:
            return self._git_data(request.method, rest, query, asked)
        except subprocess.CalledProcessError:
            return JSONResponse({"message": "Not Found"}, 404)

    def _git_data(self, method: str, rest: str, query: str, asked: Any) -> Response:
        if rest.startswith("/contents/"):
            path = rest.removeprefix("/contents/").replace("%2F", "/")
            ref = query.removeprefix("ref=").replace("%2F", "/")
            text = subprocess.run(
                ["git", "-C", str(self.git), "show", f"{ref}:{path}"],
                capture_output=True,
                check=True,
            ).stdout
            content = base64.b64encode(text).decode()
            return JSONResponse({"type": "file", "encoding": "base64", "content": content})
        kind, _, name = rest.removeprefix("/git/").partition("/")
        if method == "GET" and kind == "ref":
            sha = self.run("rev-parse", "--verify", f"refs/{name.replace('%2F', '/')}")
            return JSONResponse({"ref": f"refs/{name}", "object": {"sha": sha, "type": "commit"}})
        if method == "GET" and kind == "commits":
            tree = self.run("rev-parse", "--verify", f"{name}^{{tree}}")
            parents = self.run("rev-list", "--parents", "-1", name).split()[1:]
            listed = [{"sha": parent} for parent in parents]
            return JSONResponse({"sha": name, "tree": {"sha": tree}, "parents": listed})
        if kind == "blobs":
            raw = base64.b64decode(asked["content"])
            sha = self.run("hash-object", "-w", "--stdin", stdin=raw)
        elif kind == "trees":
            sha = self._tree(asked)
        elif kind == "commits":
            parents = [word for parent in asked["parents"] for word in ("-p", parent)]
            sha = self.run("commit-tree", asked["tree"], *parents, "-m", asked["message"])
        else:
            if self.head(asked["ref"].removeprefix("refs/heads/")):
                return JSONResponse({"message": "Reference already exists"}, 422)
            sha = asked["sha"]
            self.run("update-ref", asked["ref"], sha, "")
        return JSONResponse({"sha": sha, "object": {"sha": sha}}, 201)

    def _tree(self, asked: Any) -> str:
        index = self.git / f"index-{time.monotonic_ns()}"
        env = {"GIT_INDEX_FILE": str(index), "PATH": "/usr/bin:/bin"}

        def run(*words: str, stdin: bytes = b"") -> str:
            command = ["git", "-C", str(self.git), *words]
            done = subprocess.run(command, env=env, input=stdin, capture_output=True, check=True)
            return done.stdout.decode().strip()

        run("read-tree", asked["base_tree"])
        entries = "".join(f"{e['mode']} {e['sha']}\t{e['path']}\n" for e in asked["tree"])
        run("update-index", "--add", "--index-info", stdin=entries.encode())
        sha = run("write-tree")
        index.unlink()
        return sha

    async def smart(self, request: Request) -> Response:
        """Git's own protocol, for those who have a token."""
        given = request.headers.get("authorization", "")
        password = ""
        if given.lower().startswith("basic "):
            password = base64.b64decode(given[6:]).decode().partition(":")[2]
            self.logins.append(password)
        right = self.tokens.get(password, {}).get("contents")
        wants_push = "receive-pack" in str(request.url)
        if right is None or (wants_push and right != "write"):
            status = 401 if right is None else 403
            return Response("no", status, {"www-authenticate": 'Basic realm="git"'})
        body = await request.body()
        await run_in_threadpool(self.on_git)
        env = {
            "PATH": "/usr/bin:/bin",
            "GIT_PROJECT_ROOT": str(self.git_root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "app",
            "PATH_INFO": request.url.path,
            "QUERY_STRING": request.url.query,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "HTTP_GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        process = await asyncio.create_subprocess_exec(
            *("git", "http-backend"),
            env=env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate(body)
        head, _, content = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        return Response(content, status, headers)
