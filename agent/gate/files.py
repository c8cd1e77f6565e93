"""Whether the trees still hold what they were made of, now that the candidate's code has run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...errors import ToolError
from ...repos.patch import Patch
from ..steps.tip import load_candidate, tip_tree
from .case import Case, Rejection

_CODE = (".py", ".pth")
_NEW = "new file mode"
_SHOWN = 20


def unchanged_files(case: Case) -> Rejection | None:
    """Refuse a candidate whose code rewrote code, its own or that of the version it must beat.

    The trees are compared with commit and patch once, after the timings: what ran there is then
    what the patch says. What tests, builds and workloads write beside the code does not count.
    """
    # A patch with a hunk less is held against the base, whatever it was stacked on.
    on_base = case.parent == case.run.repository.trees / "base"
    parent_id = None if on_base else case.candidate.parent_id
    parent = load_candidate(case.run, parent_id).patch if parent_id is not None else None
    for tree, patch in ((case.checkout, case.candidate.patch), (case.parent, parent)):
        changed = _changed(case, tree, patch)
        if changed:
            if tree == case.parent:
                _make_anew(case, parent_id)
            reason = f"not an honest optimization: it rewrote {changed[0]} while it ran"
            return Rejection(reason=reason, evidence=changed[:_SHOWN])
    return None


def _make_anew(case: Case, parent_id: str | None) -> None:
    """Check the parent's tree out again, so that no other candidate is blamed or measured on it."""
    with case.run.tree_lock:
        case.run.repository.remove(case.parent.name)
    tip_tree(case.run, parent_id)


def _changed(case: Case, tree: Path, patch: Patch | None) -> tuple[str, ...]:
    """Return the files of code in a tree that are not what the base and a patch make them."""
    repository, base = case.run.repository, case.run.request.repo.commit
    generated = case.run.prepared.environment.generated
    try:
        with case.run.tree_lock:
            found = repository.diff(tree, base, generated=generated)
            meant = repository.merge(base, [patch]) if patch is not None else None
    except ToolError as error:
        return (f"{tree.name} ({error})",)
    ours, theirs = _by_file(found), _by_file(meant)
    touched = set(patch.files) if patch is not None else set[str]()
    return tuple(
        name
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
        and (name in touched or (name.endswith(_CODE) and _NEW not in ours.get(name, "")[:400]))
    )


def _by_file(patch: Patch | None) -> Mapping[str, str]:
    """Return the diff of each file, by its path after the patch."""
    if patch is None:
        return {}
    sections = patch.diff.split("diff --git ")[1:]
    return {section.splitlines()[0].rpartition(" b/")[2]: section for section in sections}
