"""Makes instances of a repository's history, and keeps those that hold here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...errors import InfrastructureError, ToolError, UserError
from ...repos.source.mirror import open_ref
from ...repos.source.ref import parse_repo
from ...settings import Settings
from ..batch.evaluate import evaluate
from ..batch.job import Job
from ..dataset.instance import Instance
from ..official.commands import BlockFailed
from ..running.correctness import required
from ..running.ground import prepare
from .adviser import Adviser, NoAnswer, open_adviser
from .commits import Found, candidates
from .drafts import OWN, Draft
from .files import test_files
from .site import Site, open_site
from .written import MOST_SCRIPTS, Writing

_HOPELESS = ("wrong tests", "base broken", "infrastructure", "apply", "build")
"""What another workload does not change."""


_VERSION = re.compile(r"3(\.\d+){1,2}")


@dataclass(frozen=True, kw_only=True)
class Mined:
    """What became of one commit.

    Attributes:
        commit: Its id, or "" where it was none to be looked at.
        row: The instance in SWE-fficiency's columns; None where it was not kept.
        reason: Why not; or what it gains.
    """

    commit: str
    row: dict[str, Any] | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Place:
    """What all commits have in common.

    Attributes:
        source: Where the repository is, without a revision.
        name: What it is called, OWNER/NAME.
        mirror: Its bare repository.
        settings: What the user said.
        adviser: The model that is asked; None without one.
        tell: Told what goes on.
    """

    source: str
    name: str
    mirror: Path
    settings: Settings
    adviser: Adviser | None
    tell: Callable[[str], None]


def mine(
    source: str,
    settings: Settings,
    *,
    since: str | None = None,
    most: int = 50,
    most_files: int = 5,
    words: Sequence[str] = (),
    on_step: Callable[[str], None] = lambda text: None,
) -> Iterator[Mined]:
    """Yield what becomes of each commit that speaks of performance, newest first.

    A commit is kept when tests cover what it changes, benchmarks or tests gain by it, or a script
    that a model writes, and the gain of those holds in the same measurement that evaluates patches,
    with the covering tests passing before and after and the answer unchanged.

    Args:
        source: A REPO argument; `@REV` says where to begin.
        settings: What the user said of environments, measurement and models. With a model, it
            is asked whether a commit is an improvement, and for a workload where nothing gains.
        since: Only later commits, in git's words.
        most: Most commits whose message fits.
        most_files: Most files outside tests that a commit changes.
        words: Words of the messages, besides the usual ones; case counts.
        on_step: Told what goes on.

    Raises:
        UserError: There is no such repository, revision or model.
        InfrastructureError: The repository cannot be fetched.
    """
    parsed = parse_repo(source)
    ref = open_ref(parsed, settings.cache_dir)
    name = _owner_and_name(source)
    adviser = open_adviser(settings, name) if settings.model else None
    place = _Place(
        source=_without_revision(source, parsed.revision),
        name=name,
        mirror=Path(ref.mirror),
        settings=settings,
        adviser=adviser,
        tell=on_step,
    )
    found = candidates(
        place.mirror, ref.commit, since=since, most=most, most_files=most_files, words=words
    )
    for commit, why in found:
        if commit is None:
            yield Mined(commit="", row=None, reason=why)
            continue
        on_step(f"{commit.commit[:10]} {commit.message.splitlines()[0][:60]}")
        try:
            yield _judged(commit, place)
        except (UserError, InfrastructureError, ToolError, BlockFailed) as error:
            yield Mined(commit=commit.commit, row=None, reason=" ".join(str(error).split())[:300])
    if adviser is not None:
        on_step(adviser.spent())


def _judged(found: Found, place: _Place) -> Mined:
    """Return what becomes of a commit; the cheapest question comes first."""

    def left_out(reason: str) -> Mined:
        return Mined(commit=found.commit, row=None, reason=" ".join(reason.split())[:300])

    files = test_files(place.mirror, found)
    if not files:
        return left_out("no file of tests goes with it")
    if place.adviser and (why := place.adviser.refusal(found, place.tell)):
        return left_out(why)
    draft = replace(_draft(found, place.name), covering_tests=files)
    place.tell("  base, and its tests under coverage")
    # The run under coverage says which tests pass; the instance's own base runs them twice.
    bare = place.settings.model_copy(update={"no_tests": True})
    site = open_site(prepare(draft, place.source, bare), found)
    if not site.covering:
        return left_out("no test covers it")
    place.tell(f"  {len(site.covering)} covering tests, before and after")
    reasons: list[str] = []
    for made in _drafts(site, place, reasons):
        kept, reason = (
            (None, made) if isinstance(made, str) else _measured(site, draft, made, place)
        )
        if kept is not None:
            return kept
        reasons += [reason] if reason else []
        if reason.startswith(_HOPELESS):
            break
    return left_out("; ".join(reasons))


def _drafts(site: Site, place: _Place, reasons: Sequence[str]) -> Iterator[Draft | str]:
    """Yield workloads that may show what a commit gains, and why some are none.

    Args:
        site: The commit.
        place: What it shares with others.
        reasons: What became of those yielded so far; a model is told of its own.
    """
    for source in OWN:
        try:
            yield source(site)
        except BlockFailed as error:
            yield str(error)
    if place.adviser is None:
        return
    writing = Writing(site=site, adviser=place.adviser)
    try:
        for number in range(MOST_SCRIPTS):
            if number:
                writing.tell(reasons[-1])
            place.tell("  a model writes a workload")
            yield writing.next()
    except NoAnswer as error:
        yield f"the model wrote no workload: {error}"


def _measured(site: Site, draft: Instance, made: Draft, place: _Place) -> tuple[Mined | None, str]:
    """Measure a workload as evaluations do; return the instance, or why it does not hold."""
    place.tell(f"  measuring {made.origin}")
    instance = replace(draft, workload=made.text, covering_tests=site.covering_files)
    job = Job(instance=instance, kind="expert", source=place.source, settings=place.settings)
    result = evaluate(job)
    if result.outcome != "faster" or result.speedup is None:
        outcome = result.outcome.replace("_", " ")
        return None, f"{outcome}: {result.reason} ({made.origin})"
    passing = required(prepare(instance, place.source, place.settings))
    instance = replace(instance, **_installed_as(place.settings))
    speed = result.speedup
    told = f"{speed.value:.3g}x ({speed.ci_low:.3g}-{speed.ci_high:.3g}), by {made.origin}"
    row = _row(site.found, instance, made.origin, passing, speed.value)
    return Mined(commit=site.found.commit, row=row, reason=told), ""


def _draft(found: Found, name: str) -> Instance:
    """Return an instance that only holds what the base is prepared with."""
    return Instance(
        instance_id=f"{name.replace('/', '__')}-{found.commit[:7]}",
        suite="swefficiency",
        repo=name,
        base=found.base,
        expert_patch=found.patch,
        created_at=found.created_at,
        workload="def workload():\n    return None\n",
    )


def _installed_as(settings: Settings) -> dict[str, Any]:
    """Return what an instance says of its environment; a folder of this machine is left out."""
    python = settings.python or ""
    return {
        "python": python if _VERSION.fullmatch(python) else None,
        "install": tuple(settings.install),
    }


def _row(
    found: Found, instance: Instance, origin: str, passing: tuple[str, ...], speedup: float
) -> dict[str, Any]:
    changed = ", ".join(name for names in found.functions.values() for name in names)
    return {
        "repo": instance.repo,
        "instance_id": instance.instance_id,
        "base_commit": found.base,
        "patch": found.patch,
        "test_patch": found.test_patch,
        "problem_statement": found.message,
        "hints_text": "",
        "created_at": found.created_at,
        "version": "",
        "PASS_TO_PASS": list(passing),
        "FAIL_TO_PASS": [],
        "environment_setup_commit": found.base,
        "workload": instance.workload,
        "speedup": speedup,
        "covering_tests": list(instance.covering_tests),
        "single_thread_tests": [],
        "test_cmd": "python -m pytest",
        "rebuild_cmd": "",
        "image_name": "",
        "python": instance.python or "",
        "install_commands": list(instance.install),
        "notes": f"changes {changed}; the workload is from {origin}",
    }


def _without_revision(source: str, revision: str | None) -> str:
    return source.removesuffix(f"@{revision}") if revision else source


def _owner_and_name(source: str) -> str:
    """Return what the repository is called: the last two parts of its place."""
    place = source.partition("@")[0] if source.count("@") == 1 and ":" not in source else source
    parts = [part for part in place.removesuffix(".git").replace(":", "/").split("/") if part]
    return "/".join(parts[-2:]) if len(parts) > 1 else f"local/{parts[0]}"
