"""The fixture of the end-to-end tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.tests.shop import Shop, lay_out_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A repository with a planted quadratic function, and perfagent to run on it."""
    return lay_out_shop(tmp_path)
