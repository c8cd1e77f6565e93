"""Every way to write REPO, and what each is taken for."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.repos.source.ref import RepoSource, parse_repo


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "kind", "location", "revision"),
    [
        ("https://example.com/o/n.git", "url", "https://example.com/o/n.git", None),
        ("https://example.com/o/n.git@v1.0", "url", "https://example.com/o/n.git", "v1.0"),
        ("https://example.com/o/n@feature/x", "url", "https://example.com/o/n", "feature/x"),
        ("https://me@example.com/o/n", "url", "https://example.com/o/n", None),
        ("https://me@example.com:8/@o/n@v1", "url", "https://example.com:8/@o/n", "v1"),
        ("http://127.0.0.1:8000/n", "url", "http://127.0.0.1:8000/n", None),
        ("ssh://git@example.com:22/o/n@abc", "url", "ssh://git@example.com:22/o/n", "abc"),
        ("file:///srv/n.git@HEAD~2", "url", "file:///srv/n.git", "HEAD~2"),
        ("git@example.com:o/n.git", "url", "git@example.com:o/n.git", None),
        ("git@example.com:o/n.git@v1^", "url", "git@example.com:o/n.git", "v1^"),
        ("owner/name", "github", "owner/name", None),
        ("owner/name@v1.2.3", "github", "owner/name", "v1.2.3"),
        ("owner/name.git", "github", "owner/name", None),
        ("github:owner/na.me", "github", "owner/na.me", None),
        ("pypi:tomli==2.0.1", "pypi", "tomli==2.0.1", None),
        ("pypi: Foo_Bar.baz == 1!2.0rc1+x", "pypi", "Foo_Bar.baz==1!2.0rc1+x", None),
    ],
)
def test_each_form_is_understood(
    here: Path, text: str, kind: str, location: str, revision: str | None
) -> None:
    source = parse_repo(text)
    assert (source.kind, source.location, source.revision) == (kind, location, revision)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a repository"),
        ("--upload-pack=touch x", "not a repository"),
        ("-x/y", "not a repository"),
        ("a\nb", "not a repository"),
        ("ext::sh -c x", "ext transport"),
        ("fd::17", "fd transport"),
        ("ftp://example.com/x", "ftp transport"),
        ("https://", "no host or no path"),
        ("https://example.com", "no host or no path"),
        ("ssh://-oProxyCommand=x/y", "begins with a dash"),
        ("ssh://-oProxyCommand=x@host/y", "begins with a dash"),
        ("ssh://%2doProxyCommand=x/y", "begins with a dash|characters that no name has"),
        ("ssh://%2doProxyCommand=x@host/y", "begins with a dash"),
        ("ssh://host:-oProxyCommand=x/y", "malformed"),
        ("ssh://me:sesame@example.com/y", "a password is of no use there"),
        ("git://me:sesame@example.com/y", "a password is of no use there"),
        ("https://example.com/%0ahost=evil/y", "characters that no name has"),
        ("https://me%0d@example.com/y", "characters that no name has"),
        ("https://example.com/y?token=sesame", "has no query"),
        ("https://[::1/y", "malformed"),
        ("https://a\u2100b/y", "malformed"),
        ("file://example.com/y", "write file:///PATH"),
        ("git@example.com:-x", "there is no folder"),
        ("git@-oProxyCommand=x:o/n", "there is no folder"),
        ("nothing", "there is no folder nothing"),
        ("./src/thing", "there is no folder"),
        ("/no/such/folder", "there is no folder"),
        ("~/no-such-folder", "there is no folder"),
        ("~no-such-user/x", "there is no folder"),
        ("n" * 5000, "there is no folder"),
        ("\ud800", "there is no folder"),
        ("a/b/c", "there is no folder"),
        ("pypi:tomli", "no exact version"),
        ("pypi:tomli>=2", "no exact version"),
        ("pypi:../x==1", "no exact version"),
        ("owner/name@", "not a revision"),
        ("owner/name@--all", "not a revision"),
        ("owner/name@a..b", "not a revision"),
        ("owner/name@a b", "not a revision"),
        ("owner/name@" + "a" * 5000, "not a revision"),
        ("owner/name@v1:path", "not a revision"),
    ],
)
def test_what_is_no_repository_is_refused_in_one_line(here: Path, text: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason) as caught:
        parse_repo(text)
    assert "\n" not in str(caught.value)


def test_a_revision_may_be_given_apart_but_not_twice(here: Path) -> None:
    assert parse_repo("owner/name", revision="v1").revision == "v1"
    assert parse_repo("owner/name@v1", revision="v1").revision == "v1"
    with pytest.raises(UserError, match="two revisions"):
        parse_repo("owner/name@v1", revision="v2")
    with pytest.raises(UserError, match="not a revision"):
        parse_repo("owner/name", revision="--output=x")


def test_a_folder_is_taken_before_every_other_reading(here: Path, make_repository) -> None:
    for name in ("owner/name", "odd@name", "odd@name@v1", "spaces and ü"):
        source = make_repository({"a": "a"}, name=name)
        assert parse_repo(name) == RepoSource(kind="path", location=str(source.path), revision=None)
    assert parse_repo("odd@name@v2").revision == "v2"
    assert parse_repo("odd@name@v1@v2").location == str(here / "odd@name@v1")
    assert parse_repo("spaces and ü@HEAD~2").revision == "HEAD~2"


def test_a_folder_called_git_does_not_hide_a_server(here: Path, make_repository) -> None:
    make_repository({"a": "a"}, name="git")
    assert parse_repo("git@example.com:o/n.git").kind == "url"
    assert parse_repo("git@v1").kind == "path"


def test_a_subfolder_finds_its_repository(
    here: Path, make_repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_repository({"lib/core ü/a.py": "a"})
    for text in ("source/lib/core ü", str(source.path / "lib" / "core ü") + "/"):
        found = parse_repo(text)
        assert (found.location, found.subdir) == (str(source.path), "lib/core ü")
    monkeypatch.chdir(source.path / "lib")
    assert parse_repo(".").subdir == "lib"
    assert parse_repo(".@v1").revision == "v1"


def test_a_link_to_a_repository_is_that_repository(here: Path, make_repository) -> None:
    source = make_repository({"lib/a.py": "a"})
    (here / "link").symlink_to(source.path / "lib")
    found = parse_repo("link")
    assert (found.location, found.subdir) == (str(source.path), "lib")


def test_the_home_folder_may_be_abbreviated(private_home: Path, make_repository) -> None:
    source = make_repository({"a": "a"})
    (private_home / "code").symlink_to(source.path)
    assert parse_repo("~/code").location == str(source.path)


def test_a_bare_repository_is_one_too(here: Path, make_repository) -> None:
    source = make_repository({"a": "a"})
    source.git("clone", "--quiet", "--bare", ".", str(here / "bare.git"))
    assert parse_repo("bare.git").location == str(here / "bare.git")
    assert parse_repo("bare.git").subdir == ""


def test_a_folder_without_git_and_a_file_are_told_what_to_do(here: Path) -> None:
    (here / "plain").mkdir()
    (here / "script.py").write_text("")
    with pytest.raises(UserError, match="plain is not in a git repository: run `git init`"):
        parse_repo("plain")
    with pytest.raises(UserError, match=r"script\.py is a file"):
        parse_repo("script.py")


def test_a_login_is_not_displayed(here: Path) -> None:
    source = parse_repo("https://me:sesame%2Dopen@example.com/o/n@v1")
    assert source.display == source.url == "https://example.com/o/n"
    assert "sesame" not in repr(source)
    assert source.login is not None
    assert (source.login.user, source.login.password) == ("me", "sesame-open")
    with pytest.raises(UserError) as caught:
        parse_repo("https://me:sesame-open@example.com/o/n?x")
    assert "sesame" not in str(caught.value)
    assert parse_repo("owner/name").url == "https://github.com/owner/name.git"
    assert parse_repo("pypi:a==1").display == "pypi:a==1"
