"""Ctrl-C on a terminal: once ends cleanly and says how to go on, twice ends at once."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest

from perfagent.tests.fakes.model_server import KEY, Hang, ModelServer
from perfagent.tests.shop import QUICK, Shop

CTRL_C = b"\x03"
INTERRUPTED = 130
LONG_S = 100


class Terminal:
    """A command on a terminal of its own, which takes keys and gives what is shown."""

    def __init__(self, argv: Sequence[str], shop: Shop, environ: dict[str, str]) -> None:
        self._keys, inside = pty.openpty()
        self.shown = ""
        self.process = subprocess.Popen(
            argv, stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
            cwd=shop.folder, env={**shop.environ, "TERM": "xterm", **environ}, preexec_fn=_attach,
        )  # fmt: skip
        os.close(inside)

    def until(self, words: str) -> str:
        """Read until the words are shown, or the command ended; return all that was shown."""
        while words not in self.shown:
            if not select.select([self._keys], [], [], LONG_S)[0]:
                raise AssertionError(f"{words!r} did not come within {LONG_S} s:\n{self.shown}")
            try:
                self.shown += os.read(self._keys, 65536).decode("utf-8", "replace")
            except OSError:  # the command has left the terminal
                break
        return self.shown

    def press(self, key: bytes) -> None:
        os.write(self._keys, key)

    def end(self) -> int:
        """Wait for the command's end and return its status."""
        self.until("\0 nothing shows this")
        return self.process.wait(LONG_S)

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._keys)


def _attach() -> None:
    """Make the terminal the command's own, with Ctrl-C as a shell leaves it to its commands."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def terminal(shop: Shop, *words: str, **environ: str) -> Iterator[Terminal]:
    argv = shop.argv("optimize", str(shop.repo), str(shop.workload), *QUICK, "--no-tests", *words)
    made = Terminal(argv, shop, environ)
    try:
        yield made
    finally:
        made.close()


def test_once_ends_cleanly_and_says_how_to_go_on(shop: Shop) -> None:
    shop.workload.write_text(f"import time\ntime.sleep({10 * LONG_S})\n")
    with terminal(shop, "--proposer", "rewrites", "--out", "run") as shown:
        shown.until("running the workload once")
        shown.press(CTRL_C)
        assert shown.end() == INTERRUPTED
        said = " ".join(shown.shown.replace("\r\n", " ").split())
    assert "perfagent: interrupted; go on with: perfagent resume" in said
    assert "Traceback" not in said


@pytest.mark.long
def test_twice_does_not_wait_for_a_model(shop: Shop) -> None:
    asked = ("--proposer", "llm", "--model", "openai-compatible:scripted")
    answers = ["I have no plan.", *[Hang(10 * LONG_S)] * 8]
    with ModelServer(answers) as server:
        at = ("--base-url", server.base_url("openai-compatible:scripted"))
        with terminal(shop, *asked, *at, "--out", "run", OPENAI_API_KEY=KEY) as shown:
            shown.until("asking llm")
            while len(server.requests) < 2 and shown.process.poll() is None:
                time.sleep(0.05)
            shown.press(CTRL_C + CTRL_C)
            assert shown.end() == INTERRUPTED
            assert "Traceback" not in shown.shown
    resumed = shop.perfagent("runs")
    assert "unfinished" in resumed.out
