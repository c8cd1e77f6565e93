"""Real commands, real daemons, real kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from perfagent.errors import InfrastructureError, UserError
from perfagent.repos.commands.process import CommandResult, Limits, run_command, terminate_all

ENV = {"PATH": os.environ["PATH"]}
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the guard finds trees in /proc")

DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open(sys.argv[1], "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
while not os.path.exists(sys.argv[1]) or not open(sys.argv[1]).read():
    time.sleep(0.005)
"""


def run(*argv: str, cwd: Path, **options: object) -> CommandResult:
    return run_command(argv, cwd=cwd, env=ENV, **options)  # type: ignore[arg-type]


def python(source: str, *argv: str, cwd: Path, **options: object) -> CommandResult:
    return run(sys.executable, "-c", source, *argv, cwd=cwd, **options)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(condition: Callable[[], bool], within_s: float = 10.0) -> bool:
    give_up = time.monotonic() + within_s
    while time.monotonic() < give_up:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def test_a_command_reports_what_it_wrote_and_how_it_ended(tmp_path: Path) -> None:
    result = run("sh", "-c", "echo out; echo err >&2; exit 3", cwd=tmp_path)
    assert (result.stdout, result.stderr, result.returncode) == ("out\n", "err\n", 3)
    assert not result.ok
    assert not result.timed_out
    assert result.duration_s > 0
    assert result.tail() == "err"


def test_a_crash_is_told_by_its_signal(tmp_path: Path) -> None:
    assert run("sh", "-c", "kill -SEGV $$", cwd=tmp_path).returncode == -signal.SIGSEGV


def test_the_environment_is_exactly_what_was_asked_for(tmp_path: Path) -> None:
    env = {**ENV, "NAME": "wörld\udcff"}
    printed = run_command(["env", "-0"], cwd=tmp_path, env=env).stdout.split("\0")
    assert sorted(printed) == sorted(
        ["", f"PATH={ENV['PATH']}", "NAME=wörld\N{REPLACEMENT CHARACTER}"]
    )


def test_arguments_and_folders_with_spaces_and_unicode_arrive_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "a b ü"
    folder.mkdir()
    result = python("import os, sys; print(os.getcwd(), sys.argv[1:])", "ü x", "", "*", cwd=folder)
    assert result.stdout == f"{folder} ['ü x', '', '*']\n"


def test_a_script_beside_the_command_cannot_replace_the_guards_modules(tmp_path: Path) -> None:
    (tmp_path / "select.py").write_text("raise SystemExit('hijacked')")
    (tmp_path / "resource.py").write_text("raise SystemExit('hijacked')")
    assert run("true", cwd=tmp_path).ok


def test_a_python_from_a_virtual_environment_knows_its_packages(tmp_path: Path) -> None:
    assert python("import psutil", cwd=tmp_path).ok


@linux_only
def test_a_daemon_that_left_the_session_dies_when_the_command_exits(tmp_path: Path) -> None:
    result = python(DAEMON, "pid", cwd=tmp_path)
    assert result.ok
    assert not alive(int((tmp_path / "pid").read_text()))


@linux_only
def test_a_daemon_that_left_the_session_dies_at_the_time_limit(tmp_path: Path) -> None:
    source = DAEMON + "\nprint('up', flush=True)\ntime.sleep(600)"
    result = python(source, "pid", cwd=tmp_path, limits=Limits(wall_s=2.0))
    assert result.timed_out
    assert result.returncode is None
    assert result.stopped_by == "wall_s"
    assert result.stdout == "up\n"
    assert not alive(int((tmp_path / "pid").read_text()))


def test_a_command_that_ignores_signals_is_still_ended(tmp_path: Path) -> None:
    source = "trap '' TERM INT HUP; while :; do sleep 0.05; done"
    assert run("sh", "-c", source, cwd=tmp_path, limits=Limits(wall_s=0.3)).timed_out


@pytest.mark.parametrize("wall_s", [1e15, float("inf")])
def test_a_time_limit_may_be_as_good_as_none(tmp_path: Path, wall_s: float) -> None:
    assert run("true", cwd=tmp_path, limits=Limits(wall_s=wall_s)).ok


def test_a_fork_tree_is_killed_whole(tmp_path: Path) -> None:
    source = """
    import os, time
    for level in range(4):
        os.fork()
    with open("pids", "a") as file:
        file.write(f"{os.getpid()}\\n")
    time.sleep(600)
    """
    result = python(textwrap.dedent(source), cwd=tmp_path, limits=Limits(wall_s=2.0))
    assert result.timed_out
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 16
    assert not any(alive(pid) for pid in pids)


@linux_only
def test_a_fork_bomb_is_stopped_at_the_process_limit(tmp_path: Path) -> None:
    source = """
    import os, time
    for _ in range(400):
        os.fork() or time.sleep(600)
        time.sleep(0.01)
    """
    result = python(textwrap.dedent(source), cwd=tmp_path, limits=Limits(wall_s=30, processes=20))
    assert result.stopped_by == "processes"
    assert result.returncode is None
    assert not result.timed_out


def test_endless_output_fills_neither_memory_nor_the_pipe(tmp_path: Path) -> None:
    result = run(
        *("sh", "-c", "echo first; yes; echo never"),
        cwd=tmp_path,
        limits=Limits(wall_s=0.5, output_bytes=1000),
    )
    assert result.timed_out
    assert result.truncated
    assert result.stdout.startswith("first\ny\n")
    assert "bytes left out" in result.stdout
    assert len(result.stdout) < 1100


def test_long_output_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    source = "print('first'); print('x' * 3_000_000); print('last')"
    result = python(source, cwd=tmp_path, limits=Limits(output_bytes=100))
    assert result.ok
    assert result.stdout.startswith("first\n")
    assert result.stdout.endswith("xx\nlast\n")


def test_output_within_the_bound_is_whole_even_beyond_half_of_it(tmp_path: Path) -> None:
    result = python("print('ü' * 40)", cwd=tmp_path, limits=Limits(output_bytes=101))
    assert result.stdout == "ü" * 40 + "\n"
    assert not result.truncated


@linux_only
def test_memory_above_the_limit_is_refused_to_the_command(tmp_path: Path) -> None:
    result = python("bytearray(10**9)", cwd=tmp_path, limits=Limits(memory_bytes=300_000_000))
    assert result.returncode == 1
    assert "MemoryError" in result.stderr


def test_a_file_above_the_limit_is_refused_to_the_command(tmp_path: Path) -> None:
    source = "open('big', 'wb').write(b'x' * 2_000_000)"
    result = python(source, cwd=tmp_path, limits=Limits(file_bytes=1_000_000))
    assert not result.ok
    assert (tmp_path / "big").stat().st_size <= 1_000_000


@linux_only
def test_the_command_runs_on_the_chosen_core(tmp_path: Path) -> None:
    core = max(os.sched_getaffinity(0))
    source = "import os; print(os.sched_getaffinity(0))"
    assert python(source, cwd=tmp_path, cpus=frozenset({core})).stdout == f"{{{core}}}\n"


@linux_only
def test_cores_that_do_not_exist_are_the_machines_failure(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="cores"):
        run("true", cwd=tmp_path, cpus=frozenset({4000}))


def test_cpu_time_and_memory_of_children_are_counted(tmp_path: Path) -> None:
    source = """
    import subprocess, sys
    work = "b = b'x' * 60_000_000; sum(i * i for i in range(1_500_000))"
    subprocess.run([sys.executable, "-c", work], check=True)
    """
    result = python(textwrap.dedent(source), cwd=tmp_path)
    assert result.ok
    assert result.cpu_s is not None
    assert result.cpu_s > 0.02
    assert result.peak_rss_bytes is not None
    assert result.peak_rss_bytes > 60_000_000
    assert result.peak_floor_bytes is not None
    assert 1_000_000 < result.peak_floor_bytes < 60_000_000


def test_the_private_channel_returns_bytes_apart_from_the_output(tmp_path: Path) -> None:
    source = "import os, sys; os.write(int(sys.argv[1]), b'\\0answer\\xff'); print('noise')"
    result = python(source, "{channel}", cwd=tmp_path, channel=True)
    assert result.channel == b"\0answer\xff"
    assert result.stdout == "noise\n"
    assert result.argv[-1].isdigit()


def test_a_big_channel_message_does_not_block(tmp_path: Path) -> None:
    source = "import os, sys\nwith open(int(sys.argv[1]), 'wb') as c: c.write(b'x' * 3_000_000)"
    assert len(python(source, "{channel}", cwd=tmp_path, channel=True).channel) == 3_000_000


def test_without_a_channel_the_token_stays_as_it_is(tmp_path: Path) -> None:
    assert run("echo", "{channel}", cwd=tmp_path).stdout == "{channel}\n"


def test_a_command_inherits_no_descriptor_but_its_own(tmp_path: Path) -> None:
    source = "import os; print(sorted(int(n) for n in os.listdir('/dev/fd')))"
    opened = python(source, cwd=tmp_path).stdout
    # The fourth is the listing's own.
    assert len(opened.split(",")) == 4


def test_input_reaches_the_command_and_its_absence_is_an_empty_one(tmp_path: Path) -> None:
    payload = os.urandom(300_000).hex().encode()
    assert run("cat", cwd=tmp_path, stdin=payload).stdout.encode() == payload
    assert run("cat", cwd=tmp_path).stdout == ""


def test_a_command_that_closes_its_input_early_is_no_failure(tmp_path: Path) -> None:
    assert run("true", cwd=tmp_path, stdin=b"x" * 5_000_000).ok


@pytest.mark.parametrize("name", ["no-such-program", "./no-such-program", "/no/such/program"])
def test_a_missing_program_is_named_to_the_user(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=f"cannot run {name}"):
        run(name, cwd=tmp_path)


def test_a_program_whose_interpreter_is_gone_is_named_to_the_user(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text("#!/no/such/python\n")
    script.chmod(0o755)
    with pytest.raises(UserError, match="interpreter"):
        run("./tool", cwd=tmp_path)


def test_a_file_that_is_no_program_is_named_to_the_user(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("text")
    with pytest.raises(UserError, match="check that it is a program"):
        run("./tool", cwd=tmp_path)


def test_a_folder_that_is_gone_is_the_machines_failure(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="does not exist"):
        run("true", cwd=tmp_path / "gone")


def test_commands_in_several_threads_do_not_mix(tmp_path: Path) -> None:
    results: dict[int, CommandResult] = {}

    def work(number: int) -> None:
        source = f"echo {number}; echo c{number} >/dev/fd/{{channel}}; sleep 0.1; exit {number}"
        results[number] = run("sh", "-c", source, cwd=tmp_path, channel=True)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(8):
        result = results[number]
        assert (result.stdout, result.returncode) == (f"{number}\n", number)
        assert result.channel == f"c{number}\n".encode()


@linux_only
def test_when_perfagent_is_killed_nothing_of_the_tree_lives_on(tmp_path: Path) -> None:
    source = f"""
    import os, sys
    from pathlib import Path
    from perfagent.repos.commands.process import run_command
    daemon = {DAEMON!r} + "\\nopen('main', 'w').write(str(os.getpid()))\\ntime.sleep(600)"
    run_command([sys.executable, "-c", daemon, "pid"], cwd=Path.cwd(), env=dict(os.environ))
    """
    perfagent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(source)], cwd=tmp_path)
    main, daemon = tmp_path / "main", tmp_path / "pid"
    assert eventually(lambda: main.exists() and main.read_text() != "")
    pids = [int(main.read_text()), int(daemon.read_text())]
    pids += [child.pid for child in psutil.Process(perfagent.pid).children(recursive=True)]
    assert len(set(pids)) >= 3
    perfagent.kill()
    perfagent.wait()
    assert eventually(lambda: not any(alive(pid) for pid in pids), within_s=2.0)


@linux_only
def test_ctrl_c_kills_the_tree_and_reaches_the_caller(tmp_path: Path) -> None:
    source = f"""
    import os, signal, sys
    from pathlib import Path
    from perfagent.repos.commands.process import run_command
    # A shell that runs these tests in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    daemon = {DAEMON!r} + "\\ntime.sleep(600)"
    try:
        run_command([sys.executable, "-c", daemon, "pid"], cwd=Path.cwd(), env=dict(os.environ))
    except KeyboardInterrupt:
        daemon = int(Path("pid").read_text())
        print("gone" if not Path(f"/proc/{{daemon}}").exists() else "alive")
    """
    perfagent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = tmp_path / "pid"
    assert eventually(lambda: pid.exists() and pid.read_text() != "")
    perfagent.send_signal(signal.SIGINT)
    assert perfagent.communicate(timeout=20)[0] == "gone\n"


def test_terminate_all_ends_commands_of_other_threads_as_no_verdict(tmp_path: Path) -> None:
    raised: list[Exception] = []

    def work() -> None:
        try:
            run("sh", "-c", "echo > up; sleep 600", cwd=tmp_path)
        except InfrastructureError as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert eventually((tmp_path / "up").exists)
    terminate_all()
    thread.join(10)
    assert "shutting down" in str(raised[0])


@linux_only
def test_a_killed_guard_is_the_machines_failure_and_leaves_no_command(tmp_path: Path) -> None:
    source = "import os, time; open('pid', 'w').write(str(os.getpid())); os.kill(os.getppid(), 9)\n"
    with pytest.raises(InfrastructureError, match="guard"):
        python(source + "time.sleep(600)", cwd=tmp_path)
    pid = int((tmp_path / "pid").read_text())
    assert eventually(lambda: not alive(pid), within_s=2.0)


def test_signalling_its_own_group_cannot_reach_the_guard(tmp_path: Path) -> None:
    assert run("sh", "-c", "kill -TERM 0; sleep 5", cwd=tmp_path).returncode == -signal.SIGTERM


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    run("true", cwd=tmp_path, channel=True, stdin=b"x")
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        run("true", cwd=tmp_path, channel=True, stdin=b"x")
    with pytest.raises(UserError):
        run("./gone", cwd=tmp_path)
    assert len(os.listdir("/dev/fd")) == before
