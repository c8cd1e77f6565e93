"""What a user, a script or a web form may write as REPO, revision and WORKLOAD."""

from __future__ import annotations

import ast
import contextlib
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from perfagent.errors import UserError
from perfagent.redaction import redacted, redacted_values, without_known
from perfagent.repos.source.ref import check_revision, parse_repo
from perfagent.tests.fuzz.texts import mixed
from perfagent.workloads.script import parse_script, read_script
from perfagent.workloads.workload import parse_workload

PARTS = (
    *("https://", "http://", "ssh://", "git://", "file://", "ext::", "fd::", "ftp://", "pypi:"),
    *("github:", "git@", "me:sesame@", "@", ":", "/", "//", "-", "--upload-pack=x", "%2d", "%0a"),
    *("-oProxyCommand=x", "host", "[::1]", "[", "]", "example.com", ":22", ":x", "?", "#", "~"),
    *("o/n", "n.git", "==1.0", "v1", "HEAD~2", "^{commit}", "@{u}", "..", " ", "\0", "\n"),
    *("\u2100", "\ud800"),
)
LINES = (
    *(
        "def workload():",
        "def setup():",
        "async def workload():",
        "    pass",
        "    yield 1",
        "x = 1",
    ),
    *("import timeit", "from timeit import repeat", "runtimes = timeit.repeat(workload)", "\\"),
    *("if __name__ == '__main__':", "    workload()", "print(runtimes); workload()", "class A:"),
    *("# coding: latin-1", "# coding: hex", "# coding: undefined", "(" * 300, "-" * 3000 + "1"),
    *("x = workload; y = 1", "with open('f') as workload:", "    def workload(): pass", "\x0c"),
    *("workload()", "\r", "'''"),
)
SECRETS = ("KEY=", "A_TOKEN=", "Bearer ", "sk-", "ghp_0123456789abcdef", "'", '"', "--token ")
common = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@common
@given(mixed(PARTS, joined="", most=8), st.none() | mixed(PARTS, joined="", most=3))
@example("ssh://%2doProxyCommand=x/y", None)
def test_no_argument_becomes_an_option_or_a_command(
    nowhere: Path, text: str, revision: str | None
) -> None:
    try:
        source = parse_repo(text, revision=revision)
    except UserError:
        return
    assert source.kind in ("url", "github", "pypi", "path")
    assert not re.search(r"[\x00-\x1f\x7f]", source.url)
    if source.kind == "url":
        assert not source.url.startswith("-")
        assert "::" not in source.url.partition("/")[0]
        if "://" in source.url:
            parts = urlsplit(source.url)
            assert parts.scheme in ("https", "http", "ssh", "git", "file")
            assert not unquote(parts.netloc).startswith("-")
            assert parts.password is None
            assert parts.scheme not in ("https", "http") or "@" not in parts.netloc
        else:
            assert not re.match(r"[^:]*@?-", source.url.partition("@")[2])
    # In `user@me:sesame@x` it is no password but the path on the host `me`.
    assert "sesame" not in repr(source) or not re.search(r"(?<!@)me:sesame@", text)
    if source.revision is not None:
        check_revision(source.revision)
        assert not source.revision.startswith("-")


@common
@given(mixed(PARTS, joined="", most=4), st.sampled_from(["", "cmd:", "pytest:", "python:"]))
def test_no_workload_crashes_its_reader(nowhere: Path, text: str, prefix: str) -> None:
    try:
        workload = parse_workload(prefix + text)
    except UserError:
        return
    assert "\0" not in workload.text
    assert workload.kind != "pytest" or workload.text[0] not in "-@"


@common
@given(mixed(LINES, joined="\n", most=12))
def test_no_script_crashes_its_reader_and_what_is_left_of_it_is_python(
    nowhere: Path, source: str
) -> None:
    file = nowhere / "job.py"
    file.write_bytes(source.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(UserError):
        ast.parse(parse_script(read_script(file), "job.py").text)


@common
@given(mixed((*PARTS, *SECRETS), joined="", most=10))
def test_redacting_never_fails_and_needs_no_second_pass(text: str) -> None:
    once = redacted(text)
    assert redacted(once) == once
    assert redacted_values({"a": [text, 1, None]}) == {"a": [once, 1, None]}
    assert without_known(text) == text
