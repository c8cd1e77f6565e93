"""A repository runs from the worktree under trial, in an environment that is made once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError, ToolError, UserError
from perfagent.repos.environment import (
    Environment,
    EnvironmentSpec,
    build_environment,
    prepare_tree,
)
from perfagent.repos.layout import find_layout
from perfagent.repos.lock import locked

from .conftest import GitFolder, MakeRepository

in_an_environment = pytest.mark.skipif(
    sys.prefix == sys.base_prefix, reason="the tests run outside an environment"
)

SETUPTOOLS = """
[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"
[project]
name = "{name}"
version = "1"
"""
NATIVE = """
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(ANSWER); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_native", 0, -1, methods};
PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&module); }
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of environments that this module's tests share, for each costs seconds."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def one_download_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CACHE_DIR", str(cache / "pip"))


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "trees"
    folder.mkdir(parents=True)
    return folder


def worktree(source: GitFolder, trees: Path, name: str = "base") -> Path:
    source.git("worktree", "add", "--quiet", "--detach", str(trees / name))
    return trees / name


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


def test_a_lock_is_waited_for_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    inside = threading.Event()

    def second() -> None:
        with locked(tmp_path / "a.lock", lambda: said.append("waiting")):
            inside.set()

    with locked(tmp_path / "a.lock", lambda: said.append("first")):
        thread = threading.Thread(target=second)
        thread.start()
        while not said:
            inside.wait(0.01)
        assert not inside.is_set()
    thread.join()
    assert inside.is_set()
    assert said == ["waiting"]


# Environments that are made by a stand-in for uv, which makes the folder and installs nothing.


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `uv` first on PATH that refuses what is named broken; return the list of its calls."""
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    program.write_text(
        f"""#!/bin/sh
echo "$*" >> {calls}
case "$*" in
    venv*) for last; do :; done; exec {sys.executable} -m venv --without-pip "$last" ;;
    *broken*) echo "error: no broken thing here" >&2; echo "hint: see above" >&2; exit 1 ;;
esac
""",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return calls


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


def test_what_the_suite_needs_and_will_not_install_is_left_out_and_told(
    make_repository: MakeRepository, trees: Path, tmp_path: Path, uv: Path
) -> None:
    pyproject = (
        SETUPTOOLS.format(name="a")
        + '[project.optional-dependencies]\ntest = ["six"]\n'
        + '[dependency-groups]\ntest = ["good", "broken", "better"]\n'
    )
    files = {"pyproject.toml": pyproject, "a.py": "", "requirements-test.txt": "six\n"}
    tree = worktree(make_repository(files), trees)
    said: list[str] = []
    env = build_environment(EnvironmentSpec(), tree, tmp_path / "cache", said.append)
    assert env.left_out == ("requirement broken: error: no broken thing here",)
    assert "not installed: requirement broken: error: no broken thing here" in said
    calls = uv.read_text().splitlines()
    assert calls[1].endswith("-e .[test] good broken better -r requirements-test.txt pytest")
    assert calls[2].endswith("--compile-bytecode -e .")
    assert any(call.endswith("--compile-bytecode -e .[test] good") for call in calls)
    assert any(
        call.endswith("--compile-bytecode better -r requirements-test.txt") for call in calls
    )
    assert calls[-2].endswith("--no-deps -e .")
    assert calls[-1].endswith("--compile-bytecode pytest")


def test_a_project_that_does_not_install_is_the_users_to_solve(
    make_repository: MakeRepository, trees: Path, tmp_path: Path, uv: Path
) -> None:
    files = {"pyproject.toml": SETUPTOOLS.format(name="a"), "a.py": ""}
    tree = worktree(make_repository(files), trees)
    spec = EnvironmentSpec(extras=("broken",))
    with pytest.raises(UserError, match=r"does not install: error: no broken.*--install; log: "):
        build_environment(spec, tree, tmp_path / "cache")


def test_an_install_command_that_fails_is_named_with_its_log(
    make_repository: MakeRepository, trees: Path, cache: Path, uv: Path
) -> None:
    tree = worktree(make_repository({"shop.py": ""}), trees)
    spec = EnvironmentSpec(install=("echo 'Error: no compiler here' >&2; exit 1",))
    with pytest.raises(UserError, match=r"--install .*failed: Error: no compiler.*log: ") as told:
        build_environment(spec, tree, cache)
    log = Path(str(told.value).rsplit("log: ", 1)[1])
    assert "no compiler here" in log.read_text(encoding="utf-8")


def test_secrets_do_not_reach_what_an_installation_runs(
    make_repository: MakeRepository,
    trees: Path,
    cache: Path,
    uv: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-hidden")
    monkeypatch.setenv("MY_TOKEN", "hidden")
    monkeypatch.setenv("CFLAGS", "-O3")
    tree = worktree(make_repository({"shop.py": ""}), trees)
    with pytest.raises(UserError) as told:
        build_environment(EnvironmentSpec(install=("env; exit 3",)), tree, cache)
    log = Path(str(told.value).rsplit("log: ", 1)[1]).read_text(encoding="utf-8")
    assert "hidden" not in log
    assert "CFLAGS=-O3" in log


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


BACKENDS = {
    "setup_flat": {
        "pyproject.toml": SETUPTOOLS.format(name="setup-flat")
        + '[tool.setuptools]\npackages = ["setup_flat"]\n',
        "setup_flat/__init__.py": "",
    },
    "setup_src": {
        "pyproject.toml": SETUPTOOLS.format(name="setup-src"),
        "src/setup_src/__init__.py": "",
    },
    "flit_flat": {
        "pyproject.toml": '[build-system]\nrequires = ["flit_core"]\n'
        'build-backend = "flit_core.buildapi"\n'
        '[project]\nname = "flit_flat"\nversion = "1"\ndescription = "d"\n',
        "flit_flat/__init__.py": "",
    },
    "hatch_src": {
        "pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n'
        'build-backend = "hatchling.build"\n[project]\nname = "hatch-src"\nversion = "1"\n',
        "src/hatch_src/__init__.py": "",
    },
    # An import hook that comes before the whole path, as meson-python's editable mode has it.
    "hooked": {
        "setup.py": "from setuptools import setup\nsetup(name='hooked', packages=['hooked'])\n",
        "hooked/__init__.py": "",
    },
}
HOOK = """
import importlib.machinery, importlib.util, sys
class Hook:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == 'hooked':
            return importlib.util.spec_from_file_location(name, {file!r},
                                                          submodule_search_locations=[{folder!r}])
sys.meta_path.insert(0, Hook)
"""


@pytest.fixture(scope="module")
def installed(
    cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[GitFolder, Environment]:
    """One repository with a project for each build backend, all installed in editable mode."""
    folder = tmp_path_factory.mktemp("backends")
    source = GitFolder(folder / "source")
    source.path.mkdir()
    source.git("init", "--quiet")
    source.write(
        {f"{name}/{path}": text for name, files in BACKENDS.items() for path, text in files.items()}
    )
    source.git("add", "--all")
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    source.git(*author, "commit", "--quiet", "-m", "all")
    (folder / "trees").mkdir()
    tree = worktree(source, folder / "trees")
    folders = " ".join(f"-e ../{name}" for name in BACKENDS if name != "hooked")
    install = (
        "pip install 'setuptools>=70' flit_core hatchling editables pytest",
        f"pip install --no-build-isolation {folders}",
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PIP_CACHE_DIR", str(cache / "pip"))
        env = build_environment(EnvironmentSpec(install=install, subdir="setup_flat"), tree, cache)
    return source, env


@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "hooked"])
def test_a_worktree_wins_over_the_editable_installation(
    installed: tuple[GitFolder, Environment], name: str, trees: Path
) -> None:
    source, env = installed
    tree = worktree(source, trees, name)
    variables = env.variables(tree)
    del variables["PYTHONPATH"]
    layout = find_layout(env.python, variables, env.source, subdir=name)
    assert layout.packages == (name,)
    assert layout.unhidden == ()
    assert layout.found_at[name].is_relative_to(env.source)
    variables["PYTHONPATH"] = os.pathsep.join(str(tree / root) for root in layout.import_roots)
    done = subprocess.run(
        [env.python, "-c", f"import {name}; print({name}.__file__)"],
        cwd=trees,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(tree)


def test_an_installation_that_would_hide_the_worktree_is_noticed(
    installed: tuple[GitFolder, Environment], trees: Path
) -> None:
    source, env = installed
    tree = worktree(source, trees, "hooked")
    package = env.source / "hooked" / "hooked"
    site = next(env.python.parent.parent.glob("lib/python*/site-packages"))
    (site / "_hook.py").write_text(
        HOOK.format(file=str(package / "__init__.py"), folder=str(package)), encoding="utf-8"
    )
    pth = site / "hooked.pth"
    pth.write_text("import _hook\n", encoding="utf-8")
    try:
        with pytest.raises(UserError, match=r"hooked installed so that it comes before"):
            build_environment(
                EnvironmentSpec(python=str(env.python), subdir="hooked"), tree, trees.parent
            )
    finally:
        pth.unlink()


def test_a_users_environment_gives_its_compiled_files_to_the_worktree(
    installed: tuple[GitFolder, Environment], trees: Path
) -> None:
    source, env = installed
    tree = worktree(source, trees)
    compiled = env.source / "setup_flat/setup_flat/_fast.cpython-3-x.so"
    compiled.write_bytes(b"native")
    (compiled.parent / "newer.py").touch()
    spec = EnvironmentSpec(python=str(env.python), subdir="setup_flat")
    used = build_environment(spec, tree, trees.parent)
    assert used.generated == ("setup_flat/setup_flat/_fast.cpython-3-x.so",)
    prepare_tree(used, tree)
    assert (tree / used.generated[0]).read_bytes() == b"native"


def test_an_unreachable_index_is_no_fault_of_the_repository(
    make_repository: MakeRepository, trees: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "1")
    tree = worktree(make_repository({"shop.py": ""}), trees)
    with pytest.raises(InfrastructureError, match="package index cannot be reached"):
        build_environment(EnvironmentSpec(), tree, cache)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_may_not_be_written_is_the_users_to_change(
    make_repository: MakeRepository, trees: Path, tmp_path: Path
) -> None:
    tree = worktree(make_repository({"shop.py": ""}), trees)
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(UserError, match="cannot write"):
        build_environment(EnvironmentSpec(), tree, tmp_path / "locked")
