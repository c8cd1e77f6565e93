"""What the app needs of a forge. GitHub is one adapter; a GitLab would be another.

A `Place` is one repository with one job's rights. Everything that it creates has a mark that is a
pure function of the job, and is looked up before it is created, so that a job that was killed after
any of these calls can simply make them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..errors import InfrastructureError

Conclusion = Literal[
    "success", "failure", "neutral", "cancelled", "timed_out", "action_required", "skipped"
]


class ForgeError(InfrastructureError):
    """The forge refused, or cannot be reached.

    Attributes:
        status: Of its answer; 0 when there was none.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class RateLimited(ForgeError):
    """The forge asks to wait.

    Attributes:
        until: Seconds since 1970 when it may be asked again.
    """

    def __init__(self, message: str, until: float) -> None:
        super().__init__(message, 429)
        self.until = until


class Unknown(ForgeError):
    """Something was sent and no answer came: it may have been done. Look before doing it again."""


class MovedOn(ForgeError):
    """What the job was about has changed meanwhile: a branch has commits of somebody else."""


@dataclass(frozen=True, kw_only=True)
class Pull:
    """A pull request.

    Attributes:
        number: Its number.
        title: Its title.
        is_open: Whether it is.
        head_sha: Commit of its branch.
        head_ref: Name of its branch.
        base_sha: Commit it is to be merged into.
        base_ref: Name of that branch.
        is_fork: Whether its branch lies in another repository.
        is_draft: Whether it is one.
        is_ours: Whether the app opened it.
        labels: Names of its labels.
        reviewers: Logins of those who were asked to look at it.
        url: For people.
    """

    number: int
    title: str
    is_open: bool
    head_sha: str
    head_ref: str
    base_sha: str
    base_ref: str
    is_fork: bool
    is_draft: bool
    is_ours: bool
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]
    url: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """A remark on a line of a file, 1-based."""

    path: str
    line: int
    title: str
    message: str
    level: Literal["notice", "warning", "failure"] = "warning"


@dataclass(frozen=True, kw_only=True)
class Block:
    """New text for lines of a file, which people can take at the press of a button.

    Attributes:
        path: The file.
        first: The first of the lines that it replaces, 1-based.
        last: The last one.
        body: Markdown, with the forge's own sign for it.
    """

    path: str
    first: int
    last: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check as it is to stand at a commit.

    Attributes:
        name: What people see.
        sha: The commit.
        mark: Ours, to find it again.
        title: One line.
        summary: Markdown.
        conclusion: None while it runs.
        url: Where there is more.
        notes: Remarks on lines, at most 50.
        buttons: (label, description, identifier), at most 3.
    """

    name: str
    sha: str
    mark: str
    title: str
    summary: str
    conclusion: Conclusion | None = None
    url: str | None = None
    notes: tuple[Note, ...] = ()
    buttons: tuple[tuple[str, str, str], ...] = ()


class Place(Protocol):
    """One repository of a forge, with one job's rights."""

    repo: str

    def permission(self, login: str) -> str:
        """Return what a person may do here: admin, maintain, write, triage, read, none."""
        ...

    def default_branch(self) -> tuple[str, str]:
        """Return the default branch's name and commit."""
        ...

    def pull(self, number: int) -> Pull:
        """Return a pull request."""
        ...

    def pull_of(self, branch: str) -> Pull | None:
        """Return the newest pull request of a branch of this repository, closed ones too."""
        ...

    def open_pulls(self) -> Iterator[Pull]:
        """Yield the open pull requests."""
        ...

    def text(self, path: str, commit: str) -> str | None:
        """Return a file's text at a commit; None when there is none."""
        ...

    def react(self, comment: int, sign: str) -> None:
        """Put a sign below a comment; that it cannot be put is no error."""
        ...

    def comment(self, number: int, mark: str, body: str, *, begin: bool = True) -> str:
        """Write the one comment with a mark, or edit it; return its address for people.

        Args:
            number: Of the issue or pull request.
            mark: Ours, to find it again.
            body: Markdown.
            begin: Whether it is written when there is none yet; otherwise "" is returned.
        """
        ...

    def shown_lines(self, number: int) -> dict[str, list[range]]:
        """Return the lines that a pull request's own diff shows, by path and hunk, 1-based."""
        ...

    def review(self, number: int, sha: str, mark: str, body: str, blocks: Sequence[Block]) -> str:
        """Write the one review with a mark, or find it; return its address for people.

        Args:
            number: Of the pull request.
            sha: Its commit whose lines the blocks name.
            mark: Ours, to find it again.
            body: Markdown.
            blocks: Of lines that the pull request shows.

        Raises:
            ForgeError: The forge refuses them (status 422), or something else is wrong.
        """
        ...

    def open_issue(self, mark: str, title: str, body: str, labels: Sequence[str]) -> int:
        """Open the one issue with a mark, or find it; return its number."""
        ...

    def check(self, wanted: Check) -> str:
        """Make a check stand as it is wanted; return its id."""
        ...

    def marks(self, sha: str) -> list[str]:
        """Return the marks of our checks at a commit."""
        ...

    def head_of(self, branch: str) -> str | None:
        """Return a branch's commit, None when there is no such branch."""
        ...

    def commit(
        self, branch: str, base: str, files: Mapping[str, bytes], tree: str, message: str
    ) -> str:
        """Make a branch with one commit on top of `base`; return the commit.

        Args:
            branch: Its name.
            base: Commit it starts from.
            files: New contents by path; all of them exist in the base.
            tree: The id that the commit's tree must have, or nothing is made.
            message: Of the commit.

        Raises:
            MovedOn: The branch has other commits.
        """
        ...

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        """Open the one pull request of a branch, or return it."""
        ...

    def edit_pull(self, number: int, body: str) -> None:
        """Replace a pull request's description."""
        ...

    def label(self, number: int, labels: Sequence[str]) -> None:
        """Add labels, which are made when they do not exist."""
        ...

    def ask_for_review(self, number: int, logins: Sequence[str]) -> None:
        """Ask people to look at a pull request; that one cannot be asked is no error."""
        ...

    def publishing(self) -> AbstractContextManager[None]:
        """Hold the right to write code during a block; what gave it is worth nothing afterwards."""
        ...

    def reading(self) -> AbstractContextManager[str]:
        """Give an address with a login that can clone this repository and do nothing else."""
        ...


class Forge(Protocol):
    """A server with repositories."""

    host: str

    def place(self, installation: str, repo: str, before_write: Any) -> Place:
        """Return a repository; `before_write()` is called before anything is changed there."""
        ...

    def installations(self) -> Iterator[str]:
        """Yield the ids of the installations that are not suspended."""
        ...

    def repositories(self, installation: str) -> Iterator[str]:
        """Yield owner/name of what an installation gives access to."""
        ...

    def undelivered(self, since: float) -> Iterator[tuple[str, int]]:
        """Yield guid and number of deliveries that nobody took in, oldest first."""
        ...

    def redeliver(self, number: int) -> None:
        """Ask for a delivery to be sent again."""
        ...
