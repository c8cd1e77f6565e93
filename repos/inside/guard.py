"""Stands between perfagent and one command, and leaves no process of that command behind.

Started by `guard_process.py` as `python -I -S guard.py CONTROL REPORT CHANNEL WALL_S MEMORY
FILE PROCESSES TREE_MEMORY DISK CPUS FORGET BEGIN EXECUTABLE ARGV...` ("-" for none): three
inherited file descriptors, the limits, environment variables to forget, when the command begins,
and the command. It starts the command in a session of its own and waits until the command exits, a
limit is passed, or CONTROL reaches its end, which says that perfagent is gone, even by SIGKILL.
Then it kills every descendant, also those that left the session: on Linux it is their subreaper,
so a daemon cannot slip from under it.

BEGIN is "hold" where the guard has to wait for a byte on CONTROL before it starts anything, a
number where the command itself is first made ready (by a sandbox) and then says so: it writes a
byte to the descriptor that replaces "{ready}" in that word of ARGV, and its time counts from there.

On REPORT it writes lines of words: `started PID`, then one of `failed ERRNO STEP` (the command
could not be started) and `ended STATUS DURATION_NS CPU_US PEAK_RSS_BYTES FLOOR_BYTES REASON
SURVIVORS`, where FLOOR_BYTES is the guard's own memory, with part of which the peak begins, and
STATUS is as `subprocess` has it or "-" when the guard ended the command for REASON. In between
comes `ready` where BEGIN is a number; a command that ends without that was never started.

Imports are few because each launch of a workload pays for them.
"""

import os
import resource
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
STOPPING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LOOK_EVERY_S = 0.1
LOOKING_SHARE = 0.05
THREADS_A_PROCESS = 16
READY_WITHIN_S = 60.0
LONGEST_SLEEP_S = 3600.0
GIVE_UP_AFTER_S = 10.0
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def prctl(option, value):
    """Call Linux's prctl; elsewhere, do nothing."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def family():
    """Return (threads, resident bytes) of everything below this process, by process id.

    Empty where /proc is missing.
    """
    below, sizes = {}, {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return {}
    for name in names:
        try:
            with open("/proc/" + name + "/stat", "rb") as stat:
                # The command's name, in brackets, may itself hold brackets and spaces.
                words = stat.read().rpartition(b")")[2].split()
            parent, size = int(words[1]), (int(words[17]), int(words[21]) * PAGE_BYTES)
        except (OSError, IndexError, ValueError):
            continue
        below.setdefault(parent, []).append(int(name))
        sizes[int(name)] = size
    found = list(below.get(os.getpid(), ()))
    for pid in found:
        found.extend(below.get(pid, ()))
    return {pid: sizes[pid] for pid in found}


def own_share_bytes(pids):
    """Return the memory of processes, where pages that several of them share count once."""
    total = 0
    for pid in pids:
        try:
            with open("/proc/%d/smaps_rollup" % pid, "rb") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith(b"Pss:"))
        except OSError:
            continue
    return total * 1024


def free_bytes():
    """Return what is free on the disk of the working directory; 0 when that cannot be told."""
    try:
        disk = os.statvfs(".")
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize


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


def come_first():
    """Have the guard run before what it watches, where it may; a bomb would starve it."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except (AttributeError, OSError):
        pass


def at_most(kind, value):
    """Lower one resource limit, never above what this process may have itself."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def become(executable, argv, limits, ready, step):
    """Turn the forked child into the command; `step[0]` names what was tried last."""
    os.setsid()
    prctl(PR_SET_DUMPABLE, 1)
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
    if limits.memory is not None:
        # Linux counts private writable memory here, but not address space that is only reserved.
        kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
        at_most(kind, limits.memory)
    if limits.file is not None:
        at_most(resource.RLIMIT_FSIZE, limits.file)
    step[0] = "cpus"
    if limits.cpus:
        os.sched_setaffinity(0, limits.cpus)
    if ready is not None:
        position, write, digit = ready
        os.dup2(write, digit)
        os.set_inheritable(digit, True)
        argv[position] = argv[position].replace("{ready}", str(digit))
    step[0] = "exec"
    os.execv(executable, argv)


def start(executable, argv, limits, ready):
    """Fork and exec the command; return its pid and None, or "ERRNO STEP" when that failed."""
    failure_read, failure_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        step = ["session"]
        try:
            if ready is not None:
                position, write, channel = ready
                # A shell may know descriptors of one digit alone.
                digits = [n for n in range(9, 2, -1) if n not in (channel, failure_write)]
                ready = (position, write, digits[0])
            become(executable, argv, limits, ready, step)
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None) or 0
            os.write(failure_write, ("%d %s" % (number, step[0])).encode())
        finally:
            os._exit(127)
    os.close(failure_write)
    failure = os.read(failure_read, 200).decode()
    os.close(failure_read)
    return pid, failure or None


def exit_status(status):
    """Return what `waitpid` said as `subprocess` has it."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


class Limits:
    """What the command may use; None for no limit."""

    def __init__(self, words):
        """Take the guard's arguments from WALL_S to CPUS."""
        self.wall_s = float(words[0])
        numbers = [None if word == "-" else int(word) for word in words[1:6]]
        self.memory, self.file, self.processes, self.tree_memory, self.disk = numbers
        self.cpus = set() if words[6] == "-" else {int(cpu) for cpu in words[6].split(",")}
        self.watched = any(n is not None for n in (self.processes, self.tree_memory, self.disk))
        self.free = free_bytes() if self.disk is not None else 0

    def passed(self):
        """Return the limit that the command's processes have passed together, or None."""
        counted = self.processes is not None or self.tree_memory is not None
        processes = family() if counted else {}
        threads = sum(size[0] for size in processes.values())
        if self.processes is not None and (
            len(processes) > self.processes or threads > THREADS_A_PROCESS * self.processes
        ):
            return "processes"
        if self.tree_memory is not None:
            resident = sum(size[1] for size in processes.values())
            if resident > self.tree_memory and own_share_bytes(processes) > self.tree_memory:
                return "memory"
        if self.disk is not None and self.free - free_bytes() > min(self.disk, self.free / 2):
            return "disk"
        return None


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
        # The first process of a container hears nothing that it does not listen for; what comes
        # there comes from the command.
        stopping = () if os.getpid() == 1 else STOPPING_SIGNALS
        for number in (signal.SIGCHLD,) + stopping:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(bell_write, warn_on_full_buffer=False)

    def sleep(self, seconds, also=()):
        """Sleep until something happens, at most `seconds`; return what of `also` is readable."""
        watched = [self.bell, *also] if self.stopped else [self.bell, self.control, *also]
        ready = select.select(watched, [], [], seconds)[0]
        if self.bell in ready:
            heard = os.read(self.bell, 4096)
            self.stopped = self.stopped or any(int(n) in heard for n in STOPPING_SIGNALS)
        self.stopped = self.stopped or self.control in ready
        return [number for number in also if number in ready]

    def until_ready(self, descriptor):
        """Return whether the command said that it begins; it may also end before, or be stopped."""
        give_up = time.monotonic() + READY_WITHIN_S
        while not self.stopped and time.monotonic() < give_up:
            if self.sleep(give_up - time.monotonic(), [descriptor]):
                return bool(os.read(descriptor, 1))
            self.reap()
        return False

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

    def until_over(self, deadline, limits):
        """Return (the reason the command must be ended or "-", the clock when it was over)."""
        pause = LOOK_EVERY_S if limits.watched else LONGEST_SLEEP_S
        look_at = time.monotonic_ns() + int(LOOK_EVERY_S * 1e9)
        while True:
            now = time.monotonic_ns()
            self.reap()
            if self.status is not None:
                return "-", now
            if self.stopped:
                return "stopped", now
            if now >= deadline:
                return "wall_s", now
            if limits.watched and now >= look_at:
                passed = limits.passed()
                if passed is not None:
                    return passed, now
                # Looking takes longer the more processes the machine has.
                took_s = (time.monotonic_ns() - now) / 1e9
                pause = max(LOOK_EVERY_S, took_s / LOOKING_SHARE)
                look_at = now + int(pause * 1e9)
            self.sleep(min((deadline - now) / 1e9, pause))

    def kill_everything(self):
        """Kill descendants until none is left; return how many would not die in ten seconds."""
        give_up = time.monotonic() + GIVE_UP_AFTER_S
        pause = 0.0005
        self.stopped = True
        while self.reap():
            # As the first process of a container: all others at once, before one forks again.
            found = [-1] if os.getpid() == 1 else list(family())
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
    limits, begin = Limits(arguments[3:10]), arguments[11]
    if arguments[10] != "-":
        os.environ.pop(arguments[10], None)
    os.set_inheritable(control, False)
    os.set_inheritable(report, False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    # The command may have the same user, and must find no way to the report.
    prctl(PR_SET_DUMPABLE, 0)
    if begin == "hold":
        os.write(report, b"holding\n")
        if not os.read(control, 1):
            return
    if limits.watched:
        come_first()
    watch = Watch(control)
    ready_read, ready_write = os.pipe()
    channel = None if arguments[2] == "-" else int(arguments[2])
    ready = (int(begin), ready_write, channel) if begin.isdigit() else None

    floor = own_peak_bytes()
    began = time.monotonic_ns()
    watch.pid, failure = start(arguments[12], arguments[13:], limits, ready)
    os.close(ready_write)
    if failure:
        os.write(report, ("failed %s\n" % failure).encode())
        return
    os.write(report, ("started %d\n" % watch.pid).encode())
    if channel is not None:
        # The channel must end when the command's own copies do.
        os.close(channel)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    if limits.cpus:
        # The guard must not disturb the cores it has just given away, where there are others.
        others = os.sched_getaffinity(0) - limits.cpus
        if others:
            os.sched_setaffinity(0, others)
    if ready is not None:
        if watch.until_ready(ready_read):
            os.write(report, b"ready\n")
        began = time.monotonic_ns()
    os.close(ready_read)

    reason, over = watch.until_over(began + limits.wall_s * 1e9, limits)
    status = watch.status
    survivors = watch.kill_everything()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = (
        "-" if status is None else exit_status(status),
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
