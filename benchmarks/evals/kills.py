"""SIGKILL of an evaluation's driver and of its workers, at random moments."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from perfagent.agent.runs.plain import to_plain
from perfagent.evals.batch.backend import LocalBackend
from perfagent.evals.batch.evaluation import run_evaluation
from perfagent.evals.batch.records import read_evaluation
from perfagent.evals.scoring.summary import summarize

from .simulated import asked_for_simulated, simulated

SLEEP_S = 0.2
_MOST_DRIVERS = 30
_LATEST_S = 2.5
"""Seconds at most from the first worker, or the last kill, to the next kill."""
_ROOT = Path(__file__).resolve().parents[2]


def undisturbed(place: Path) -> str:
    """Return the digest of an evaluation that nobody kills."""
    asked = asked_for_simulated(place, count=24, sleep_s=SLEEP_S)
    run_evaluation(asked, place, LocalBackend(2), work=simulated)
    return digest_of(place)


def digest_of(place: Path) -> str:
    """Return the digest of an evaluation's summary."""
    plain = to_plain(summarize(read_evaluation(place)))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def disturbed(place: Path, rng: random.Random, kills: int = 3) -> list[str]:
    """Run an evaluation, killing its driver or a worker at random moments; return what was killed.

    A driver that was killed is started again, until one ends by itself.
    """
    killed: list[str] = []
    for _ in range(_MOST_DRIVERS):
        driver = _start(place)
        while len(killed) < kills:
            _wait_for_workers(driver)
            with suppress(subprocess.TimeoutExpired):
                driver.wait(rng.uniform(0.0, _LATEST_S))
                break
            killed.append(_kill(driver, rng))
            if killed[-1] == "driver":
                break
        if driver.wait() == 0:
            return killed
    raise RuntimeError("no driver came to its end")


def _start(place: Path) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "benchmarks.evals", "drive", str(place)]
    return subprocess.Popen(argv, cwd=_ROOT, stdout=subprocess.DEVNULL)


def _wait_for_workers(driver: subprocess.Popen[bytes]) -> None:
    while driver.poll() is None and not _workers(driver):
        time.sleep(0.02)


def _workers(driver: subprocess.Popen[bytes]) -> list[psutil.Process]:
    with suppress(psutil.Error):
        children = psutil.Process(driver.pid).children()
        return [each for each in children if any("spawn_main" in w for w in each.cmdline())]
    return []


def _kill(driver: subprocess.Popen[bytes], rng: random.Random) -> str:
    """Kill the driver, or one of its workers; return which."""
    workers = _workers(driver)
    if workers and rng.random() < 0.5:
        with suppress(psutil.Error):
            rng.choice(workers).kill()
            return "worker"
    os.kill(driver.pid, signal.SIGKILL)
    return "driver"
