"""Instances run in the container images that they name, as a benchmark's authors built them."""

from __future__ import annotations

import importlib.metadata
import io
import os
import shutil
import tarfile
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfagent import api
from perfagent.errors import UserError
from perfagent.evals.batch.options import Options
from perfagent.evals.batch.records import read_evaluation
from perfagent.repos.commands.docker_engine import DEFAULT_HOST, Engine
from perfagent.repos.sandbox import docker
from perfagent.repos.sandbox.containment import interpreter_paths
from perfagent.repos.sandbox.root_image import image_of
from perfagent.tests.evals import datasets
from perfagent.tests.evals.datasets import Bench, write_lines

IMAGE = "perfagent-test-instance:1"
NEEDED = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
"""What the covering tests need in the image."""


@pytest.fixture
def image(tmp_path: Path) -> Iterator[str]:
    """Return an image with an interpreter where GSO's have theirs, and pytest for it."""
    problem = docker.problem()
    if problem and os.environ.get("SANDBOXES_REQUIRED"):
        pytest.fail(problem)
    if problem:
        pytest.skip(problem)
    import docker as sdk

    small = tmp_path / "small"
    venv.create(small, symlinks=True)
    folder = tmp_path / "testbed"
    shutil.copytree(small, folder, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    for name in NEEDED:
        for file in importlib.metadata.files(name) or []:
            if file.suffix in (".py", ".txt", "") and ".." not in file.parts:
                place = packages / file
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(str(file.locate())), place)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(folder, "testbed/.venv")
    client = sdk.APIClient(base_url=os.environ.get("DOCKER_HOST") or DEFAULT_HOST)
    base = image_of(interpreter_paths(small / "bin" / "python"), Engine.reached())
    container = client.create_container(base, ["true"])["Id"]
    client.put_archive(container, "/", archive.getvalue())
    name, _, tag = IMAGE.partition(":")
    client.commit(container, repository=name, tag=tag)
    client.remove_container(container)
    yield IMAGE
    client.remove_image(IMAGE, force=True)


@pytest.mark.docker
@pytest.mark.evals
def test_an_instance_runs_in_the_image_that_it_names(image: str, bench: Bench, tmp_path: Path):
    row = {**datasets.swefficiency_row(bench, 0), "image_name": image}
    folder = api.evaluate(
        str(write_lines(tmp_path / "rows.jsonl", [row])),
        "expert",
        options=Options(
            out=str(tmp_path / "run"),
            images=True,
            repositories={datasets.REPO: str(bench.repo)},
        ),
        max_pairs=5,
        cache_dir=tmp_path / "cache",
        state_dir=tmp_path / "state",
    )
    (found,) = read_evaluation(folder).results.values()
    assert found.outcome == "faster", found.reason
    assert found.tests_required == 2
    (kept,) = (tmp_path / "cache").glob("evals/grounds/*/ground.json")
    text = kept.read_text()
    assert Engine.reached().image_id(image) in text
    assert "/testbed/.venv/bin/python" in text


def test_an_instance_without_an_image_is_told_before_anything_is_done(bench: Bench, tmp_path: Path):
    rows = write_lines(tmp_path / "rows.jsonl", [datasets.swefficiency_row(bench, 0)])
    with pytest.raises(UserError, match=r"shops__deliveries-0 names no image \(1 of 1 instances\)"):
        api.evaluate(
            str(rows),
            "expert",
            options=Options(images=True),
            cache_dir=tmp_path / "cache",
            state_dir=tmp_path / "state",
        )
