"""The few fields of GitHub's webhooks that are used; everything else is ignored.

No URL in a payload is ever followed, so none is read.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}")


def repo_name(name: str) -> str:
    """Return owner/name as it is.

    Raises:
        ValueError: It is none; a path made of it would lead elsewhere.
    """
    if not _REPO.fullmatch(name):
        raise ValueError("not owner/name")
    return name


RepoName = Annotated[str, AfterValidator(repo_name)]
Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}(?:\[bot\])?$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class User(_Part):
    """Who did it."""

    login: Login
    id: int
    type: str = "User"


class Repository(_Part):
    """Where."""

    id: int
    full_name: RepoName
    default_branch: str = Field(default="main", max_length=250)


class Installation(_Part):
    """Which installation gives access."""

    id: int


class Event(_Part):
    """What most events have."""

    action: str = Field(default="", max_length=100)
    installation: Installation | None = None


class Comment(_Part):
    """A comment on an issue or pull request."""

    id: int
    body: str | None = None
    user: User


class Issue(_Part):
    """The thread; pull requests are threads too."""

    number: int


class IssueComment(Event):
    """A comment was written, edited or deleted."""

    comment: Comment
    issue: Issue
    repository: Repository
    sender: User


class Side(_Part):
    """Head or base of a pull request."""

    ref: str = Field(max_length=250)
    sha: Sha
    repo: Repository | None = None


class PullRequest(_Part):
    """A pull request."""

    number: int
    head: Side
    base: Side
    draft: bool = False
    merged: bool | None = False


class PullRequestEvent(Event):
    """Something happened to a pull request."""

    pull_request: PullRequest
    repository: Repository
    sender: User


class App(_Part):
    """Whose check it is."""

    id: int


class CheckRun(_Part):
    """A check."""

    id: int
    head_sha: Sha
    external_id: str | None = ""
    completed_at: str | None = Field(default=None, max_length=40)
    app: App


class RequestedAction(_Part):
    """Which button was pressed."""

    identifier: str = Field(max_length=20)


class CheckRunEvent(Event):
    """Something happened to a check."""

    check_run: CheckRun
    requested_action: RequestedAction | None = None
    repository: Repository
    sender: User


class CheckSuite(_Part):
    """All checks of one app at a commit."""

    id: int
    head_sha: Sha
    updated_at: str | None = Field(default=None, max_length=40)
    app: App


class CheckSuiteEvent(Event):
    """Something happened to all of them."""

    check_suite: CheckSuite
    repository: Repository
    sender: User


class Account(_Part):
    """Who installed the app."""

    login: str = Field(max_length=100)


class Access(_Part):
    """An installation."""

    id: int
    account: Account | None = None


class AccessEvent(_Part):
    """Access was given or taken."""

    action: str = Field(max_length=100)
    installation: Access
    repositories_removed: tuple[Repository, ...] = ()
