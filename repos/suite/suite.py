"""Runs a repository's own tests and says which of them must keep passing."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..commands.process import USUAL_LIMITS, CommandResult, run_command
from ..environment.environment import Environment
from ..sandbox.containment import Containment
from ..sandbox.sandbox import Enclosure
from .coverage_map import CoverageMap
from .report import Heard, SuiteReport, listen, make_report

_COVERED = 2.5
"""About how many times longer a suite takes while coverage.py traces it, to say how long it is."""
_PLUGIN = Path(__file__).parents[1] / "inside" / "suite_plugin.py"
_CONFIGURATION = {
    "pytest.ini": ("",),
    ".pytest.ini": ("",),
    "pytest.toml": ("",),
    ".pytest.toml": ("",),
    # Not every table whose name begins so: pytest goes by these two alone.
    "pyproject.toml": ("[tool.pytest.ini_options]", "[tool.pytest]"),
    "tox.ini": ("[pytest]",),
    "setup.cfg": ("[tool:pytest]",),
}


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A repository's tests and how to run them.

    Attributes:
        env: The environment they run in.
        arguments: pytest's arguments; none for the repository's own configuration.
        timeout_s: Seconds after which a run is ended.
        side_packages: The folder that holds coverage, as `side_packages` returns it; None where
            no run asks for coverage.
        containment: How the tests are contained.
    """

    env: Environment
    arguments: tuple[str, ...] = ()
    timeout_s: float = 1800.0
    side_packages: Path | None = None
    containment: Containment = field(default_factory=Containment)

    def run(
        self,
        tree: Path,
        *,
        node_ids: Sequence[str] = (),
        cpus: frozenset[int] | None = None,
        hash_seed: int = 0,
        coverage: Path | None = None,
        keep_home: bool = False,
    ) -> SuiteReport:
        """Run tests in a worktree.

        Args:
            tree: The worktree, prepared for the environment.
            node_ids: The tests to run; empty for the whole suite.
            cpus: The cores they may run on; None for all.
            hash_seed: The seed of the hashes of strings.
            coverage: Where to write which test executes which lines (see `CoverageMap`); None to
                record nothing. When recording fails, nothing is written and a note says why.
            keep_home: Whether later commands find what the tests write to their home.

        Raises:
            InfrastructureError: The machine failed, not the tests.
        """
        project = tree / self.env.subdir
        arguments = [*self.arguments, *_anchor(tree, project, self.arguments)]
        with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
            scratch = Path(folder).resolve()
            database = scratch / "coverage"
            enclosure = self.containment.around(
                self.env,
                tree,
                keep_home=keep_home,
                readable=[self.side_packages],
                writable=[scratch],
            )
            settings = {
                "nonce": secrets.token_hex(8),
                "tree": str(tree),
                "node_ids": list(node_ids) or None,
                "coverage": self._coverage_settings(tree, database) if coverage else None,
            }
            # Options that the repository's configuration gives may belong to a plugin that is not
            # installed; without them the tests may still run.
            for addopts in ([], ["-o", "addopts="]):
                settings["arguments"] = [*arguments, *addopts]
                result, heard = self._launch(tree, settings, cpus, hash_seed, enclosure)
                if not _failed_to_begin(result, heard):
                    break
            report = make_report(result, heard, [*self.arguments, *addopts], self.timeout_s)
            if coverage and database.exists() and report.problem is None:
                recorded = CoverageMap.from_database(database, tree, heard.collected or ())
                recorded.write(coverage)
        return report

    def _coverage_settings(self, tree: Path, database: Path) -> dict[str, object]:
        if self.side_packages is None:
            raise ValueError("a suite without side_packages cannot record coverage")
        owned = [
            str(tree.resolve() / root / package)
            for root in self.env.import_roots
            for package in self.env.packages
        ]
        return {
            "packages": str(self.side_packages),
            "database": str(database),
            "include": [pattern for path in owned for pattern in (f"{path}/*", f"{path}.py")],
        }

    def _launch(
        self,
        tree: Path,
        settings: Mapping[str, object],
        cpus: frozenset[int] | None,
        hash_seed: int,
        enclosure: Enclosure,
    ) -> tuple[CommandResult, Heard]:
        result = run_command(
            [str(self.env.python), str(_PLUGIN), "{channel}"],
            cwd=tree / self.env.subdir,
            env=self.env.variables(tree, hash_seed=hash_seed),
            limits=replace(USUAL_LIMITS, wall_s=self.timeout_s),
            cpus=cpus,
            channel=True,
            stdin=json.dumps(settings).encode(),
            enclosure=enclosure,
        )
        return result, listen(result.channel, str(settings["nonce"]))


@dataclass(frozen=True, kw_only=True)
class BaselineSuite:
    """What a suite does on the base commit.

    Attributes:
        report: The first of two runs.
        flaky: Tests whose outcome differed between the two.
        failing: Tests that failed or errored both times; they are set aside, visibly.
        stable: Tests that passed both times: these must keep passing.
        contexts: The file of the coverage map; None when there is none (`report.notes` says why).
    """

    report: SuiteReport
    flaky: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    stable: tuple[str, ...] = ()
    contexts: Path | None = None


def baseline(
    suite: Suite,
    tree: Path,
    out: Path,
    on_progress: Callable[[str, float | None], None] | None = None,
) -> BaselineSuite:
    """Run a suite twice on the base commit, with two hash seeds, and sort its tests.

    When the first run has a problem there is no second, and nothing is stable.

    Args:
        suite: The suite; with `side_packages` the second run records coverage.
        tree: The worktree of the base.
        out: The folder that gets `coverage.json`.
        on_progress: Told in one line what goes on.

    Raises:
        InfrastructureError: The machine failed, not the tests.
    """
    tell = on_progress or (lambda text, about_s: None)
    tell("running the suite on the base", None)
    first = suite.run(tree, keep_home=True)
    if first.problem is not None:
        return BaselineSuite(report=first)
    contexts = out / "coverage.json" if suite.side_packages else None
    wanted = "flaky tests, and what each test covers" if contexts else "flaky tests"
    tell(
        f"running it again ({len(first.passed)} passed): {wanted}",
        first.duration_s * (_COVERED if contexts else 1),
    )
    second = suite.run(tree, hash_seed=1, coverage=contexts, keep_home=True)
    notes = second.notes
    if second.problem is not None and contexts:
        notes = (*notes, f"recording coverage broke the suite: {second.problem}")
        second = suite.run(tree, hash_seed=1)
    before, again = first.outcomes(), second.outcomes()
    both = list(dict.fromkeys((*before, *again)))
    broke = ("failed", "errored")
    return BaselineSuite(
        report=replace(first, notes=(*first.notes, *notes)),
        flaky=tuple(name for name in both if before.get(name) != again.get(name)),
        failing=tuple(name for name in both if before.get(name) == again.get(name) in broke),
        stable=tuple(name for name in both if before.get(name) == again.get(name) == "passed"),
        contexts=contexts if contexts and contexts.is_file() else None,
    )


def broken(
    before: BaselineSuite, after: SuiteReport, expected: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return what a change broke, as "node id: what happened"; empty means nothing.

    A test that passed must pass. Of the whole suite, one that did anything else must still be there
    and do the same, or pass; flaky ones may do as they like.

    Args:
        before: The suite on the base.
        after: The suite with the change.
        expected: The node ids that were to run; None for all. Only those stable on the base count.
    """
    wanted = dict.fromkeys(before.stable, "passed")
    if expected is not None:
        wanted = {node_id: "passed" for node_id in expected if node_id in wanted}
    else:
        known, flaky = before.report.outcomes(), frozenset(before.flaky)
        wanted |= {node_id: known[node_id] for node_id in known if node_id not in flaky}
    outcomes = after.outcomes()
    found: list[str] = []
    for node_id, usual in wanted.items():
        outcome = outcomes.get(node_id, "did not run")
        if outcome in (usual, "passed"):
            continue
        reason = after.reasons.get(node_id, "").strip().splitlines()
        found.append(f"{node_id}: {outcome}{f' ({reason[0][:200]})' if reason else ''}")
    return tuple(found)


def _anchor(tree: Path, project: Path, arguments: Sequence[str]) -> list[str]:
    """Return arguments that keep pytest from looking for its configuration above the tree.

    A run's folder may lie inside a project of the user's own, whose configuration would be taken
    for that of a repository which has none.
    """
    if any(word.startswith(("-c", "--rootdir", "--config-file")) for word in arguments):
        return []
    folders = {project}
    for word in arguments:
        path = project / word.split("::")[0]
        if path.exists() and path.is_relative_to(tree):
            folders.add(path if path.is_dir() else path.parent)
    ancestors = {
        folder
        for start in folders
        for folder in (start, *start.parents)
        if folder.is_relative_to(tree)
    }
    if any(_has_configuration(folder) for folder in ancestors):
        return []
    return ["-c", "/dev/null", f"--rootdir={project}", f"--confcutdir={tree}"]


def _failed_to_begin(result: CommandResult, heard: Heard) -> bool:
    """Whether pytest gave up by itself before it had collected anything, and said no more."""
    gave_up = result.returncode is not None and result.returncode > 0
    return gave_up and heard.collected is None and not heard.problems


def _has_configuration(folder: Path) -> bool:
    for name, sections in _CONFIGURATION.items():
        path = folder / name
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            if any(section in text for section in sections):
                return True
    return False
