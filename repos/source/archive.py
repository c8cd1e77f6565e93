"""Unpacks an archive of strangers: nothing outside the folder, no links to lead there, no bombs."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from ...errors import InfrastructureError, UserError
from ..path_names import is_git_folder

LARGEST_BYTES = 4 * 2**30
"""The most that an archive may unpack to."""

_MOST_ENTRIES = 500_000
_LARGEST_READ_BYTES = 64 * 2**20
_OPENERS: dict[str, Any] = {".gz": gzip.open, ".tgz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# What the libraries raise for bytes that are no archive, beside their own classes.
_DAMAGED = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(ValueError, KeyError, IndexError, OverflowError, NotImplementedError, RuntimeError),
)
# Two names clash, or one cannot be, or the archive leads to before its own beginning.
_ITS_FAULT = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EINVAL)


class _Unsafe(Exception):
    """The archive is no honest one."""


def unpack(archive: Path, folder: Path, *, largest_bytes: int = LARGEST_BYTES) -> None:
    """Unpack a zip or tar archive, known by its suffix, into a folder that it makes.

    Symbolic links come last, so that no file is written through one.

    Args:
        archive: The archive.
        folder: Where to; its parent is there.
        largest_bytes: The most that it may unpack to.

    Raises:
        UserError: It would write outside the folder, holds a device or a link that leads outside,
            or is a bomb: it unpacks to more than it may.
        InfrastructureError: It is damaged.
    """
    folder.mkdir()
    try:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as zipped:
                _unpack_zip(zipped, folder, largest_bytes)
        else:
            with (
                _plain(archive, largest_bytes) as stream,
                tarfile.open(fileobj=stream, mode="r:") as tarred,
            ):
                _unpack_tar(tarred, folder, largest_bytes)
    except (_Unsafe, tarfile.FilterError) as error:
        raise UserError(f"{archive.name} is not safe to unpack: {error}") from None
    except _DAMAGED as error:
        raise InfrastructureError(f"{archive.name} came damaged: {error}") from error
    except OSError as error:
        # The others are the machine's.
        if error.errno is not None and error.errno not in _ITS_FAULT:
            raise
        raise InfrastructureError(f"{archive.name} came damaged: {error}") from error


def remove_git_folders(top: Path) -> None:
    """Delete what some file system takes for `.git`, at any depth: git adds no such path."""
    for found in [path for path in top.rglob("*") if is_git_folder(path.name)]:
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink(missing_ok=True)


def _unpack_zip(zipped: zipfile.ZipFile, folder: Path, largest_bytes: int) -> None:
    members = zipped.infolist()
    _check_size((member.file_size for member in members), largest_bytes)
    for member in members:
        if member.filename.startswith("/") or ".." in Path(member.filename).parts:
            raise _Unsafe(f"{member.filename!r} leads outside")
        path = Path(zipped.extract(member, folder))
        if member.external_attr >> 16 & 0o100 and path.is_file():
            path.chmod(0o755)


def _unpack_tar(tarred: tarfile.TarFile, folder: Path, largest_bytes: int) -> None:
    links: list[tarfile.TarInfo] = []
    sizes: list[int] = []
    for member in tarred:
        sizes.append(member.size)
        _check_size(sizes, largest_bytes)
        if member.issym() or member.islnk():
            links.append(member)
        else:
            tarred.extract(member, folder, filter="data")
    for member in links:
        place = folder / member.name
        if any(parent.is_symlink() for parent in place.parents if parent != folder):
            raise _Unsafe(f"{member.name!r} lies behind a link")
        if member.islnk() and (folder / member.linkname).is_symlink():
            raise _Unsafe(f"{member.name!r} is a link to a link")
        tarred.extract(member, folder, filter="data")


def _check_size(sizes: Iterable[int], largest_bytes: int) -> None:
    listed = list(sizes)
    if len(listed) > _MOST_ENTRIES or sum(listed) > largest_bytes:
        raise _Unsafe(
            f"it unpacks to more than {largest_bytes / 2**30:.3g} GiB or {_MOST_ENTRIES:,} files"
        )


@contextmanager
def _plain(archive: Path, largest_bytes: int) -> Iterator[IO[bytes]]:
    """Open a tar archive for reading what it decompresses to, headers included."""
    opener = _OPENERS.get(archive.suffix, Path.open)
    with opener(archive, "rb") as stream:
        yield cast("IO[bytes]", _Bounded(stream, 2 * largest_bytes))


class _Bounded:
    """As much of a file as tarfile needs; it fails where a bomb would go on."""

    def __init__(self, stream: IO[bytes], most_bytes: int) -> None:
        self._stream = stream
        self._most_bytes = most_bytes

    def read(self, size: int) -> bytes:
        # Contents are read by small pieces; only a header is read at once, whatever it says it is.
        if size > _LARGEST_READ_BYTES:
            raise _Unsafe("a header in it is larger than any file's name")
        return self._stream.read(size)

    def seek(self, position: int) -> int:
        if position > self._most_bytes:
            raise _Unsafe(f"it unpacks to more than {self._most_bytes / 2**30:.3g} GiB")
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()
