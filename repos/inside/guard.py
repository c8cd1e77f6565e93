"""Stands between perfagent and one command, and leaves no process of that command behind.

Started by `repos/process.py` as `python -I -S guard.py CONTROL REPORT CHANNEL WALL_S MEMORY FILE
PROCESSES CPUS FORGET EXECUTABLE ARGV...` ("-" for none): three inherited file descriptors, the
limits, environment variables to forget, and the command. It starts the command in a session of its
own and waits until the command exits, a limit is passed, or CONTROL reaches its end, which says
that perfagent is gone, even by SIGKILL. Then it kills every descendant, also those that left the
session: on Linux it is their subreaper, so a daemon cannot slip from under it.

On REPORT it writes lines of words: `started PID`, then one of `failed ERRNO STEP` (the command
could not be started) and `ended STATUS DURATION_NS CPU_US PEAK_RSS_BYTES FLOOR_BYTES REASON
SURVIVORS`, where FLOOR_BYTES is the guard's own memory, with part of which the peak begins, and
STATUS is as `subprocess` has it or "-" when the guard ended the command for REASON.

Imports are few because each launch of a workload pays for them.
"""

import os
import resource
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
STOPPING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
COUNT_EVERY_S = 0.1
LONGEST_SLEEP_S = 3600.0
GIVE_UP_AFTER_S = 10.0
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def prctl(option, value):
    """Call Linux's prctl; elsewhere, do nothing."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def descendants():
    """Return the process ids of everything below this process (empty where /proc is missing)."""
    below = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    for name in names:
        try:
            with open("/proc/" + name + "/stat", "rb") as stat:
                # The command's name, in brackets, may itself hold brackets and spaces.
                parent = int(stat.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        below.setdefault(parent, []).append(int(name))
    found = list(below.get(os.getpid(), ()))
    for pid in found:
        found.extend(below.get(pid, ()))
    return found


def own_peak_bytes():
    """Return this process's peak resident memory, without that of the program that started it."""
    try:
        with open("/proc/self/status", "rb") as status:
            for line in status:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT


def at_most(kind, value):
    """Lower one resource limit, never above what this process may have itself."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def become(executable, argv, memory, file_bytes, cpus, step):
    """Turn the forked child into the command; `step[0]` names what was tried last."""
    os.setsid()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ) + STOPPING_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    try:
        # Out of memory, the kernel should choose the command rather than the guard.
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("500")
    except OSError:
        pass
    step[0] = "limits"
    at_most(resource.RLIMIT_CORE, 0)
    if memory is not None:
        # Linux counts private writable memory here, but not address space that is only reserved.
        at_most(resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS, memory)
    if file_bytes is not None:
        at_most(resource.RLIMIT_FSIZE, file_bytes)
    step[0] = "cpus"
    if cpus:
        os.sched_setaffinity(0, cpus)
    step[0] = "exec"
    os.execv(executable, argv)


def start(executable, argv, memory, file_bytes, cpus):
    """Fork and exec the command; return its pid and None, or "ERRNO STEP" when that failed."""
    failure_read, failure_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        step = ["session"]
        try:
            become(executable, argv, memory, file_bytes, cpus, step)
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None) or 0
            os.write(failure_write, ("%d %s" % (number, step[0])).encode())
        finally:
            os._exit(127)
    os.close(failure_write)
    failure = os.read(failure_read, 200).decode()
    os.close(failure_read)
    return pid, failure or None


class Watch:
    """Waits for the command to exit, for a limit, or for perfagent to be gone."""

    def __init__(self, control):
        """Listen for signals; `control` is readable once perfagent is gone."""
        self.control = control
        self.pid = 0
        self.status = None
        self.stopped = False
        self.bell, bell_write = os.pipe()
        os.set_blocking(self.bell, False)
        os.set_blocking(bell_write, False)
        for number in (signal.SIGCHLD,) + STOPPING_SIGNALS:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(bell_write, warn_on_full_buffer=False)

    def sleep(self, seconds):
        """Sleep until something happens, at most `seconds`."""
        watched = [self.bell] if self.stopped else [self.bell, self.control]
        ready = select.select(watched, [], [], seconds)[0]
        if self.bell in ready:
            heard = os.read(self.bell, 4096)
            self.stopped = self.stopped or any(int(n) in heard for n in STOPPING_SIGNALS)
        self.stopped = self.stopped or self.control in ready

    def reap(self):
        """Collect every process that has ended; return whether any child is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.pid:
                self.status = status

    def until_over(self, deadline, processes):
        """Return (the reason the command must be ended or "-", the clock when it was over)."""
        while True:
            now = time.monotonic_ns()
            self.reap()
            if self.status is not None:
                return "-", now
            if self.stopped:
                return "stopped", now
            if now >= deadline:
                return "wall_s", now
            if processes is not None and len(descendants()) > processes:
                return "processes", now
            longest = LONGEST_SLEEP_S if processes is None else COUNT_EVERY_S
            self.sleep(min((deadline - now) / 1e9, longest))

    def kill_everything(self):
        """Kill descendants until none is left; return how many would not die in ten seconds."""
        give_up = time.monotonic() + GIVE_UP_AFTER_S
        pause = 0.0005
        self.stopped = True
        while self.reap():
            found = descendants()
            if time.monotonic() > give_up:
                return len(found) or 1
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except OSError:
                pass
            for pid in found:
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            self.sleep(pause)
            pause = min(pause * 2, 0.05)
        return 0


def main(arguments):
    """Run the command that the arguments describe and report how it went."""
    control, report = int(arguments[0]), int(arguments[1])
    wall_s = float(arguments[3])
    memory, file_bytes, processes = (None if a == "-" else int(a) for a in arguments[4:7])
    cpus = set() if arguments[7] == "-" else {int(cpu) for cpu in arguments[7].split(",")}
    if arguments[8] != "-":
        os.environ.pop(arguments[8], None)
    os.set_inheritable(control, False)
    os.set_inheritable(report, False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    watch = Watch(control)

    floor = own_peak_bytes()
    began = time.monotonic_ns()
    watch.pid, failure = start(arguments[9], arguments[10:], memory, file_bytes, cpus)
    if failure:
        os.write(report, ("failed %s\n" % failure).encode())
        return
    os.write(report, ("started %d\n" % watch.pid).encode())
    if arguments[2] != "-":
        # The channel must end when the command's own copies do.
        os.close(int(arguments[2]))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    if cpus:
        # The guard must not disturb the cores it has just given away, where there are others.
        others = os.sched_getaffinity(0) - cpus
        if others:
            os.sched_setaffinity(0, others)

    reason, over = watch.until_over(began + wall_s * 1e9, processes)
    status = watch.status
    survivors = watch.kill_everything()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = (
        "-" if status is None else os.waitstatus_to_exitcode(status),
        over - began,
        int((used.ru_utime + used.ru_stime) * 1e6),
        used.ru_maxrss * RSS_UNIT,
        floor,
        reason,
        survivors,
    )
    os.write(report, ("ended %s\n" % " ".join(map(str, words))).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
