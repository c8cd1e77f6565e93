"""Whose code a file is; only the repository's can be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.profiles.ownership import Ownership
from perfagent.profiles.profile import Frame
from perfagent.profiles.recording.stacks import RawFrame


@pytest.mark.parametrize(
    ("file", "owner"),
    [
        ("/opt/env/lib/python3.9/site-packages/numpy/core.py", "dependency"),
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", "dependency"),
        ("/opt/env/lib/python3.9/site-packages/_pytest/runner.py", "dependency"),
        ("/opt/elsewhere/library.py", "dependency"),
        ("<attrs generated init pkg.Class>", "dependency"),
        ("/usr/lib/python3.11/json/decoder.py", "standard library"),
        ("/usr/lib64/python3.8/re.py", "standard library"),
        ("/opt/py/lib/python3.13t/re/__init__.py", "standard library"),
        ("/opt/py/lib/python311.zip/re.py", "standard library"),
        ("<frozen importlib._bootstrap>", "standard library"),
        ("/opt/py/lib/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so", "native"),
        ("/opt/env/lib/python3.9/site-packages/numpy/_core.so", "native"),
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", "native"),
        ("/usr/bin/python3.11", "native"),
        ("", "native"),
        ("/run/tools/perfagent_driver.py", "workload"),
    ],
)
def test_files_outside_the_tree_belong_to_others(tmp_path: Path, file: str, owner: str) -> None:
    assert Ownership(tmp_path).place(file) == (file, owner)


def test_a_file_in_the_tree_is_the_repositorys_and_shown_relative_to_it(tmp_path: Path) -> None:
    owners = Ownership(tmp_path)
    assert owners.place(f"{tmp_path}/src/pkg/a b.py") == ("src/pkg/a b.py", "repository")
    assert owners.place(f"{tmp_path}/pkg/_fast.so") == ("pkg/_fast.so", "native")
    raw = RawFrame(function="f", file=f"{tmp_path}/pkg/m.py", line=3)
    assert owners.frame(raw) == Frame(function="f", path="pkg/m.py", line=3, owner="repository")


def test_a_tree_reached_through_a_link_is_still_the_tree(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "link"
    link.symlink_to(real)
    owners = Ownership(link)
    assert owners.place(f"{link}/m.py") == ("m.py", "repository")
    assert owners.place(f"{real}/m.py") == ("m.py", "repository")


def test_an_environment_inside_the_tree_is_not_the_repositorys(tmp_path: Path) -> None:
    environment = tmp_path / "env"
    environment.mkdir()
    (environment / "pyvenv.cfg").touch()
    owners = Ownership(tmp_path)
    library = f"{tmp_path}/.venv/lib/python3.11/site-packages/attr/_make.py"
    assert owners.place(library) == (library, "dependency")
    assert owners.place(f"{environment}/bin/tool.py") == (
        f"{environment}/bin/tool.py",
        "dependency",
    )


def test_a_file_reported_relative_to_the_tree_is_found_there(tmp_path: Path) -> None:
    (tmp_path / "run.py").touch()
    owners = Ownership(tmp_path)
    assert owners.place("run.py") == ("run.py", "repository")
    assert owners.place("pkg/fast.pyx")[1] == "dependency"


def test_the_workloads_own_files_are_no_hotspots(tmp_path: Path) -> None:
    script = tmp_path.parent / "bench.py"
    owners = Ownership(tmp_path, workload_files=[script, tmp_path / "tests/test_speed.py"])
    assert owners.place(str(script)) == (str(script), "workload")
    assert owners.place(f"{tmp_path}/tests/test_speed.py") == ("tests/test_speed.py", "workload")
