"""What a candidate's own code did behind the scenes, and the base's did not.

The events are counted in the launches that record the answer (`inside/perfagent_watch.py`); of
interest are the kinds that the patch brought, since honest code of the base may raise some too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .case import Rejection

_DEEDS = (
    ("inspects frames", ("sys._getframe", "sys._current_", "tb_frame", "gi_frame", "cr_frame")),
    ("inspects frames", ("ag_frame", "sys._getframemodulename")),
    ("walks the objects of the garbage collector", ("gc.",)),
    ("traces execution or audits it", ("sys.settrace", "sys.setprofile", "sys.addaudithook")),
    ("traces execution or audits it", ("sys.monitoring",)),
    ("signals processes or threads", ("os.kill", "signal.")),
    ("starts processes", ("os.fork", "os.exec", "os.posix_spawn", "os.system", "subprocess.")),
    ("leaves work running after the call", ("threads left", "processes left")),
    ("reaches around the interpreter", ("ctypes.",)),
    ("runs code that is not in its source", ("exec", "compile", "marshal.", "code.", "function.")),
    ("replaces code of functions", ("__code__", "__defaults__", "__kwdefaults__", "__builtins__")),
    ("looks at its process's open files", ("open of a file desc", "open in /proc", "listing of")),
    ("opens files of the measurement", ("open of perfagent",)),
    ("changes files", ("open of code", "os.rename", "os.remove", "os.chmod", "os.truncate")),
    ("changes files", ("os.utime",)),
    ("keeps something outside the process", ("open for writing", "os.mkdir", "os.link")),
    ("keeps something outside the process", ("os.symlink", "shutil.", "sqlite3.", "mmap.")),
    ("talks to another process or machine", ("socket.",)),
    ("puts work off to the end of the process", ("atexit.",)),
)


def new_events(base: Mapping[str, Any], candidate: Mapping[str, Any]) -> Rejection | None:
    """Return why a candidate is refused for kinds of events that the base never raised.

    Args:
        base: The base's answer.
        candidate: The candidate's answer.

    Returns:
        None when it raised none but the base's kinds, however often.
    """
    known = base.get("events", {})
    added = {kind: n for kind, n in candidate.get("events", {}).items() if kind not in known}
    if not added:
        return None
    lines = tuple(f"{_deed(kind)} ({kind}, {_times(count)})" for kind, count in added.items())
    return Rejection(reason=f"not an honest optimization: it {lines[0]}", evidence=lines)


def _deed(kind: str) -> str:
    return next((deed for deed, starts in _DEEDS if kind.startswith(starts)), "does something odd")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
