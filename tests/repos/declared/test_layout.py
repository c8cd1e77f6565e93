"""The worktree under trial is what gets imported, however the repository is installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.repos.declared.layout import find_layout
from perfagent.repos.environment.environment import (
    Environment,
    EnvironmentSpec,
    build_environment,
    prepare_tree,
)

from ..conftest import SETUPTOOLS, GitFolder, worktree

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
