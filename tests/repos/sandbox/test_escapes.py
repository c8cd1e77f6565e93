"""Code that tries to get out, to look around or to stay: contained in each sandbox.

What does no harm is tried without a sandbox too, where it has to succeed: a test that could not
fail would show nothing.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perfagent.repos.commands.process import Limits
from perfagent.tests.repos.sandbox.conftest import Cell

SEARCH = """
import os, sys
name, folders = sys.argv[2], sys.argv[3:]
for folder in [name, *folders, *(f"/proc/{pid}/root{name}" for pid in os.listdir("/proc"))]:
    try:
        print(open(folder).read())
    except IsADirectoryError:
        print("lists", folder, *os.listdir(folder))
    except OSError:
        pass
known = {"/proc", "/sys", "/usr", sys.prefix, sys.base_prefix}
for root, folders, files in os.walk("/"):
    folders[:] = [one for one in folders if os.path.join(root, one) not in known]
    if os.path.basename(name) in files:
        print("sees", root)
"""


def test_a_secret_in_the_home_directory_is_not_there(cell: Cell, open_cell: Cell) -> None:
    tried = cell.run(SEARCH, str(cell.secret), str(Path.home()))
    assert (tried.stdout, tried.returncode) == ("", 0)
    assert "the planted secret" in open_cell.run(SEARCH, str(cell.secret)).stdout


WRITE = """
import os, sys
for path in sys.argv[2:]:
    try:
        with open(path, "a") as file:
            file.write("was here")
        print("wrote", path)
    except OSError:
        pass
"""


def test_nothing_is_written_outside(cell: Cell, open_cell: Cell, tmp_path: Path) -> None:
    outside = [tmp_path / "escaped", cell.secret.parent / ".bashrc", cell.tree.parent / "other"]
    system = ["/usr/escaped", "/etc/escaped", "/escaped", "/dev/escaped", "/sys/escaped"]
    tried = cell.run(WRITE, *map(str, outside), *system, "inside")
    assert tried.returncode == 0
    assert (cell.tree / "inside").read_text() == "was here"
    assert not [path for path in (*outside, *map(Path, system)) if path.exists()]

    open_cell.run(WRITE, str(outside[0]))
    assert outside[0].exists()


KERNEL = """
import os
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/power/state"):
    try:
        os.close(os.open(path, os.O_WRONLY))
        print("may write", path)
    except OSError:
        pass
"""


def test_settings_of_the_kernel_may_not_be_written_even_by_root(cell: Cell) -> None:
    assert cell.run(KERNEL).stdout == ""


def test_a_tree_that_may_only_be_read_is_not_written(cell: Cell) -> None:
    (cell.tree / "module.py").write_text("kept")
    assert cell.run(WRITE, "module.py", "new", read_only=True).stdout == ""
    assert (cell.tree / "module.py").read_text() == "kept"
    assert not (cell.tree / "new").exists()


CONNECT = """
import socket, sys
tcp, udp, path, abstract = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], "\\0" + sys.argv[5]
attempts = {
    "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", tcp)),
    "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", udp)),
    "unix": (socket.AF_UNIX, socket.SOCK_STREAM, path),
    "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, abstract),
    "docker": (socket.AF_UNIX, socket.SOCK_STREAM, "/var/run/docker.sock"),
}
for name, (family, kind, address) in attempts.items():
    try:
        with socket.socket(family, kind) as tried:
            tried.settimeout(2)
            tried.connect(address)
            tried.send(name.encode())
    except OSError as error:
        print(name, type(error).__name__)
interfaces = [name for _, name in socket.if_nameindex()]
print("interfaces", *sorted(interfaces))
"""


@contextmanager
def listeners(tmp_path: Path, name: str) -> Iterator[tuple[list[str], set[str]]]:
    """Listen in every way; yield what to connect to, and the set of what came."""
    heard: set[str] = set()
    sockets = [
        socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    ]
    path = str(tmp_path / "listener")
    for each, address in zip(
        sockets, [("127.0.0.1", 0), ("127.0.0.1", 0), path, f"\0{name}"], strict=True
    ):
        each.bind(address)
        each.settimeout(0.2)
        if each.type == socket.SOCK_STREAM:
            each.listen()
    done = threading.Event()

    def hear() -> None:
        while not done.is_set():
            for each in sockets:
                try:
                    if each.type == socket.SOCK_DGRAM:
                        heard.add(each.recv(100).decode())
                    else:
                        connection, _ = each.accept()
                        with connection:
                            heard.add(connection.recv(100).decode())
                except TimeoutError:
                    continue

    thread = threading.Thread(target=hear)
    thread.start()
    ports = [str(each.getsockname()[1]) for each in sockets[:2]]
    try:
        yield [*ports, path, name], heard
    finally:
        thread.join(1.0)
        done.set()
        thread.join()
        for each in sockets:
            each.close()


def test_no_socket_reaches_anything_outside(cell: Cell, open_cell: Cell, tmp_path: Path) -> None:
    with listeners(tmp_path, cell.token) as (addresses, heard):
        tried = cell.run(CONNECT, *addresses)
    assert heard == set()
    assert {line.split()[0] for line in tried.stdout.splitlines()} >= {"tcp", "unix", "abstract"}
    assert tried.stdout.splitlines()[-1] == "interfaces lo"

    (tmp_path / "listener").unlink()
    with listeners(tmp_path, open_cell.token) as (addresses, heard):
        open_cell.run(CONNECT, *addresses)
    assert heard == {"tcp", "udp", "unix", "abstract"}


FORK_BOMB = """
import os, sys
while True:
    try:
        os.fork()
    except OSError:
        pass
"""


def test_a_fork_bomb_is_stopped_and_gone(cell: Cell) -> None:
    tried = cell.run(FORK_BOMB, limits=Limits(wall_s=3, processes=50))
    assert tried.stopped_by in ("processes", "wall_s")
    assert cell.left() == []


MEMORY_BOMB = """
import os, sys, time
for _ in range(4):
    if os.fork() == 0:
        break
kept = []
while True:
    kept.append(bytearray(b"x" * 5_000_000))
    time.sleep(0.02)
"""


def test_a_memory_bomb_of_several_processes_is_stopped_and_gone(cell: Cell) -> None:
    tried = cell.run(MEMORY_BOMB, limits=Limits(wall_s=30, tree_bytes=300_000_000))
    assert tried.stopped_by == "memory" or tried.returncode == -9
    assert tried.duration_s < 25
    assert cell.left() == []


DISK_FILL = """
import sys, time
number = 0
while True:
    with open(f"{sys.argv[2]}/fill-{number}", "wb") as file:
        file.write(b"x" * 10_000_000)
    number += 1
"""


def test_filling_the_disk_is_stopped(cell: Cell) -> None:
    limits = Limits(wall_s=30, disk_bytes=100_000_000)
    tried = cell.run(DISK_FILL, ".", limits=limits)
    assert tried.stopped_by == "disk"
    for file in cell.tree.glob("fill-*"):
        file.unlink()
    assert cell.left() == []


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_private_folders_in_memory_are_small_and_do_not_stay(cell: Cell, folder: str) -> None:
    tried = cell.run(DISK_FILL, folder)
    assert "No space left on device" in tried.stderr
    assert not list(Path(folder).glob("fill-*"))
    assert (
        cell.run("import os, sys; print(os.listdir(sys.argv[2]))", folder).stdout.find("fill") < 0
    )


def test_endless_output_is_cut_and_ended(cell: Cell) -> None:
    source = "import sys\nwhile True: sys.stdout.write('x' * 65536); sys.stderr.write('y' * 65536)"
    tried = cell.run(source, limits=Limits(wall_s=1, output_bytes=1000))
    assert tried.timed_out
    assert tried.truncated
    assert len(tried.stdout) + len(tried.stderr) < 3000
    assert cell.left() == []


DAEMON = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("daemon", "w").close()
        time.sleep(600)
    os._exit(0)
while not os.path.exists("daemon"):
    time.sleep(0.01)
print("up", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize("waits_s", ["0", "600"])
def test_a_daemon_of_its_own_session_does_not_outlive_the_command(cell: Cell, waits_s: str) -> None:
    tried = cell.run(DAEMON, waits_s, limits=Limits(wall_s=2))
    assert tried.stdout == "up\n"
    assert tried.timed_out == (waits_s == "600")
    assert cell.left() == []


KILL = """
import os, signal, sys, time
for pid in (os.getppid(), 1, -1, 0):
    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        try:
            if pid == 0 or number != signal.SIGSTOP:
                os.kill(pid, number)
        except OSError:
            pass
time.sleep(600)
"""


def test_killing_the_parent_frees_nobody(cell: Cell) -> None:
    tried = cell.run(KILL, limits=Limits(wall_s=2))
    assert not tried.ok
    assert cell.left() == []


ENVIRONMENTS = """
import os, sys
for pid in os.listdir("/proc"):
    try:
        with open(f"/proc/{pid}/environ") as file:
            text = file.read()
        if sys.argv[2] in text:
            print("found", pid)
    except OSError:
        pass
print(*sorted(os.environ))
"""


def test_no_environment_of_another_process_is_seen(cell: Cell, open_cell: Cell) -> None:
    holder = subprocess.Popen(["sleep", "60"], env={"API_KEY": "planted-key"})
    try:
        tried = cell.run(ENVIRONMENTS, "planted-key")
        control = open_cell.run(ENVIRONMENTS, "planted-key")
    finally:
        holder.kill()
        holder.wait()
    assert "found" not in tried.stdout
    assert "KEY" not in tried.stdout
    assert "found" in control.stdout


TAMPER = """
import os, sys
lines = [b"ended 0 1 1 1 1 - 0\\n", b"failed 0 exec\\n", b'{"nonce": "x", "cold_s": 1}\\n']
own = f"/proc/{os.getpid()}"
for pid in ["self", *filter(str.isdigit, os.listdir("/proc"))]:
    folder = f"/proc/{pid}/fd"
    try:
        numbers = os.listdir(folder)
    except OSError:
        continue
    for number in numbers:
        if int(number) <= 2 or (pid in ("self", str(os.getpid())) and number == sys.argv[2]):
            continue
        try:
            descriptor = os.open(f"{folder}/{number}", os.O_WRONLY | os.O_NONBLOCK)
            for line in lines:
                os.write(descriptor, line)
        except OSError:
            pass
known = {"/proc", "/sys", "/usr", "/dev", sys.prefix, sys.base_prefix}
for root, folders, files in os.walk("/"):
    folders[:] = [one for one in folders if os.path.join(root, one) not in known]
    for name in files:
        if name in ("report", "control", "channel"):
            print("sees", root, name)
os.write(int(sys.argv[2]), b"the answer")
sys.exit(3)
"""


def test_the_report_on_a_command_is_out_of_its_reach(cell: Cell) -> None:
    tried = cell.run(TAMPER, "{channel}", channel=True)
    assert tried.returncode == 3
    assert tried.channel == b"the answer"
    assert tried.stdout == ""


def test_with_leave_the_network_is_there(cell: Cell, tmp_path: Path) -> None:
    if cell.sandbox.name == "docker":
        pytest.skip("a container's network is the engine's bridge, which CI's engine has not")
    with listeners(tmp_path, cell.token) as (addresses, heard):
        cell.run(CONNECT, *addresses, network=True)
    assert {"tcp", "udp"} <= heard
    assert "unix" not in heard


def test_a_home_is_given_as_it_was_and_never_changed(cell: Cell) -> None:
    home = cell.environment.home(cell.tree)
    (home / "settings").write_text("kept")
    source = "import pathlib; h = pathlib.Path.home(); print((h / 'settings').read_text()); "
    tried = cell.run(source + "(h / 'settings').write_text('changed'); (h / 'new').touch()")
    assert (tried.stdout, tried.returncode) == ("kept\n", 0)
    assert (home / "settings").read_text() == "kept"
    assert not (home / "new").exists()


def test_a_crash_is_told_by_its_signal_and_a_missing_program_by_name(cell: Cell) -> None:
    assert cell.run("import os; os.kill(os.getpid(), 11)").returncode == -11
    assert cell.run("import sys; sys.exit(7)").returncode == 7
    assert sys.version.split()[0] in cell.run("import sys; print(sys.version)").stdout


def test_time_and_memory_are_the_commands_own(cell: Cell) -> None:
    source = "import time; b = b'x' * 60_000_000; t = time.process_time()\n"
    source += "while time.process_time() < t + 0.3: pass"
    tried = cell.run(source)
    assert tried.cpu_s is not None
    assert tried.cpu_s > 0.3
    assert tried.peak_rss_bytes is not None
    assert tried.peak_rss_bytes > 60_000_000
