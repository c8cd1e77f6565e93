"""Publishing, killed at each step and refused an answer at each write: one of everything."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfagent.app.forge import Check, ForgeError, MovedOn, Note
from perfagent.app.jobs.configuration import Configuration
from perfagent.app.jobs.optimizing import Origin, Suggestion, branch_name, publish
from perfagent.app.store.orders import Order
from perfagent.app.store.queue import Job
from perfagent.tests.app.peer import REPO, Fault
from perfagent.tests.app.world import World, world
from perfagent.tests.reports.records import accepted_record
from perfagent.tests.shop import FAST_PAIRS, PAIRS


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, peers: Path, key_file: Path
) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world"), peers, key_file) as built:
        yield built
