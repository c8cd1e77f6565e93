"""Makes instances of a repository's history, and keeps those that hold here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ...errors import InfrastructureError, ToolError, UserError
from ...repos.coverage_map import CoverageMap
from ...repos.mirror import open_ref
from ...repos.patch import Patch
from ...repos.ref import parse_repo
from ...repos.side_packages import side_packages
from ...settings import Settings
from ...workloads.script import parse_script
from ..batch.evaluate import evaluate
from ..batch.job import Job
from ..dataset.instance import Instance
from ..official.commands import BlockFailed, asked
from ..running.correctness import required
from ..running.ground import Ground, prepare
from .commits import Found, candidates, is_test
from .script import workload_text
from .workload import chosen_tests, plain_tests

_PROCESSES, _CALLS = 3, 3
_MOST_TEST_FILES, _MOST_OF_ALL = 8, 20
"""Files of tests that go with a change, and so few that all of a repository's do."""


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
    trees = _trees(ground, found)
    covering = _covering(ground, found, trees.base)
    if not covering:
        return Mined(commit=found.commit, row=None, reason="no test that can be called covers it")
    tell(f"  {len(covering)} covering tests, before and after")
    gaining = _gaining(ground, trees, covering)
    if not gaining:
        return Mined(commit=found.commit, row=None, reason="no covering test gains by it")
    files = tuple(dict.fromkeys(node_id.partition("::")[0] for node_id in covering))
    instance = replace(
        draft,
        workload=workload_text(gaining, trees.texts),
        covering_tests=tuple(path for path in files if (ground.base / path).exists())
        or draft.covering_tests,
    )
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
    tests = [path for path in listed if path and is_test(path) and _stem(path)]
    touched = [path for path in tests if f" b/{path}\n" in found.test_patch]
    stems = {PurePosixPath(path).stem.strip("_") for path in found.functions}
    folders = {PurePosixPath(path).parent for path in found.functions}
    named = [path for path in tests if _stem(path) in stems]
    beside = [p for p in tests if PurePosixPath(p).parent.parent in folders]
    if len(tests) <= _MOST_OF_ALL:
        return tuple(tests)
    return tuple(dict.fromkeys([*touched, *named, *beside]))[:_MOST_TEST_FILES]


@dataclass(frozen=True, kw_only=True)
class _Trees:
    """Both versions with the tests as they are after the commit.

    Attributes:
        base: The base's code.
        expert: The commit's.
        texts: By path, the files of tests that the commit touches.
    """

    base: Path
    expert: Path
    texts: Mapping[str, str]


def _trees(ground: Ground, found: Found) -> _Trees:
    commit = ground.ref.commit
    tests = found.test_patch
    base = ground.tree("mined-base", Patch.parse(tests, commit)) if tests else ground.base
    expert = ground.tree("mined-expert", Patch.parse(found.patch + tests, commit))
    touched = Patch.parse(tests, commit).files if tests else ()
    return _Trees(
        base=base,
        expert=expert,
        texts={
            path: (base / path).read_text(encoding="utf-8")
            for path in touched
            if path.endswith(".py") and (base / path).is_file()
        },
    )


def _covering(ground: Ground, found: Found, tree: Path) -> list[str]:
    """Return the plain tests that pass on the base and execute changed functions.

    They are the commit's own among them, where they pass on the base too.
    """
    touched = [path for path in _touched(found) if (tree / path).is_file()]
    suite = replace(
        ground.suite,
        arguments=tuple(dict.fromkeys([*ground.suite.arguments, *touched])),
        side_packages=side_packages(
            ground.known.environment, ground.settings.cache_dir, ("coverage",)
        ),
    )
    path = ground.directory.path / "coverage.json"
    path.unlink(missing_ok=True)
    report = suite.run(tree, coverage=path, cpus=ground.lane.other_cpus)
    if not path.exists():
        raise UserError("recording coverage failed")
    covered = CoverageMap.read(path)
    reached = {t for file, lines in found.lines.items() for t in covered.covering(file, lines)}
    whole = {node_id.partition("[")[0] for node_id in reached}
    return [test for test in plain_tests(tree, report) if test in whole]


def _stem(path: str) -> str:
    """Return what a file of tests is named after; "" for other files."""
    stem = PurePosixPath(path).stem
    if not path.endswith(".py"):
        return ""
    for bare in (stem.removeprefix("test_"), stem.removesuffix("_test")):
        if bare != stem:
            return bare
    return ""


def _touched(found: Found) -> list[str]:
    """Return the files of tests that the commit touches or adds."""
    if not found.test_patch:
        return []
    files = Patch.parse(found.test_patch, found.base).files
    return [path for path in files if _stem(path)]


def _gaining(ground: Ground, trees: _Trees, tests: list[str]) -> list[str]:
    """Return the tests that gain, by calls in a few processes of each version."""
    job = {"text": parse_script(workload_text(tests, trees.texts), "mined").text, "calls": _CALLS}
    times: list[dict[str, list[float]]] = []
    with ground.lane.turn():
        for version in (trees.base, trees.expert):
            seconds: dict[str, list[float]] = {}
            for _ in range(_PROCESSES):
                limit_s = ground.settings.suite_timeout_s
                found = asked(ground, version, "perfagent_calls_times.py", job, limit_s)
                for node_id, values in found.items():
                    seconds.setdefault(node_id, []).extend(values)
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
