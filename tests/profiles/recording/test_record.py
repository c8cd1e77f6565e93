"""Real profilers on small programs whose hot line is known; shares with margins, never times."""

from __future__ import annotations

import ctypes
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError
from perfagent.profiles.hotspot import localize
from perfagent.profiles.profile import Profile
from perfagent.profiles.recording import pyspy
from perfagent.profiles.recording.pyspy import find_pyspy, pyspy_problem
from perfagent.profiles.recording.record import can_sample
from perfagent.workloads.failure import WorkloadFailed

from ..conftest import LIBRARY, Bench, share

SPIN_LINE = LIBRARY.splitlines().index("        total += i * i % 7") + 1
LOOP_LINES = {SPIN_LINE - 1, SPIN_LINE}

PROBLEM = can_sample()
needs_ptrace = pytest.mark.skipif(
    PROBLEM is not None, reason=f"py-spy cannot look into processes here: {PROBLEM}"
)


def in_function(profile: Profile, name: str) -> float:
    return share(profile, lambda function, _path, _line: function.split(".")[-1] == name)


@needs_ptrace
def test_the_hot_line_of_a_script_is_found_and_nothing_around_it_counts(bench: Bench) -> None:
    profile = bench.profile(
        bench.script(
            "from lib import spin, work\n"
            "def setup():\n    spin(3_000_000)\n"
            "def workload():\n    work(1_000_000)\n"
        )
    )
    assert (profile.recorder, profile.rate_hz, profile.native) == ("py-spy", 250, False)
    assert profile.samples >= 100
    assert share(profile, lambda _function, _path, line: line in LOOP_LINES) >= 0.9
    assert in_function(profile, "setup") == 0.0
    outermost = {frames[0].function for frames, _ in profile.stacks}
    assert outermost <= {"workload", "perfagent_timed_region"}
    assert {frames[0].owner for frames, _ in profile.stacks} == {"workload"}

    first, *_ = localize(profile, bench.tree)
    assert (first.function, first.path) == ("spin", "lib.py")
    assert first.own_share >= 0.9
    assert first.callers == ("lib.py:work",)
    assert {line.line for line in first.lines[:2]} == LOOP_LINES
    assert first.source.startswith("def spin(n):\n")


@needs_ptrace
def test_a_call_of_microseconds_is_repeated_until_there_are_samples(bench: Bench) -> None:
    profile = bench.profile(bench.script("from lib import spin\ndef workload():\n    spin(50)\n"))
    assert profile.samples >= 100
    assert in_function(profile, "spin") >= 0.6


@needs_ptrace
def test_a_result_kept_from_the_first_call_does_not_hide_that_call(bench: Bench) -> None:
    profile = bench.profile(
        bench.script("from lib import remembered\ndef workload():\n    remembered(600_000)\n"),
        min_samples=20,
    )
    assert in_function(profile, "spin") >= 0.9


@needs_ptrace
def test_time_in_the_standard_library_belongs_to_the_function_that_asked_for_it(
    bench: Bench,
) -> None:
    profile = bench.profile(
        bench.script("from lib import dump\ndef workload():\n    dump(20_000)\n")
    )
    assert "standard library" in {frame.owner for frames, _ in profile.stacks for frame in frames}
    hotspot = localize(profile, bench.tree)[0]
    assert hotspot.function == "dump"
    assert hotspot.own_share >= 0.9
    assert hotspot.self_share < hotspot.own_share


@needs_ptrace
def test_a_comprehension_counts_for_its_function_on_every_python(bench: Bench) -> None:
    profile = bench.profile(
        bench.script("from lib import squares\ndef workload():\n    squares(300_000)\n")
    )
    hotspot = localize(profile, bench.tree)[0]
    assert hotspot.function == "squares"
    assert hotspot.self_share >= 0.8


@needs_ptrace
@pytest.mark.parametrize("how", ["in_thread", "in_process"])
def test_threads_and_processes_that_the_workload_starts_are_part_of_it(
    bench: Bench, how: str
) -> None:
    profile = bench.profile(
        bench.script(f"from lib import {how}\ndef workload():\n    {how}(6_000_000)\n"),
        min_samples=50,
    )
    assert "waits" not in (profile.note or "")
    assert in_function(profile, "spin") >= 0.8


@needs_ptrace
def test_a_workload_that_waits_is_profiled_by_elapsed_time_and_says_so(bench: Bench) -> None:
    profile = bench.profile(
        bench.script("from lib import nap\ndef workload():\n    nap(0.4)\n"), min_samples=50
    )
    assert profile.note is not None
    assert "waits for most of its time" in profile.note
    assert in_function(profile, "nap") >= 0.9


@needs_ptrace
def test_a_command_is_profiled_with_all_its_processes(bench: Bench) -> None:
    (bench.tree / "run.py").write_text("from lib import work\nwork(3_000_000)\n", encoding="utf-8")
    profile = bench.profile(f"cmd:sleep 0.6; '{sys.executable}' run.py", min_samples=50)
    assert in_function(profile, "spin") >= 0.5
    assert localize(profile, bench.tree)[0].function == "spin"
    own = {frame.path for frames, _ in profile.stacks for frame in frames}
    assert not any("repeat_command" in path for path in own)


@needs_ptrace
def test_a_plain_script_is_profiled_as_a_whole(bench: Bench) -> None:
    profile = bench.profile(
        bench.script("from lib import work\nprint(work(3_000_000))\n"), min_samples=50
    )
    assert in_function(profile, "spin") >= 0.7


@needs_ptrace
def test_a_pytest_workload_counts_the_tests_call_not_its_fixtures(bench: Bench) -> None:
    (bench.tree / "test_speed.py").write_text(
        "import pytest\n"
        "from lib import spin, squares\n"
        "@pytest.fixture(autouse=True)\n"
        "def ready():\n    squares(400_000)\n"
        "def test_speed():\n    spin(400_000)\n",
        encoding="utf-8",
    )
    profile = bench.profile("pytest:test_speed.py::test_speed", min_samples=50)
    assert in_function(profile, "spin") >= 0.9
    assert in_function(profile, "squares") == 0.0
    outermost = {(frames[0].path, frames[0].owner) for frames, _ in profile.stacks}
    assert ("test_speed.py", "workload") in outermost
    assert [hotspot.path for hotspot in localize(profile, bench.tree)] == ["lib.py"]


@needs_ptrace
def test_native_frames_are_recorded_when_asked_for(bench: Bench) -> None:
    profile = bench.profile(
        bench.script("from lib import dump\ndef workload():\n    sorted(range(10**6), key=str)\n"),
        native=True,
    )
    assert profile.native
    assert "native" in {frame.owner for frames, _ in profile.stacks for frame in frames}


@needs_ptrace
def test_a_failing_workload_is_the_workloads_failure_not_the_profilers(bench: Bench) -> None:
    with pytest.raises(WorkloadFailed, match="ValueError: boom"):
        bench.profile(bench.script("def workload():\n    raise ValueError('boom')\n"))
    assert list((bench.work_dir / "profile").iterdir()) == []


# What a container without SYS_PTRACE does, done to py-spy alone: its system calls fail with EPERM.
REFUSING_PYSPY = """\
#!{python}
import ctypes, os, platform, struct, sys
calls = {{"x86_64": (101, 310), "aarch64": (117, 270)}}[platform.machine()]
rules = [(0x20, 0, 0, 0), (0x15, 2, 0, calls[0]), (0x15, 1, 0, calls[1]),
         (0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050001)]
code = b"".join(struct.pack("HBBI", *rule) for rule in rules)
kept = ctypes.create_string_buffer(code, len(code))
program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(kept))
libc = ctypes.CDLL(None)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit("no seccomp here")
os.execv({pyspy!r}, [{pyspy!r}, *sys.argv[1:]])
"""


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a py-spy in place that the kernel refuses to trace anything."""
    if sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "prctl"):
        pytest.skip("refusing ptrace needs Linux")
    path = tmp_path / "py-spy"
    text = REFUSING_PYSPY.format(python=sys.executable, pyspy=str(find_pyspy()))
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setattr(pyspy, "find_pyspy", lambda: path)
    return path


def lay_pyinstrument(bench: Bench) -> None:
    spec = find_spec("pyinstrument")
    assert spec is not None
    assert spec.origin is not None
    (bench.side_packages / "pyinstrument").symlink_to(Path(spec.origin).parent)


def test_where_ptrace_is_refused_pyinstrument_takes_over_and_the_profile_says_so(
    bench: Bench, refused: Path
) -> None:
    lay_pyinstrument(bench)
    profile = bench.profile(
        bench.script(
            "from lib import spin, work\n"
            "def setup():\n    spin(1_000_000)\n"
            "def workload():\n    work(1_000_000)\n"
        )
    )
    assert profile.recorder == "pyinstrument"
    assert profile.note is not None
    assert "ptrace is refused here" in profile.note
    assert in_function(profile, "spin") >= 0.9
    assert in_function(profile, "setup") == 0.0
    hotspot = localize(profile, bench.tree)[0]
    assert (hotspot.function, hotspot.path) == ("spin", "lib.py")
    assert list((bench.work_dir / "profile").iterdir()) == []


def test_a_command_where_ptrace_is_refused_says_what_to_do(bench: Bench, refused: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"ptrace is refused here.*script as workload"):
        bench.profile(f"cmd:'{sys.executable}' -c 'sum(range(10**8))'")


def test_a_failing_workload_where_ptrace_is_refused_is_still_the_workloads_failure(
    bench: Bench, refused: Path
) -> None:
    lay_pyinstrument(bench)
    with pytest.raises(WorkloadFailed, match="ValueError: boom"):
        bench.profile(bench.script("def workload():\n    raise ValueError('boom')\n"))


def test_the_doctor_learns_why_py_spy_cannot_look(refused: Path) -> None:
    assert pyspy_problem() == "ptrace is refused here"


def test_without_py_spy_one_line_says_what_to_install(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_kwargs: None)
    with pytest.raises(InfrastructureError, match="pip install py-spy"):
        bench.profile(bench.script("def workload():\n    pass\n"))
    assert "py-spy is not installed" in (can_sample() or "")


def test_a_folder_that_cannot_be_made_is_reported(bench: Bench) -> None:
    (bench.work_dir / "profile").write_text("in the way", encoding="utf-8")
    with pytest.raises(InfrastructureError, match="cannot write profiles"):
        bench.profile(bench.script("def workload():\n    pass\n"))
