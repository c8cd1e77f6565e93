"""Elsewhere: what other files of the repository do with a name is found, and only that."""

from __future__ import annotations

import pytest

from perfagent.tools.rewrites.reading import elsewhere
from perfagent.tools.rewrites.reading.elsewhere import Elsewhere


@pytest.mark.parametrize(
    ("text", "mentioned", "replaced"),
    [
        ("def size(self):\n    pass\n", True, True),
        ("class A:\n    size = 3\n", True, True),
        ("class A:\n    size: int\n", True, True),
        ("patch('package.module.size')\n", True, True),
        ("box.size = 3\n", True, True),
        ("print(box.size == 3, size)\n", True, False),
        ("resize = oversize_it\n", False, False),
    ],
)
def test_another_files_uses_of_a_name(tmp_path, text, mentioned, replaced):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "other.py").write_text(text)
    (tmp_path / "package" / "module.py").write_text("def size():\n    pass\n")
    asked = Elsewhere(tmp_path)
    assert asked.mentions("size", besides="package/module.py") == mentioned
    assert asked.replaces("size", besides="package/module.py") == replaced


def test_a_repository_too_large_to_look_through_may_say_anything(tmp_path, monkeypatch):
    (tmp_path / "other.py").write_text("x = 1\n" * 100)
    assert not Elsewhere(tmp_path).replaces("size", besides="module.py")
    monkeypatch.setattr(elsewhere, "_MOST_BYTES", 100)
    assert Elsewhere(tmp_path).replaces("size", besides="module.py")


def test_hidden_folders_are_nobodys_source(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "other.py").write_text("size = 1\n")
    assert not Elsewhere(tmp_path).mentions("size", besides="module.py")
