"""A user who told pip where packages come from gets them from there with uv, too."""

from __future__ import annotations

import os
from pathlib import Path

from perfagent.repos.environment.uv_settings import uv_settings

NO_FILES = {"PIP_CONFIG_FILE": os.devnull}


def test_without_settings_of_pips_uv_keeps_its_own() -> None:
    assert uv_settings(NO_FILES) == {}


def test_indexes_folders_and_certificates_are_handed_on(tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://mirror/simple\nfind-links = /a /b\ncert = /ca.pem\n",
        encoding="utf-8",
    )
    variables = {
        "PIP_CONFIG_FILE": str(configuration),
        "PIP_EXTRA_INDEX_URL": "https://more/simple https://most/simple",
        "SSL_CERT_FILE": "/own.pem",
    }
    found = uv_settings(variables)
    assert found["UV_DEFAULT_INDEX"] == "https://mirror/simple"
    assert found["UV_EXTRA_INDEX_URL"] == "https://more/simple https://most/simple"
    assert found["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert set(found["UV_FIND_LINKS"].split(",")) >= {"/a", "/b"}
    assert "SSL_CERT_FILE" not in found


def test_no_index_means_none_for_uv_either() -> None:
    found = uv_settings({**NO_FILES, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"})
    assert found == {"UV_NO_INDEX": "1", "UV_FIND_LINKS": "/wheels"}


def test_an_index_chosen_for_uv_is_the_users_word() -> None:
    assert uv_settings({"UV_DEFAULT_INDEX": "https://x", "PIP_INDEX_URL": "https://y"}) == {}
