"""What an archive of a stranger may not do to the machine."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError, UserError
from perfagent.repos.source.archive import remove_git_folders, unpack

Entry = tuple[str, bytes, str]


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Entry:
    return name, kind, link


def tarred(path: Path, *entries: Entry) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, kind, link in entries:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, link
            if kind == tarfile.REGTYPE:
                member.size = 1
            archive.addfile(member, io.BytesIO(b"x"))
    return path


@pytest.mark.parametrize(
    "entries",
    [
        (entry("../evil"),),
        (entry("d/../../evil"),),
        (entry("pipe", tarfile.FIFOTYPE),),
        (entry("device", tarfile.CHRTYPE),),
        (entry("out", tarfile.SYMTYPE, "../.."),),
        (entry("out", tarfile.SYMTYPE, "/etc/passwd"),),
        (entry("out", tarfile.LNKTYPE, "../secret"),),
        (entry("in", tarfile.SYMTYPE, "d"), entry("in/out", tarfile.SYMTYPE, "x")),
        (entry("in", tarfile.SYMTYPE, "d"), entry("hard", tarfile.LNKTYPE, "in")),
    ],
    ids=lambda entries: " ".join(name for name, _, _ in entries),
)
def test_what_leads_outside_or_is_no_file_is_refused(tmp_path: Path, entries) -> None:
    (tmp_path / "secret").write_text("s")
    archive = tarred(tmp_path / "a.tar.gz", entry("d/f"), *entries)
    with pytest.raises(UserError, match=r"a\.tar\.gz is not safe to unpack"):
        unpack(archive, tmp_path / "unpacked")
    assert not (tmp_path / "evil").exists()


def test_no_file_is_written_through_a_link(tmp_path: Path) -> None:
    link, through = entry("l", tarfile.SYMTYPE, "d"), entry("l/f")
    unpack(tarred(tmp_path / "a.tar.gz", entry("d/g"), link, through), tmp_path / "unpacked")
    assert (tmp_path / "unpacked" / "l" / "f").is_file()
    assert not (tmp_path / "unpacked" / "d" / "f").exists()


def test_links_inside_an_archive_are_kept(tmp_path: Path) -> None:
    links = entry("l", tarfile.SYMTYPE, "d/f"), entry("h", tarfile.LNKTYPE, "d/f")
    unpack(tarred(tmp_path / "a.tar.gz", *links, entry("d/f")), tmp_path / "unpacked")
    assert (tmp_path / "unpacked" / "l").is_symlink()
    assert (tmp_path / "unpacked" / "h").read_text() == "x"


def bomb(path: Path, size: int) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("f", bytes(size))
        return path
    with tarfile.open(path, f"w:{path.suffix[1:]}") as archive:
        member = tarfile.TarInfo("f")
        member.size = size
        archive.addfile(member, io.BytesIO(bytes(size)))
    return path


@pytest.mark.parametrize("suffix", ["tar.gz", "tar.xz", "zip"])
def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path, suffix: str) -> None:
    archive = bomb(tmp_path / f"a.{suffix}", 3_000_000)
    assert archive.stat().st_size < 30_000
    with pytest.raises(UserError, match="not safe to unpack: it unpacks to more than"):
        unpack(archive, tmp_path / "refused", largest_bytes=2_000_000)
    unpack(archive, tmp_path / "unpacked", largest_bytes=4_000_000)
    assert (tmp_path / "unpacked" / "f").stat().st_size == 3_000_000


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("pax")
    member.type, member.size = tarfile.XHDTYPE, 2**32
    (tmp_path / "a.tar").write_bytes(member.tobuf() + bytes(10_240))
    with pytest.raises(UserError, match="header"):
        unpack(tmp_path / "a.tar", tmp_path / "unpacked")


@pytest.mark.parametrize("suffix", ["tar.gz", "zip"])
def test_a_name_that_no_file_can_have_is_the_archives_fault(tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"a.{suffix}"
    if suffix == "zip":
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("n" * 300, b"x")
    else:
        tarred(archive, entry("n" * 300))
    with pytest.raises(InfrastructureError, match=r"came damaged: .*name too long"):
        unpack(archive, tmp_path / "unpacked")


def test_every_spelling_of_gits_folder_goes_and_a_link_of_that_name_takes_nothing_along(
    tmp_path: Path,
) -> None:
    for name in (".git/config", "d/.GIT/config", "GIT~1/x", "kept/f", "d/.gitignore"):
        path = tmp_path / "top" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "top" / "kept" / ".git").symlink_to(tmp_path / "top" / "kept")
    remove_git_folders(tmp_path / "top")
    left = sorted(p.relative_to(tmp_path).as_posix() for p in (tmp_path / "top").rglob("*"))
    assert left == ["top/d", "top/d/.gitignore", "top/kept", "top/kept/f"]
