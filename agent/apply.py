"""Puts a run's patch on a checkout of the user's. The only thing here that changes one."""

from __future__ import annotations

from pathlib import Path

from ..errors import UserError
from ..repos.git import GitError, git, git_succeeds
from ..repos.patch import Patch
from .runs.finished import FinishedRun


def apply_patch(run: FinishedRun, checkout: Path, *, message: str | None = None) -> list[str]:
    """Apply the accepted patch of a run to a checkout, and return the files it changed.

    Either all of it is applied or nothing. Other changes of the checkout stay.

    Args:
        run: The run.
        checkout: A folder in a git checkout.
        message: Commit the patch with this message, as the user that git is configured for; None
            leaves it uncommitted.

    Raises:
        UserError: The run accepted no patch, the folder is no checkout, the patch does not fit
            it, or it cannot be committed.
    """
    if not run.diff:
        raise UserError(f"run {run.run_id} accepted no patch: `perfagent why {run.run_id}`")
    root = _root(checkout)
    base = str((run.record.get("target") or {}).get("commit") or "")
    files = list(Patch.parse(diff=run.diff, base_commit=base).files)
    text = run.diff.encode("utf-8", "surrogateescape")
    if message is not None:
        _check_clean(root, files)
    try:
        git(root, "apply", "--check", "-", stdin=text)
    except GitError as error:
        raise UserError(_does_not_fit(run, root, base, text, error)) from None
    git(root, "apply", "-", stdin=text)
    if message is not None:
        _commit(root, files, message)
    return files


def _root(checkout: Path) -> Path:
    try:
        return Path(git(checkout.resolve(), "rev-parse", "--show-toplevel").strip())
    except (GitError, OSError):
        raise UserError(
            f"{checkout} is no git checkout: name the repository's with --repo"
        ) from None


def _check_clean(root: Path, files: list[str]) -> None:
    changed = git(root, "status", "--porcelain", "--untracked-files=no").splitlines()
    staged = [line[3:] for line in changed if line[0] not in " ?"]
    edited = sorted({line[3:] for line in changed} & set(files))
    if staged or edited:
        named = ", ".join(dict.fromkeys([*staged, *edited]))
        raise UserError(f"commit or put aside first what is changed in {root}: {named}")


def _does_not_fit(run: FinishedRun, root: Path, base: str, text: bytes, error: GitError) -> str:
    try:
        git(root, "apply", "--reverse", "--check", "-", stdin=text)
    except GitError:
        first = error.stderr.strip().splitlines()[0].removeprefix("error: ")
        return (
            f"the patch of {run.run_id} does not fit {root}: {first}; it is against {base[:12]}: "
            f"check that out, or try `git apply --3way {run.path / 'patch.diff'}`"
        )
    return f"the patch of {run.run_id} is applied to {root} already"


def _commit(root: Path, files: list[str], message: str) -> None:
    if not git_succeeds(root, "var", "GIT_COMMITTER_IDENT", online=True):
        git(root, "apply", "--reverse", "-", stdin=git(root, "diff", "--", *files).encode())
        raise UserError(
            "git does not know who you are: `git config user.name NAME`, `git config user.email"
            " ADDRESS`"
        )
    git(root, "add", "--", *files)
    git(root, "commit", "--quiet", "-m", message, "--", *files, online=True)
