"""For the site alone: links out of docs/ lead to the repository."""

from __future__ import annotations

import re
from typing import Any

REPOSITORY = "https://github.com/perfagent/perfagent/blob/main/"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Return a page whose links to files beside docs/ are addresses (called by mkdocs)."""
    return re.sub(r"\]\(\.\./(?!\.)", f"]({REPOSITORY}", markdown)
