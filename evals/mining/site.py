"""Both versions of a commit side by side, with its tests, and which tests reach what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import UserError
from ...repos.environment.side_packages import side_packages
from ...repos.patch import Patch
from ...repos.suite.coverage_map import CoverageMap
from ..running.ground import Ground
from .commits import Found
from .files import touched_files, touched_tests
from .plain import plain_tests


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a commit's workload is looked for in.

    Attributes:
        found: The commit.
        ground: Its base, prepared.
        base: The base's code, with tests and benchmarks as they are after the commit.
        expert: The commit's, likewise.
        texts: By path, the files of tests and benchmarks that the commit touches.
        covering: The tests that pass on the base and execute changed functions, without what
            pytest adds to an id; the commit's own among them, where they pass on the base too.
        plain: Those of them that a script can call.
    """

    found: Found
    ground: Ground
    base: Path
    expert: Path
    texts: Mapping[str, str]
    covering: tuple[str, ...]
    plain: tuple[str, ...]

    @property
    def covering_files(self) -> tuple[str, ...]:
        """The base's files that hold the covering tests."""
        files = dict.fromkeys(test.partition("::")[0] for test in self.covering)
        return tuple(path for path in files if (self.ground.base / path).exists())


class _NoCoverage(UserError):
    """The tests do not run."""


def open_site(ground: Ground, found: Found) -> Site:
    """Lay both versions out, and run the tests under coverage on the base.

    The tests are those of the commit; where these cannot run on the base at all, the base's.

    Raises:
        UserError: The tests do not run under coverage.
        ToolError: A version does not build.
        InfrastructureError: The machine failed.
    """
    if not found.test_patch:
        return _site(ground, found, "")
    try:
        return _site(ground, found, found.test_patch)
    except _NoCoverage:
        return _site(ground, found, "")


def _site(ground: Ground, found: Found, tests: str) -> Site:
    commit = ground.ref.commit
    base = ground.tree("mined-base", Patch.parse(tests, commit)) if tests else ground.base
    expert = ground.tree("mined-expert", Patch.parse(found.patch + tests, commit))
    covering, plain = _covering(ground, found, base)
    touched = touched_files(found) if tests else []
    return Site(
        found=found,
        ground=ground,
        base=base,
        expert=expert,
        texts={
            path: (base / path).read_text(encoding="utf-8")
            for path in touched
            if path.endswith(".py") and (base / path).is_file()
        },
        covering=covering,
        plain=plain,
    )


def _covering(ground: Ground, found: Found, tree: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the covering tests, and those of them that a script can call."""
    files = dict.fromkeys([*ground.suite.arguments, *touched_tests(found)])
    suite = replace(
        ground.suite,
        arguments=tuple(path for path in files if (tree / path).exists()),
        side_packages=side_packages(
            ground.known.environment, ground.settings.cache_dir, ("coverage",)
        ),
    )
    path = ground.directory.path / "coverage.json"
    path.unlink(missing_ok=True)
    report = suite.run(tree, coverage=path, cpus=ground.lane.other_cpus)
    if not path.exists():
        raise _NoCoverage(f"the tests do not run under coverage: {report.problem}")
    recorded = CoverageMap.read(path)
    reached = {t for file, lines in found.lines.items() for t in recorded.covering(file, lines)}
    whole = {test.partition("[")[0] for test in reached & set(report.passed)}
    plain = [test for test in plain_tests(tree, report) if test in whole]
    return tuple(sorted(whole)), tuple(plain)
