"""What the app writes to standard error: every line of every logger, without secrets."""

from __future__ import annotations

import logging
import sys

from ..redaction import redacted


class _Redacted(logging.Formatter):
    """Formats a record, its traceback included, and takes out what must not be read."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def keep_logs_clean(level: int = logging.WARNING) -> None:
    """Have all loggers of the process write through one handler, which knows every live secret."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacted("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
