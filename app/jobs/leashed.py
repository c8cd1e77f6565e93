"""perfagent's command line for a worker: it ends when the worker does, however that ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run the command line; see the module's text."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(3)  # the worker was gone before that
    from ...cli import main as run

    run()


if __name__ == "__main__":
    main()
