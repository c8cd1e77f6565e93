"""What the REPO argument means: a folder, a server's repository, or a package's sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from ..errors import UserError
from .git import GitError, git

_PYPI = re.compile(r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==(?P<version>[\w.!+-]+)")
_GITHUB = re.compile(r"(?:github:)?[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9_.-]{1,100}")
_SCP_LIKE = re.compile(r"[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:(?!//)[^-\s].*")
_SCHEMES = ("https", "http", "ssh", "file", "git")
_FORMS = "give a folder, a URL, owner/name (GitHub) or pypi:NAME==VERSION"


@dataclass(frozen=True, kw_only=True)
class RepoSource:
    """The REPO argument, understood but not yet fetched.

    Attributes:
        kind: Where it comes from; "github" is owner/name.
        location: For a path, the repository's top level; else the URL, owner/name, or
            name==version.
        revision: The revision asked for; None for the source's HEAD.
        subdir: For a path below the top level, that part of it, POSIX; "" for the top level.
    """

    kind: Literal["path", "url", "github", "pypi"]
    location: str
    revision: str | None
    subdir: str = ""

    @property
    def url(self) -> str:
        """What git is given to fetch from: a path or a URL (of a package, its name)."""
        if self.kind == "github":
            return f"https://github.com/{self.location}.git"
        return self.location

    @property
    def display(self) -> str:
        """The source as a person recognizes it, without any password."""
        if self.kind == "pypi":
            return f"pypi:{self.location}"
        return _without_password(self.location) if self.kind == "url" else self.location


@dataclass(frozen=True, kw_only=True)
class RepoRef:
    """One commit of one repository, at hand in the cache.

    Attributes:
        source: Where it came from, for people.
        commit: 40 hexadecimal digits.
        subdir: The part of the repository that was asked for, POSIX; "" for all of it.
        mirror: Path of the bare mirror that holds the commit.
        dirty: Whether the user's working tree had uncommitted changes, which are left out.
    """

    source: str
    commit: str
    subdir: str
    mirror: str
    dirty: bool


def parse_repo(text: str, *, revision: str | None = None) -> RepoSource:
    """Understand the REPO argument.

    A path that exists wins over every other reading, also when it holds an `@`.

    Args:
        text: PATH, URL, user@host:path, owner/name or pypi:NAME==VERSION, each with or without
            `@REV` behind it.
        revision: The revision when it is given apart.

    Raises:
        UserError: It is none of these, names no git repository, or names two revisions.
    """
    text = text.strip()
    if not text or text.startswith("-") or re.search(r"[\x00-\x1f\x7f]", text):
        raise UserError(f"{text!r} is not a repository: {_FORMS}")
    given = revision
    located, inline = _split_path(text)
    if located is None:
        kind, location, inline = _split_remote(text)
    else:
        kind, location = "path", ""
    if given is not None and inline is not None and given != inline:
        raise UserError(f"two revisions are named, {inline!r} and {given!r}: give one of them")
    wanted = inline if given is None else given
    if wanted is not None:
        check_revision(wanted)
    if located is not None:
        top, subdir = _top_level(located)
        return RepoSource(kind="path", location=str(top), revision=wanted, subdir=subdir)
    return RepoSource(kind=kind, location=location, revision=wanted)


def check_revision(revision: str) -> None:
    """Refuse what cannot be a revision, and what git might take for an option.

    Raises:
        UserError: It is refused.
    """
    if not revision or revision.startswith("-") or re.search(r"[\x00-\x20\x7f:]|\.\.", revision):
        raise UserError(f"{revision!r} is not a revision: give a branch, a tag or a commit")


def _split_path(text: str) -> tuple[Path | None, str | None]:
    """Return the existing path that the text begins with and the revision behind it."""
    cut = len(text)
    while cut > 0:
        path, rest = Path(text[:cut]).expanduser(), text[cut + 1 :]
        # A colon is in no revision: `git@host:path` stays a server's, beside a folder `git` too.
        if ":" not in rest and _exists(path):
            return path, rest if cut < len(text) else None
        cut = text.rfind("@", 0, cut)
    return None, None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # for example: the name is too long
        return False


def _split_remote(text: str) -> tuple[Literal["url", "github", "pypi"], str, str | None]:
    """Return kind, location and inline revision of what is not a path.

    Raises:
        UserError: It is nothing that is known.
    """
    scheme = text.partition("://")[0]
    if text.startswith("pypi:"):
        return "pypi", _package(text.removeprefix("pypi:")), None
    if scheme in _SCHEMES:
        parts = urlsplit(text)
        path, revision = _split_revision(parts.path)
        if (not parts.hostname and scheme != "file") or not path.strip("/"):
            raise UserError(f"{text} is not a repository's URL: it names no host or no path")
        if (parts.hostname or "").startswith("-"):
            raise UserError(f"{text} is not a repository's URL: the host begins with a dash")
        return "url", urlunsplit(parts._replace(path=path, fragment="")), revision
    if "::" in text or "://" in text:
        raise UserError(f"{text}: git's {scheme.split(':')[0]} transport is not used; {_FORMS}")
    if _SCP_LIKE.fullmatch(text):
        host, _, path = text.partition(":")
        path, revision = _split_revision(path)
        return "url", f"{host}:{path}", revision
    name, _, revision = text.partition("@")
    if _GITHUB.fullmatch(name) and not name.startswith((".", "~")):
        name = name.removeprefix("github:")
        return "github", name.removesuffix(".git"), revision if "@" in text else None
    raise UserError(f"there is no folder {text}; {_FORMS}")


def _split_revision(path: str) -> tuple[str, str | None]:
    """Split `@REV` off a URL's path; an `@` that begins a path segment belongs to the path."""
    match = re.fullmatch(r"(?P<path>.*[^/])@(?P<revision>[^@{][^@]*)", path)
    return (match["path"], match["revision"]) if match else (path, None)


def _package(text: str) -> str:
    match = _PYPI.fullmatch(text.replace(" ", ""))
    if match is None:
        raise UserError(f"pypi:{text} names no exact version: write pypi:NAME==VERSION")
    return match[0]


def _top_level(path: Path) -> tuple[Path, str]:
    """Return the top level of the repository that holds `path`, and where below it `path` is.

    Raises:
        UserError: No repository holds it.
    """
    if not path.is_dir():
        raise UserError(f"{path} is a file: give the folder of a git repository")
    folder = path.resolve()
    try:
        bare, git_dir = git(
            folder, "rev-parse", "--is-bare-repository", "--absolute-git-dir"
        ).splitlines()
        if bare == "true" or Path(git_dir) in (folder, *folder.parents):
            return Path(git_dir), ""
        top = git(folder, "rev-parse", "--show-toplevel").removesuffix("\n")
    except GitError as error:
        raise UserError(
            f"{path} is not in a git repository: run `git init` and commit its files first"
        ) from error
    return Path(top), folder.relative_to(Path(top).resolve()).as_posix().removeprefix(".")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if "@" not in parts.netloc or "://" not in url:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}"))
