"""A repository runs from the worktree under trial, in an environment that is made once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perfagent.errors import ToolError, UserError
from perfagent.repos.environment.environment import (
    Environment,
    EnvironmentSpec,
    build_environment,
    prepare_tree,
)

from ..conftest import SETUPTOOLS, GitFolder, MakeRepository, worktree

in_an_environment = pytest.mark.skipif(
    sys.prefix == sys.base_prefix, reason="the tests run outside an environment"
)

NATIVE = """
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(ANSWER); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_native", 0, -1, methods};
PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&module); }
"""


def run_python(env: Environment, tree: Path, code: str) -> str:
    done = subprocess.run(
        [env.python, "-c", code],
        cwd=tree.parent,
        env=env.variables(tree),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# The user's own environment, used as it is: needs no index.


@in_an_environment
def test_an_environment_of_the_users_is_used_and_left_as_it_was(
    make_repository: MakeRepository, trees: Path, cache: Path
) -> None:
    tree = worktree(make_repository({"shop/__init__.py": "", "tests/test_a.py": ""}), trees)
    site = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    before = sorted(path.name for path in site.iterdir())
    env = build_environment(EnvironmentSpec(python=sys.prefix), tree, cache)
    assert env.python.is_relative_to(sys.prefix)
    assert env.packages == ("shop",)
    assert env.import_roots == ("",)
    assert run_python(env, tree, "import shop; print(shop.__file__)") == str(
        tree / "shop/__init__.py"
    )
    assert sorted(path.name for path in site.iterdir()) == before


@in_an_environment
def test_install_commands_never_reach_an_environment_of_the_users(
    make_repository: MakeRepository, trees: Path, cache: Path
) -> None:
    tree = worktree(make_repository({"shop.py": ""}), trees)
    spec = EnvironmentSpec(python=sys.prefix, install=("pip install .",))
    with pytest.raises(UserError, match="used as it is: drop --install"):
        build_environment(spec, tree, cache)


@in_an_environment
@pytest.mark.parametrize(
    ("files", "roots", "packages"),
    [
        ({"src/a/__init__.py": "", "tests/__init__.py": "", "setup.py": ""}, ("src",), ("a",)),
        ({"lib/a/__init__.py": "", "docs/conf.py": ""}, ("lib",), ("a",)),
        ({"a.py": "", "b/__init__.py": "", "conftest.py": "", "test_a.py": ""}, ("",), ("a", "b")),
        ({"ns/deep/a.py": "", "scripts/x.py": "", "tests/test_a.py": ""}, ("",), ("ns",)),
        ({"a/__init__.py": "", "benchmarks/__init__.py": "", "tools/x.py": ""}, ("",), ("a",)),
        ({"tools/__init__.py": "", "setup.py": ""}, ("",), ("tools",)),
    ],
)
def test_the_repositorys_own_packages_are_told_from_what_lies_beside_them(
    make_repository: MakeRepository,
    trees: Path,
    cache: Path,
    files: dict[str, str | bytes | None],
    roots: tuple[str, ...],
    packages: tuple[str, ...],
) -> None:
    tree = worktree(make_repository(files), trees)
    env = build_environment(EnvironmentSpec(python=sys.prefix), tree, cache)
    assert (env.import_roots, env.packages) == (roots, packages)


@in_an_environment
def test_a_project_in_a_subfolder_is_imported_from_there(
    make_repository: MakeRepository, trees: Path, cache: Path
) -> None:
    files = {"py/pyproject.toml": "", "py/src/a/__init__.py": "", "other/__init__.py": ""}
    tree = worktree(make_repository(files), trees)
    env = build_environment(EnvironmentSpec(python=sys.prefix, subdir="py"), tree, cache)
    assert (env.import_roots, env.packages) == (("py/src",), ("a",))
    with pytest.raises(UserError, match="--subdir nowhere"):
        build_environment(EnvironmentSpec(python=sys.prefix, subdir="nowhere"), tree, cache)


@in_an_environment
def test_a_repository_with_nothing_to_import_is_refused(
    make_repository: MakeRepository, trees: Path, cache: Path
) -> None:
    tree = worktree(make_repository({"README.md": "", "tests/test_a.py": ""}), trees)
    with pytest.raises(UserError, match=r"nothing to import.*--subdir"):
        build_environment(EnvironmentSpec(python=sys.prefix), tree, cache)


@in_an_environment
def test_the_code_under_test_sees_no_keys_and_fixed_settings(
    make_repository: MakeRepository, trees: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    tree = worktree(make_repository({"src/shop.py": ""}), trees)
    env = build_environment(EnvironmentSpec(python=sys.prefix), tree, cache)
    variables = env.variables(tree, hash_seed=7)
    assert "secret" not in json.dumps(variables)
    assert variables["PYTHONPATH"] == str(tree / "src")
    assert variables["PYTHONHASHSEED"] == "7"
    assert (variables["LC_ALL"], variables["TZ"]) == ("C.UTF-8", "UTC")
    assert variables["OMP_NUM_THREADS"] == "1"
    assert variables["LD_LIBRARY_PATH"] == "/opt/lib"
    assert "PYTHONDONTWRITEBYTECODE" not in variables
    assert variables["PATH"].startswith(str(env.python.parent))
    assert Path(variables["HOME"]).parent == trees.parent


@in_an_environment
def test_a_build_that_a_patch_breaks_is_the_patchs_fault(
    make_repository: MakeRepository, trees: Path, cache: Path
) -> None:
    tree = worktree(make_repository({"shop.py": ""}), trees)
    build = f'{sys.executable} -c \'import sys; open("built", "w"); sys.exit("no C today")\''
    env = build_environment(EnvironmentSpec(python=sys.prefix, build=build), tree, cache)
    prepare_tree(env, tree)
    assert not (tree / "built").exists()
    with pytest.raises(ToolError, match="the build fails: no C today"):
        prepare_tree(env, tree, rebuild=True)
    assert (tree / "built").exists()


@in_an_environment
def test_a_build_of_a_patch_is_told_no_password_of_a_package_index(
    make_repository: MakeRepository, trees: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:planted-password@pypi.example/simple")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:planted-password@proxy.example")
    monkeypatch.setenv("CC", "some-compiler")
    tree = worktree(make_repository({"shop.py": ""}), trees)
    env = build_environment(EnvironmentSpec(python=sys.prefix, build="env > seen"), tree, cache)
    prepare_tree(env, tree, rebuild=True)
    seen = (tree / "seen").read_text()
    assert "CC=some-compiler" in seen
    assert "planted-password" not in seen


# Environments that are made by a stand-in for uv, which makes the folder and installs nothing.


def test_an_environment_is_kept_for_as_long_as_it_fits(
    make_repository: MakeRepository, trees: Path, tmp_path: Path, uv: Path
) -> None:
    source = make_repository({"pyproject.toml": SETUPTOOLS.format(name="a"), "a/__init__.py": ""})

    def environment(name: str, spec: EnvironmentSpec) -> tuple[str, bool]:
        before = uv.read_text().count("venv") if uv.exists() else 0
        env = build_environment(spec, worktree(source, trees, name), tmp_path / "cache")
        return env.key, uv.read_text().count("venv") > before

    plain = EnvironmentSpec()
    first, made = environment("first", plain)
    assert made
    source.commit({"a/__init__.py": "x = 1\n", "README.md": "words\n"})
    assert environment("python alone", plain) == (first, False)
    assert environment("an extra", EnvironmentSpec(extras=("fast",)))[1]
    assert environment("commands", EnvironmentSpec(install=("true",)))[1]
    source.commit({"b/__init__.py": ""})
    assert environment("a new package", plain)[1]
    source.commit({"requirements-test.txt": "six\n"})
    assert environment("new requirements", plain)[1]
    source.commit({"a/fast.c": "int x;\n"})
    compiled, made = environment("compiled code", plain)
    assert made
    source.commit({"a/__init__.py": "x = 2\n"})
    assert environment("a new tree", plain) != (compiled, False)


def test_what_a_kill_left_half_made_is_made_anew(
    make_repository: MakeRepository, trees: Path, tmp_path: Path, uv: Path
) -> None:
    tree = worktree(make_repository({"setup.py": "", "a.py": ""}), trees)
    env = build_environment(EnvironmentSpec(), tree, tmp_path / "cache")
    folder = tmp_path / "cache" / "environments" / env.key
    (folder / "environment.json").unlink()
    (folder / "environment.json.new").write_text("{", encoding="utf-8")
    (env.source / "leftover.py").touch()
    env.python.unlink()
    assert build_environment(EnvironmentSpec(), tree, tmp_path / "cache") == env
    assert env.python.exists()
    assert not (env.source / "leftover.py").exists()


def test_an_environment_whose_interpreter_is_gone_is_made_anew(
    make_repository: MakeRepository, trees: Path, tmp_path: Path, uv: Path
) -> None:
    tree = worktree(make_repository({"setup.py": "", "a.py": ""}), trees)
    env = build_environment(EnvironmentSpec(), tree, tmp_path / "cache")
    env.python.unlink()
    env.python.symlink_to(tmp_path / "an uninstalled python")
    assert build_environment(EnvironmentSpec(), tree, tmp_path / "cache") == env
    assert env.python.exists()


# Environments that are made with pip: these need a package index.


@pytest.fixture
def shop(make_repository: MakeRepository) -> GitFolder:
    """A library with a compiled part and a generated version file."""
    return make_repository(
        {
            "setup.py": "from setuptools import Extension, setup\n"
            "open('src/shop/_version.py', 'w').write('version = 1')\n"
            "setup(package_dir={'': 'src'}, packages=['shop'],\n"
            "      ext_modules=[Extension('shop._native', ['src/shop/_native.c'])])\n",
            "pyproject.toml": SETUPTOOLS.format(name="shop"),
            "src/shop/__init__.py": "from ._native import answer\nfrom ._version import version\n",
            "src/shop/_native.c": NATIVE.replace("ANSWER", "42"),
            ".gitignore": "*.so\n_version.py\nbuild/\n*.egg-info/\n",
        }
    )


def test_compiled_and_generated_files_reach_each_worktree_and_follow_its_patch(
    shop: GitFolder, trees: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    base = worktree(shop, trees)
    spec = EnvironmentSpec(build="python setup.py build_ext --inplace")
    env = build_environment(spec, base, cache)
    assert (env.import_roots, env.packages) == (("src",), ("shop",))
    names = [name.split(".")[0] for name in env.generated]
    assert names == ["src/shop/_native", "src/shop/_version"]
    assert env.left_out == ()
    assert shop.git("status", "--porcelain", "--ignored") == ""
    assert not (base / "src/shop/_version.py").exists()

    # The worktree's own code runs, not the copy that was installed.
    candidate = worktree(shop, trees, "candidate")
    prepare_tree(env, candidate)
    ask = "import shop; print(shop.__file__, shop._native.__file__, shop.answer(), shop.version)"
    assert run_python(env, candidate, ask).split() == [
        str(candidate / "src/shop/__init__.py"),
        str(candidate / next(name for name in env.generated if name.endswith(".so"))),
        "42",
        "1",
    ]

    # And what a patch changes in C runs after a rebuild, in its own worktree alone.
    (candidate / "src/shop/_native.c").write_text(NATIVE.replace("ANSWER", "43"), encoding="utf-8")
    prepare_tree(env, candidate, rebuild=True)
    prepare_tree(env, base)
    assert run_python(env, candidate, "import shop; print(shop.answer())") == "43"
    assert run_python(env, base, "import shop; print(shop.answer())") == "42"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_may_not_be_written_is_the_users_to_change(
    make_repository: MakeRepository, trees: Path, tmp_path: Path
) -> None:
    tree = worktree(make_repository({"shop.py": ""}), trees)
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(UserError, match="cannot write"):
        build_environment(EnvironmentSpec(), tree, tmp_path / "locked")
