"""Every test's fate is known, whatever the suite does to its process."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfagent.repos.environment.environment import Environment
from perfagent.repos.environment.side_packages import side_packages
from perfagent.repos.suite import suite as suite_module
from perfagent.repos.suite.coverage_map import CoverageMap
from perfagent.repos.suite.report import listen
from perfagent.repos.suite.suite import Suite, SuiteReport, baseline, broken

SuiteOf = Callable[..., tuple[Suite, Path]]


def environment(folder: Path, python: Path) -> Environment:
    return Environment(
        key="own",
        python=python,
        version=platform.python_version(),
        import_roots=("src",),
        packages=("shop",),
        generated=(),
        source=folder,
        build=None,
        log=folder / "log",
    )


@pytest.fixture(scope="module")
def lean_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pytest and none of the plugins that stand beside it in ours."""
    folder = tmp_path_factory.mktemp("lean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = next(folder.glob("lib/python*/site-packages"))
    wanted = ("pytest", "pluggy", "iniconfig", "packaging", "Pygments", "exceptiongroup", "tomli")
    for name in wanted:
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        for top in {path.parts[0] for path in distribution.files or () if ".." not in path.parts}:
            if not (site / top).exists() and top != "__pycache__":
                (site / top).symlink_to(Path(str(distribution.locate_file(top))))
    return folder / "bin" / "python"


@pytest.fixture
def suite_of(tmp_path: Path, lean_python: Path) -> SuiteOf:
    """Return a function that lays out a worktree and returns its suite."""

    def lay_out(files: dict[str, str], *, name: str = "base", **fields) -> tuple[Suite, Path]:
        tree = tmp_path / "run" / "trees" / name
        for path, text in {"src/shop.py": "", **files}.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text, encoding="utf-8")
        return Suite(
            **{"env": environment(tmp_path, lean_python), "timeout_s": 60.0, **fields}
        ), tree

    return lay_out


KINDS = """
import os, unittest
import pathlib

import pytest

def test_passes(): assert os.read(0, 9) == b""
def test_fails(): assert 1 == 2, "one is not two"
@pytest.mark.parametrize("value", ["a b", "é", str(pathlib.Path(__file__).parents[1])])
def test_with(value): pass
@pytest.fixture
def broken(): raise RuntimeError("no fixture")
def test_setup_error(broken): pass
@pytest.fixture
def breaks_late():
    yield
    raise RuntimeError("no teardown")
def test_teardown_error(breaks_late): pass
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected_failure(): assert 0
@pytest.mark.xfail
def test_unexpected_success(): pass
@pytest.mark.xfail(strict=True)
def test_strict_unexpected_success(): pass

class OldStyle(unittest.TestCase):
    def test_ok(self): pass
    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
"""


def test_each_kind_of_outcome_is_told(suite_of: SuiteOf) -> None:
    suite, tree = suite_of(
        {
            "tests/test_kinds.py": KINDS,
            "tests/test_unimportable.py": "import no_such_module\n",
            "tests/test_not_here.py": "import pytest\npytest.skip('no', allow_module_level=True)\n",
        }
    )
    report = suite.run(tree)
    assert report.problem is None
    outcomes = {name.removeprefix("tests/test_"): its for name, its in report.outcomes().items()}
    assert outcomes == {
        "kinds.py::test_passes": "passed",
        "kinds.py::test_fails": "failed",
        "kinds.py::test_with[a b]": "passed",
        "kinds.py::test_with[\\xe9]": "passed",
        "kinds.py::test_with[{tree}]": "passed",
        "kinds.py::test_setup_error": "errored",
        "kinds.py::test_teardown_error": "errored",
        "kinds.py::test_skipped": "skipped",
        "kinds.py::test_expected_failure": "skipped",
        "kinds.py::test_unexpected_success": "passed",
        "kinds.py::test_strict_unexpected_success": "failed",
        "kinds.py::OldStyle::test_ok": "passed",
        "kinds.py::OldStyle::test_subtests": "failed",
        "unimportable.py": "errored",
        "not_here.py": "skipped",
    }
    reasons = {name.removeprefix("tests/test_"): why for name, why in report.reasons.items()}
    assert "one is not two" in reasons["kinds.py::test_fails"]
    assert reasons["kinds.py::test_setup_error"] == "RuntimeError: no fixture"
    assert reasons["unimportable.py"] == "ModuleNotFoundError: No module named 'no_such_module'"
    assert report.duration_s > 0
    assert report.command == "python -m pytest"


@pytest.mark.parametrize(
    ("death", "told"),
    [
        ("import os; os._exit(7)", "ended early with status 7"),
        ("import ctypes; ctypes.string_at(0)", "died of SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "died of SIGKILL"),
    ],
)
def test_a_crash_keeps_what_ran_and_names_the_test(
    suite_of: SuiteOf, death: str, told: str
) -> None:
    text = f"def test_a(): pass\ndef test_b():\n    {death}\ndef test_c(): pass\n"
    suite, tree = suite_of({"test_x.py": text})
    report = suite.run(tree)
    assert report.problem is not None
    assert told in report.problem
    assert "in test_x.py::test_b, after 1 of 3 tests" in report.problem
    assert report.passed == ("test_x.py::test_a",)
    assert report.errored == ("test_x.py::test_b",)


def test_a_suite_that_hangs_is_ended_and_the_test_named(suite_of: SuiteOf) -> None:
    text = "import time\ndef test_a(): pass\ndef test_b(): time.sleep(600)\n"
    suite, tree = suite_of({"test_x.py": text}, timeout_s=2.0)
    report = suite.run(tree)
    assert report.problem == (
        "the suite took longer than 2 s and was ended in test_x.py::test_b, after 1 of 2 tests"
    )
    assert report.passed == ("test_x.py::test_a",)


def test_a_suite_that_cannot_start_says_why(suite_of: SuiteOf) -> None:
    suite, tree = suite_of({"conftest.py": "import no_such_module\n", "test_x.py": ""})
    assert "No module named 'no_such_module'" in (suite.run(tree).problem or "")
    suite, tree = suite_of({"test_x.py": ""}, name="other", arguments=("--no-such-option",))
    assert "unrecognized arguments: --no-such-option" in (suite.run(tree).problem or "")


def test_a_missing_pytest_is_named(suite_of: SuiteOf, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    env = environment(tmp_path, tmp_path / "bare" / "bin" / "python")
    suite, tree = suite_of({"test_x.py": ""}, env=env)
    assert suite.run(tree).problem == f"pytest is not installed in {tmp_path / 'bare'}"


def test_no_tests_at_all_are_for_the_caller_to_judge(suite_of: SuiteOf) -> None:
    suite, tree = suite_of({})
    report = suite.run(tree)
    assert (report.problem, report.outcomes()) == (None, {})


def test_configured_plugins_neither_distribute_nor_stop_nor_break_a_run(
    suite_of: SuiteOf, tmp_path: Path
) -> None:
    env = environment(tmp_path, Path(sys.executable))  # which has xdist and pytest-benchmark
    ini = "[pytest]\naddopts = -n 2 -x --benchmark-only --junitxml=report.xml --lf\n"
    text = "import pytest\ndef test_a(): assert 0\ndef test_b(benchmark): benchmark(sum, [1])\n"
    suite, tree = suite_of(
        {"pytest.ini": ini, "test_x.py": text + "def test_c(): assert 0\n"}, env=env
    )
    for _ in range(2):
        report = suite.run(tree)
        assert report.problem is None
        assert report.passed == ("test_x.py::test_b",)
        assert report.failed == ("test_x.py::test_a", "test_x.py::test_c")
    assert not (tree / "report.xml").exists()


def test_options_of_a_plugin_that_is_not_installed_are_dropped(suite_of: SuiteOf) -> None:
    ini = "[pytest]\naddopts = --from-an-absent-plugin\n"
    suite, tree = suite_of({"pytest.ini": ini, "test_x.py": "def test_a(): pass\n"})
    report = suite.run(tree)
    assert report.passed == ("test_x.py::test_a",)
    assert report.command == "python -m pytest -o addopts="


def test_a_configuration_above_the_worktree_is_none_of_its_business(
    suite_of: SuiteOf, tmp_path: Path
) -> None:
    # A table of another tool is no configuration of pytest.
    meant = "[project]\n[tool.pytest-watch]\n"
    files = {"tests/test_x.py": "def test_a(): pass\n", "pyproject.toml": meant}
    suite, tree = suite_of(files)
    (tmp_path / "pytest.ini").write_text("[pytest]\npython_files = nothing\n", encoding="utf-8")
    (tmp_path / "run" / "conftest.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    assert suite.run(tree).passed == ("tests/test_x.py::test_a",)
    some, _ = suite_of({}, arguments=("tests",))
    assert some.run(tree).passed == ("tests/test_x.py::test_a",)
    # While the repository's own is used, wherever in it that is.
    (tree / "tests" / "pytest.ini").write_text("[pytest]\npython_functions = no_*\n")
    assert some.run(tree).passed == ()


def test_only_what_is_asked_for_runs_and_arguments_stay_in_force(suite_of: SuiteOf) -> None:
    files = {
        "tests/test_x.py": "def test_a(): pass\ndef test_b(): pass\ndef test_slow(): pass\n",
        "tests/test_y.py": "raise SystemExit('not to be imported')\n",
    }
    suite, tree = suite_of(files, arguments=("tests", "-k", "not slow"))
    wanted = ["tests/test_x.py::test_b", "tests/test_x.py::test_slow", "tests/test_gone.py::test"]
    report = suite.run(tree, node_ids=wanted)
    assert report.problem is None
    assert report.outcomes() == {"tests/test_x.py::test_b": "passed"}


def test_thousands_of_tests_can_be_asked_for(suite_of: SuiteOf) -> None:
    text = (
        "import pytest\n@pytest.mark.parametrize('value', range(4000))\n"
        "def test_with_a_rather_long_name_that_fills_the_command_line(value): pass\n"
    )
    suite, tree = suite_of({"test_x.py": text})
    prefix = "test_x.py::test_with_a_rather_long_name_that_fills_the_command_line"
    wanted = [f"{prefix}[{number}]" for number in range(0, 4000, 2)]
    assert suite.run(tree, node_ids=wanted).passed == tuple(wanted)


def test_names_are_the_same_in_every_worktree(suite_of: SuiteOf) -> None:
    text = (
        "import pathlib, pytest\nHERE = pathlib.Path(__file__).parent\n"
        "@pytest.mark.parametrize('path', [HERE / 'x.json'], ids=str)\ndef test_a(path): pass\n"
    )
    first, base = suite_of({"test_x.py": text})
    second, candidate = suite_of({"test_x.py": text}, name="candidaté")
    names = first.run(base).passed
    assert names == ("test_x.py::test_a[{tree}/x.json]",)
    assert second.run(candidate, node_ids=names).passed == names


def test_code_under_test_cannot_confuse_the_report_by_accident(suite_of: SuiteOf) -> None:
    text = """
import json, os
def test_fork():
    pid = os.fork()
    if pid == 0:
        assert 0, "the fork goes on as pytest"
    os.waitpid(pid, 0)
def test_patches():
    json.dumps = lambda *args, **options: "null"
    os.getpid = lambda: 1
def test_descriptors():
    for number in range(3, 50):
        try:
            os.write(number, b'["outcome", 3, "passed", null]\\n')
        except OSError:
            continue
def test_last(): assert 0
"""
    suite, tree = suite_of({"test_x.py": text})
    report = suite.run(tree)
    assert report.problem is None
    assert len(report.passed) == 3
    assert report.failed == ("test_x.py::test_last",)


def test_a_line_that_was_cut_or_is_not_the_plugins_is_passed_over() -> None:
    channel = (
        b'n ["collected", ["a", "b"]]\nx ["outcome", 1, "passed", null]\nn ["start", 1]\nn ["out'
    )
    heard = listen(channel, "n")
    assert (heard.collected, heard.outcomes, heard.running) == (["a", "b"], {}, "b")


def test_the_suite_of_a_subfolder_runs_there(suite_of: SuiteOf, tmp_path: Path) -> None:
    suite, tree = suite_of(
        {"py/tests/test_x.py": "import os\ndef test_a(): assert os.path.isdir('tests')\n"}
    )
    inside = Suite(env=_in_subdir(suite.env, "py"), timeout_s=60)
    names = inside.run(tree).passed
    assert names == ("tests/test_x.py::test_a",)
    assert inside.run(tree, node_ids=names).passed == names


def _in_subdir(env: Environment, subdir: str) -> Environment:
    return Environment(**{**vars(env), "subdir": subdir})


# The baseline, and what a change broke.

SHOP = """
TAX = 2

def total(prices):
    if not prices:
        return 0
    return sum(prices) * TAX

def greet():
    return "hello"
"""
SHOP_TESTS = """
import os, shop
def test_total(): assert shop.total([1]) == 2
def test_nothing(): assert shop.total([]) == 0
def test_greeting(): assert shop.greet() == "hello"
def test_wrong(): assert 0
def test_seed(): assert os.environ["PYTHONHASHSEED"] == "0"
"""


@pytest.fixture(scope="module")
def tools(cache: Path) -> Path:
    return side_packages(environment(cache, Path(sys.executable)), cache, ("coverage",))


def test_the_baseline_sorts_tests_and_knows_what_each_covers(
    suite_of: SuiteOf, tools: Path, tmp_path: Path
) -> None:
    suite, tree = suite_of(
        {"src/shop.py": SHOP, "tests/test_shop.py": SHOP_TESTS}, side_packages=tools
    )
    said: list[float | None] = []
    found = baseline(suite, tree, tmp_path, lambda text, about_s: said.append(about_s))
    stable = [f"tests/test_shop.py::test_{name}" for name in ("total", "nothing", "greeting")]
    assert found.stable == tuple(stable)
    assert found.failing == ("tests/test_shop.py::test_wrong",)
    assert found.flaky == ("tests/test_shop.py::test_seed",)
    assert found.report.problem is None
    # Whoever waits is told how long the run takes that coverage slows down.
    assert said == [None, pytest.approx(2.5 * found.report.duration_s)]
    assert found.contexts is not None
    covered = CoverageMap.read(found.contexts)
    assert covered.covering("src/shop.py", [7]) == ("tests/test_shop.py::test_total",)
    assert covered.covering("src/shop.py", [5]) == tuple(stable[:2])
    assert covered.covering("src/shop.py", [2]) == ()
    assert set(covered.covering("src/shop.py")) == set(stable)


def test_a_suite_that_recording_breaks_still_has_a_baseline(
    suite_of: SuiteOf, tools: Path, tmp_path: Path
) -> None:
    text = "import os, sys\ndef test_a():\n    sys.gettrace() and os._exit(3)\n"
    suite, tree = suite_of({"tests/test_x.py": text}, side_packages=tools)
    found = baseline(suite, tree, tmp_path)
    assert found.stable == ("tests/test_x.py::test_a",)
    assert found.contexts is None
    assert "recording coverage broke the suite" in found.report.notes[0]


def test_a_recorder_that_is_missing_is_noted_and_no_map_is_written(
    suite_of: SuiteOf, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    suite, tree = suite_of(
        {"tests/test_x.py": "def test_a(): pass\n"}, side_packages=tmp_path / "empty"
    )
    found = baseline(suite, tree, tmp_path)
    assert found.contexts is None
    assert "no coverage: ModuleNotFoundError" in found.report.notes[0]
    assert found.stable == ("tests/test_x.py::test_a",)


def test_a_suite_that_does_not_run_has_a_problem_and_nothing_stable(
    suite_of: SuiteOf, tmp_path: Path
) -> None:
    suite, tree = suite_of(
        {"test_x.py": "def test_a(): pass\n\ndef test_b(): __import__('os')._exit(1)\n"}
    )
    found = baseline(suite, tree, tmp_path)
    assert found.report.problem is not None
    assert (found.stable, found.flaky, found.contexts) == ((), (), None)


def test_whatever_became_of_a_stable_test_but_passing_is_broken() -> None:
    names = ("t::same", "t::fails", "t::errs", "t::skips", "t::gone", "t::unasked")
    before = suite_module.BaselineSuite(
        report=SuiteReport(passed=names, duration_s=1, command="c"),
        stable=names,
        flaky=("t::flaky",),
    )
    after = SuiteReport(
        passed=("t::same",),
        failed=("t::fails", "t::flaky"),
        errored=("t::errs",),
        skipped=("t::skips",),
        reasons={"t::fails": "assert 1 == 2\n +  where"},
        duration_s=1,
        command="c",
    )
    assert broken(before, after, [*names[:5], "t::flaky"]) == (
        "t::fails: failed (assert 1 == 2)",
        "t::errs: errored",
        "t::skips: skipped",
        "t::gone: did not run",
    )
    assert broken(before, after)[-1] == "t::unasked: did not run"


@pytest.mark.parametrize("name", ["suite_plugin.py", "resolve_names.py"])
def test_what_runs_inside_the_target_is_understood_by_the_oldest_python(name: str) -> None:
    path = Path(suite_module.__file__).parents[1] / "inside" / name
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    oldest = Path(os.environ.get("PYENV_ROOT", "/nonexistent")) / "versions"
    for python in sorted(oldest.glob("3.8*/bin/python")):
        subprocess.run(
            [python, "-c", f"compile(open({str(path)!r}).read(), 'x', 'exec')"], check=True
        )
