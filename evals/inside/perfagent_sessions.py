"""Runs tests in one pytest session and tells how long the call of each took.

The job comes from standard input as JSON; what the tests came to goes to the descriptor that the
command line names. CPython 3.8 and later; pytest is the target's own.
"""

import json
import os
import sys

import pytest


class Recorder:
    """Keeps outcome and seconds of each test's call, and of what ended a test before it."""

    def __init__(self):
        self.found = {}

    def pytest_runtest_logreport(self, report):
        """Note a phase of a test."""
        if report.when == "call" or report.outcome != "passed":
            self.found[report.nodeid] = [report.outcome, report.duration, report.when == "call"]


def main():
    """Run the job and write what came of it."""
    channel = int(sys.argv[1])
    job = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    recorder = Recorder()
    arguments = ["-q", "--tb=no", "--disable-warnings", "--continue-on-collection-errors"]
    arguments += ["-p", "no:cacheprovider"]
    pytest.main(arguments + job["tests"], plugins=[recorder])
    with os.fdopen(channel, "wb") as stream:
        stream.write(json.dumps([job["nonce"], recorder.found]).encode())


if __name__ == "__main__":
    main()
