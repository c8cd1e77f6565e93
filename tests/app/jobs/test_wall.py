"""The wall around a job's run: what installing a hostile repository could see and write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perfagent.app.jobs import wall as wall_module
from perfagent.app.jobs.wall import Wall, require_wall
from perfagent.errors import UserError
from perfagent.repos.sandbox.local import problem

pytestmark = [pytest.mark.sandbox, pytest.mark.skipif(bool(problem()), reason="needs bubblewrap")]

LOOK = """
import json, os, sys
seen = {}
for name, path in json.loads(sys.argv[1]).items():
    try:
        seen[name] = os.path.isdir(path) or bool(open(path).read())
    except OSError:
        seen[name] = False
def write(path):
    try:
        open(path, "w").write("x")
    except OSError:
        return False
    return True
for name, path in json.loads(sys.argv[2]).items():
    seen[f"writes {name}"] = write(path)
def told(pid):
    try:
        return b"planted-5ecre7" in open(f"/proc/{pid}/environ", "rb").read()
    except OSError:
        return False
seen["environments"] = any(told(pid) for pid in os.listdir("/proc") if pid.isdigit())
print(json.dumps(seen))
"""


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    for name in ("jobs/one", "jobs/two", "mirror", "work", "other"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("app.pem", "app.sqlite", "jobs/two/file", "other/file", "mirror/file"):
        (tmp_path / name).write_text("secret")
    return Wall(
        folder=tmp_path / "jobs" / "one", work=tmp_path / "work", mirror=tmp_path / "mirror"
    )


def looks(tmp_path: Path, words: list[str]) -> dict[str, bool]:
    reads = {
        "the key": "app.pem",
        "the database": "app.sqlite",
        "another job": "jobs/two",
        "another repository": "other",
        "its mirror": "mirror/file",
    }
    writes = {"its mirror": "mirror/new", "its job": "jobs/one/new", "its work": "work/new"}
    told = [
        json.dumps({name: str(tmp_path / path) for name, path in each.items()})
        for each in (reads, writes)
    ]
    done = subprocess.run(
        [*words, *told],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def test_a_run_sees_its_own_folders_and_nothing_of_the_app(
    wall: Wall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # The worker's own environment, as the kernel shows it, is what it was started with.
    holder = subprocess.Popen(["sleep", "60"], env={"SECRET": "planted-5ecre7"})
    try:
        plain = [sys.executable, "-c", LOOK]
        seen = looks(tmp_path, wall.around(plain, wall.folder))
        assert {name for name, is_seen in seen.items() if is_seen} == {
            "its mirror",
            "writes its job",
            "writes its work",
        }
        open_to_all = looks(tmp_path, plain)
        assert all(open_to_all.values()), "without a wall all of it is there"
    finally:
        holder.kill()
        holder.wait()


def test_where_no_wall_stands_the_worker_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    require_wall(tmp_path / "trial")
    assert not (tmp_path / "trial").exists()
    monkeypatch.setattr(wall_module, "_PROBE", "print('no name spaces here')")
    with pytest.raises(UserError, match="no name spaces here; in a container") as raised:
        require_wall(tmp_path / "trial")
    assert "\n" not in str(raised.value)
