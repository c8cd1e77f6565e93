"""What `perfagent init` writes: `perfagent.toml`, and the scripts of workloads."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import UserError
from ...settings import FILE_NAME
from .offer import Offer
from .survey import Survey

FOLDER = "perfagent_workloads"
MOST_WRITTEN = 3


def written_argument(offer: Offer) -> str:
    """Return the WORKLOAD argument of an offer once its file is written."""
    return f"{FOLDER}/{offer.name}.py" if offer.text else offer.argument


def command(repo: str, offer: Offer) -> str:
    """Return the command that optimizes an offer."""
    return shlex.join(["perfagent", "optimize", repo, written_argument(offer)])


def file_text(repo: str, survey: Survey, said: Mapping[str, Any]) -> str:
    """Return `perfagent.toml`.

    Args:
        repo: The REPO argument.
        survey: What was found out.
        said: The settings that the user gave, which are kept.
    """
    lines = ["# Settings of perfagent for this repository. `perfagent optimize --help` names all."]
    for name, value in said.items():
        lines.append(f"{name} = {_toml(value)}")
    suite = survey.suite
    if suite is not None and suite.passed and "suite_timeout_s" not in said:
        lines += [
            f"# The suite: {len(suite.passed)} passed, {len(suite.failed) + len(suite.errored)}"
            f" failed, {suite.duration_s:.0f} s.",
            f"suite_timeout_s = {_suite_timeout(suite.duration_s)}",
        ]
    longest = max((one.seconds or 0.0 for one in survey.fitting), default=0.0)
    if longest and "workload_timeout_s" not in said:
        lines += [f"workload_timeout_s = {max(60, round(longest * 30, -1)):.0f}"]
    lines += ["", "# Workloads that run here, with the seconds of their first call:"]
    for one in survey.fitting:
        lines.append(f"#   {command(repo, one.offer)}   # {one.seconds:.2g} s, {one.offer.kind}")
    return "\n".join(lines) + "\n"


def _suite_timeout(duration_s: float) -> int:
    """Return a limit that a slow run of the suite still keeps, in whole seconds."""
    return max(60, int(round(duration_s * 10, -1)))


def _toml(value: Any) -> str:
    """Return a string, number, boolean or list of strings as TOML, which writes them as JSON."""
    return json.dumps(value, ensure_ascii=False)


def write_files(folder: Path, text: str, survey: Survey, *, force: bool) -> list[Path]:
    """Write `perfagent.toml` and the scripts of the best workloads, and return the files.

    Args:
        folder: Where they go.
        text: Of `perfagent.toml`.
        survey: What was found out.
        force: Whether to replace files that are there.

    Raises:
        UserError: A file is there already, or cannot be written.
    """
    scripts = [one.offer for one in survey.fitting if one.offer.text][:MOST_WRITTEN]
    contents = {folder / FILE_NAME: text}
    contents |= {folder / written_argument(offer): offer.text for offer in scripts}
    there = [path.name for path in contents if path.exists()]
    if there and not force:
        raise UserError(f"{', '.join(there)} is there already: --force replaces it")
    for path, content in contents.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        except OSError as error:
            raise UserError(f"cannot write {path}: {error.strerror}") from None
    return list(contents)


def refuse_existing(folder: Path, *, force: bool) -> None:
    """Refuse, before anything takes time, to replace a file of settings.

    Raises:
        UserError: There is one, and `force` is not set.
    """
    if (folder / FILE_NAME).exists() and not force:
        raise UserError(f"{folder / FILE_NAME} is there already: --force replaces it")


def plain_survey(survey: Survey) -> dict[str, Any]:
    """Return `suite`, `offered` and `tried` as plain JSON."""
    suite = survey.suite
    fitting = survey.fitting
    return {
        "suite": None
        if suite is None
        else {
            "passed": len(suite.passed),
            "failed": len(suite.failed) + len(suite.errored),
            "seconds": suite.duration_s,
            "problem": suite.problem,
        },
        "offered": dict(survey.offered),
        "tried": [
            {
                "argument": written_argument(one.offer),
                "kind": one.offer.kind,
                "source": one.offer.source,
                "seconds": one.seconds,
                "problem": one.problem,
                "fits": one in fitting,
            }
            for one in survey.tried
        ],
    }


def questions(survey: Survey, no_tests: bool) -> list[str]:
    """Return what the user has to say before a run can work; nothing when all is well."""
    asked = []
    suite = survey.suite
    if not no_tests and suite is not None:
        if suite.problem:
            asked.append(
                f"how are the tests run? pytest says: {suite.problem}. Choose them with --tests"
                " (as pytest's arguments), or go on without with --no-tests"
            )
        elif not suite.passed:
            asked.append("where are the tests? None passed. Name them with --tests, or --no-tests")
        elif len(suite.failed) + len(suite.errored) > len(suite.passed):
            first = (*suite.failed, *suite.errored)[0]
            reason = (suite.reasons.get(first) or "").splitlines()
            asked.append(
                f"what do the tests need? Most fail, first {first}"
                f"{f' ({reason[0]})' if reason else ''}. Install it with --install CMD"
            )
    if not survey.fitting:
        failed = [one for one in survey.tried if one.problem]
        why = (
            f" Of {len(survey.tried)} tried, the first failed: {failed[0].problem}."
            if failed
            else ""
        )
        short = [one for one in survey.tried if one.seconds is not None]
        if short:
            why += f" {len(short)} ran in {max(one.seconds or 0 for one in short):.3g} s at most."
        asked.append(
            f"what is to become faster?{why} Write a script with setup() and workload() that takes"
            " 0.05 to 10 s, and name it: `perfagent optimize . SCRIPT`"
        )
    return asked
