"""How file systems see a name that folds case or Unicode, and which names they take for `.git`."""

from __future__ import annotations

import re
import unicodedata


def folded(text: str) -> str:
    """Return the form under which a case-insensitive or Unicode-folding file system compares names.

    Invisible characters go, compatibility forms are unified, case is folded, and the trailing dots
    and spaces and the `:stream` part that Windows ignores are cut from each component.
    """
    visible = "".join(char for char in text if not is_invisible(char))
    plain = unicodedata.normalize("NFKC", visible).casefold()
    parts = (part.split(":", 1)[0] for part in plain.split("/"))
    return "/".join(part if part in {".", ".."} else part.rstrip(". ") for part in parts)


def is_invisible(char: str) -> bool:
    """Return whether a character has no look of its own: zero-width ones, marks of direction."""
    return unicodedata.category(char) == "Cf"


def is_git_folder(name: str) -> bool:
    """Return whether some file system takes this one component of a path for git's own folder.

    `git~1` is what Windows calls `.git` in its short form.
    """
    return re.fullmatch(r"\.git|git~[0-9]+", folded(name)) is not None
