"""What a repository declares is found wherever its authors wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from perfagent.errors import UserError
from perfagent.repos.declared.metadata import DeclaredMetadata, find_subdir, read_metadata


def declared(folder: Path, files: dict[str, str]) -> DeclaredMetadata:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return read_metadata(folder)


def test_a_modern_project_is_installed_with_its_test_extra(tmp_path: Path) -> None:
    found = declared(
        tmp_path,
        {
            "pyproject.toml": """
[project]
name = "shop"
requires-python = ">=3.9"
[project.optional-dependencies]
Test = ["hypothesis"]
dev = ["ruff"]
docs = ["sphinx"]
[tool.setuptools.packages.find]
where = ["src"]
""",
            "src/shop/__init__.py": "",
        },
    )
    assert found.installable
    assert found.name == "shop"
    assert found.requires_python == ">=3.9"
    assert found.import_roots == ("src",)
    assert found.suite_needs.extras == ("Test",)
    assert found.defining_files == ("pyproject.toml",)


def test_linters_of_a_dev_extra_are_installed_only_when_nothing_else_names_tests(
    tmp_path: Path,
) -> None:
    text = '[project]\nname = "a"\n[project.optional-dependencies]\ndev = ["pytest-mock"]\n'
    assert declared(tmp_path, {"pyproject.toml": text}).suite_needs.extras == ("dev",)
    found = declared(tmp_path, {"requirements-test.txt": "pytest-mock\n"})
    assert found.suite_needs.extras == ()
    assert found.suite_needs.files == ("requirements-test.txt",)


def test_dependency_groups_are_followed_through_what_they_include(tmp_path: Path) -> None:
    text = """
[dependency-groups]
test = ["pytest>7", {include-group = "Typing_"}, {include-group = "test"}]
"typing-" = ["typing-extensions"]
lint = ["ruff"]
"""
    needs = declared(tmp_path, {"pyproject.toml": text}).suite_needs
    assert needs.requirements == ("pytest>7", "typing-extensions")


@pytest.mark.parametrize(
    ("written", "accepts", "refuses"),
    [
        ("^1.2.3", "1.9", "2.0"),
        ("^0.2.3", "0.2.9", "0.3"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("~1.2", "1.2.9", "1.3"),
        ("~1", "1.9", "2.0"),
        ("1.4", "1.4", "1.5"),
        (">=1.2,<2", "1.3", "2.0"),
        ("1.*", "1.9", "2.0"),
    ],
)
def test_poetry_constraints_keep_their_meaning(
    tmp_path: Path, written: str, accepts: str, refuses: str
) -> None:
    text = f'[tool.poetry.group.test.dependencies]\npython = "^3.9"\npytest = "{written}"\n'
    (line,) = declared(tmp_path, {"pyproject.toml": text}).suite_needs.requirements
    requirement = Requirement(line)
    assert requirement.name == "pytest"
    assert accepts in requirement.specifier
    assert refuses not in requirement.specifier


def test_poetry_dependencies_without_a_version_do_not_break_the_rest(tmp_path: Path) -> None:
    text = """
[tool.poetry]
name = "a"
packages = [{include = "a", from = "lib"}]
[tool.poetry.dev-dependencies]
here = {path = "../here"}
many = [{version = "1"}, {version = "2"}]
any = "*"
some = {version = "^2", extras = ["x", "y"], markers = "python_version < '4'"}
"""
    found = declared(tmp_path, {"pyproject.toml": text, "lib/a/__init__.py": ""})
    assert found.installable
    assert found.import_roots == ("lib",)
    assert found.suite_needs.requirements == (
        "any",
        'some[x,y]<3,>=2; python_version < "4"',
    )


def test_setup_py_is_read_and_never_run(tmp_path: Path) -> None:
    found = declared(
        tmp_path,
        {
            "setup.py": """
from setuptools import setup
raise SystemExit("this must not run")
TESTS = ["mock", "pytest-" + "xdist"]
extras = dict(fast=["numba"])
extras["tests"] = TESTS
setup(name="old", python_requires=">=3.6", package_dir={"": "src"}, extras_require=extras,
      tests_require=TESTS)
""",
            "src/old.py": "",
        },
    )
    assert found.installable
    assert found.name == "old"
    assert found.requires_python == ">=3.6"
    assert found.import_roots == ("src",)
    assert found.suite_needs.extras == ("tests",)
    assert found.suite_needs.requirements == ("mock",)


def test_setup_cfg_declares_as_much(tmp_path: Path) -> None:
    text = """
[metadata]
name = cfg
[options]
package-dir =
    = src
python_requires = >=3.8
[options.extras_require]
testing =
    pytest
"""
    found = declared(tmp_path, {"setup.cfg": text, "setup.py": "import setuptools", "src/c.py": ""})
    assert (found.name, found.requires_python) == ("cfg", ">=3.8")
    assert found.import_roots == ("src",)
    assert found.suite_needs.extras == ("testing",)


def test_tox_says_what_an_old_suite_needs(tmp_path: Path) -> None:
    text = """
[testenv]
deps =
    pytest >= 3
    py39: django
    -r{toxinidir}/requirements/ci.txt
    {env:EXTRA}
extras = socks
"""
    found = declared(tmp_path, {"tox.ini": text, "requirements/ci.txt": "mock\n"})
    assert not found.installable
    assert found.suite_needs.requirements == ("pytest >= 3",)
    assert found.suite_needs.files == ("requirements/ci.txt",)
    assert found.suite_needs.extras == ("socks",)


def test_a_pyproject_with_tool_settings_alone_is_not_installed(tmp_path: Path) -> None:
    found = declared(
        tmp_path, {"pyproject.toml": "[tool.black]\n", "requirements.txt": "six\n", "a.py": ""}
    )
    assert not found.installable
    assert found.runtime_files == ("requirements.txt",)


def test_an_sdist_knows_its_version_without_tags(tmp_path: Path) -> None:
    header = "Metadata-Version: 2.1\nName: Some.Thing\nVersion: 4.2\n\nVersion: of the text\n"
    found = declared(tmp_path, {"PKG-INFO": header, "setup.py": ""})
    assert (found.name, found.version) == ("Some.Thing", "4.2")


@pytest.mark.parametrize(
    "text",
    [
        "[project]\nname = 3\noptional-dependencies = []\n[dependency-groups]\ntest = 1\n",
        '[tool]\npoetry = "x"\nsetuptools = {packages = ["a"], package-dir = {"" = 1}}\n',
        '[tool.poetry]\npackages = {include = "a"}\n[tool.hatch.envs]\ntest = 1\n',
        '[tool.hatch.build.targets.wheel]\npackages = "src/a"\n[tool.pdm]\ndev-dependencies=1\n',
        '[tool.setuptools]\npackage-dir = {"" = "../elsewhere"}\n',
    ],
)
def test_nonsense_in_metadata_is_left_out_and_does_not_crash(tmp_path: Path, text: str) -> None:
    found = declared(tmp_path, {"pyproject.toml": text, "setup.py": "setup(", "setup.cfg": "["})
    assert found.import_roots == ()
    assert not found.suite_needs


def test_broken_toml_is_told_by_its_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"pyproject\.toml.*not valid TOML"):
        declared(tmp_path, {"pyproject.toml": "name = ["})


def test_a_package_in_a_subfolder_is_found(tmp_path: Path) -> None:
    declared(tmp_path, {"python/core/pyproject.toml": "[project]\n", "docs/setup.py": ""})
    assert find_subdir(tmp_path) == "python/core"


def test_several_projects_ask_for_a_choice(tmp_path: Path) -> None:
    declared(tmp_path, {"a/setup.py": "", "b/pyproject.toml": ""})
    with pytest.raises(UserError, match=r"a, b.*--subdir"):
        find_subdir(tmp_path)


def test_a_root_with_metadata_is_the_project_whatever_lies_below(tmp_path: Path) -> None:
    declared(tmp_path, {"setup.py": "", "plugins/setup.py": ""})
    assert find_subdir(tmp_path) == ""


def test_a_repository_without_any_metadata_is_its_own_project(tmp_path: Path) -> None:
    declared(tmp_path, {"pkg/__init__.py": ""})
    assert find_subdir(tmp_path) == ""
