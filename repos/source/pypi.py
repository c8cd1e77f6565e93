"""A package's source distribution as a git repository with one commit.

The same archive gives the same commit id, always and everywhere. This file alone knows unearth.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import shutil
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ...errors import InfrastructureError, UserError
from ..disk import writing_to
from ..environment.pip_settings import IndexSettings, read_index_settings
from ..git import AS_THEY_ARE, git
from .archive import remove_git_folders, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unearth.evaluator import Package
    from unearth.link import Link

_LARGEST_ARCHIVE_BYTES = 2**30
# Everything that goes into a commit's id but its files.
_COMMITTER = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (
        ("NAME", "perfagent"),
        ("EMAIL", "perfagent@localhost"),
        ("DATE", "2000-01-01T00:00:00+0000"),
    )
}


def make_package_repository(package: str, git_dir: Path, *, holding: int | None = None) -> None:
    """Download a package's source distribution and make a bare repository of it.

    HEAD is its one commit, which is also branch `main` and tag `vVERSION`.

    Args:
        package: "NAME==VERSION".
        git_dir: The repository to make; its parent folder is there and is used as scratch.
        holding: A descriptor that carries a lock, which git then holds as well.

    Raises:
        UserError: There is no such package or version, it has no source distribution, or one that
            is not safe to unpack.
        InfrastructureError: An index cannot be reached, or the disk is full.
    """
    name, _, version = package.partition("==")
    try:
        wanted = Version(version)
    except InvalidVersion as error:
        raise UserError(f"{version!r} is not a version: write pypi:NAME==VERSION") from error
    archive = _download_sdist(name, wanted, git_dir.parent)
    unpacked = git_dir.parent / "unpacked"
    with writing_to(unpacked):
        unpack(archive, unpacked)
        remove_git_folders(unpacked)
        entries = list(unpacked.iterdir())
        is_folder = len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink()
        top = entries[0] if is_folder else unpacked
    _commit(top, git_dir, f"{canonicalize_name(name)} {wanted}", f"v{wanted}", holding)


def _download_sdist(name: str, version: Version, folder: Path) -> Path:
    settings = read_index_settings()
    # It warns of every index that lacks the package; that is told here, once, as an error.
    logging.getLogger("unearth").addHandler(logging.NullHandler())
    # unearth costs 130 ms, which only this kind of source pays.
    from unearth.finder import PackageFinder

    with _session(settings) as session:
        finder = PackageFinder(
            session=session,
            index_urls=settings.index_urls,
            find_links=[link for link in settings.find_links if _is_there(link)],
            trusted_hosts=settings.trusted_hosts,
            ignore_compatibility=True,
        )
        try:
            found = list(finder.find_all_packages(name, allow_yanked=True))
            if not found:
                raise _no_package(name, session, settings.index_urls)
            return _download(session, _choose(name, version, found), folder)
        except _network_errors() as error:
            where = ", ".join(settings.index_urls) or "the index"
            raise InfrastructureError(f"cannot reach {where}: {error}") from error


def _session(settings: IndexSettings) -> Any:
    """Open an HTTP client; its class is of httpx or httpx2, as unearth's version has it.

    Raises:
        UserError: pip's certificates cannot be read.
    """
    from unearth.auth import MultiDomainBasicAuth
    from unearth.fetchers.sync import PyPIClient

    options: dict[str, Any] = {}
    if settings.certificates:
        try:
            options["verify"] = ssl.create_default_context(cafile=settings.certificates)
        except OSError as error:
            raise UserError(f"pip's certificates {settings.certificates}: {error}") from error
    if settings.proxy:
        options["proxy"] = settings.proxy
    return PyPIClient(
        trusted_hosts=settings.trusted_hosts,
        timeout=settings.timeout_s,
        follow_redirects=True,
        auth=MultiDomainBasicAuth(prompting=False, index_urls=settings.index_urls),
        **options,
    )


def _network_errors() -> tuple[type[Exception], ...]:
    """Return what unearth's HTTP library raises; which library that is depends on its version."""
    from unearth.fetchers.sync import PyPIClient

    library = importlib.import_module(PyPIClient.__mro__[1].__module__.partition(".")[0])
    return (library.HTTPError, library.InvalidURL)


def _is_there(link: str) -> bool:
    return "://" in link or Path(link).exists()


def _choose(name: str, version: Version, found: Sequence[Package]) -> Link:
    """Return the source archive of the version.

    Raises:
        UserError: There is none.
    """
    alike = [package for package in found if Version(str(package.version)) == version]
    if not alike:
        versions = sorted({Version(str(package.version)) for package in found}, reverse=True)
        newest = ", ".join(map(str, versions[:5]))
        raise UserError(f"{name} has no version {version}; its newest are {newest}")
    sources = [package.link for package in alike if not package.link.is_wheel]
    if not sources:
        raise UserError(
            f"{name} {version} has no source distribution, only wheels: give its git repository"
        )
    # Of several formats always the same one, or the commit id would depend on the index's order.
    return min(sources, key=lambda link: (not link.filename.endswith(".tar.gz"), link.filename))


def _no_package(
    name: str, session: Any, index_urls: Iterable[str]
) -> UserError | InfrastructureError:
    """Tell a package that does not exist from an index that does not work."""
    for url in index_urls:
        status = session.get(f"{url.rstrip('/')}/{canonicalize_name(name)}/").status_code
        if status != 404 and status >= 400:
            return InfrastructureError(f"the package index {url} answers with status {status}")
    return UserError(f"there is no package {name} with any file; check the name")


def _download(session: Any, link: Link, folder: Path) -> Path:
    """Download and check an archive.

    Raises:
        UserError: It is larger than any package's sources.
        InfrastructureError: It came damaged.
    """
    target = folder / link.filename
    with writing_to(target):
        if link.is_file:
            shutil.copyfile(link.file_path, target)
        else:
            headers = {"Accept-Encoding": "identity"}
            with session.get_stream(link.normalized, headers=headers) as response:
                response.raise_for_status()
                with target.open("wb") as file:
                    for chunk in response.iter_bytes():
                        file.write(chunk)
                        if file.tell() > _LARGEST_ARCHIVE_BYTES:
                            raise UserError(
                                f"{link.filename} is larger than {_LARGEST_ARCHIVE_BYTES:,} bytes: "
                                "give its git repository"
                            )
    for algorithm, digests in (link.hash_option or {}).items():
        if algorithm not in hashlib.algorithms_available:
            continue
        with target.open("rb") as file:
            if hashlib.file_digest(file, algorithm).hexdigest() not in digests:
                raise InfrastructureError(f"{link.filename} came damaged: its {algorithm} differs")
    return target


def _commit(tree: Path, git_dir: Path, message: str, tag: str, holding: int | None) -> None:
    init = ("init", "--quiet", "--bare", "--template=", str(git_dir))
    git(git_dir.parent, *init, holding=holding)
    # Over the archive's own .gitattributes: its files are taken as they are.
    attributes = git_dir / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(AS_THEY_ARE, encoding="utf-8")
    at = (f"--git-dir={git_dir}", f"--work-tree={tree}", "-c", "core.fileMode=true")
    git(tree, *at, "add", "--all", "--force", ".", holding=holding)
    made = git(tree, *at, "write-tree", holding=holding).strip()
    commit_tree = ("commit-tree", "-m", message, made)
    commit = git(git_dir, *commit_tree, env=_COMMITTER, holding=holding).strip()
    for ref in ("refs/heads/main", f"refs/tags/{tag}"):
        git(git_dir, "update-ref", ref, commit, holding=holding)
    git(git_dir, "update-ref", "--no-deref", "HEAD", commit, holding=holding)
    (git_dir / "index").unlink()
