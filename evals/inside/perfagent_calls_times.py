"""Times each test of a mined workload apart, in a process of its own.

The job comes from standard input as JSON: the script without its timing part, and how often each
test is called. By test, the seconds of its calls go to the descriptor that the command line names,
after the job's nonce; a test that fails is left out. CPython 3.8 and later, standard library alone.
"""

import json
import os
import sys
import time


def main():
    """Run the job and write what the tests took."""
    channel = int(sys.argv[1])
    job = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    exec(compile(job["text"], "workload.py", "exec"), module.__dict__)
    found = {}
    for path, name in module.TESTS:
        try:
            found[path + "::" + name] = [_seconds(module, path, name) for _ in range(job["calls"])]
        except BaseException as error:
            print(path, name, repr(error), file=sys.stderr)
    with os.fdopen(channel, "wb") as stream:
        stream.write(json.dumps([job["nonce"], found]).encode())


def _seconds(module, path, name):
    call = module._ready(path, name)
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
