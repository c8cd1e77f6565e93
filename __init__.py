"""perfagent: makes a repository faster on a workload, and proves it."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "audit", "measure", "optimize", "profile", "resume", "verify"]

if TYPE_CHECKING:
    from .api import audit, measure, optimize, profile, resume, verify


def __getattr__(name: str) -> Any:
    """Import the API when it is first used, so that `import perfagent` costs nothing."""
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Add `%%perfagent` to an IPython shell (called by `%load_ext perfagent`)."""
    from .notebook import load_ipython_extension as load

    load(shell)
