"""The pipes between perfagent and one guarded command: bytes in, bytes out, and the leash.

The guard at the other end is `inside/guard.py`. It kills the command's tree when the leash, the
write end of its control pipe, closes: on purpose or because perfagent is gone.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from ..errors import InfrastructureError

GUARD = Path(__file__).parent / "inside" / "guard.py"
CHANNEL_BYTES = 64_000_000
"""The most that is kept of what a command writes to its private channel."""

_CHUNK_BYTES = 65_536
_GRACE_S = 30.0
_DRAIN_S = 1.0
_LONGEST_WAIT_S = 3600.0


class Kept:
    """The beginning and the end of a stream, within a bound."""

    def __init__(self, bound: int, *, only_beginning: bool = False) -> None:
        self._head_bound = bound if only_beginning else bound // 2
        self._tail_bound = bound - self._head_bound
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    @property
    def left_out(self) -> int:
        """How many bytes are left out between beginning and end."""
        return self._dropped + max(0, len(self._tail) - self._tail_bound)

    def add(self, chunk: bytes) -> None:
        """Take in the next bytes of the stream."""
        room = self._head_bound - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        # Cut only now and then: moving the tail for every chunk would cost its whole length.
        if len(self._tail) > 2 * self._tail_bound + _CHUNK_BYTES:
            self._cut()

    def content(self) -> bytes:
        """Return what is kept, with no mark where bytes are left out."""
        self._cut()
        return bytes(self._head + self._tail)

    def text(self) -> str:
        """Return what is kept as text, with a mark where bytes are left out."""
        content = self.content()
        if not self.left_out:
            return content.decode("utf-8", "replace")
        mark = f"\n[... {self.left_out} bytes left out ...]\n"
        return self._head.decode("utf-8", "replace") + mark + self._tail.decode("utf-8", "replace")

    def _cut(self) -> None:
        surplus = self.left_out - self._dropped
        del self._tail[:surplus]
        self._dropped += surplus


class GuardedCommand:
    """One command with its guard: `start` it, `pump` it to its end, then `close` it.

    Attributes:
        argv: The command, once started with `{channel}` replaced.
        kept: What came from "stdout", "stderr", "channel" and "report" (the guard's own words).
        released: Whether the tree was told to die before perfagent was done with it.
    """

    def __init__(self, executable: str, argv: Sequence[str], output_bytes: int) -> None:
        self.argv = tuple(argv)
        self.released = False
        self.kept = {
            "stdout": Kept(output_bytes),
            "stderr": Kept(output_bytes),
            "channel": Kept(CHANNEL_BYTES, only_beginning=True),
            "report": Kept(_CHUNK_BYTES),
        }
        self._executable = executable
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._leash: int | None = None
        self._inlets: list[int] = []
        self._stdin = b""
        self._selector: selectors.BaseSelector | None = None

    def start(
        self,
        limit_words: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        channel: bool,
        stdin: bytes | None,
    ) -> None:
        """Start the guard, which starts the command.

        Args:
            limit_words: The guard's arguments from WALL_S to CPUS.
            cwd: Where both run.
            env: The environment of both.
            channel: Whether the command gets a private pipe.
            stdin: What the command reads; None for nothing.

        Raises:
            InfrastructureError: The guard cannot be started, or `release` came before.
        """
        guard_ends: list[int] = []
        try:
            self._selector = selectors.DefaultSelector()
            control = self._tie_leash()
            guard_ends.append(control)
            report = self._inlet("report", guard_ends)
            number = str(self._inlet("channel", guard_ends)) if channel else "-"
            if channel:
                self.argv = tuple(word.replace("{channel}", number) for word in self.argv)
            # Python sets LC_CTYPE in a C locale, also in the guard; the command must not see it.
            forget = "-" if "LC_CTYPE" in env else "LC_CTYPE"
            guard = [sys.executable, "-I", "-S", str(GUARD), str(control), str(report), number]
            self._process = subprocess.Popen(
                [*guard, *limit_words, forget, self._executable, *self.argv],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=guard_ends,
                start_new_session=True,
                bufsize=0,
            )
            self._connect(self._selector, self._process, stdin)
        except OSError as error:
            reason = error.strerror or str(error)
            raise InfrastructureError(f"cannot start {self.argv[0]}: {reason}") from error
        finally:
            for end in guard_ends:
                os.close(end)

    def _tie_leash(self) -> int:
        """Open the control pipe and return the guard's end."""
        with self._lock:
            if self.released:
                raise InfrastructureError(f"{self.argv[0]} was stopped: perfagent is shutting down")
            control, self._leash = os.pipe()
        return control

    def _inlet(self, name: str, guard_ends: list[int]) -> int:
        """Open a pipe into `self.kept[name]` and return its write end."""
        read, write = os.pipe()
        self._inlets.append(read)
        guard_ends.append(write)
        self._listen(read, name)
        return write

    def _listen(self, stream: int | IO[bytes], name: str) -> None:
        os.set_blocking(stream if isinstance(stream, int) else stream.fileno(), False)
        if self._selector:
            self._selector.register(stream, selectors.EVENT_READ, name)

    def _connect(
        self,
        selector: selectors.BaseSelector,
        process: subprocess.Popen[bytes],
        stdin: bytes | None,
    ) -> None:
        for stream, name in ((process.stdout, "stdout"), (process.stderr, "stderr")):
            if stream:
                self._listen(stream, name)
        if stdin is not None and process.stdin:
            self._stdin = stdin
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE, "stdin")

    def pump(self, wall_s: float) -> None:
        """Move bytes in and out until the guard has reported and every stream has ended.

        Args:
            wall_s: The command's time limit; the guard keeps it, this only sees that it does.

        Raises:
            InfrastructureError: The guard has not reported long after the command's time was up.
        """
        deadline = time.monotonic() + wall_s + _GRACE_S
        reported = False
        while self._selector and self._selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                if reported:
                    return
                raise InfrastructureError(f"{self.argv[0]} could not be ended at its time limit")
            for key, _ in self._selector.select(min(left, _LONGEST_WAIT_S)):
                if key.data == "stdin":
                    self._feed(self._selector, key)
                elif self._drain(self._selector, key) and key.data == "report":
                    # The tree is gone by now, so the other streams end at once; only where the
                    # guard cannot find every descendant might one still hold them open.
                    reported = True
                    deadline = time.monotonic() + _DRAIN_S

    def _feed(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        try:
            sent = os.write(key.fd, self._stdin[:_CHUNK_BYTES])
        except BlockingIOError:
            return
        except BrokenPipeError:
            sent = len(self._stdin)
        self._stdin = self._stdin[sent:]
        if not self._stdin:
            selector.unregister(key.fileobj)
            if self._process and self._process.stdin:
                self._process.stdin.close()

    def _drain(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> bool:
        """Take what one stream has; return whether that was its end."""
        try:
            chunk = os.read(key.fd, _CHUNK_BYTES)
        except BlockingIOError:
            return False
        self.kept[key.data].add(chunk)
        if not chunk:
            selector.unregister(key.fileobj)
        return not chunk

    def release(self) -> None:
        """Let go of the guard, which then kills the tree. Any thread may call, more than once."""
        with self._lock:
            leash, self._leash = self._leash, None
            self.released = True
            if leash is not None:
                os.close(leash)

    def wait_for_guard(self) -> int | None:
        """Wait until the guard is gone, killing it when that takes much longer than it may.

        Returns:
            The guard's exit status; None when it never started.
        """
        if self._process is None:
            return None
        try:
            return self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            kill_group(self._process.pid)
            return self._process.wait()

    def close(self) -> None:
        """End whatever is still alive and close every pipe."""
        self.release()
        try:
            self.wait_for_guard()
        finally:
            if self._selector:
                self._selector.close()
            for end in self._inlets:
                os.close(end)
            if self._process:
                for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                    if stream:
                        stream.close()


def kill_group(pid: int) -> None:
    """Kill a process group if it is still there."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
