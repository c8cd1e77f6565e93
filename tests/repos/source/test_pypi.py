"""Packages from an index on the loopback, as git repositories."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError, UserError
from perfagent.repos.checkout import RunRepository
from perfagent.repos.environment.pip_settings import PYPI, read_index_settings
from perfagent.repos.source.mirror import open_ref
from perfagent.repos.source.ref import RepoRef, parse_repo

FILES = {
    "demo-1.0/pyproject.toml": b"[project]\nname = 'demo'\n",
    "demo-1.0/demo/__init__.py": b"",
    "demo-1.0/demo/_version.py": b"version = '1.0'\n",
    "demo-1.0/demo/windows.txt": b"a\r\nb\r\n",
    "demo-1.0/run.sh": b"#!/bin/sh\n",
    "demo-1.0/.gitignore": b"_version.py\n",
    "demo-1.0/.gitattributes": b"*.txt text eol=lf\n*.sh filter=lfs\n",
}


def tar(files: Mapping[str, bytes], mode: str = "w:gz", mtime: int = 0) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), mtime
            member.mode = 0o777 if name.endswith(".sh") else 0o666
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (0o100755 if name.endswith(".sh") else 0o100644) << 16
            archive.writestr(member, content)
    return buffer.getvalue()


class Index:
    """A simple index: the files of each package, or one status for everything."""

    def __init__(self) -> None:
        self.url = ""
        self.files: dict[str, bytes] = {}
        self.status = 200
        self.digest: str | None = None
        self.requests = 0

    def page(self, package: str) -> bytes | None:
        names = [name for name in self.files if name.startswith(package + "-")]
        if not names:
            return None
        lines = []
        for name in names:
            digest = self.digest or hashlib.sha256(self.files[name]).hexdigest()
            requires = 'data-requires-python="&lt;3"'
            lines.append(f'<a href="/files/{name}#sha256={digest}" {requires}>{name}</a>')
        return "\n".join(lines).encode()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        self.requests += 1
        if self.status != 200:
            return self.status, "text/plain", b""
        if path.startswith("/simple/"):
            page = self.page(path.split("/")[2])
            return (200, "text/html", page) if page is not None else (404, "text/plain", b"")
        return 200, "application/octet-stream", self.files[path.removeprefix("/files/")]


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    made = Index()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = made.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    for name in os.environ:
        if name.startswith("PIP_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/simple"
        monkeypatch.setenv("PIP_INDEX_URL", made.url)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def fetch(cache: Path, text: str = "pypi:demo==1.0") -> RepoRef:
    return open_ref(parse_repo(text), cache)


def git(mirror: str, *args: str) -> bytes:
    return subprocess.run(["git", *args], cwd=mirror, capture_output=True, check=True).stdout


def test_a_package_is_one_commit_with_its_files_as_they_were(index: Index, cache: Path) -> None:
    index.files["demo-1.0.tar.gz"] = tar(FILES)
    ref = fetch(cache)
    assert ref.source == "pypi:demo==1.0"
    listed = git(ref.mirror, "ls-tree", "-r", "--format=%(objectmode) %(path)", ref.commit)
    modes = {path: mode for mode, path in (line.split() for line in listed.decode().splitlines())}
    assert set(modes) == {name.removeprefix("demo-1.0/") for name in FILES}
    assert {path for path, mode in modes.items() if mode == "100755"} == {"run.sh"}
    assert git(ref.mirror, "show", "HEAD:demo/windows.txt") == b"a\r\nb\r\n"
    assert git(ref.mirror, "rev-list", "--all") == f"{ref.commit}\n".encode()
    assert git(ref.mirror, "tag") == b"v1.0\n"
    assert git(ref.mirror, "log", "--format=%s") == b"demo 1.0\n"


def test_the_commits_id_is_the_same_always_and_everywhere(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, private_home: Path
) -> None:
    index.files["demo-1.0.tar.gz"] = tar(FILES)
    first = fetch(tmp_path / "one").commit
    index.files = {"demo-1.0.tar.bz2": tar(FILES, "w:bz2", mtime=1_700_000_000)}
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z")
    (private_home / ".gitconfig").write_text("[core]\n\tautocrlf = true\n\tfileMode = false\n")
    old = os.umask(0o077)
    try:
        second = fetch(tmp_path / "two").commit
    finally:
        os.umask(old)
    index.files = {"demo-1.0.zip": zipped(FILES)}
    third = fetch(tmp_path / "three").commit
    assert first == second == third == "1ae62240c592827094392e955f0cbb9f7e8f8618"


def test_a_package_that_is_here_is_not_asked_for_again(index: Index, cache: Path) -> None:
    index.files["demo-1.0.tar.gz"] = tar(FILES)
    ref = fetch(cache)
    asked = index.requests
    assert fetch(cache) == ref
    assert index.requests == asked


def test_a_package_can_be_worked_on_like_a_repository(
    index: Index, cache: Path, tmp_path: Path
) -> None:
    index.files["demo-1.0.tar.gz"] = tar(FILES)
    ref = fetch(cache)
    repo = RunRepository.create(tmp_path / "run", Path(ref.mirror), [ref.commit])
    tree = repo.checkout("base", ref.commit)
    assert repo.diff(tree, ref.commit).is_empty
    (tree / "demo" / "_version.py").write_text("version = '2'\n")
    assert repo.diff(tree, ref.commit).files == ("demo/_version.py",)


@pytest.mark.parametrize("name", ["Demo_Pkg", "demo.pkg", "demo-pkg"])
def test_a_packages_name_may_be_written_as_pip_lets_it(
    index: Index, cache: Path, name: str
) -> None:
    index.files["demo-pkg-1.0.tar.gz"] = tar({"demo-pkg-1.0/a": b"a"})
    assert fetch(cache, f"pypi:{name}==1.0.0").commit


def test_an_archive_without_a_top_folder_is_taken_as_it_is(index: Index, cache: Path) -> None:
    index.files["demo-1.0.tar.gz"] = tar({"setup.py": b"x", "demo.py": b"y"})
    ref = fetch(cache)
    assert git(ref.mirror, "ls-tree", "--name-only", "HEAD") == b"demo.py\nsetup.py\n"


def test_git_folders_inside_an_archive_are_left_out(index: Index, cache: Path) -> None:
    index.files["demo-1.0.tar.gz"] = tar(
        {**FILES, "demo-1.0/.git/hooks/post-checkout": b"x", "demo-1.0/vendored/.git/HEAD": b"x"}
    )
    ref = fetch(cache)
    assert b".git/" not in git(ref.mirror, "ls-tree", "-r", "--name-only", "HEAD")


def test_a_missing_package_version_or_source_is_told_apart(index: Index, cache: Path) -> None:
    index.files["demo-1.0.tar.gz"] = tar(FILES)
    index.files["demo-2.0-py3-none-any.whl"] = b""
    with pytest.raises(UserError, match="no package nothing"):
        fetch(cache, "pypi:nothing==1.0")
    with pytest.raises(UserError, match=r"no version 3\.0; its newest are 2\.0, 1\.0"):
        fetch(cache, "pypi:demo==3.0")
    with pytest.raises(UserError, match=r"demo 2\.0 has no source distribution"):
        fetch(cache, "pypi:demo==2.0")
    with pytest.raises(UserError, match="not a version"):
        fetch(cache, "pypi:demo==latest")
    assert list((cache / "mirrors").iterdir()) == []


def test_an_index_that_fails_is_not_taken_for_a_missing_package(index: Index, cache: Path) -> None:
    index.status = 503
    with pytest.raises(InfrastructureError, match="status 503"):
        fetch(cache)


def test_no_network_is_the_machines_failure(
    index: Index, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(InfrastructureError, match="cannot reach") as caught:
        fetch(cache)
    assert "\n" not in str(caught.value)
    assert list((cache / "mirrors").iterdir()) == []


def test_a_download_that_differs_from_its_digest_is_not_used(index: Index, cache: Path) -> None:
    index.files["demo-1.0.tar.gz"] = tar(FILES)
    index.digest = "0" * 64
    with pytest.raises(InfrastructureError, match="came damaged: its sha256 differs"):
        fetch(cache)


@pytest.mark.parametrize("name", ["demo-1.0.tar.gz", "demo-1.0.zip", "demo-1.0.tar.xz"])
def test_an_archive_that_breaks_off_is_not_used(index: Index, cache: Path, name: str) -> None:
    whole = zipped(FILES) if name.endswith("zip") else tar(FILES, f"w:{name[-2:]}")
    index.files[name] = whole[: len(whole) // 2]
    with pytest.raises(InfrastructureError, match="came damaged"):
        fetch(cache)


@pytest.mark.parametrize("name", ["../evil", "/tmp/perfagent-evil", "demo-1.0/../../evil"])
def test_an_archive_cannot_write_outside_its_folder(index: Index, cache: Path, name: str) -> None:
    index.files["demo-1.0.tar.gz"] = tar({**FILES, name: b"x"})
    # What begins with a slash is unpacked below the folder; what climbs out of it is refused.
    with nullcontext() if name.startswith("/") else pytest.raises(UserError, match="not safe"):
        fetch(cache)
    assert not list(cache.rglob("evil"))
    assert not Path("/tmp/perfagent-evil").exists()


def test_an_archives_link_cannot_lead_outside(index: Index, cache: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        link = tarfile.TarInfo("demo-1.0/link")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../../etc"
        archive.addfile(link)
    index.files["demo-1.0.tar.gz"] = buffer.getvalue()
    with pytest.raises(UserError, match="not safe to unpack"):
        fetch(cache)


def test_a_folder_of_archives_serves_without_any_index(
    index: Index, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = tmp_path / "shelf ü"
    shelf.mkdir()
    (shelf / "demo-1.0.tar.gz").write_bytes(tar(FILES))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", (tmp_path / "link").as_posix())
    (tmp_path / "link").symlink_to(shelf)
    assert fetch(cache).commit
    assert index.requests == 0


def test_pips_files_and_variables_are_read_in_pips_order(
    private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (private_home / ".pip").mkdir()
    (private_home / ".pip" / "pip.conf").write_text(
        "[global]\nindex-url = http://old.example/simple\ntimeout = 3\n"
        "extra_index_url =\n    http://one.example/simple\n    http://two.example/simple\n"
    )
    config = private_home / "config" / "pip"
    config.mkdir(parents=True)
    (config / "pip.conf").write_text("[global]\nindex-url = http://new.example/%%simple\n")
    chosen = private_home / "chosen.conf"
    chosen.write_text("[download]\ntrusted-host = new.example\n[install]\nproxy = nowhere\n")
    environment = {"PIP_CONFIG_FILE": str(chosen), "PIP_CERT": "/certificates"}
    settings = read_index_settings(environment)
    assert settings.index_urls == (
        "http://new.example/%%simple",
        "http://one.example/simple",
        "http://two.example/simple",
    )
    assert settings.trusted_hosts == ("new.example",)
    assert (settings.certificates, settings.timeout_s) == ("/certificates", 3.0)
    assert settings.proxy is None
    overridden = read_index_settings({**environment, "PIP_INDEX_URL": "http://env.example"})
    assert overridden.index_urls[0] == "http://env.example"
    bare = read_index_settings({"PIP_CONFIG_FILE": os.devnull})
    assert bare.index_urls == (PYPI,)
    assert read_index_settings({"PIP_NO_INDEX": "true"}).index_urls == ()


def test_a_broken_pip_configuration_is_named(private_home: Path) -> None:
    (private_home / "bad.conf").write_text("index-url = x\n")
    with pytest.raises(UserError, match=r"bad\.conf cannot be read"):
        read_index_settings({"PIP_CONFIG_FILE": str(private_home / "bad.conf")})
    with pytest.raises(UserError, match="set PIP_TIMEOUT"):
        read_index_settings({"PIP_TIMEOUT": "soon", "PIP_CONFIG_FILE": os.devnull})
