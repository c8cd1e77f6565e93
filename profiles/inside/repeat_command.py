"""Runs a command again and again for some seconds, as the parent a profiler can hold on to.

Started as `python -I -S repeat_command.py SECONDS COMMAND ...`. py-spy follows the children of the
process it starts, but gives up when that one is no Python, and ends when no Python process is left
for a moment; this process is there from the first command's start to the last one's end.

CPython 3.8 and later, standard library alone.
"""

import subprocess
import sys
import time


def main():
    """Run the command at least once, until the time is up or it fails; exit with its status."""
    stop = time.monotonic() + float(sys.argv[1])
    while True:
        status = subprocess.call(sys.argv[2:], close_fds=False)
        if status or time.monotonic() >= stop:
            sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
