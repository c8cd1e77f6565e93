"""What a repository owns is found out in a sandbox as well."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

import pytest

from perfagent.repos.declared.layout import find_layout
from perfagent.repos.sandbox.containment import Containment
from perfagent.repos.sandbox.local import Local


@pytest.mark.sandbox
def test_a_package_that_is_installed_in_place_is_found_and_can_be_hidden(tmp_path: Path) -> None:
    package = tmp_path / "source" / "shapes" / "__init__.py"
    package.parent.mkdir(parents=True)
    package.write_text("")
    made = tmp_path / "venv"
    venv.create(made)
    (packages,) = made.glob("lib/python*/site-packages")
    (packages / "shapes.pth").write_text(str(package.parent.parent))
    layout = find_layout(
        made / "bin" / Path(sys.executable).name,
        {"PATH": "/usr/bin:/bin"},
        package.parent.parent,
        containment=Containment(sandbox=Local()),
    )
    assert layout.found_at == {"shapes": package.parent}
    assert layout.unhidden == ()
