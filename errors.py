"""The three error families, split by who must act.

A slow or wrong patch is a verdict, not an exception. Anything outside these families is a bug and
reaches the top with its traceback.
"""

from .redaction import redacted


class PerfagentError(Exception):
    """The root of the families below; never raised itself. No message shows a secret."""

    def __init__(self, message: str = "") -> None:
        super().__init__(redacted(message))


class UserError(PerfagentError):
    """Bad input or a missing prerequisite: the user must act.

    Caught in the door, which prints the message as one line and exits with status 2. The message
    says what is wrong, where, and what to do next.
    """


class ToolError(PerfagentError):
    """A proposer asked for something impossible (an edit that does not apply, no such file).

    Caught where proposals are taken in; the text goes back to the proposer.
    """


class InfrastructureError(PerfagentError):
    """The machine or a service failed (disk full, provider down, network gone).

    An outcome of its own, never counted for or against a candidate. In the door: one line, exit
    status 3.
    """
