"""Makes instances of a repository's history, and keeps those that hold here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ...errors import InfrastructureError, ToolError, UserError
from ...repos.coverage_map import CoverageMap
from ...repos.mirror import open_ref
from ...repos.ref import parse_repo
from ...repos.side_packages import side_packages
from ...settings import Settings
from ..batch.evaluate import Job, evaluate
from ..dataset.instance import Instance
from ..official.commands import BlockFailed, asked
from ..running.applied import restore_tests
from ..running.correctness import required
from ..running.ground import Ground, prepare
from .commits import Found, candidates, is_test
from .workload import chosen_tests, plain_tests, workload_text

_SESSIONS = 3
_MOST_TEST_FILES = 8


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


def mine(
    source: str,
    settings: Settings,
    *,
    since: str | None = None,
    most: int = 50,
    most_files: int = 5,
    on_step: Callable[[str], None] = lambda text: None,
) -> Iterator[Mined]:
    """Yield what becomes of each commit that speaks of performance, newest first.

    A commit is kept when tests cover what it changes, some of them gain by it, and the gain of
    those holds in the same measurement that evaluates patches, with the covering tests passing
    before and after and the answer unchanged.

    Args:
        source: A REPO argument; `@REV` says where to begin.
        settings: What the user said of environments and measurement.
        since: Only later commits, in git's words.
        most: Most commits whose message fits.
        most_files: Most files outside tests that a commit changes.
        on_step: Told what goes on.

    Raises:
        UserError: There is no such repository or revision.
        InfrastructureError: The repository cannot be fetched.
    """
    parsed = parse_repo(source)
    ref = open_ref(parsed, settings.cache_dir)
    place, name = _without_revision(source, parsed.revision), _owner_and_name(source)
    found = candidates(Path(ref.mirror), ref.commit, since=since, most=most, most_files=most_files)
    for commit, why in found:
        if commit is None:
            yield Mined(commit="", row=None, reason=why)
            continue
        on_step(f"{commit.commit[:10]} {commit.message.splitlines()[0][:60]}")
        try:
            yield _kept(commit, place, name, settings, on_step)
        except (UserError, InfrastructureError, ToolError, BlockFailed) as error:
            yield Mined(commit=commit.commit, row=None, reason=" ".join(str(error).split())[:300])


def _kept(
    found: Found, source: str, name: str, settings: Settings, tell: Callable[[str], None]
) -> Mined:
    draft = _draft(found, name)
    draft = replace(draft, covering_tests=_test_files(found, source, settings))
    if not draft.covering_tests:
        return Mined(commit=found.commit, row=None, reason="no file of tests goes with it")
    tell("  base and its tests")
    ground = prepare(draft, source, settings)
    covering = _covering(ground, found)
    if not covering:
        return Mined(commit=found.commit, row=None, reason="no test that can be called covers it")
    tell(f"  {len(covering)} covering tests, before and after")
    gaining = _gaining(ground, covering)
    if not gaining:
        return Mined(commit=found.commit, row=None, reason="no covering test gains by it")
    files = tuple(dict.fromkeys(node_id.partition("::")[0] for node_id in covering))
    instance = replace(draft, workload=workload_text(gaining), covering_tests=files)
    tell(f"  measuring {len(gaining)} tests")
    result = evaluate(Job(instance=instance, kind="expert", source=source, settings=settings))
    if result.outcome != "faster" or result.speedup is None:
        reason = f"{result.outcome.replace('_', ' ')}: {result.reason}"
        return Mined(commit=found.commit, row=None, reason=" ".join(reason.split())[:300])
    passing = required(prepare(instance, source, settings))
    speed = result.speedup
    return Mined(
        commit=found.commit,
        row=_row(found, instance, passing, speed.value),
        reason=f"{speed.value:.3g}x ({speed.ci_low:.3g}-{speed.ci_high:.3g})",
    )


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


def _test_files(found: Found, source: str, settings: Settings) -> tuple[str, ...]:
    """Return files of tests that may reach the change, by name; those the commit touches first."""
    from ...repos.git import git

    ref = open_ref(parse_repo(source, revision=found.base), settings.cache_dir)
    listed = git(Path(ref.mirror), "ls-tree", "-r", "--name-only", "-z", found.base).split("\0")
    tests = [p for p in listed if p and is_test(p) and PurePosixPath(p).name.startswith("test_")]
    touched = [path for path in tests if f" b/{path}\n" in found.test_patch]
    stems = {PurePosixPath(path).stem.strip("_") for path in found.functions}
    folders = {PurePosixPath(path).parent for path in found.functions}
    named = [p for p in tests if PurePosixPath(p).stem.removeprefix("test_") in stems]
    beside = [p for p in tests if PurePosixPath(p).parent.parent in folders]
    few = tests if len(tests) <= _MOST_TEST_FILES else []
    return tuple(dict.fromkeys([*touched, *named, *beside, *few]))[:_MOST_TEST_FILES]


def _covering(ground: Ground, found: Found) -> list[str]:
    """Return the plain tests that pass on the base and execute changed functions."""
    suite = ground.known.suite
    if suite is None:
        return []
    tools = side_packages(ground.known.environment, ground.settings.cache_dir, ("coverage",))
    path = ground.directory.path / "coverage.json"
    if not path.exists():
        replace(ground.suite, side_packages=tools).run(
            ground.base, coverage=path, cpus=ground.lane.other_cpus
        )
    if not path.exists():
        raise UserError("recording coverage failed")
    covered = CoverageMap.read(path)
    reached = {t for file, lines in found.lines.items() for t in covered.covering(file, lines)}
    return plain_tests(ground.base, [test for test in suite.stable if test in reached])


def _gaining(ground: Ground, tests: list[str]) -> list[str]:
    expert = ground.expert
    if expert is None:
        return []
    tree = ground.tree("expert", expert)
    restore_tests(ground, tree, expert)
    times: list[dict[str, list[float]]] = []
    with ground.lane.turn():
        for version in (ground.base, tree):
            seconds: dict[str, list[float]] = {}
            for _ in range(_SESSIONS):
                job = {"tests": tests}
                limit_s = ground.settings.suite_timeout_s
                answer = asked(ground, version, "perfagent_sessions.py", job, limit_s)
                for node_id, (outcome, duration, called) in answer.items():
                    if outcome == "passed" and called:
                        seconds.setdefault(node_id, []).append(duration)
            times.append(seconds)
    return chosen_tests(*times)


def _row(
    found: Found, instance: Instance, passing: tuple[str, ...], speedup: float
) -> dict[str, Any]:
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
        "notes": f"changes {', '.join(n for names in found.functions.values() for n in names)}",
    }


def _without_revision(source: str, revision: str | None) -> str:
    return source.removesuffix(f"@{revision}") if revision else source


def _owner_and_name(source: str) -> str:
    """Return what the repository is called: the last two parts of its place."""
    place = source.partition("@")[0] if source.count("@") == 1 and ":" not in source else source
    parts = [part for part in place.removesuffix(".git").replace(":", "/").split("/") if part]
    return "/".join(parts[-2:]) if len(parts) > 1 else f"local/{parts[0]}"
