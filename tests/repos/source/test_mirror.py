"""The cache of mirrors, and the promise that the user's repository is only read."""

from __future__ import annotations

import base64
import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError, UserError
from perfagent.repos.source.mirror import is_dirty, open_mirror, open_ref, resolve
from perfagent.repos.source.ref import RepoRef, RepoSource, parse_repo


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache ü"


def url_source(url: str, revision: str | None = None) -> RepoSource:
    return RepoSource(kind="url", location=url, revision=revision)


def snapshot(folder: Path) -> dict[str, tuple[bytes | str, int, int]]:
    """Return every file, link and folder with content, time of change and mode."""
    found: dict[str, tuple[bytes | str, int, int]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        if path.is_symlink():
            content: bytes | str = os.readlink(path)
        else:
            content = path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (content, status.st_mtime_ns, status.st_mode)
    return found


def test_the_users_repository_is_byte_for_byte_as_it_was(make_repository, cache: Path) -> None:
    source = make_repository({"a.py": "a\n", "b.py": "b\n", "lib/c.py": "c\n"})
    source.git("tag", "v1")
    source.git("branch", "side")
    source.write({"a.py": "stashed\n"})
    source.git("stash")
    source.git("worktree", "add", "--quiet", str(source.path.parent / "linked"), "side")
    source.write({"a.py": "changed\n", "new.py": "staged\n", "untracked.py": "u\n"})
    source.git("add", "new.py")
    # A file that was touched makes git want to refresh the index.
    os.utime(source.path / "b.py", (1, 1))
    before = snapshot(source.path)
    for _ in range(2):
        assert open_ref(parse_repo(str(source.path)), cache).dirty
        open_ref(parse_repo(str(source.path / "lib"), revision="v1"), cache)
        with pytest.raises(UserError):
            open_ref(parse_repo(str(source.path), revision="nowhere"), cache)
    assert snapshot(source.path) == before


def test_the_commit_that_is_checked_out_is_used(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    head = source.git("rev-parse", "HEAD")
    ref = open_ref(parse_repo(str(source.path)), cache)
    assert ref == RepoRef(
        source=str(source.path), commit=head, subdir="", mirror=ref.mirror, dirty=False
    )
    assert Path(ref.mirror).parent == cache / "mirrors"


def test_a_commit_made_later_is_found_in_the_same_mirror(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    first = open_ref(parse_repo(str(source.path)), cache)
    commit = source.commit({"a": "2"})
    second = open_ref(parse_repo(str(source.path)), cache)
    assert second.commit == commit
    assert second.mirror == first.mirror


def test_a_detached_head_is_used_even_when_no_branch_has_it(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    open_mirror(parse_repo(str(source.path)), cache)
    source.git("checkout", "--quiet", "--detach")
    commit = source.commit({"a": "2"})
    assert open_ref(parse_repo(str(source.path)), cache).commit == commit


def test_a_linked_worktree_has_a_head_of_its_own(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    linked = source.path.parent / "linked"
    source.git("worktree", "add", "--quiet", "--detach", str(linked))
    source.commit({"a": "2"})
    assert open_ref(parse_repo(str(linked)), cache).commit == source.git("rev-parse", "HEAD~1")


def test_every_way_to_name_a_revision(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    first = source.git("rev-parse", "HEAD")
    source.git("tag", "-a", "v1", "-m", "release")
    source.commit({"a": "2"})
    third = source.commit({"a": "3"})
    source.git("branch", "topic/x")
    source.git("update-ref", "refs/remotes/origin/main", first)
    mirror = open_mirror(parse_repo(str(source.path)), cache)
    for name, commit in (
        *((None, third), ("HEAD", third), ("@", third), ("main", third), ("topic/x", third)),
        *(("v1", first), ("refs/tags/v1", first), ("HEAD~2", first), ("topic/x^^", first)),
        *((first, first), (first[:8], first), ("origin/main", first)),
    ):
        assert resolve(mirror, name) == commit, name


@pytest.mark.parametrize(
    ("revision", "reason"),
    [
        ("v1.O", r"no revision 'v1.O': did you mean v1\.0\?"),
        ("zzz", r"no revision 'zzz': the repository has "),
        ("HEAD~99", "no revision"),
        ("deadbeef", "no revision"),
        ("1" * 40, "no revision"),
        ("--all", "not a revision"),
        ("v1.0:a", "not a revision"),
    ],
)
def test_a_revision_that_is_not_there_is_answered_with_close_ones(
    make_repository, cache: Path, revision: str, reason: str
) -> None:
    source = make_repository({"a": "1"})
    source.git("tag", "v1.0")
    with pytest.raises(UserError, match=reason):
        resolve(open_mirror(parse_repo(str(source.path)), cache), revision)


def test_a_file_is_no_commit(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    source.git("tag", "blob", source.git("rev-parse", "HEAD:a"))
    with pytest.raises(UserError, match="no revision 'blob'"):
        resolve(open_mirror(parse_repo(str(source.path)), cache), "blob")


def test_a_repository_without_commits_is_told_so(make_repository, cache: Path) -> None:
    source = make_repository()
    with pytest.raises(UserError, match="no commits yet"):
        open_ref(parse_repo(str(source.path)), cache)
    commit = source.commit({"a": "1"})
    assert open_ref(parse_repo(str(source.path)), cache).commit == commit


def test_a_head_without_commits_does_not_hide_the_branches(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    commit = source.git("rev-parse", "HEAD")
    source.git("checkout", "--quiet", "--orphan", "empty")
    with pytest.raises(UserError, match="HEAD names no commit: the repository has main"):
        open_ref(parse_repo(str(source.path)), cache)
    assert open_ref(parse_repo(str(source.path), revision="main"), cache).commit == commit


def test_a_subfolder_must_be_committed(make_repository, cache: Path) -> None:
    source = make_repository({"lib/a": "1"})
    assert open_ref(parse_repo(str(source.path / "lib")), cache).subdir == "lib"
    source.write({"fresh/b": "1"})
    with pytest.raises(UserError, match="fresh is not in commit"):
        open_ref(parse_repo(str(source.path / "fresh")), cache)


@pytest.mark.parametrize("how", ["path", "url"])
def test_a_shallow_clone_is_a_source_too(make_repository, cache: Path, how: str) -> None:
    origin = make_repository({"a": "1"}, name="origin")
    origin.commit({"a": "2"})
    shallow = origin.path.parent / "shallow"
    origin.git("clone", "--quiet", "--depth=1", f"file://{origin.path}", str(shallow))
    location = str(shallow) if how == "path" else f"file://{shallow}"
    ref = open_ref(parse_repo(location), cache)
    assert ref.commit == origin.git("rev-parse", "HEAD")
    with pytest.raises(UserError, match="shallow"):
        resolve(Path(ref.mirror), "HEAD~1")
    assert open_ref(parse_repo(location), cache).commit == ref.commit


def test_a_branch_that_changed_its_kind_or_is_gone_does_not_trip_the_mirror(
    make_repository, cache: Path
) -> None:
    source = make_repository({"a": "1"})
    source.git("branch", "topic")
    mirror = open_mirror(parse_repo(str(source.path)), cache)
    source.git("branch", "-D", "topic")
    source.git("branch", "topic/one")
    source.commit({"a": "2"})
    source.git("commit", "--quiet", "--amend", "-m", "rewritten")
    open_mirror(parse_repo(str(source.path)), cache)
    assert resolve(mirror, "topic/one")
    with pytest.raises(UserError, match="did you mean topic/one"):
        resolve(mirror, "topic")


def test_a_url_is_cloned_once_and_fetched_afterwards(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    told: list[str] = []
    url = f"file://{source.path}"
    first = open_ref(parse_repo(url), cache, told.append)
    commit = source.commit({"a": "2"})
    assert open_ref(parse_repo(url), cache, told.append).commit == commit
    assert told == [f"cloning {url}", f"fetching {url}"]
    # A commit that is here cannot change: nothing is fetched for it.
    assert open_ref(parse_repo(f"{url}@{first.commit}"), cache, told.append) == first
    assert len(told) == 2


def test_a_commit_or_review_on_no_branch_is_asked_for(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    source.git("config", "uploadpack.allowAnySHA1InWant", "true")
    url = f"file://{source.path}"
    open_mirror(url_source(url), cache)
    lost = source.commit({"a": "2"})
    source.git("reset", "--quiet", "--hard", "HEAD~1")
    assert open_ref(url_source(url, lost), cache).commit == lost
    review = source.commit({"a": "3"})
    source.git("update-ref", "refs/pull/7/head", review)
    source.git("reset", "--quiet", "--hard", "HEAD~1")
    assert open_ref(url_source(url, "pull/7/head"), cache).commit == review
    pushed = source.commit({"a": "4"})
    source.git("update-ref", "refs/pull/7/head", pushed)
    source.git("reset", "--quiet", "--hard", "HEAD~1")
    assert open_ref(url_source(url, "pull/7/head"), cache).commit == pushed, "a review moves"


def test_what_was_fetched_before_serves_when_the_server_is_away(
    make_repository, cache: Path
) -> None:
    source = make_repository({"a": "1"})
    source.git("tag", "v1")
    url = f"file://{source.path}"
    ref = open_ref(url_source(url), cache)
    source.path.rename(source.path.parent / "away")
    told: list[str] = []
    assert open_ref(url_source(url, "v1"), cache, told.append) == ref
    assert any("using what was fetched before" in line for line in told)
    with pytest.raises((UserError, InfrastructureError)):
        open_ref(url_source(url, "v2"), cache)


class Answer(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, or one status for everything."""

    status: int | None = None

    def do_GET(self) -> None:
        if self.status:
            self.send_error(self.status)
        else:
            super().do_GET()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answer]]:
    class Handler(Answer):
        def __init__(self, *args, **options) -> None:
            super().__init__(*args, directory=str(tmp_path), **options)

    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        Handler.url = f"http://127.0.0.1:{listening.server_port}"  # type: ignore[attr-defined]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Handler
        listening.shutdown()
        thread.join()


def test_a_repository_comes_over_http(make_repository, server, cache: Path) -> None:
    source = make_repository({"a": "1"})
    source.git("update-server-info")
    ref = open_ref(parse_repo(f"{server.url}/source/.git"), cache)
    assert ref.commit == source.git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, UserError),
        (403, UserError),
        (500, InfrastructureError),
        (503, InfrastructureError),
    ],
)
def test_who_must_act_depends_on_what_the_server_answers(
    server, cache: Path, status: int, error: type[Exception]
) -> None:
    server.status = status
    with pytest.raises(error, match=f"{server.url}/o/n") as caught:
        open_mirror(url_source(f"{server.url}/o/n"), cache)
    assert "\n" not in str(caught.value)
    assert list((cache / "mirrors").iterdir()) == []


def test_a_server_that_is_down_is_the_machines_failure(cache: Path) -> None:
    with pytest.raises(InfrastructureError, match="cannot fetch"):
        open_mirror(url_source("http://127.0.0.1:9/o/n"), cache)
    assert list((cache / "mirrors").iterdir()) == []


def test_a_password_does_not_appear_in_an_error(cache: Path) -> None:
    with pytest.raises(InfrastructureError) as caught:
        open_mirror(parse_repo("http://me:open-sesame@127.0.0.1:9/o/n"), cache)
    assert "sesame" not in str(caught.value)


def test_a_password_is_shown_to_its_server_alone(
    make_repository, server, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither to who lists the processes, nor to where that server sends git on."""
    source = make_repository({"a": "1"})
    source.git("update-server-info")
    login = "Basic " + base64.b64encode(b"me:open-sesame/1").decode()
    asked: list[tuple[str, str | None]] = []

    class Elsewhere(Answer):
        def do_GET(self) -> None:
            asked.append(("elsewhere", self.headers["Authorization"]))
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=x")
            self.end_headers()

    def do_get(self: Answer) -> None:
        asked.append(("server", self.headers["Authorization"]))
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", f"{other}{self.path}")
            self.end_headers()
        elif self.headers["Authorization"] != login:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=x")
            self.end_headers()
        else:
            http.server.SimpleHTTPRequestHandler.do_GET(self)

    server.do_GET = do_get
    # A git that notes what anybody may see of it, in place of the real one.
    seen = tmp_path / "seen"
    real = shutil.which("git")
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$*\" >> '{seen}'\nexec '{real}' \"$@\"\n")
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", str(spy.parent), prepend=os.pathsep)
    url = server.url.replace("//", "//me:open-sesame%2F1@")
    ref = open_ref(parse_repo(f"{url}/source/.git"), cache)
    assert ref.commit == source.git("rev-parse", "HEAD")
    assert ("server", login) in asked
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as listening:
        other = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with pytest.raises(UserError, match="no access to it"):
            open_ref(parse_repo(f"{url}/moved/.git"), cache)
        listening.shutdown()
        thread.join()
    assert {answer for where, answer in asked if where == "elsewhere"} == {None}
    assert "fetch" in seen.read_text()
    kept = b"".join(path.read_bytes() for path in cache.rglob("*") if path.is_file())
    assert b"sesame" not in kept + seen.read_bytes()


def test_a_folders_own_configuration_runs_no_command(make_repository, tmp_path: Path) -> None:
    """A folder may have come as an archive, its .git with it."""
    source = make_repository({"a": "1"})
    ran = tmp_path / "ran"
    source.git("config", "filter.evil=x.clean", f"touch '{ran}'; cat")
    source.git("config", "filter.evil=x.required", "true")
    source.git("config", "core.fsmonitor", f"touch '{ran}'")
    source.git("config", "extensions.partialClone", "origin")
    source.git("config", "remote.origin.url", f"ext::sh -c touch% {ran}")
    (source.path / ".git" / "info" / "attributes").write_text("* filter=evil=x\n")
    os.utime(source.path / "a", (1, 1))
    assert not is_dirty(source.path)
    assert open_ref(parse_repo(str(source.path)), tmp_path / "cache").dirty is False
    assert not ran.exists()
    source.git("status")
    assert ran.exists()  # or this test would show nothing


def test_only_the_protocol_of_the_url_is_used(
    make_repository, private_home: Path, cache: Path, tmp_path: Path
) -> None:
    source = make_repository({"a": "1"})
    (private_home / ".gitconfig").write_text(
        f'[url "{source.path}"]\n\tinsteadOf = https://here.example/n\n'
        f'[url "ext::sh -c touch% {tmp_path}/ran% "]\n\tinsteadOf = https://there.example/\n'
        '[protocol "ext"]\n\tallow = always\n'
    )
    # What the user's own configuration makes of a URL is asked for, a command never is.
    assert open_ref(parse_repo("https://here.example/n"), cache).commit
    with pytest.raises((UserError, InfrastructureError), match="not allowed"):
        open_ref(parse_repo("https://there.example/n"), cache)
    assert not (tmp_path / "ran").exists()


def test_a_missing_file_url_is_told_as_no_repository(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no repository"):
        open_mirror(url_source(f"file://{tmp_path}/nothing"), cache)


def test_a_cache_that_cannot_be_written_is_named(make_repository, tmp_path: Path) -> None:
    source = make_repository({"a": "1"})
    (tmp_path / "occupied").write_text("")
    with pytest.raises(UserError, match=f"cannot write to {tmp_path}/occupied"):
        open_mirror(parse_repo(str(source.path)), tmp_path / "occupied")


def test_different_repositories_of_one_name_do_not_share_a_mirror(
    make_repository, cache: Path
) -> None:
    one, two = make_repository({"a": "1"}, name="x/lib"), make_repository({"b": "2"}, name="y/lib")
    mirrors = {open_mirror(parse_repo(str(folder.path)), cache) for folder in (one, two)}
    assert len(mirrors) == 2


def test_runs_share_the_cache_without_disturbing_each_other(make_repository, cache: Path) -> None:
    source = make_repository({f"{number}": "x" * 100 for number in range(50)})
    commit = source.git("rev-parse", "HEAD")
    seen: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: seen.append(open_ref(url_source(f"file://{source.path}"), cache).commit)
        )
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [commit] * 5
    assert [path.suffix for path in (cache / "mirrors").iterdir()] == [".git"]


def test_a_clone_killed_at_any_moment_does_not_trip_the_next_run(
    make_repository, cache: Path
) -> None:
    source = make_repository({f"{number}": os.urandom(2000) for number in range(400)})
    url = f"file://{source.path}"
    script = """
import sys
from pathlib import Path
from perfagent.repos.source.mirror import open_mirror
from perfagent.repos.source.ref import parse_repo
print("ready", flush=True)
open_mirror(parse_repo(sys.argv[1]), Path(sys.argv[2]))
"""
    for delay_s in (0.0, 0.12, 0.16, 0.2):
        shutil.rmtree(cache, ignore_errors=True)
        process = subprocess.Popen(
            [sys.executable, "-c", script, url, str(cache)], stdout=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.read(1)
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        mirror = open_mirror(parse_repo(url), cache)
        assert resolve(mirror, None) == source.git("rev-parse", "HEAD")
        subprocess.run(["git", "fsck", "--full", "--strict"], cwd=mirror, check=True)
        assert list((cache / "mirrors").iterdir()) == [mirror]


def test_a_repository_of_another_owner_is_cloned(make_repository, cache: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    source = make_repository({"a": "1"})
    for path in [source.path, *source.path.rglob("*")]:
        os.chown(path, 1234, 1234, follow_symlinks=False)
    ref = open_ref(parse_repo(str(source.path)), cache)
    assert not ref.dirty
    assert open_ref(parse_repo(f"file://{source.path}"), cache).commit == ref.commit


def test_only_tracked_changes_make_a_tree_dirty(make_repository) -> None:
    source = make_repository({"a": "1"})
    source.write({"scratch": "x"})
    assert not is_dirty(source.path)
    source.write({"a": "2"})
    assert is_dirty(source.path)
    source.git("add", "a")
    assert is_dirty(source.path)
    bare = source.path.parent / "bare.git"
    source.git("clone", "--quiet", "--bare", ".", str(bare))
    assert not is_dirty(bare)


def test_the_display_of_a_source_names_it_as_the_user_did(make_repository, cache: Path) -> None:
    source = make_repository({"a": "1"})
    parsed = replace(parse_repo(str(source.path)), revision="main")
    assert open_ref(parsed, cache).source == str(source.path)


def test_a_later_commit_is_fetched_though_the_base_is_known_by_its_id(
    make_repository, tmp_path: Path
) -> None:
    source, cache = make_repository({"a.py": "1\n"}), tmp_path / "cache"
    base = source.git("rev-parse", "HEAD")
    known = parse_repo(str(source.path), revision=base)
    open_mirror(known, cache)
    source.commit({"a.py": "2\n"})
    later = source.git("rev-parse", "HEAD")
    assert resolve(open_mirror(replace(known, also=(later,)), cache), later) == later
