"""The cache of bare mirrors, through which every repository is read.

The user's own repository is only ever read from here, and never written: not its objects, its
refs, nor its index.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ...errors import InfrastructureError, UserError
from ..disk import writing_to
from ..git import GitError, git, git_succeeds, remove_stale_locks
from ..locks import exclusive
from .login import git_settings
from .pypi import make_package_repository
from .ref import RepoRef, RepoSource, check_revision

OnProgress = Callable[[str], None]

_FETCH_TIMEOUT_S = 3600.0
_HEAD = "refs/perfagent/HEAD"
_FULL_ID = re.compile(r"[0-9a-f]{40}")
_REVIEW = re.compile(r"(?:refs/)?(?P<name>(?:pull|merge-requests|changes)/[\w./-]+)")
_ABSENT = re.compile(
    r"not found|does not exist|not appear to be a git repository|could not read Username"
    r"|Authentication failed|Permission denied|access denied|Host key verification failed"
    r"|returned error: 40[134]",
    re.IGNORECASE,
)


def open_ref(source: RepoSource, cache_dir: Path, on_progress: OnProgress | None = None) -> RepoRef:
    """Bring the source into the cache and name the commit that was asked for.

    Raises:
        UserError: There is no such repository or revision, or the commit lacks the subfolder.
        InfrastructureError: As `open_mirror`.
    """
    mirror = open_mirror(source, cache_dir, on_progress)
    commit = resolve(mirror, source.revision)
    if source.subdir and not git_succeeds(mirror, "cat-file", "-e", f"{commit}:{source.subdir}"):
        raise UserError(
            f"{Path(source.location) / source.subdir} is not in commit {commit[:12]} of "
            f"{source.location}: commit it first, or name a revision that has it"
        )
    return RepoRef(
        source=source.display,
        commit=commit,
        subdir=source.subdir,
        mirror=str(mirror),
        dirty=source.kind == "path" and is_dirty(Path(source.location)),
    )


def open_mirror(source: RepoSource, cache_dir: Path, on_progress: OnProgress | None = None) -> Path:
    """Return the source's bare mirror, brought up to date.

    Runs may share a cache: one works on a mirror while the others wait. A mirror appears under its
    name only when it is complete.

    Args:
        source: What `parse_repo` returned.
        cache_dir: perfagent's cache; made when missing.
        on_progress: Told what takes time, in words.

    Raises:
        UserError: There is no such repository, or no access to it.
        InfrastructureError: The server cannot be reached and the mirror does not already have the
            revision, or the disk is full.
    """
    tell = on_progress or (lambda _: None)
    mirror = cache_dir.absolute() / "mirrors" / _name(source)
    with writing_to(cache_dir):
        mirror.parent.mkdir(parents=True, exist_ok=True)
    waiting = "waiting for another run that uses the same mirror"
    with exclusive(mirror.with_suffix(".lock"), lambda: tell(waiting)) as lock:
        for leftover in mirror.parent.glob(f"{mirror.name}.part-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        fetcher = _Fetcher(source, lock)
        if not mirror.exists():
            _make(fetcher, mirror, tell)
        elif not _is_settled(source, mirror):
            remove_stale_locks(mirror)
            _refresh(fetcher, mirror, tell)
        if source.kind != "pypi":
            fetcher.fetch_on_demand(mirror)
    return mirror


def resolve(mirror: Path, revision: str | None) -> str:
    """Return the commit that a revision names, 40 hexadecimal digits.

    Args:
        mirror: What `open_mirror` returned.
        revision: A branch, tag or commit, also abbreviated or with `~2` and the like; None for
            the HEAD of the source.

    Raises:
        UserError: There is none; the message names revisions that are written alike.
    """
    if revision is not None:
        check_revision(revision)
    try:
        return git(mirror, "rev-parse", "--verify", f"{revision or 'HEAD'}^{{commit}}").strip()
    except GitError as error:
        if "ambiguous" in error.stderr:
            raise UserError(f"revision {revision} is ambiguous: give more digits") from error
        names = git(
            mirror,
            *("for-each-ref", "--sort=-creatordate", "--format=%(refname:lstrip=2)"),
            *("refs/heads", "refs/tags", "refs/remotes"),
        ).split()
        what = f"there is no revision {revision!r}" if revision else "HEAD names no commit"
        raise UserError(f"{what}: {_suggestion(mirror, revision or '', names)}") from error


def is_dirty(path: Path) -> bool:
    """Return whether tracked files of a working tree differ from its HEAD. Writes nothing.

    Raises:
        InfrastructureError: git cannot read it.
    """
    if git(path, "rev-parse", "--is-inside-work-tree").strip() != "true":
        return False
    changes = ("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all")
    return bool(git(path, *changes, config=_without_filters(path)).strip())


def _without_filters(path: Path) -> list[tuple[str, str]]:
    """Return settings that keep the commands a repository's own configuration names from running.

    A repository that came as a folder (an archive, a shared disk) brings its configuration along.
    """
    asked = ("config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$")
    try:
        names = git(path, *asked).split("\0")
    except GitError:
        return []  # it has none
    required = {f"{name.rpartition('.')[0]}.required" for name in names if name}
    return [(name, "") for name in names if name] + [(name, "false") for name in sorted(required)]


def _suggestion(mirror: Path, revision: str, names: list[str]) -> str:
    close = difflib.get_close_matches(revision, names, n=3) or [
        name for name in names if revision and revision in name
    ]
    if close:
        return f"did you mean {' or '.join(close[:3])}?"
    if not names:
        return "the repository has no commits yet; commit something first"
    shallow = " (and the source is a shallow clone)" if (mirror / "shallow").exists() else ""
    return f"the repository has {', '.join(names[:3])}{', ...' if len(names) > 3 else ''}{shallow}"


def _name(source: RepoSource) -> str:
    """Return the mirror's folder name: readable, and different for different sources."""
    last = re.split(r"[/:\\]", source.location.rstrip("/"))[-1].removesuffix(".git")
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-.")[:40] or "repository"
    digest = hashlib.sha256(f"{source.kind} {source.url}".encode("utf-8", "surrogateescape"))
    return f"{slug}-{digest.hexdigest()[:12]}.git"


def _make(fetcher: _Fetcher, mirror: Path, tell: OnProgress) -> None:
    """Make the mirror beside its place and move it there when it is complete."""
    source = fetcher.source
    with writing_to(mirror.parent):
        part = Path(tempfile.mkdtemp(dir=mirror.parent, prefix=f"{mirror.name}.part-"))
    try:
        made = part / "mirror.git"
        if source.kind == "pypi":
            tell(f"downloading the sources of {source.location}")
            make_package_repository(source.location, made, holding=fetcher.lock)
        else:
            tell(f"cloning {source.display}")
            fetcher.initialize(made)
            fetcher.fetch(made)
        with writing_to(mirror):
            made.replace(mirror)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _is_settled(source: RepoSource, mirror: Path) -> bool:
    """Return whether nothing that the source has by now could change what the revisions mean."""
    if source.kind == "pypi":
        return True
    wanted = (source.revision or "", *source.also)
    return all(_FULL_ID.fullmatch(each) and _has(mirror, each) for each in wanted)


def _has(mirror: Path, revision: str) -> bool:
    return git_succeeds(mirror, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")


def _refresh(fetcher: _Fetcher, mirror: Path, tell: OnProgress) -> None:
    source = fetcher.source
    if source.kind != "path":
        tell(f"fetching {source.display}")
    try:
        fetcher.fetch(mirror)
    except (InfrastructureError, UserError) as error:
        if source.kind == "path" or not _has(mirror, source.revision or "HEAD"):
            raise
        tell(f"using what was fetched before: {error}")


class _Fetcher:
    """Fetches one source into a mirror, whose lock its git processes hold."""

    def __init__(self, source: RepoSource, lock: int) -> None:
        self.source = source
        self.lock = lock
        self._online = source.kind == "github" or not re.match(r"/|file://", source.url)

    def initialize(self, made: Path) -> None:
        """Make an empty mirror, or for a path one that already has its objects."""
        if self.source.kind == "path":
            # A clone links the objects, so that even a big repository is there at once.
            with suppress(GitError):
                args = ("clone", "--quiet", "--mirror", "--template=", "--", self.source.location)
                git(made.parent, *args, str(made), timeout_s=_FETCH_TIMEOUT_S, holding=self.lock)
                return
            shutil.rmtree(made, ignore_errors=True)
        init = ("init", "--quiet", "--bare", "--template=", str(made))
        git(made.parent, *init, holding=self.lock)

    def fetch(self, mirror: Path) -> None:
        """Fetch branches, tags and HEAD, and make HEAD the mirror's own.

        Raises:
            UserError: There is no such repository, or no access to it.
            InfrastructureError: The server cannot be reached, or the disk is full.
        """
        refspecs = [f"+{refs}:{refs}" for refs in ("refs/heads/*", "refs/tags/*")]
        if self.source.kind == "path":
            refspecs.append("+refs/remotes/*:refs/remotes/*")
        try:
            self._run(mirror, *refspecs, f"+HEAD:{_HEAD}")
            head = ("update-ref", "--no-deref", "HEAD", f"{_HEAD}^{{commit}}")
            git(mirror, *head, holding=self.lock)
        except GitError as error:
            if "find remote ref HEAD" not in error.stderr:
                raise _unreachable(self.source, error) from error
            # Nothing is committed on the branch that HEAD names; others may have commits.
            head = ("symbolic-ref", "HEAD", "refs/heads/perfagent-no-head")
            git(mirror, *head, holding=self.lock)
            try:
                self._run(mirror, *refspecs)
            except GitError as later:
                raise _unreachable(self.source, later) from later

    def fetch_on_demand(self, mirror: Path) -> None:
        """Ask for a commit or a review that lies on no branch, if that is what is wanted."""
        wanted = self.source.revision or ""
        review = _REVIEW.fullmatch(wanted)
        if _FULL_ID.fullmatch(wanted):
            refspec = f"+{wanted}:refs/perfagent/wanted/{wanted}"
        elif review:
            refspec = f"+refs/{review['name']}:refs/{review['name']}"
        else:
            return
        if review or not _has(mirror, wanted):  # a review moves, a commit does not
            with suppress(GitError):  # that it is missing is told by `resolve`
                self._run(mirror, refspec)

    def _run(self, mirror: Path, *refspecs: str) -> None:
        fetch = (
            *("fetch", "--quiet", "--prune", "--no-tags", "--update-shallow", "--force"),
            *("--no-recurse-submodules", "--", self.source.url, *refspecs),
        )
        if not self._online:
            git(mirror, *fetch, timeout_s=_FETCH_TIMEOUT_S, holding=self.lock)
            return
        allowed = {"GIT_ALLOW_PROTOCOL": _protocols(mirror, self.source.url)}
        with git_settings(self.source.url, self.source.login) as config:
            git(
                mirror,
                *fetch,
                env=_unattended(mirror) | allowed,
                config=config,
                online=True,
                timeout_s=_FETCH_TIMEOUT_S,
                holding=self.lock,
            )


def _protocols(mirror: Path, url: str) -> str:
    """Return the protocols that fetching a URL needs, as git's variable lists them.

    What the user's configuration makes of the URL counts (`url.<base>.insteadOf`), so that a server
    that answers cannot lead to anything else.
    """
    meant = git(mirror, "ls-remote", "--get-url", url, online=True).strip()
    scheme, separator, _ = meant.partition("://")
    if separator and scheme in ("http", "https"):
        return "http:https"
    if separator and scheme in ("ssh", "git", "file"):
        return scheme
    return "file" if meant.startswith("/") else "ssh"


def _unattended(mirror: Path) -> dict[str, str]:
    """Keep ssh from asking for a password on the terminal, below a live display.

    A user who chose another ssh command keeps it.
    """
    if {"GIT_SSH", "GIT_SSH_COMMAND"} & set(os.environ):
        return {}
    if git_succeeds(mirror, "config", "--get", "core.sshCommand", online=True):
        return {}
    return {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=30"}


def _unreachable(source: RepoSource, error: GitError) -> Exception:
    """Say who must act when a fetch failed."""
    if "the disk is full" in str(error):
        return error
    # Of ssh, git says last that it failed, and ssh said first why.
    told = [line for line in error.stderr.splitlines() if line.strip()] or ["no reason given"]
    fatal = [line for line in told if line.startswith("fatal: ")]
    detail = told[0] if "Could not read from remote" in error.stderr else [*fatal, *told][0]
    detail = detail.removeprefix("fatal: ")
    if source.kind != "path" and _ABSENT.search(error.stderr):
        also = f" (nor a folder {source.location})" if source.kind == "github" else ""
        return UserError(
            f"there is no repository {source.display}{also}, or no access to it: {detail}"
        )
    return InfrastructureError(f"cannot fetch {source.display}: {detail}")
