"""What `perfagent audit` prints on stdout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..wording import one_line, plural
from .tables import console

_SHOWN_EVIDENCE = 8
_MARKS = {"passed": "ok", "refused": "REFUSED", "not run": "not run"}


def print_audit(audited: Mapping[str, Any]) -> None:
    """Print a line a check with its evidence, the doubts, and the verdict.

    Args:
        audited: What `perfagent.audit` returned.
    """
    out = console()
    for line in _lines(audited):
        # What a stranger's patch says must not steer the terminal.
        out.print(one_line(line), markup=False, soft_wrap=True)


def _lines(audited: Mapping[str, Any]) -> Iterator[str]:
    for check in audited["checks"]:
        reason = f": {check['reason']}" if check["reason"] else ""
        yield f"{_MARKS[check['state']]}: {check['name']}{reason}"
        shown = [line for line in check["evidence"] if line not in check["reason"]]
        yield from (f"  evidence: {line}" for line in shown[:_SHOWN_EVIDENCE])
    yield from (f"doubt: {doubt}" for doubt in audited["doubts"])
    yield _verdict(audited)


def _verdict(audited: Mapping[str, Any]) -> str:
    refused = [check["name"] for check in audited["checks"] if check["state"] == "refused"]
    if refused:
        return f"refused by {plural(len(refused), 'check')}: {', '.join(refused)}"
    passed = sum(check["state"] == "passed" for check in audited["checks"])
    left = len(audited["checks"]) - passed
    more = f", {left} not run" if left else ""
    speedup = audited["speedup"]
    gain = ""
    if speedup is not None:
        gain = (
            f"; {speedup:.2f}x ({audited['ci_low']:.2f}-{audited['ci_high']:.2f}) on the workload"
        )
    return f"no check speaks against it ({passed} passed{more}){gain}"
