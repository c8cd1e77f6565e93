"""The command line. A door: it reads options, calls the API, and prints; it decides nothing.

Results go to stdout, everything else to stderr. Exit status: 0 accepted, 1 no improvement or
inconclusive, 2 usage or prerequisite, 3 infrastructure, 130 interrupted.
"""

# In the order of the help page.
from .commands import (  # isort: skip  # noqa: F401
    init,
    optimize,
    measure,
    check,
    audit,
    profile,
    runs,
    report,
    apply,
    watch,
    verify,
    mcp,
    serve,
    doctor,
    openevolve,
    evaluation,
    mine,
)
from .root import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    app()
