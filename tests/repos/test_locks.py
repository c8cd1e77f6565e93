"""Two runs on one machine take turns on the core that both time on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from perfagent.evals.running.lane import Watch
from perfagent.repos.locks import turn_on, waited_s

CORE = min(os.sched_getaffinity(0))
WAITS = f"""
from perfagent.repos.locks import turn_on
print("here", flush=True)
with turn_on([{CORE}]):
    print("mine", flush=True)
"""


def test_another_process_waits_for_its_turn_on_a_core():
    with turn_on([CORE]):
        other = subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline() == "here\n"
        came = threading.Event()
        line: list[str] = []

        def read() -> None:
            assert other.stdout is not None
            line.append(other.stdout.readline())
            came.set()

        threading.Thread(target=read, daemon=True).start()
        assert not came.wait(0.3)
    assert came.wait(20)
    assert line == ["mine\n"]
    other.stdout.close()
    assert other.wait() == 0


def test_no_core_and_one_that_is_not_there_keep_nobody_waiting():
    with turn_on([]), turn_on([]), turn_on([10**6]), turn_on([10**6]):
        pass


HOLDS = f"""
import time
from perfagent.repos.locks import turn_on
with turn_on([{CORE}]):
    print("held", flush=True)
    time.sleep(0.3)
"""


def test_a_watch_stands_still_while_others_have_their_turn():
    other = subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    before, began, watch = waited_s(), time.monotonic(), Watch()
    with turn_on([CORE]):
        waited = waited_s() - before
        assert waited > 0
        assert watch.spent_s <= time.monotonic() - began - waited + 0.001
    assert other.wait() == 0
    other.stdout.close()
