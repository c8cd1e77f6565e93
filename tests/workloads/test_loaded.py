"""What a launch measured is the code of its tree: every other copy is named and refused."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import shutil
import sysconfig
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.errors import InfrastructureError
from perfagent.workloads import loaded
from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.launch import LaunchPlan, launch
from perfagent.workloads.target import Target

from .conftest import SQUARES, MakeTarget, MakeTree

CALL = "from shapes import squares\ndef workload():\n    return squares(50)\n"
OTHER = SQUARES.replace("number * number", "number + number")
NOT_PATCHED = "measured module is not the patched one"


def refused(target: Target, tree: Path, *, capture: bool = False) -> str:
    """Return what is said of a launch that measured other code."""
    with pytest.raises(WorkloadFailed, match=NOT_PATCHED) as caught:
        launch(target, tree, LaunchPlan(capture_answer=capture))
    assert caught.value.kind == "wrong_module"
    return caught.value.summary


@pytest.fixture
def make_venv(tmp_path: Path, make_target: MakeTarget):
    """Return a function that makes a target with an environment whose site-packages it fills."""

    def make(**files: str) -> Target:
        venv.create(tmp_path / "env", symlinks=True)
        purelib = sysconfig.get_path("purelib", "venv", {"base": str(tmp_path / "env")})
        for stem, text in files.items():
            Path(purelib, stem.replace("_dot_", ".")).write_text(text)
        target = make_target(script=CALL)
        python = tmp_path / "env" / "bin" / "python"
        return replace(target, environment=replace(target.environment, python=python))

    return make


def test_the_users_own_python_path_does_not_reach_the_measurement(
    make_tree: MakeTree, make_target: MakeTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(make_tree("other", OTHER)))
    made = launch(make_target(script=CALL), make_tree())
    assert made.modules["shapes.core"].path == "shapes/core.py"


def test_a_copy_that_a_pth_file_puts_first_loses_to_the_tree(
    make_tree: MakeTree, make_venv
) -> None:
    other = make_tree("other", OTHER)
    target = make_venv(first_dot_pth=f"import sys; sys.path.insert(0, {str(other)!r})\n")
    assert launch(target, make_tree()).modules["shapes.core"].path == "shapes/core.py"


def test_a_copy_that_the_environment_loads_at_its_start_is_refused(
    make_tree: MakeTree, make_venv
) -> None:
    other = make_tree("other", OTHER)
    target = make_venv(
        sitecustomize_dot_py=f"import sys\nsys.path.insert(0, {str(other)!r})\nimport shapes\n"
    )
    assert str(other) in refused(target, make_tree())


def test_a_sitecustomize_of_the_tree_does_not_run_before_the_clock_is_taken(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    hostile = "import time, os\ntime.perf_counter = lambda: 0.0\nos.write = None\n"
    tree = make_tree(sitecustomize=hostile)
    script = "import time\ndef workload():\n    time.sleep(0.03)\n"
    assert launch(make_target(script=script), tree).cold_s >= 0.03


def test_modules_of_the_tree_named_like_the_standard_librarys_do_not_serve_the_driver(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    broken = "raise SystemError('used by the driver')\n"
    tree = make_tree(json=broken, hashlib=broken, random=broken, base64=broken, traceback=broken)
    made = launch(make_target(script=CALL), tree, LaunchPlan(capture_answer=True))
    assert made.answer is not None
    with pytest.raises(WorkloadFailed, match="LookupError: no such thing"):
        launch(make_target(script="import shapes\ndef workload():\n    shapes.fail()\n"), tree)


@pytest.mark.parametrize("checked", ["by time", "never"])
def test_bytecode_of_another_source_does_not_pass_for_the_trees(
    make_tree: MakeTree, make_target: MakeTarget, tmp_path: Path, checked: str
) -> None:
    tree = make_tree()
    source = tree / "shapes" / "core.py"
    other = tmp_path / "other.py"
    other.write_text(OTHER)
    stamp = source.stat()
    assert len(OTHER) == stamp.st_size, "else the interpreter would see that it is stale"
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    mode = py_compile.PycInvalidationMode
    py_compile.compile(
        str(other),
        cfile=importlib.util.cache_from_source(str(source)),
        invalidation_mode=mode.TIMESTAMP if checked == "by time" else mode.UNCHECKED_HASH,
    )
    said = refused(make_target(script=CALL), tree, capture=True)
    assert "shapes/core.py ran from bytecode that is not its source's" in said


def test_honest_bytecode_of_an_earlier_launch_is_used(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree, target = make_tree(), make_target(script=CALL)
    for _ in range(2):
        launch(target, tree, LaunchPlan(capture_answer=True))
    assert list((tree / "shapes" / "__pycache__").glob("core.*.pyc"))


@pytest.mark.parametrize("forget", ["", "made.__spec__ = __spec__\n"])
def test_a_module_that_replaces_itself_by_another_file_is_refused(
    make_tree: MakeTree, make_target: MakeTarget, tmp_path: Path, forget: str
) -> None:
    other = tmp_path / "hidden.py"
    other.write_text(OTHER)
    spoof = "" if forget else "made.__file__ = __file__\n"
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location(__name__, {str(other)!r})\n"
        "made = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(made)\n" + spoof + forget + "sys.modules[__name__] = made\n"
    )
    assert "hidden.py" in refused(make_target(script=CALL), make_tree("base", code))


def test_another_part_of_a_namespace_package_is_refused_when_the_tree_has_it(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree, other = make_tree(), make_tree("other", OTHER)
    for folder in (tree, other):
        (folder / "shapes" / "__init__.py").unlink()
    (other / "shapes" / "extra.py").write_text("x = 1\n")
    first = f"import sys\nsys.path.insert(0, {str(other)!r})\n"
    body = "def workload():\n    return core\n"
    assert "shapes.core" in refused(
        make_target(script=f"{first}from shapes import core\n{body}"), tree
    )
    beside = make_target(script=f"{first}from shapes import extra as core\n{body}")
    assert "shapes.extra" not in launch(beside, tree).modules


def test_a_compiled_module_is_named_with_its_hash_and_another_copy_is_refused(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    names = ("_csv", "_heapq", "_bisect", "_struct")
    found = [(name, importlib.util.find_spec(name)) for name in names]
    name, extension = next(
        (
            (name, Path(spec.origin))
            for name, spec in found
            if spec and spec.origin and spec.has_location
        ),
        ("", None),
    )
    if extension is None:
        pytest.skip("the interpreter has no extension module that could be copied")
    tree, other = make_tree(), make_tree("other")
    for folder in (tree, other):
        shutil.copy(extension, folder / "shapes")
    script = f"from shapes import {name}\ndef workload():\n    return {name}.__name__\n"
    made = launch(make_target(script=script), tree)
    assert made.modules[f"shapes.{name}"].path == f"shapes/{extension.name}"
    assert made.modules[f"shapes.{name}"].sha256 is not None
    elsewhere = f"import shapes\nshapes.__path__.insert(0, {str(other / 'shapes')!r})\n"
    assert f"shapes.{name}" in refused(make_target(script=elsewhere + script), tree)


def test_a_link_out_of_the_tree_is_another_copy(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree, other = make_tree(), make_tree("other", OTHER)
    (tree / "shapes" / "core.py").unlink()
    (tree / "shapes" / "core.py").symlink_to(other / "shapes" / "core.py")
    assert "shapes.core" in refused(make_target(script=CALL), tree)


def test_a_tree_whose_name_begins_like_this_ones_is_another(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    other = make_tree("base2")
    script = f"import sys\nsys.path.insert(0, {str(other)!r})\n" + CALL
    assert str(other) in refused(make_target(script=script), make_tree("base"))


def test_a_file_rewritten_with_its_old_time_is_hashed_anew(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree, target = make_tree(), make_target(script=CALL)
    before = launch(target, tree).modules["shapes.core"].sha256
    source = tree / "shapes" / "core.py"
    stamp = source.stat()
    with source.open("r+") as stream:
        stream.write(OTHER)
    os.utime(source, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert launch(target, tree).modules["shapes.core"].sha256 != before


def test_a_change_of_perfagents_own_files_ends_the_measurement(
    make_tree: MakeTree,
    make_target: MakeTarget,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text("x = 1\n")
    monkeypatch.setattr(loaded, "_OWN_FILES", {str(driver): loaded._looked_at(str(driver))[0]})
    target = make_target(script=f"def workload():\n    open({str(driver)!r}, 'w').write('x = 2')\n")
    launch(target, make_tree())
    with pytest.raises(InfrastructureError, match="was changed while it runs"):
        launch(target, make_tree("again"))
