"""What the app writes to standard error."""

from __future__ import annotations

import subprocess
import sys

from perfagent.redaction import MARK

PROGRAM = """
import logging, sys
from perfagent.app.logs import keep_logs_clean
from perfagent.redaction import remember

token, canary = sys.argv[1:]
remember(canary)
keep_logs_clean()
logging.getLogger("uvicorn.error").error("GET https://x-access-token:%s@forge/", token)
try:
    raise RuntimeError(f"asked with {token} and {canary}")
except RuntimeError:
    logging.getLogger("perfagent.app").exception("job %s", "7")
logging.getLogger("httpx").info("this is nobody's business")
"""


def test_every_line_and_traceback_of_any_logger_is_without_secrets():
    token, canary = "ghs_29310_eyJhbGci.abc-DEF_0123456789.x-y_z", "a-value-of-ours-0123"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, token, canary], capture_output=True, text=True, check=True
    )
    assert "Traceback" in done.stderr
    assert "job 7" in done.stderr
    assert done.stderr.count(MARK) >= 3
    assert token not in done.stderr
    assert canary not in done.stderr
    assert "business" not in done.stderr
