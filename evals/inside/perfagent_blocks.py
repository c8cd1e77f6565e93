"""Times a workload script as SWE-fficiency does: each sample in a child forked from one process.

The job comes from standard input as JSON: the script without its timing part, how many calls a
sample has, how many samples there are, and whether the script calls `workload()` once before.
The seconds of the samples go to the descriptor that the command line names, after the job's nonce.
CPython 3.8 and later, standard library alone.
"""

import json
import os
import sys
import timeit
import traceback


def main():
    """Run the job and write its samples."""
    channel = int(sys.argv[1])
    job = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    exec(compile(job["text"], "workload.py", "exec"), module.__dict__)
    if job["prewarm"]:
        module.workload()
    samples = [_sample(module, job["number"]) for _ in range(job["repeat"])]
    with os.fdopen(channel, "wb") as stream:
        stream.write(json.dumps([job["nonce"], samples]).encode())


def _sample(module, number):
    """Return the seconds of `number` calls in a child of this process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            setup = module.setup if hasattr(module, "setup") else "pass"
            seconds = timeit.Timer(module.workload, setup).timeit(number)
            os.write(writer, repr(seconds).encode())
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        text = stream.read()
    os.waitpid(child, 0)
    if not text:
        raise SystemExit("a sample failed")
    return float(text)


if __name__ == "__main__":
    main()
