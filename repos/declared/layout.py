"""Finds which top-level packages a repository owns and which folders they are imported from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ...errors import UserError
from ..commands.process import Limits, run_command
from ..sandbox.containment import OPEN, Containment

NEVER_PACKAGES = frozenset(
    {"build", "conftest", "dist", "doc", "docs", "noxfile", "setup", "test", "tests", "versioneer"}
)
"""Top-level names that are never what a repository is there to provide."""

_ASIDE = frozenset(
    {"benchmark", "benchmarks", "ci", "demo", "demos", "example", "examples", "fabfile", "manage"}
    | {"notebooks", "scripts", "tasks", "testing", "tools"}
)
_USUAL_ROOTS = ("src", "lib", "python", "")
_RESOLVE = Path(__file__).parents[1] / "inside" / "resolve_names.py"
_NAMESPACE_DEPTH = 3


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a repository's own code is imported from.

    Attributes:
        import_roots: Folders to put on the import path, relative to the tree ("" for itself).
        packages: Top-level import names found there, the repository's own.
        found_at: For each package that is installed in any way, where the interpreter finds it.
        unhidden: The packages whose installation wins over PYTHONPATH, so that a worktree's
            own copy would not be imported.
    """

    import_roots: tuple[str, ...]
    packages: tuple[str, ...]
    found_at: Mapping[str, Path]
    unhidden: tuple[str, ...]


def find_layout(
    python: Path,
    variables: Mapping[str, str],
    source: Path,
    *,
    subdir: str = "",
    declared_roots: Iterable[str] = (),
    distribution: str | None = None,
    containment: Containment = OPEN,
) -> Layout:
    """Ask an interpreter where it finds what lies in a tree.

    Args:
        python: The interpreter into whose environment the tree was installed, if at all.
        variables: The environment it is started with, without PYTHONPATH.
        source: The tree that was installed, or any tree of the repository when none was.
        subdir: The project's folder in the tree.
        declared_roots: Import roots as the project declares them, relative to `subdir`.
        distribution: The project's name; a package of that name is always its own.
        containment: How the interpreter is contained, whose installed packages run at its start.

    Raises:
        UserError: The tree holds nothing that can be imported by name.
    """
    source = source.resolve()
    candidates = importable_names(
        source, subdir=subdir, declared_roots=declared_roots, distribution=distribution
    )
    names = sorted({name for names in candidates.values() for name in names})
    question = {"names": names, "project": str(source / subdir), "distribution": distribution}
    answer = _ask(python, variables, source, question, containment)
    found = {name: Path(path).resolve() for name, path in answer["found"].items()}
    in_tree = _roots_with(
        candidates, lambda root, name: name in found and found[name].parent == source / root
    )
    # What the tree does not provide itself was installed as a copy, or from another checkout.
    installed = in_tree or _roots_with(candidates, lambda _, name: name in answer["owned"])
    # A tree that is not installed is imported from its first root with anything in it.
    chosen = installed or dict(list(candidates.items())[:1])
    packages = tuple(dict.fromkeys(name for listed in chosen.values() for name in listed))
    if not packages:
        raise UserError(
            f"nothing to import was found in {subdir or 'the repository'}: "
            "name the folder that holds its package with --subdir"
        )
    return Layout(
        import_roots=tuple(chosen),
        packages=packages,
        found_at={name: found[name] for name in packages if installed and name in found},
        unhidden=tuple(name for name in packages if name in answer["unhidden"]),
    )


def importable_names(
    tree: Path, *, subdir: str, declared_roots: Iterable[str], distribution: str | None
) -> dict[str, list[str]]:
    """Return what each possible import root of a tree offers; the parameters are `find_layout`'s.

    The declared roots come first, then the usual ones; a root that offers nothing is left out.
    """
    own_name = canonicalize_name(distribution or "").replace("-", "_")
    return {
        root: names
        for folder in dict.fromkeys((*declared_roots, *_USUAL_ROOTS))
        for root in ["/".join(part for part in (subdir, folder) if part)]
        if (names := _names_in(tree / root, own_name))
    }


def _roots_with(
    candidates: Mapping[str, list[str]], belongs: Callable[[str, str], bool]
) -> dict[str, list[str]]:
    """Return the roots that have any name (root, name) that belongs, with those names."""
    return {
        root: owned
        for root, names in candidates.items()
        if (owned := [name for name in names if belongs(root, name)])
    }


def _names_in(folder: Path, own_name: str) -> list[str]:
    """Return what `import NAME` could find in a folder that is the repository's own.

    Folders without `__init__.py` count only when there is nothing better, and so do names that
    usually stand beside a package (`benchmarks`, `scripts`).
    """
    if not folder.is_dir() or (folder / "__init__.py").is_file():
        return []
    regular: list[str] = []
    namespaces: list[str] = []
    for path in sorted(folder.iterdir()):
        name = path.name.split(".")[0]
        if not name.isidentifier() or name in NEVER_PACKAGES or name.startswith("test_"):
            continue
        if path.is_dir() and path.name == name:
            if (path / "__init__.py").is_file():
                regular.append(name)
            elif name not in _USUAL_ROOTS and _holds_python(path, _NAMESPACE_DEPTH):
                namespaces.append(name)
        elif path.suffix in (".py", ".so", ".pyd") and path.is_file():
            regular.append(name)
    own = [name for name in (*regular, *namespaces) if name.lower() == own_name]
    plain = [name for name in regular if name not in _ASIDE]
    plain = plain or [name for name in namespaces if name not in _ASIDE]
    return list(dict.fromkeys((*own, *plain))) or regular or namespaces


def _holds_python(folder: Path, depth: int) -> bool:
    entries = list(folder.iterdir())
    if any(entry.suffix == ".py" for entry in entries):
        return True
    return depth > 1 and any(
        _holds_python(entry, depth - 1)
        for entry in entries
        if entry.is_dir() and entry.name.isidentifier()
    )


def _ask(
    python: Path,
    variables: Mapping[str, str],
    source: Path,
    question: Mapping[str, object],
    containment: Containment,
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        decoys = str(Path(folder).resolve())
        result = run_command(
            [str(python), "-s", str(_RESOLVE)],
            cwd=source.parent,
            env={**variables, "PYTHONPATH": decoys, "PYTHONDONTWRITEBYTECODE": "1"},
            limits=Limits(wall_s=60),
            stdin=json.dumps({**question, "decoys": decoys}).encode(),
            enclosure=replace(
                containment.starting(python, readable=[source]), writable=(Path(decoys),)
            ),
        )
    if not result.ok:
        raise UserError(
            f"{python} cannot start in its environment: {result.tail(1)}; check --python"
        )
    return json.loads(result.stdout)
