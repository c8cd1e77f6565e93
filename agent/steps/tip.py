"""The tip: the best version so far, which the next candidates start from and must beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import ToolError
from ...repos.environment.environment import prepare_tree
from ...repos.patch import Patch, combine
from ..candidate import Candidate
from ..runs.run import Run


@dataclass(frozen=True, kw_only=True)
class Tip:
    """The best version so far.

    Attributes:
        candidate_id: Its candidate, or None for the base.
        speedup: Base over tip by the product of the accepted gains; for planning, not for reports.
    """

    candidate_id: str | None
    speedup: float


def load_candidate(run: Run, candidate_id: str) -> Candidate:
    """Return a candidate of the run by id."""
    return Candidate.from_json(run.directory.read_json(f"candidates/{candidate_id}.json"))


def lineage(run: Run, tip: str | None) -> list[Candidate]:
    """Return the candidates stacked in a tip, oldest first."""
    chain: list[Candidate] = []
    while tip is not None:
        candidate = load_candidate(run, tip)
        chain.append(candidate)
        tip = candidate.parent_id
    return chain[::-1]


def tip_tree(run: Run, tip: str | None) -> Path:
    """Return a built tree of the tip (a candidate id, or None for the base)."""
    if tip is None:
        return version_tree(run, "base", None)
    return version_tree(run, f"tip-{tip}", load_candidate(run, tip).patch)


def version_tree(run: Run, name: str, patch: Patch | None) -> Path:
    """Return a built tree of the base with a patch (None: the base itself), made when missing.

    Raises:
        ToolError: The patch does not apply or the build fails with it.
    """
    with run.tree_lock:
        existing = run.repository.trees / name
        if (run.directory.path / "work" / f"{name}.built").exists() and existing.is_dir():
            return existing
        tree = run.repository.checkout(name, run.request.repo.commit, patch)
        prepare_tree(run.prepared.environment, tree, rebuild=True, containment=run.containment)
        (run.directory.path / "work" / f"{name}.built").touch()
        return tree


def patch_with(run: Run, tip: str | None, sources: Mapping[str, str]) -> Patch:
    """Return the cumulative patch of the tip with some files replaced.

    Args:
        run: The run.
        tip: The version the sources were written against.
        sources: New text by repository-relative path.
    """
    tree = tip_scratch(run, tip)
    for path, text in sources.items():
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return run.repository.diff(tree, run.request.repo.commit)


def patched_texts(run: Run, patch: Patch) -> dict[str, str]:
    """Return the files that a patch changes as they are with it; deleted ones are left out.

    Raises:
        ToolError: The patch does not apply, or a file it changes is not UTF-8.
    """
    with run.tree_lock:
        run.repository.remove("texts")
        tree = run.repository.checkout("texts", run.request.repo.commit, patch)
        files = [path for path in patch.files if (tree / path).is_file()]
        try:
            # Read as bytes: line ends are to stay as they are.
            return {path: (tree / path).read_bytes().decode() for path in files}
        except UnicodeDecodeError as error:
            raise ToolError(f"a file that it changes is not UTF-8: {error}") from None


def stacked_patch(run: Run, tip: str, addition: Candidate) -> Patch | None:
    """Return the patch of the tip and a candidate together, or None when they conflict."""
    base = run.request.repo.commit
    stack = lineage(run, tip)
    below = {each.candidate_id for each in lineage(run, addition.parent_id)}
    shared = [each.patch for each in stack if each.candidate_id in below]
    patches = [stack[-1].patch, addition.patch]
    try:
        with run.tree_lock:
            return combine(run.repository, base, patches, common=shared[-1] if shared else None)
    except ToolError:
        return None


def tip_scratch(run: Run, tip: str | None, *, name: str = "scratch") -> Path:
    """Return a fresh tree of the tip that may be written to; the last one of the name is gone."""
    patch = load_candidate(run, tip).patch if tip else None
    try:
        with run.tree_lock:
            run.repository.remove(name)
            return run.repository.checkout(name, run.request.repo.commit, patch)
    except ToolError as error:
        raise RuntimeError(f"the tip {tip} no longer applies: {error}") from error
