"""Prebuilt images by name: what is in them runs, and nothing of it has to be on this machine."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from perfagent.errors import InfrastructureError, UserError
from perfagent.repos.commands.docker_engine import DEFAULT_HOST, Engine
from perfagent.repos.environment.environment import EnvironmentSpec, build_environment, prepare_tree
from perfagent.repos.sandbox.choice import choose, opened
from perfagent.repos.sandbox.containment import interpreter_paths
from perfagent.repos.sandbox.root_image import image_of
from perfagent.repos.sandbox.sandbox import Sandbox
from perfagent.workloads.launch import LaunchPlan, launch
from perfagent.workloads.target import Target
from perfagent.workloads.workload import parse_workload

SCRIPT = "import shapes\n\ndef workload():\n    return shapes.total(range(10))\n"


@dataclass(frozen=True)
class Prebuilt:
    """An image with an interpreter, and the repository's package installed for it."""

    image: str
    python: Path


@pytest.fixture(scope="module")
def prebuilt(
    docker_sandbox: Sandbox, small_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prebuilt]:
    """Return the small image with a package installed for the interpreter in /opt/testbed."""
    assert docker_sandbox.name == "docker"
    folder = tmp_path_factory.mktemp("image") / "testbed"
    shutil.copytree(small_python.parent.parent, folder, symlinks=True)
    package = next(folder.glob("lib/python*/site-packages")) / "shapes"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('not the tree')\n")
    (package / "_compiled.so").write_bytes(b"machine code")
    metadata = package.with_name("shapes-1.dist-info")
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shapes\nVersion: 1\n")
    (metadata / "RECORD").write_text("shapes/__init__.py,,\nshapes/_compiled.so,,\n")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(folder, "opt/testbed")
    client = docker.APIClient(base_url=os.environ.get("DOCKER_HOST") or DEFAULT_HOST)
    base = image_of(interpreter_paths(small_python), Engine.reached())
    container = client.create_container(base, ["true"])["Id"]
    client.put_archive(container, "/", archive.getvalue())
    client.commit(container, repository="perfagent-test-prebuilt", tag="1")
    client.remove_container(container)
    yield Prebuilt("perfagent-test-prebuilt:1", Path("/opt/testbed/bin/python"))
    client.remove_image("perfagent-test-prebuilt:1", force=True)


@pytest.mark.docker
def test_a_tree_runs_in_an_image_whose_interpreter_is_not_on_this_machine(
    prebuilt: Prebuilt, tmp_path: Path
) -> None:
    tree = tmp_path / "run" / "trees" / "base"
    (tree / "shapes").mkdir(parents=True)
    (tree / "shapes" / "__init__.py").write_text("def total(numbers):\n    return sum(numbers)\n")
    (tree / "pyproject.toml").write_text('[project]\nname = "shapes"\nversion = "1"\n')
    (tmp_path / "workload.py").write_text(SCRIPT)

    chosen = choose("auto", image=prebuilt.image)
    assert (chosen.name, chosen.image) == ("docker", prebuilt.image)
    assert chosen.image_id is not None
    assert chosen.image_id in chosen.text
    containment = opened(chosen)
    spec = EnvironmentSpec(python=str(prebuilt.python), image=chosen.image_id)
    environment = build_environment(spec, tree, tmp_path / "cache", containment=containment)
    prepare_tree(environment, tree)

    assert not environment.python.exists()
    # What the installation compiled is copied beside the sources, so that a tree can be imported.
    assert (tree / "shapes" / "_compiled.so").read_bytes() == b"machine code"
    target = Target(
        workload=parse_workload(str(tmp_path / "workload.py"), repo_path=None, timeout_s=60.0),
        environment=environment,
        timing_cpus=None,
        containment=containment,
        read_only=True,
    )
    done = launch(target, tree, LaunchPlan(pinned=False))
    assert [each.path for each in done.modules.values()] == ["shapes/__init__.py"]


@pytest.mark.docker
def test_an_image_that_nobody_has_is_named_in_one_line(docker_sandbox: Sandbox) -> None:
    assert docker_sandbox.name == "docker"
    with pytest.raises(UserError, match=r"--image nobody/has-this:1: .*docker images") as caught:
        choose("docker", image="nobody/has-this:1")
    assert "\n" not in str(caught.value)


@pytest.mark.docker
def test_an_interpreter_that_an_image_lacks_is_named(prebuilt: Prebuilt, tmp_path: Path) -> None:
    chosen = choose("docker", image=prebuilt.image)
    spec = EnvironmentSpec(python="/opt/none/bin/python", image=chosen.image_id)
    with pytest.raises(UserError, match=r"no CPython at /opt/none/bin/python: give --python"):
        build_environment(spec, tmp_path, tmp_path / "cache", containment=opened(chosen))


@pytest.mark.docker
def test_what_an_image_lacks_cannot_be_copied_out_of_it(prebuilt: Prebuilt, tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="/nowhere of image"):
        Engine.reached().copy_out(prebuilt.image, "/nowhere", tmp_path)


@pytest.mark.docker
def test_images_that_are_imported_at_once_keep_their_names(
    docker_sandbox: Sandbox, tmp_path: Path
) -> None:
    assert docker_sandbox.name == "docker"
    names = [f"perfagent-imported:{number}" for number in range(4)]

    def make(name: str) -> None:
        archive = tmp_path / f"{name}.tar"
        with tarfile.open(archive, "w") as tar:
            entry = tarfile.TarInfo("name")
            entry.size = len(name)
            tar.addfile(entry, io.BytesIO(name.encode()))
        Engine.reached().import_image(archive, name)

    with ThreadPoolExecutor() as pool:
        list(pool.map(make, names))
    client = docker.APIClient(base_url=os.environ.get("DOCKER_HOST") or DEFAULT_HOST)
    try:
        for name in names:
            (tmp_path / name).mkdir()
            copied = Engine.reached().copy_out(name, "/name", tmp_path / name)
            assert copied.read_text() == name
    finally:
        for name in names:
            client.remove_image(name)


@pytest.mark.docker
def test_an_archive_that_is_none_is_no_image(docker_sandbox: Sandbox, tmp_path: Path) -> None:
    assert docker_sandbox.name == "docker"
    archive = tmp_path / "root.tar"
    archive.write_bytes(b"no archive" * 99)
    with pytest.raises(InfrastructureError, match="does not import the image perfagent-none:1"):
        Engine.reached().import_image(archive, "perfagent-none:1")


def test_only_docker_runs_images() -> None:
    with pytest.raises(UserError, match="--sandbox local runs no images"):
        choose("local", image="any")
