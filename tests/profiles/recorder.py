"""What runs inside the target, loaded here: its parts need no process to be tried."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import perfagent.profiles.facts.call_facts as call_facts


def load(name: str) -> ModuleType:
    """Return a module that the recorder consists of."""
    path = Path(call_facts.INSIDE) / f"{name}.py"
    module = ModuleType(name)
    module.__file__ = str(path)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(module))
    return module
