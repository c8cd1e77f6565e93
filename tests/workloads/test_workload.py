"""Understanding the WORKLOAD argument."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.workloads.workload import parse_workload


def test_each_kind_is_told_by_its_prefix() -> None:
    test = parse_workload("pytest:tests/test_a.py::test_b[x:y]", timeout_s=5)
    assert (test.kind, test.text, test.timeout_s) == ("pytest", "tests/test_a.py::test_b[x:y]", 5)
    function = parse_workload("python:package.module:Class.method")
    assert (function.kind, function.text) == ("function", "package.module:Class.method")
    command = parse_workload("cmd:echo 'a: b' | wc -c")
    assert (command.kind, command.text) == ("command", "echo 'a: b' | wc -c")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("cmd:  ", "names no command"),
        ("pytest:", "names no test"),
        ("pytest:--collect-only", "names no test"),
        ("pytest:@/etc/passwd", "names no test"),
        ("cmd:a\0b", "nothing is named with"),
        ("~no-such-user/x.py", "no such workload"),
        ("n" * 5000, "no such workload"),
        ("\ud800.py", "no such workload"),
        ("python:module", "names no function"),
        ("python:mod ule:function", "names no function"),
        ("python:module:", "names no function"),
        ("no/such/script.py", "no such workload: no/such/script.py"),
    ],
)
def test_a_malformed_argument_says_what_to_write(argument: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_workload(argument)


def test_a_folder_is_no_workload(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        parse_workload(str(tmp_path))


def test_a_script_inside_the_repository_is_known_by_its_place_in_it(tmp_path: Path) -> None:
    repository = tmp_path / "my répo"
    script = repository / "benchmarks" / "job.py"
    script.parent.mkdir(parents=True)
    script.write_text("def workload():\n    pass\n")
    inside = parse_workload(str(script), repo_path=repository)
    assert inside.in_repo == "benchmarks/job.py"
    assert inside.name == "job"
    assert parse_workload("benchmarks/job.py", repo_path=repository).in_repo == "benchmarks/job.py"
    assert parse_workload(str(script), repo_path=tmp_path / "other").in_repo is None


def test_a_windows_like_path_or_colon_in_a_file_name_is_still_a_file(tmp_path: Path) -> None:
    script = tmp_path / "a:b.py"
    script.write_text("print(1)\n")
    assert parse_workload(str(script)).kind == "script"


@pytest.mark.parametrize(
    "source",
    [
        b"x = " + b"-" * 100_000 + b"1",
        b"x = a" + b".a" * 50_000,
        b"x = 1" + b" + 1" * 100_000,
        b"(" * 100_000,
        b"# coding: undefined\nx = 1",
        b"# coding: hex\nx = 1",
        b"x = 1\0",
        b"x = '\xff'",
    ],
    ids=["minus", "dots", "plus", "brackets", "undefined", "hex", "nul", "latin"],
)
def test_a_script_that_python_cannot_read_is_the_users_to_mend(
    tmp_path: Path, source: bytes
) -> None:
    script = tmp_path / "job.py"
    script.write_bytes(source)
    with pytest.raises(UserError, match=r"the workload .*job\.py"):
        parse_workload(str(script))
