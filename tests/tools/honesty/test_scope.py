"""A patch cannot change what judges it, builds it, or runs before it, in any spelling."""

from __future__ import annotations

import pytest

from perfagent.repos.patch import Patch
from perfagent.tools.honesty.scope import files_of_tests, out_of_scope


def touching(*paths: str, new: bool = False) -> Patch:
    parts = []
    for path in paths:
        header = f"diff --git a/{path} b/{path}\n"
        if new:
            parts.append(
                f"{header}new file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"
            )
        else:
            parts.append(f"{header}--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-x\n+y\n")
    return Patch.parse("".join(parts), "0" * 40)


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_core.py",
        "pkg/tests/data.json",
        "Tests/helper.py",
        "TESTS/a.py",
        "pkg/test_core.py",
        "pkg/core_test.py",
        "pkg/core_tests.py",
        "conftest.py",
        "pkg/CONFTEST.py",
        "testing/run.py",
        "test/a.py",
        "test.py",
        "pkg/tests.py",
    ],
)
def test_tests_are_out_of_scope(path: str) -> None:
    assert out_of_scope(touching(path)) == [f"{path}: is part of the tests"]


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        ".ci/run",
        "Jenkinsfile",
        "azure-pipelines-2.yml",
        ".pre-commit-config.yaml",
    ],
)
def test_continuous_integration_is_out_of_scope(path: str) -> None:
    assert out_of_scope(touching(path)) == [f"{path}: belongs to continuous integration"]


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "pkg/PyProject.toml",
        "setup.py",
        "setup.cfg",
        "requirements.txt",
        "requirements-dev.in",
        "dev-requirements.txt",
        "requirements/base.txt",
        "constraints.txt",
        "tox.ini",
        "noxfile.py",
        "Makefile",
        "docs/makefile",
        "GNUmakefile",
        "poetry.lock",
        "uv.lock",
        "Pipfile",
        "pytest.ini",
        ".coveragerc",
        "meson.build",
        "environment.yml",
        "Dockerfile",
        "perfagent.toml",
        ".gitattributes",
        "MANIFEST.in",
    ],
)
def test_build_and_lock_files_are_out_of_scope(path: str) -> None:
    (reason,) = out_of_scope(touching(path))
    assert "dependencies, the build, or how tests" in reason


@pytest.mark.parametrize(
    "path",
    [
        "sitecustomize.py",
        "src/usercustomize.py",
        "fast.pth",
        "sitecustomize/__init__.py",
        "a.egg-link",
    ],
)
def test_hooks_of_the_interpreter_s_start_are_out_of_scope(path: str) -> None:
    (reason,) = out_of_scope(touching(path, new=True))
    assert "run by Python at its start" in reason


@pytest.mark.parametrize(
    "path",
    [
        "fast.cpython-311-x86_64-linux-gnu.so",
        "pkg/a.PYC",
        ".perfagent/run.json",
        "x.dist-info/RECORD",
    ],
)
def test_compiled_and_installed_files_are_out_of_scope(path: str) -> None:
    assert len(out_of_scope(touching(path))) == 1


@pytest.mark.parametrize("path", ["time.py", "src/pytest.py", "json/__init__.py", "lib/TIMEIT.py"])
def test_a_new_module_may_not_stand_in_for_a_real_one(path: str) -> None:
    (reason,) = out_of_scope(touching(path, new=True))
    assert "would be imported instead of the real module" in reason
    assert out_of_scope(touching(path)) == []


@pytest.mark.parametrize(
    "path",
    [
        "pkg/core.py",
        "pkg/testing/asserts.py",
        "numpy/testing/__init__.py",
        "django/test/client.py",
        "pkg/contest.py",
        "pkg/latest.py",
        "pkg/build.py",
        "pkg/time.py",
        "src/pkg/json.py",
        "docs/guide.md",
        "README.md",
        "pkg/data.json",
        "pkg/attest/a.py",
        "pkg/_fast.pyx",
        "pkg/protest.py",
        "CHANGELOG.md",
        "setup/core.py",
    ],
)
def test_the_library_itself_is_in_scope(path: str) -> None:
    assert out_of_scope(touching(path)) == []
    assert out_of_scope(touching(path, new=True)) == []


def test_files_that_hold_the_suite_are_out_of_scope_whatever_their_name() -> None:
    suite = {"checks/check_core.py", "pkg/test/cases.py"}
    for path in ("checks/check_core.py", "Checks/Check_core.py", "pkg/test/helper.py"):
        assert out_of_scope(touching(path), suite) == [f"{path}: is part of the tests"]
    assert out_of_scope(touching("checks/other.py"), suite) == []


def test_the_workload_is_out_of_scope() -> None:
    patch = touching("bench/big_join.py", "pkg/core.py")
    assert out_of_scope(patch, (), "bench/big_join.py") == ["bench/big_join.py: is the workload"]


def test_a_renamed_file_is_judged_by_both_names() -> None:
    diff = (
        "diff --git a/tests/helper.py b/pkg/helper.py\nsimilarity index 100%\n"
        "rename from tests/helper.py\nrename to pkg/helper.py\n"
    )
    assert out_of_scope(Patch.parse(diff, "0" * 40)) == ["tests/helper.py: is part of the tests"]


def test_what_the_user_allows_by_name_is_in_scope() -> None:
    patch = touching("setup.py", "pkg/tests/data/a.json", "tests/test_a.py")
    assert out_of_scope(patch, allow=["setup.py", "pkg/tests/*"]) == [
        "tests/test_a.py: is part of the tests"
    ]
    assert len(out_of_scope(patch, allow=["*.toml"])) == 3


def test_names_that_only_look_different_are_the_same() -> None:
    for path in ("\uff54ests/a.py", "tests./a.py"):
        assert out_of_scope(touching(path)) == [f"{path}: is part of the tests"]


def test_a_module_with_doctests_is_no_test_file() -> None:
    ids = [
        "tests/test_a.py::test_x[a.b]",
        "tests/test_a.py::Case::test_y",
        "pkg/core.py::pkg.core.solve",
        "docs/guide.rst::guide.rst",
        "checks/run.py::test_dotted[1.5]",
    ]
    assert files_of_tests(ids) == {"tests/test_a.py", "docs/guide.rst", "checks/run.py"}
