"""One entry in the cache of environments: its key, and the mark that it is complete.

An entry is the folder `environments/<key>` with `source` (the copy of the tree that was
installed), `venv`, `install.log` and, written last, `environment.json`: a folder without that file
was left by a kill or a failure, and is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..declared.layout import importable_names
from ..declared.metadata import DeclaredMetadata
from ..git import git
from .generated import holds_compiled_code
from .interpreter import Interpreter

_FORMAT = 1


def entry_key(
    spec: Mapping[str, Any], tree: Path, declared: DeclaredMetadata, interpreter: Interpreter
) -> str:
    """Return what tells an environment from all others.

    The rule: an automatic installation of pure Python depends on the interpreter, on the files
    that declare things, and on the names of the packages (an editable installation lists them).
    Where code is compiled, or where the user's commands do what they like, it depends on the
    whole tree.

    Args:
        spec: What the user said, apart from the interpreter.
        tree: A checkout of the base commit.
        declared: What the project in it declares.
        interpreter: The interpreter that the environment is made with.
    """
    project = tree / spec["subdir"]
    whole_tree = spec["install"] or spec["build"] or holds_compiled_code(tree)
    return digest(
        {
            "format": _FORMAT,
            "interpreter": interpreter.identity,
            "spec": spec,
            "files": {
                name: hashlib.sha256((project / name).read_bytes()).hexdigest()
                for name in declared.defining_files
            },
            "packages": importable_names(
                tree,
                subdir=spec["subdir"],
                declared_roots=declared.import_roots,
                distribution=declared.name,
            ),
            "tree": git(tree, "rev-parse", "HEAD^{tree}").strip() if whole_tree else None,
        }
    )


def digest(content: Mapping[str, object]) -> str:
    """Return a short name for JSON-plain content, fit for a folder."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def write_entry(fields: Mapping[str, Any], folder: Path) -> None:
    """Mark an entry as complete, with what is known of its environment."""
    plain = {name: str(it) if isinstance(it, Path) else it for name, it in fields.items()}
    half_written = folder / "environment.json.new"
    half_written.write_text(json.dumps(plain, indent=2), encoding="utf-8")
    half_written.replace(folder / "environment.json")


def read_entry(folder: Path) -> dict[str, Any] | None:
    """Return what `write_entry` was given; None when the entry is not complete or not usable.

    It is not usable when its interpreter is gone or when the cache was moved, for it holds
    absolute paths.
    """
    try:
        fields = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    for name, value in fields.items():
        fields[name] = tuple(value) if isinstance(value, list) else value
    for name in ("python", "source", "log"):
        fields[name] = Path(fields[name])
    in_place = fields["source"] == folder / "source"
    return fields if in_place and fields["python"].exists() else None
