"""Times what a mined script calls, each call apart: in a child forked from one process.

The job comes from standard input as JSON: the script without its timing part, the seconds that one
call and all of them may take, and, where it is to be told which calls reach a change, the changed
lines by file. What became of each call goes to the descriptor that the command line names, after
the job's nonce: its seconds and whether it reached the lines, or its problem. A script that does
not list what it calls is one call, named "". CPython 3.8 and later, standard library alone.
"""

import dis
import json
import os
import select
import signal
import sys
import threading
import time
import traceback


def main():
    """Run the job and write what became of each call."""
    channel = int(sys.argv[1])
    job = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    exec(compile(job["text"], "workload.py", "exec"), module.__dict__)
    called = getattr(module, "CALLED", None)
    for path in sorted({path for path, _ in called or ()}):
        try:
            module._module(path)  # once, here, and not in each child
        except BaseException:
            traceback.print_exc()
    found = {}
    end = time.monotonic() + job["within_s"]
    for path, name in called or [("", "")]:
        left_s = end - time.monotonic()
        if left_s <= 0:
            break
        key = path + "::" + name if path else ""
        found[key] = _in_child(module, path, name, job["lines"], min(left_s, job["call_s"]))
    with os.fdopen(channel, "wb") as stream:
        stream.write(json.dumps([job["nonce"], found]).encode())


def _in_child(module, path, name, lines, limit_s):
    """Return what a child says of one call."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            answer = _told(module, path, name, lines)
        except BaseException as error:
            traceback.print_exc()
            answer = {"problem": "{}: {}".format(type(error).__name__, error)[:500]}
        try:
            os.write(writer, json.dumps(answer).encode())
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        text = stream.read() if select.select([stream], [], [], limit_s)[0] else None
    if text is None:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if text is None:
        return {"problem": "it takes longer than {:.0f} s".format(limit_s)}
    return json.loads(text.decode()) if text else {"problem": "its process ended without a word"}


def _told(module, path, name, lines):
    if path:
        call = module._ready(path, name)
    else:
        getattr(module, "setup", lambda: None)()
        call = module.workload
    watch = _Watch(lines) if lines else None
    if watch:
        watch.start()
    began = time.perf_counter()
    call()
    seconds = time.perf_counter() - began
    if watch:
        watch.stop()
    return {"seconds": seconds, "reached": watch.reached if watch else None}


class _Watch:
    """Notices whether a function that holds given lines is called."""

    def __init__(self, lines):
        self.reached = False
        self._seen = set()
        self._lines = {}
        for root in {os.getcwd(), os.path.realpath(os.getcwd())}:
            for path, numbers in lines.items():
                self._lines[os.path.join(root, path)] = set(numbers)

    def start(self):
        threading.settrace(self._at_call)
        sys.settrace(self._at_call)

    def stop(self):
        threading.settrace(None)
        sys.settrace(None)

    def _at_call(self, frame, event, argument):
        code = frame.f_code
        if code not in self._seen:
            self._seen.add(code)
            wanted = self._lines.get(code.co_filename)
            if wanted and any(line in wanted for _, line in dis.findlinestarts(code)):
                self.reached = True
                self.stop()


if __name__ == "__main__":
    main()
