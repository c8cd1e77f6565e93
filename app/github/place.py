"""One repository on GitHub, with the rights of one job."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from ..forge import Block, Check, ForgeError, MovedOn, Note, Pull
from .client import Answer, part
from .tokens import PUBLISH, READ, TALK, Tokens

_ROLES = frozenset({"admin", "maintain", "write", "triage", "read", "none"})
_MOST_NOTES = 50
_LONGEST_TEXT = 65_000
_BETWEEN_WRITES_S = 1.0
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class GitHubPlace:
    """See `forge.Place`."""

    def __init__(
        self,
        tokens: Tokens,
        installation: str,
        repo: str,
        *,
        server_url: str,
        app_id: str,
        slug: str,
        before_write: Callable[[], None],
        pause_s: float = _BETWEEN_WRITES_S,
    ) -> None:
        self.repo = repo
        self._tokens = tokens
        self._installation = installation
        self._server_url = server_url
        self._app_id = app_id
        self._login = f"{slug}[bot]"
        self._before_write = before_write
        self._pause_s = pause_s
        self._written_at = 0.0
        owner, name = repo.split("/")
        self._owner = owner
        self._root = f"/repos/{part(owner)}/{part(name)}"

    def permission(self, login: str) -> str:
        """See `forge.Place`."""
        try:
            found = self._get(f"/collaborators/{part(login)}/permission").value
        except ForgeError as error:
            if error.status == 404:
                return "none"
            raise
        role = str(found.get("role_name"))
        # Roles that an organization made have names of their own; `permission` says what they are.
        return role if role in _ROLES else str(found.get("permission") or "none")

    def default_branch(self) -> tuple[str, str]:
        """See `forge.Place`."""
        name = self._get("").value["default_branch"]
        commit = self.head_of(name)
        if commit is None:
            raise ForgeError(f"{self.repo} has no commits on {name}", 404)
        return name, commit

    def pull(self, number: int) -> Pull:
        """See `forge.Place`."""
        return self._read_pull(self._get(f"/pulls/{number:d}").value)

    def pull_of(self, branch: str) -> Pull | None:
        """See `forge.Place`."""
        query = f"?state=all&head={part(f'{self._owner}:{branch}')}&per_page=100"
        for found in self._pages(f"/pulls{query}"):
            pull = self._read_pull(found)
            if pull.head_ref == branch and not pull.is_fork:
                return pull
        return None

    def open_pulls(self) -> Iterator[Pull]:
        """See `forge.Place`."""
        for found in self._pages("/pulls?state=open&per_page=100"):
            yield self._read_pull(found)

    def text(self, path: str, commit: str) -> str | None:
        """See `forge.Place`."""
        quoted = "/".join(part(each) for each in path.split("/"))
        try:
            found = self._get(f"/contents/{quoted}?ref={part(commit)}", rights=READ).value
        except ForgeError as error:
            if error.status == 404:
                return None
            raise
        if not isinstance(found, dict) or found.get("encoding") != "base64":
            return None
        try:
            return base64.b64decode(found["content"]).decode()
        except (ValueError, KeyError, TypeError):
            return None

    def react(self, comment: int, sign: str) -> None:
        """See `forge.Place`."""
        with suppress(ForgeError):
            self._write("POST", f"/issues/comments/{comment:d}/reactions", {"content": sign})

    def comment(self, number: int, mark: str, body: str, *, begin: bool = True) -> str:
        """See `forge.Place`."""
        text = _marked(body, mark)
        for found in self._pages(f"/issues/{number:d}/comments?per_page=100"):
            if mark_line(mark) in (found.get("body") or "") and self._is_us(found):
                if found["body"] != text:
                    self._write("PATCH", f"/issues/comments/{found['id']:d}", {"body": text})
                return str(found.get("html_url") or "")
        if not begin:
            return ""
        made = self._write("POST", f"/issues/{number:d}/comments", {"body": text})
        return str(made.value.get("html_url") or "")

    def shown_lines(self, number: int) -> dict[str, list[range]]:
        """See `forge.Place`. Files without a patch, which are long or binary, show none."""
        found = self._pages(f"/pulls/{number:d}/files?per_page=100")
        return {
            str(file["filename"]): [
                range(int(hunk[1]), int(hunk[1]) + int(hunk[2] or 1))
                for hunk in _HUNK.finditer(file.get("patch") or "")
            ]
            for file in found
        }

    def review(self, number: int, sha: str, mark: str, body: str, blocks: Sequence[Block]) -> str:
        """See `forge.Place`."""
        for found in self._pages(f"/pulls/{number:d}/reviews?per_page=100"):
            if mark_line(mark) in (found.get("body") or "") and self._is_us(found):
                return str(found.get("html_url") or "")
        made = self._write(
            "POST",
            f"/pulls/{number:d}/reviews",
            {
                "commit_id": sha,
                "body": _marked(body, mark),
                "event": "COMMENT",
                "comments": [_suggested(block) for block in blocks],
            },
        )
        return str(made.value.get("html_url") or "")

    def check(self, wanted: Check) -> str:
        """See `forge.Place`."""
        output: dict[str, Any] = {
            "title": wanted.title[:250],
            "summary": wanted.summary[:_LONGEST_TEXT],
        }
        body: dict[str, Any] = {
            "name": wanted.name,
            "external_id": wanted.mark,
            "status": "completed" if wanted.conclusion else "in_progress",
            "output": output,
        }
        if wanted.conclusion:
            body["conclusion"] = wanted.conclusion
        if wanted.url:
            body["details_url"] = wanted.url
        if wanted.buttons:
            body["actions"] = [
                {"label": label[:20], "description": text[:40], "identifier": name[:20]}
                for label, text, name in wanted.buttons[:3]
            ]
        found = self._check_with(wanted.sha, wanted.mark)
        # Notes are appended by each update, so they are sent with the one that ends the check.
        is_over = found is not None and found.get("status") == "completed"
        if wanted.notes and wanted.conclusion and not is_over:
            output["annotations"] = [_annotation(note) for note in wanted.notes[:_MOST_NOTES]]
        if found is not None:
            self._write("PATCH", f"/check-runs/{found['id']:d}", body)
            return str(found["id"])
        return str(self._write("POST", "/check-runs", {**body, "head_sha": wanted.sha}).value["id"])

    def marks(self, sha: str) -> list[str]:
        """See `forge.Place`."""
        return [str(found.get("external_id") or "") for found in self._checks(sha)]

    def head_of(self, branch: str) -> str | None:
        """See `forge.Place`."""
        quoted = "/".join(part(each) for each in branch.split("/"))
        try:
            found = self._get(f"/git/ref/heads/{quoted}", rights=READ).value
        except ForgeError as error:
            if error.status in (404, 409):
                return None
            raise
        return str(found["object"]["sha"])

    def commit(
        self, branch: str, base: str, files: Mapping[str, bytes], tree: str, message: str
    ) -> str:
        """See `forge.Place`: by the Git Data API, so that no push and no work tree is needed."""
        there = self.head_of(branch)
        if there is not None:
            self._require_ours(branch, there, base, tree)
            return there
        entries = []
        for path, content in sorted(files.items()):
            blob = self._write(
                "POST",
                "/git/blobs",
                {"content": base64.b64encode(content).decode(), "encoding": "base64"},
                rights=PUBLISH,
            )
            sha = blob.value["sha"]
            entries.append({"path": path, "mode": "100644", "type": "blob", "sha": sha})
        base_tree = self._get(f"/git/commits/{part(base)}", rights=READ).value["tree"]["sha"]
        made = self._write(
            "POST", "/git/trees", {"base_tree": base_tree, "tree": entries}, rights=PUBLISH
        )
        if made.value["sha"] != tree:
            raise MovedOn(f"the forge makes another tree of {branch} than was measured")
        commit = self._write(
            "POST",
            "/git/commits",
            {"message": message, "tree": tree, "parents": [base]},
            rights=PUBLISH,
        ).value["sha"]
        self._write(
            "POST", "/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit}, rights=PUBLISH
        )
        return str(commit)

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        """See `forge.Place`."""
        there = self.pull_of(branch)
        if there is not None:
            return there
        made = self._write(
            "POST",
            "/pulls",
            {"title": title, "head": branch, "base": base, "body": body, "draft": draft},
            rights=PUBLISH,
        )
        return self.pull(int(made.value["number"]))

    def edit_pull(self, number: int, body: str) -> None:
        """See `forge.Place`."""
        self._write("PATCH", f"/pulls/{number:d}", {"body": body})

    def open_issue(self, mark: str, title: str, body: str, labels: Sequence[str]) -> int:
        """See `forge.Place`."""
        query = f"?state=all&creator={part(self._login)}&per_page=100"
        for found in self._pages(f"/issues{query}"):
            if mark_line(mark) in (found.get("body") or "") and self._is_us(found):
                return int(found["number"])
        asked = {"title": title, "body": _marked(body, mark), "labels": list(labels)}
        return int(self._write("POST", "/issues", asked).value["number"])

    def label(self, number: int, labels: Sequence[str]) -> None:
        """See `forge.Place`."""
        if labels:
            self._write("POST", f"/issues/{number:d}/labels", {"labels": list(labels)})

    def ask_for_review(self, number: int, logins: Sequence[str]) -> None:
        """See `forge.Place`."""
        path = f"/pulls/{number:d}/requested_reviewers"
        for login in logins:
            # One at a time: a name that is no collaborator's would spoil the others' too.
            try:
                self._write("POST", path, {"reviewers": [login]})
            except ForgeError as error:
                if error.status not in (403, 404, 422):
                    raise

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """See `forge.Place`."""
        try:
            yield
        finally:
            self._tokens.revoke(self._installation, self.repo, PUBLISH)

    @contextmanager
    def reading(self) -> Iterator[str]:
        """See `forge.Place`."""
        token = self._tokens.token(self._installation, self.repo, READ)
        parts = urlsplit(self._server_url)
        yield f"{parts.scheme}://x-access-token:{token}@{parts.netloc}/{self.repo}.git"

    def _require_ours(self, branch: str, there: str, base: str, tree: str) -> None:
        found = self._get(f"/git/commits/{part(there)}", rights=READ).value
        parents = [parent["sha"] for parent in found["parents"]]
        if found["tree"]["sha"] != tree or parents != [base]:
            raise MovedOn(f"the branch {branch} has commits that are not perfagent's: left alone")

    def _check_with(self, sha: str, mark: str) -> dict[str, Any] | None:
        return next((run for run in self._checks(sha) if run.get("external_id") == mark), None)

    def _checks(self, sha: str) -> Iterator[dict[str, Any]]:
        """Yield our checks at a commit."""
        path = f"/commits/{part(sha)}/check-runs?per_page=100"
        yield from filter(self._is_us, self._pages(path, key="check_runs"))

    def _is_us(self, found: Mapping[str, Any]) -> bool:
        """Return whether we wrote it: a mark can be copied by anybody."""
        app = found.get("app") or found.get("performed_via_github_app")
        if app is not None:
            return str(app.get("id")) == self._app_id
        return (found.get("user") or {}).get("login") == self._login

    def _read_pull(self, found: Mapping[str, Any]) -> Pull:
        head, base = found["head"], found["base"]
        home = (head.get("repo") or {}).get("full_name")
        return Pull(
            number=int(found["number"]),
            title=str(found.get("title") or ""),
            is_open=found.get("state") == "open",
            head_sha=str(head["sha"]),
            head_ref=str(head["ref"]),
            base_sha=str(base["sha"]),
            base_ref=str(base["ref"]),
            is_fork=home is None or home.lower() != self.repo.lower(),
            is_draft=bool(found.get("draft")),
            is_ours=(found.get("user") or {}).get("login") == self._login,
            labels=tuple(str(label["name"]) for label in found.get("labels") or ()),
            reviewers=tuple(str(user["login"]) for user in found.get("requested_reviewers") or ()),
            url=str(found.get("html_url") or ""),
        )

    def _get(self, path: str, *, rights: Mapping[str, str] = TALK) -> Answer:
        return self._ask("GET", f"{self._root}{path}", rights)

    def _pages(
        self, path: str, *, key: str | None = None, rights: Mapping[str, str] = TALK
    ) -> Iterator[Any]:
        current: str | None = f"{self._root}{path}"
        while current is not None:
            answer = self._ask("GET", current, rights)
            yield from (answer.value.get(key, []) if key else answer.value)
            current = answer.next_path

    def _write(
        self, method: str, path: str, body: Any, *, rights: Mapping[str, str] = TALK
    ) -> Answer:
        """Change something, at most once a second, while the job is still this worker's."""
        wait = self._written_at + self._pause_s - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._before_write()
        try:
            return self._ask(method, f"{self._root}{path}", rights, body)
        finally:
            self._written_at = time.monotonic()

    def _ask(self, method: str, path: str, rights: Mapping[str, str], body: Any = None) -> Answer:
        return self._tokens.request(
            method,
            path,
            installation=self._installation,
            repo=self.repo,
            rights=rights,
            body=body,
        )


def mark_line(mark: str) -> str:
    """Return the line, hidden to people, by which a text of ours is found again."""
    return f"<!-- perfagent:{mark} -->"


def _marked(body: str, mark: str) -> str:
    return f"{body[:_LONGEST_TEXT]}\n\n{mark_line(mark)}"


def _suggested(block: Block) -> dict[str, Any]:
    placed = {"path": block.path, "body": block.body, "line": block.last, "side": "RIGHT"}
    if block.first < block.last:
        placed |= {"start_line": block.first, "start_side": "RIGHT"}
    return placed


def _annotation(note: Note) -> dict[str, Any]:
    return {
        "path": note.path,
        "start_line": note.line,
        "end_line": note.line,
        "annotation_level": note.level,
        "title": note.title[:250],
        "message": note.message[:5000],
    }
