"""Fixtures every test gets: a home of its own, so that no test reads or writes the user's."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point every per-user folder at a fresh temporary one and forget the user's keys."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name, folder in (
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "share"),
    ):
        monkeypatch.setenv(name, str(home / folder))
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (
        ("GIT_AUTHOR_NAME", "A Tester"),
        ("GIT_AUTHOR_EMAIL", "tester@example.org"),
        ("GIT_COMMITTER_NAME", "A Tester"),
        ("GIT_COMMITTER_EMAIL", "tester@example.org"),
    ):
        monkeypatch.setenv(name, value)
    return home
