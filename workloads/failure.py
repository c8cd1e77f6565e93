"""Why a launch gave no times, in words for the user and the proposer."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Literal

from ..errors import ToolError
from ..repos.commands.process import CommandResult
from .workload import Workload

_SHOWN_LINES = 12

FailureKind = Literal["failed", "timed_out", "unparsable", "wrong_module"]


class WorkloadFailed(ToolError):
    """A launch gave no times.

    Attributes:
        kind: "failed" (it raised, exited or was killed), "timed_out", "unparsable" (its message
            is missing though it went well, or is not the driver's), "wrong_module" (it ran, but
            not the code of the tree).
        summary: One line.
        detail: The end of its traceback or error output, "" for none.
        arm: Which side of a comparison failed ("base", "candidate", "expert"); None outside one.
        command: How its process went; None when it was not that process that failed.
    """

    def __init__(
        self,
        summary: str,
        *,
        kind: FailureKind = "failed",
        detail: str = "",
        arm: str | None = None,
        command: CommandResult | None = None,
    ) -> None:
        """Join the parts into the message."""
        text = f"{arm}: {summary}" if arm else summary
        super().__init__(f"{text}\n{detail}" if detail else text)
        self.kind: FailureKind = kind
        self.summary = summary
        self.detail = detail
        self.arm = arm
        self.command = command

    def on(self, arm: str) -> WorkloadFailed:
        """Return the same failure with the side of the comparison that it happened on."""
        return WorkloadFailed(
            self.summary, kind=self.kind, detail=self.detail, arm=arm, command=self.command
        )


def ended(result: CommandResult, what: str, before: str = "") -> WorkloadFailed:
    """Return the failure of a process that ended otherwise than it should have."""
    code = result.returncode
    if result.stopped_by is not None:
        how = f" at its limit ({result.stopped_by})"
    elif code is not None and code < 0:
        hint = "; out of memory?" if -code == signal.SIGKILL else ""
        how = f" by {_signal_name(-code)}{hint}"
    else:
        how = f" with status {code}"
    return WorkloadFailed(f"{what}{before}{how}", detail=result.tail(_SHOWN_LINES), command=result)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def raised(workload: Workload, error: Mapping[str, str], result: CommandResult) -> WorkloadFailed:
    """Say in one line which part of the workload raised what."""
    subject = {
        "script": {"import": "the script", "setup": "setup()", "workload": "workload()"},
        "function": {"import": "the import of the module", "workload": "the function"},
        "pytest": {"import": "pytest", "workload": "pytest"},
    }[workload.kind].get(error["phase"], "the workload")
    if workload.kind == "script" and not workload.has_workload:
        subject = "the script"
    detail = "\n".join(error["traceback"].rstrip().splitlines()[-_SHOWN_LINES:])
    first, *rest = error["message"].strip().splitlines() or [""]
    if error["type"] == "SystemExit":
        summary = f"{subject} called sys.exit({first})"
    elif error["type"] == "WorkloadTestError":
        summary, detail = first, "\n".join(rest[-_SHOWN_LINES:])
    else:
        summary = f"{subject} raised {error['type']}: {first}".rstrip(": ")
    return WorkloadFailed(summary, detail=detail, command=result)
