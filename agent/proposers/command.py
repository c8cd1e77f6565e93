"""The command proposer: any outside agent, run in a worktree of its own, judged by its diff."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...errors import ToolError, UserError
from ...redaction import redacted, remember
from ...repos.checkout import RunRepository
from ...repos.commands.process import CommandResult, Limits, run_command
from ...repos.patch import Patch
from ..runs.budget import Spend
from .llm import hypothesis_of
from .proposal import Proposal

PROMPT_VARIABLE = "PERFAGENT_PROMPT_FILE"
WORKLOAD_VARIABLE = "PERFAGENT_WORKLOAD"
_ALWAYS_PASSED = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TMPDIR", "TZ"),
    *("LANG", "LC_ALL", "LC_CTYPE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)


def propose_with_command(  # noqa: PLR0913 - everything an outside program needs, by name
    command: str,
    *,
    tree: Path,
    prompt: str,
    workload_text: str,
    limits: Limits,
    environ: Mapping[str, str],
    run_repository: RunRepository,
    base_commit: str,
    pass_env: Sequence[str] = (),
) -> Proposal:
    """Run an outside agent in `tree` and return the difference that it leaves there.

    The command finds the prompt in the file that PERFAGENT_PROMPT_FILE names and the workload in
    the one that PERFAGENT_WORKLOAD names. An exit status other than 0, and a command that ran out
    of time, still count when there is a difference; the notes say so. What the agent pays its own
    provider is not seen here, so the spend holds time alone.

    Args:
        command: Run with `sh -c`.
        tree: A scratch worktree of `run_repository`; it is changed.
        prompt: What the agent is to do.
        workload_text: The workload's source, node id or command.
        limits: For the command with everything it starts.
        environ: The user's environment. The command gets the variables every program needs, and
            those in `pass_env`.
        run_repository: Takes the difference.
        base_commit: What the difference is taken against.
        pass_env: Names of variables the agent needs, such as its API key.

    Raises:
        UserError: A name in `pass_env` is not set.
        InfrastructureError: The command could not be started or git failed.
    """
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        env = _environment(environ, pass_env)
        for variable, name, text in (
            (PROMPT_VARIABLE, "prompt.md", prompt),
            (WORKLOAD_VARIABLE, "workload.txt", workload_text),
        ):
            file = Path(folder) / name
            file.write_text(text, encoding="utf-8")
            env[variable] = str(file)
        ended = run_command(["sh", "-c", command], cwd=tree, env=env, limits=limits)
    notes = list(_how_it_ended(ended))
    problem, patch = None, None
    try:
        patch, dropped = _without_leftovers(run_repository.diff(tree, base_commit))
    except ToolError as error:
        problem = f"the command's change cannot be used: {error}"
    else:
        if dropped:
            notes.append(f"left out files of the agent's own: {', '.join(dropped)}")
        if patch.is_empty:
            patch = None
            problem = "the command changed nothing"
    if problem and not ended.ok:
        problem = f"{problem}; {notes[0]}: {_last_words(ended)}"
    return Proposal(
        origin="command",
        hypothesis=redacted(
            hypothesis_of(ended.stdout)
            or f"the change made by: {_one_line(redacted(command), 120)}"
        ),
        patch=patch,
        spend=Spend(wall_s=round(time.monotonic() - begin, 3)),
        problem=problem,
        notes=tuple(notes),
    )


def _environment(environ: Mapping[str, str], pass_env: Sequence[str]) -> dict[str, str]:
    missing = [name for name in pass_env if name not in environ]
    if missing:
        raise UserError(
            f"the command is to get {', '.join(missing)}, which is not set; set it or leave the "
            "name out"
        )
    for name in pass_env:
        remember(environ[name])
    names = [*_ALWAYS_PASSED, *pass_env]
    return {name: environ[name] for name in names if name in environ}


def _how_it_ended(ended: CommandResult) -> Sequence[str]:
    if ended.timed_out:
        return (f"the command was stopped after {ended.duration_s:.0f} s",)
    if ended.returncode is None:
        return ("the command was stopped by a limit",)
    return (f"the command ended with status {ended.returncode}",) if ended.returncode else ()


def _last_words(ended: CommandResult) -> str:
    """Return the end of the command's output, without secrets."""
    return _one_line(redacted(ended.tail(3)), 300) or "no output"


def _one_line(text: str, longest: int) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else "…" + line[-longest + 1 :]


_LEFTOVER = re.compile(r"^\.[^/]+(/|$)")


def _without_leftovers(patch: Patch) -> tuple[Patch, list[str]]:
    """Return the patch without new files under a hidden name at the top, and those files.

    Agents keep their history, caches and settings there.
    """
    dropped: list[str] = []
    for index in range(len(patch.hunks()) - 1, -1, -1):
        hunk = patch.hunks()[index]
        if all(_LEFTOVER.match(path) for path in hunk.files) and "\nnew file mode" in hunk.diff:
            dropped += hunk.files
            patch = patch.without(index)
    return patch, sorted(dropped)
