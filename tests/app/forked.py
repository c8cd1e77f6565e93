"""Processes that are killed without warning. Run as a script: forking a fresh interpreter is cheap.

python -m perfagent.tests.app.forked web ADDRESS PORT
python -m perfagent.tests.app.forked work ADDRESS DONE-FILE WORKERS KILLS SEED
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable

from perfagent.app.store.database import Database
from perfagent.app.store.queue import LeaseLost, Queue


def fork(body: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            body()
        finally:
            os._exit(0)
    return child


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def web(address: str, port: int) -> None:
    """Serve; each line on stdin kills the server and starts it again, the end of stdin kills it."""
    import uvicorn

    from perfagent.app.web.events import Us
    from perfagent.app.web.reception import Reception
    from perfagent.app.web.server import make_app
    from perfagent.tests.app.deliveries import SECRET

    def serve() -> None:
        database = Database(address)
        us = Us(app_id="1", slug="perfagent", quiet_s=0)
        reception = Reception(database=database, host="forge", secrets=(SECRET,), us=us)
        app = make_app(reception, database)
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", access_log=False)

    child = fork(serve)
    for _ in sys.stdin:
        kill(child)
        child = fork(serve)
        print("again", flush=True)
    kill(child)


def work(address: str, done: str, workers: int, kills: int, seed: int) -> None:
    """Let workers empty the queue while some are killed; each finished job is noted once."""
    chance = random.Random(seed)
    lease_s = 2.0

    def worker() -> None:
        queue = Queue(Database(address))
        while True:
            job = queue.claim("light", lease_s=lease_s)
            if job is None:
                time.sleep(0.02)
                continue
            try:
                time.sleep(random.uniform(0, 0.03))
                queue.heartbeat(job, lease_s=lease_s)
                queue.finish(job, "done", "")
            except LeaseLost:
                continue
            with open(done, "a") as file:
                file.write(job.id + "\n")

    children = [fork(worker) for _ in range(workers)]
    for _ in range(kills):
        time.sleep(chance.uniform(0.01, 0.08))
        victim = chance.randrange(workers)
        kill(children[victim])
        children[victim] = fork(worker)
    queue = Queue(Database(address))
    deadline = time.monotonic() + 60
    while queue.listed("state IN ('queued', 'running')", limit=1) and time.monotonic() < deadline:
        time.sleep(0.05)
    for child in children:
        kill(child)


if __name__ == "__main__":
    if sys.argv[1] == "web":
        web(sys.argv[2], int(sys.argv[3]))
    else:
        work(sys.argv[2], sys.argv[3], *(int(word) for word in sys.argv[4:]))
