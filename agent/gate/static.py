"""The stages that only read: does it apply, is it in scope, does it parse, is it honest."""

from __future__ import annotations

import ast
from pathlib import Path

from ...errors import ToolError
from ...repos.environment.environment import prepare_tree
from ...tools.honesty.dependencies import known_packages, new_dependencies
from ...tools.honesty.honesty import static_doubts
from ...tools.honesty.scope import files_of_tests, out_of_scope
from .case import Case, Rejection


def applies(case: Case) -> Rejection | None:
    """Check the patch out in a tree of its own, and rebuild there if the target needs it."""
    run, candidate = case.run, case.candidate
    if candidate.patch.is_empty:
        return Rejection(reason="the patch changes nothing")
    try:
        with run.tree_lock:
            case.tree = run.repository.checkout(
                candidate.candidate_id, candidate.patch.base_commit, candidate.patch
            )
    except ToolError as error:
        return Rejection(reason=f"the patch does not apply: {error}")
    try:
        prepare_tree(run.prepared.environment, case.tree, rebuild=True, containment=run.containment)
    except ToolError as error:
        return Rejection(reason=f"with the patch {error}")
    return None


def in_scope(case: Case) -> Rejection | None:
    """Refuse edits to what judges or builds the code, and new dependencies, unless allowed."""
    suite = case.run.prepared.baseline
    suite_files = files_of_tests(suite.stable) if suite else frozenset()
    reasons = out_of_scope(
        case.candidate.patch,
        suite_files=suite_files,
        workload_path=case.run.request.workload.in_repo,
        allow=case.run.settings.allow,
    )
    how = "--allow GLOB" if reasons else "--allow PACKAGE"
    known = known_packages(case.run.repository.trees / "base")
    known |= frozenset(case.run.prepared.environment.packages)
    reasons += new_dependencies(sources(case.checkout, case), known, allow=case.run.settings.allow)
    if not reasons:
        return None
    return Rejection(
        reason=f"out of scope: {reasons[0]} (allow it with {how})", evidence=tuple(reasons)
    )


def parses(case: Case) -> Rejection | None:
    """Refuse a patch that leaves a Python file unparsable for the target's own Python version."""
    major, minor = case.run.prepared.environment.version.split(".")[:2]
    for path in case.candidate.patch.files:
        file = case.checkout / path
        if file.suffix != ".py" or not file.exists():
            continue
        try:
            ast.parse(file.read_bytes(), filename=path, feature_version=(int(major), int(minor)))
        except (SyntaxError, ValueError) as error:
            return Rejection(reason=f"{path} does not parse with the patch: {error}")
        except (RecursionError, MemoryError):
            return Rejection(reason=f"{path} is nested too deeply with the patch to be read")
    return None


def honest(case: Case) -> Rejection | None:
    """Refuse added code that watches, times or steers the harness instead of doing the work."""
    before, after = sources(case.parent, case), sources(case.checkout, case)
    workload = case.run.request.workload
    try:
        findings = static_doubts(
            case.candidate.patch,
            before,
            after,
            workload_names=_workload_names(case),
            workload_text=workload.text if workload.kind == "script" else "",
            own_packages=case.run.prepared.environment.packages,
        )
    except RecursionError:
        return Rejection(reason="code of the patch is nested too deeply to be read")
    case.doubts += [f"{f.path}:{f.line}: {f.why}" for f in findings if f.severity == "doubt"]
    refused = [f for f in findings if f.severity == "reject"]
    if not refused:
        return None
    lines = tuple(f"{f.path}:{f.line}: {f.rule}: {f.why}" for f in refused)
    return Rejection(reason=f"not an honest optimization: {lines[0]}", evidence=lines)


def _workload_names(case: Case) -> list[str]:
    workload = case.run.request.workload
    return [workload.name, *([Path(workload.origin).name] if workload.origin else [])]


def sources(tree: Path, case: Case) -> dict[str, str]:
    """Return the text of the patch's files as they are in a tree; absent files are left out."""
    found = {}
    for path in case.candidate.patch.files:
        file = tree / path
        if file.is_file():
            found[path] = file.read_text(encoding="utf-8", errors="replace")
    return found
