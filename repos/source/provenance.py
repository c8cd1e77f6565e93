"""Says where a repository comes from in words that are meant for strangers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ..git import GitError, git
from .ref import RepoRef


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """One commit of a repository, without a path of this machine and without any key.

    Attributes:
        name: How people call it; of a folder only its last part.
        source: A REPO argument by which others may have it; None for a folder that has no remote
            they could reach.
        commit: 40 hexadecimal digits.
        tree: The commit's tree, likewise: the same content has the same tree, whatever its history.
        subdir: The part of the repository that was asked for, POSIX; "" for all of it.
    """

    name: str
    source: str | None
    commit: str
    tree: str
    subdir: str


def provenance(ref: RepoRef) -> Provenance:
    """Return where a commit comes from.

    Raises:
        InfrastructureError: Its mirror is gone or damaged.
    """
    folder = _folder(ref.source)
    return Provenance(
        name=folder.name if folder else shareable(ref.source) or ref.source,
        source=_remote(folder) if folder else shareable(ref.source),
        commit=ref.commit,
        tree=git(Path(ref.mirror), "rev-parse", f"{ref.commit}^{{tree}}").strip(),
        subdir=ref.subdir,
    )


def shareable(source: str) -> str | None:
    """Return a source without what only its user may know; None for a folder.

    Of http and https the user goes too, since a token is often given in that place; `git@` of ssh
    stays.
    """
    if _folder(source) is not None:
        return None
    parts = urlsplit(source)
    if "://" not in source:
        return source  # owner/name, pypi:NAME==VERSION, git@host:path
    user, _, host = parts.netloc.rpartition("@")
    if user and parts.scheme == "ssh":
        host = f"{user.partition(':')[0]}@{host}"
    return urlunsplit(parts._replace(netloc=host, query="", fragment=""))


def _folder(source: str) -> Path | None:
    if source.startswith("file://"):
        return Path(urlsplit(source).path)
    return Path(source) if source.startswith(("/", ".", "~")) else None


def _remote(folder: Path) -> str | None:
    try:
        return shareable(git(folder, "config", "--get", "remote.origin.url").strip())
    except (GitError, OSError):
        return None  # none is set, or the folder is gone by now
