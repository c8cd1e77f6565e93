"""Bytes that were an archive once."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfagent.errors import InfrastructureError, UserError
from perfagent.repos.source.archive import remove_git_folders, unpack
from perfagent.tests.fuzz.conftest import contents
from perfagent.tests.fuzz.texts import paths

KINDS = (
    *(tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE),
    *(tarfile.CHRTYPE, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME),
)
names = paths.filter(lambda name: "\0" not in name)


@st.composite
def archives(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return an archive with members of any kind, a few of its bytes changed."""
    suffix = draw(st.sampled_from([".tar", ".zip", ".tar.gz"]))
    members = draw(st.lists(st.tuples(names, st.sampled_from(KINDS), names), max_size=5))
    content = bytearray(zipped(members) if suffix == ".zip" else tarred(members, suffix))
    for _ in range(draw(st.integers(0, 3))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    kept = draw(st.integers(0, len(content))) if draw(st.booleans()) else len(content)
    return suffix, bytes(content[:kept])


def zipped(members: list[tuple[str, bytes, str]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, (kind, link) in {name: rest for name, *rest in members}.items():
            member = zipfile.ZipInfo(name.encode("utf-8", "replace").decode() or "x")
            member.external_attr = (0o120777 if kind == tarfile.SYMTYPE else 0o100755) << 16
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a name that is there already
                archive.writestr(member, link.encode("utf-8", "replace"))
    return buffer.getvalue()


def tarred(members: list[tuple[str, bytes, str]], suffix: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz" if suffix == ".tar.gz" else "w") as archive:
        for name, kind, link in members:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = kind, link, 3
            archive.addfile(entry, io.BytesIO(b"abc"))
    # Without most of the padding at its end.
    content = buffer.getvalue()
    return content if suffix == ".tar.gz" else content.rstrip(b"\0") + bytes(1024)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    world = tmp_path / "world"
    (world / "inner").mkdir(parents=True)
    (world / "out").write_text("outside\n")
    return world


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(archives())
def test_an_archive_is_unpacked_into_its_folder_or_refused(
    world: Path, archive: tuple[str, bytes]
) -> None:
    suffix, content = archive
    file, folder = world / f"a{suffix}", world / "inner" / "unpacked"
    file.write_bytes(content)
    before = contents(world)
    try:
        unpack(file, folder)
        remove_git_folders(folder)
        for path in folder.rglob("*"):
            assert path.is_symlink() or path.is_file() or path.is_dir()
            assert Path(os.path.realpath(path)).is_relative_to(folder.resolve())
    except (UserError, InfrastructureError):
        pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert contents(world) == before
