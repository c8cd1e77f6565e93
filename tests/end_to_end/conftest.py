"""The fixture of the end-to-end tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.tests.shop import Shop, lay_out_shop


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What perfagent installs for itself, once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shop(tmp_path: Path, shared_cache: Path) -> Shop:
    """A repository with a planted quadratic function, and perfagent to run on it."""
    return lay_out_shop(tmp_path, shared_cache)
