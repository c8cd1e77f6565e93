"""What the REPO argument means: a folder, a server's repository, or a package's sources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from ...errors import UserError
from ..git import GitError, git
from .login import Login, login_of

_PYPI = re.compile(r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==(?P<version>[\w.!+-]+)")
_GITHUB = re.compile(r"(?:github:)?[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9_.-]{1,100}")
_SCP_LIKE = re.compile(r"[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:(?!//)[^-\s].*")
_SCHEMES = ("https", "http", "ssh", "file", "git")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST_REVISION = 1000
_FORMS = "give a folder, a URL, owner/name (GitHub) or pypi:NAME==VERSION"


@dataclass(frozen=True, kw_only=True)
class RepoSource:
    """The REPO argument, understood but not yet fetched.

    Attributes:
        kind: Where it comes from; "github" is owner/name.
        location: For a path, the repository's top level; else the URL without a login, owner/name,
            or name==version.
        revision: The revision asked for; None for the source's HEAD.
        subdir: For a path below the top level, that part of it, POSIX; "" for the top level.
        login: What stood in a web URL before its host; None when nothing did.
        also: Other revisions that are needed: of an expert commit or a candidate.
    """

    kind: Literal["path", "url", "github", "pypi"]
    location: str
    revision: str | None
    subdir: str = ""
    login: Login | None = field(default=None, repr=False)
    also: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """What git is given to fetch from: a path or a URL (of a package, its name)."""
        if self.kind == "github":
            return f"https://github.com/{self.location}.git"
        return self.location

    @property
    def display(self) -> str:
        """The source as a person recognizes it, without any password."""
        return f"pypi:{self.location}" if self.kind == "pypi" else self.location


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
    if not text or text.startswith("-") or _CONTROL.search(text):
        raise UserError(f"{text!r} is not a repository: {_FORMS}")
    given = revision
    located, inline = _split_path(text)
    remote = None
    if located is None:
        remote, inline = _remote(text)
    if given is not None and inline is not None and given != inline:
        raise UserError(f"two revisions are named, {inline!r} and {given!r}: give one of them")
    wanted = inline if given is None else given
    if wanted is not None:
        check_revision(wanted)
    if remote is not None:
        return replace(remote, revision=wanted)
    assert located is not None
    top, subdir = _top_level(located)
    return RepoSource(kind="path", location=str(top), revision=wanted, subdir=subdir)


def check_revision(revision: str) -> None:
    """Refuse what cannot be a revision, and what git might take for an option.

    Raises:
        UserError: It is refused.
    """
    is_odd = re.search(r"[\x00-\x20\x7f-\x9f\ud800-\udbff:]|\.\.", revision)
    if not revision or revision.startswith("-") or is_odd or len(revision) > _LONGEST_REVISION:
        shown = revision[:_LONGEST_REVISION]
        raise UserError(f"{shown!r} is not a revision: give a branch, a tag or a commit")


def _split_path(text: str) -> tuple[Path | None, str | None]:
    """Return the existing path that the text begins with and the revision behind it."""
    cut = len(text)
    while cut > 0:
        rest = text[cut + 1 :]
        # A colon is in no revision: `git@host:path` stays a server's, beside a folder `git` too.
        path = _existing(text[:cut]) if ":" not in rest else None
        if path is not None:
            return path, rest if cut < len(text) else None
        cut = text.rfind("@", 0, cut)
    return None, None


def _existing(text: str) -> Path | None:
    try:
        path = Path(text).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None  # the name is too long, there is no such user, or no file can be called so


def _remote(text: str) -> tuple[RepoSource, str | None]:
    """Return the source that is not a path, and its inline revision.

    Raises:
        UserError: It is nothing that is known.
    """
    scheme = text.partition("://")[0]
    if text.startswith("pypi:"):
        location = _package(text.removeprefix("pypi:"))
        return RepoSource(kind="pypi", location=location, revision=None), None
    if scheme in _SCHEMES:
        return _url(text)
    if "::" in text or "://" in text:
        raise UserError(f"{text}: git's {scheme.split(':')[0]} transport is not used; {_FORMS}")
    if _SCP_LIKE.fullmatch(text):
        host, _, path = text.partition(":")
        path, revision = _split_revision(path)
        return RepoSource(kind="url", location=f"{host}:{path}", revision=None), revision
    name, _, revision = text.partition("@")
    if _GITHUB.fullmatch(name) and not name.startswith((".", "~")):
        name = name.removeprefix("github:").removesuffix(".git")
        source = RepoSource(kind="github", location=name, revision=None)
        return source, revision if "@" in text else None
    raise UserError(f"there is no folder {text}; {_FORMS}")


def _url(text: str) -> tuple[RepoSource, str | None]:
    """Return the source that a URL of a known scheme names, and its inline revision.

    Raises:
        UserError: git might take a part of it for something else, or it names no repository.
    """
    try:
        parts = urlsplit(text)
        login = login_of(parts) if parts.scheme in ("http", "https") else None
        problem = _problem_with(parts)
    except ValueError:
        problem, parts, login = "it is malformed", SplitResult("", "", "", "", ""), None
    if problem is not None:
        raise UserError(f"{text} is not a repository's URL: {problem}")
    path, revision = _split_revision(parts.path)
    host = parts.netloc.rpartition("@")[2] if login else parts.netloc
    location = urlunsplit(parts._replace(netloc=host, path=path, fragment=""))
    return RepoSource(kind="url", location=location, revision=None, login=login), revision


def _problem_with(parts: SplitResult) -> str | None:
    """Return why a URL is not given to git; ValueError when its port is none."""
    host, user = parts.hostname or "", unquote(parts.username or "")
    is_web = parts.scheme in ("http", "https")
    path = _split_revision(parts.path)[0]
    if (not host and parts.scheme != "file") or not path.strip("/") or parts.port == 0:
        return "it names no host or no path"
    if host and parts.scheme == "file":
        return "of a file the path begins with a slash: write file:///PATH"
    # git decodes a URL before it looks at its parts; ssh gets user and host as one argument.
    if host.startswith("-") or user.startswith("-"):
        return "its host begins with a dash"
    if "%" in host or any(_CONTROL.search(unquote(part)) for part in parts):
        return "its host or a part of it is written with characters that no name has"
    if not is_web and parts.password is not None:
        return "a password is of no use there: give a key to ssh, or use https"
    if parts.query:
        return "a repository's address has no query (?...)"
    return None


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
