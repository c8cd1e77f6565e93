"""The pipes between perfagent and one guarded command: bytes in, bytes out, and the leash.

The guard at the other end is `inside/guard.py`. It kills the command's tree when the leash, the
write end of its control pipe, closes: on purpose or because perfagent is gone.
"""

from __future__ import annotations

import os
import selectors
import threading
import time
from collections.abc import Callable, Sequence
from selectors import SelectorKey

from ...errors import InfrastructureError
from .guard_process import Guard

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

    def __init__(self, argv: Sequence[str], output_bytes: int) -> None:
        self.argv = tuple(argv)
        self.released = False
        self.kept = {
            "stdout": Kept(output_bytes),
            "stderr": Kept(output_bytes),
            "channel": Kept(CHANNEL_BYTES, only_beginning=True),
            "report": Kept(_CHUNK_BYTES),
        }
        self._guard: Guard | None = None
        self._lock = threading.Lock()
        self._leash: int | None = None
        self._stdin = b""
        self._selector: selectors.BaseSelector | None = None

    def start(self, starter: Callable[[], Guard], stdin: bytes | None) -> None:
        """Start the guard, which starts the command.

        Args:
            starter: Starts it.
            stdin: What the command reads; None for nothing.

        Raises:
            UserError: The command's executable is not there.
            InfrastructureError: The guard cannot be started, or `release` came before.
        """
        if self.released:
            raise InfrastructureError(f"{self.argv[0]} was stopped: perfagent is shutting down")
        self._selector = selectors.DefaultSelector()
        guard = starter()
        self._guard, self.argv = guard, guard.argv
        with self._lock:
            if self.released:
                os.close(guard.leash)
            else:
                self._leash = guard.leash
        for name, outlet in guard.outlets.items():
            os.set_blocking(outlet, False)
            self._selector.register(outlet, selectors.EVENT_READ, name)
        if stdin is not None and guard.inlet is not None:
            self._stdin = stdin
            os.set_blocking(guard.inlet, False)
            self._selector.register(guard.inlet, selectors.EVENT_WRITE, "stdin")

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
                if key.data == "stdin" and self._guard:
                    self._feed(self._selector, self._guard, key)
                elif self._drain(self._selector, key) and key.data == "report":
                    # The tree is gone by now, so the other streams end at once; only where the
                    # guard cannot find every descendant might one still hold them open.
                    reported = True
                    deadline = time.monotonic() + _DRAIN_S

    def _feed(self, selector: selectors.BaseSelector, guard: Guard, key: SelectorKey) -> None:
        try:
            sent = os.write(key.fd, self._stdin[:_CHUNK_BYTES])
        except BlockingIOError:
            return
        except BrokenPipeError:
            sent = len(self._stdin)
        self._stdin = self._stdin[sent:]
        if not self._stdin:
            selector.unregister(key.fileobj)
            guard.end_input()

    def _drain(self, selector: selectors.BaseSelector, key: SelectorKey) -> bool:
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
            The guard's exit status; None when it never started, or had to be killed.
        """
        if self._guard is None:
            return None
        status = self._guard.wait(_GRACE_S)
        if status is None:
            self._guard.kill()
            status = self._guard.wait(_GRACE_S)
        return status

    def kill(self, command: int) -> None:
        """Kill the guard and the process group of its command, when it cannot do that itself."""
        if self._guard is not None:
            self._guard.kill(command)

    def close(self) -> None:
        """End whatever is still alive and close every pipe."""
        self.release()
        try:
            self.wait_for_guard()
        finally:
            if self._selector:
                self._selector.close()
            if self._guard:
                self._guard.close()
