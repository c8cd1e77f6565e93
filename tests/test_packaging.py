"""What an installed perfagent holds: every package folder of the checkout, and nothing else."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_THE_PACKAGE = frozenset(
    {"tests", "benchmarks", "examples", "docs", "build", "dist", "demo", "deploy"}
)


def folders(root: Path) -> list[Path]:
    """Return the folders of the package's rooms, relative to its root, the root among them."""
    found = []
    for parent, names, _ in os.walk(root):
        here = Path(parent).relative_to(root)
        names[:] = sorted(
            name
            for name in names
            if not name.startswith((".", "__")) and not name.endswith(".egg-info")
        )
        if here == Path():
            names[:] = [name for name in names if name not in NOT_THE_PACKAGE]
        found.append(here)
    return found


def package_name(folder: Path) -> str:
    """Return the package that a folder is installed as."""
    return ".".join(("perfagent", *folder.parts))


def unlisted(root: Path, table: Mapping[str, Any]) -> list[str]:
    """Return one line for each difference between the checkout and what setuptools would ship.

    Args:
        root: The checkout.
        table: `[tool.setuptools]` of its pyproject.toml.
    """
    lines = []
    listed, mapped = list(table["packages"]), dict(table["package-dir"])
    shipped = table.get("package-data", {})
    if len(set(listed)) != len(listed):
        lines.append("packages: a package is listed twice")
    expected = {}
    for folder in folders(root):
        files = [path for path in (root / folder).iterdir() if path.is_file()]
        if any(path.name == "__init__.py" for path in files):
            expected[package_name(folder)] = folder.as_posix()
        elif any(path.suffix == ".py" for path in files):
            lines.append(f"{folder.as_posix()}: has modules and no __init__.py")
        elif files and folder.parts:
            owner = package_name(folder.parent)
            patterns = [f"{folder.parent.as_posix()}/{glob}" for glob in shipped.get(owner, ())]
            for path in files:
                relative = path.relative_to(root)
                if not any(relative.match(pattern) for pattern in patterns):
                    lines.append(f"{relative.as_posix()}: no package-data ships it")
    for name in sorted(expected.keys() - set(listed)):
        lines.append(f"packages: {name} is not listed")
    for name in sorted(set(listed) - expected.keys()):
        lines.append(f"packages: {name} is listed and has no folder with an __init__.py")
    for name in sorted(expected):
        if mapped.get(name) != expected[name]:
            lines.append(f"package-dir: {name} is not mapped to {expected[name]}")
    for name in sorted(mapped.keys() - expected.keys()):
        lines.append(f"package-dir: {name} is mapped and has no folder with an __init__.py")
    for owner, patterns in shipped.items():
        for pattern in patterns:
            if not list((root / mapped.get(owner, owner)).glob(pattern)):
                lines.append(f"package-data: {owner}: {pattern} matches no file")
    return lines


def test_pyproject_lists_every_package_folder_and_no_other():
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert unlisted(ROOT, table) == []


@pytest.fixture
def checkout(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A small checkout and the table that fits it."""
    for name in ("__init__.py", "repos/__init__.py", "repos/inside/__init__.py", "tests/a.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    prompt = tmp_path / "repos" / "prompts" / "system.md"
    prompt.parent.mkdir()
    prompt.write_text("Be brief.\n")
    table = {
        "packages": ["perfagent", "perfagent.repos", "perfagent.repos.inside"],
        "package-dir": {
            "perfagent": ".",
            "perfagent.repos": "repos",
            "perfagent.repos.inside": "repos/inside",
        },
        "package-data": {"perfagent.repos": ["prompts/*.md"]},
    }
    assert unlisted(tmp_path, table) == []
    return tmp_path, table


def test_a_package_that_is_not_listed_is_found(checkout: tuple[Path, dict[str, Any]]):
    root, table = checkout
    table["packages"].remove("perfagent.repos.inside")
    assert unlisted(root, table) == ["packages: perfagent.repos.inside is not listed"]


def test_a_package_mapped_to_another_folder_is_found(checkout: tuple[Path, dict[str, Any]]):
    root, table = checkout
    table["package-dir"]["perfagent.repos"] = "repo"
    assert any("package-dir: perfagent.repos" in line for line in unlisted(root, table))


def test_a_listed_package_without_a_folder_is_found(checkout: tuple[Path, dict[str, Any]]):
    root, table = checkout
    (root / "repos" / "inside" / "__init__.py").unlink()
    assert any("perfagent.repos.inside is listed" in line for line in unlisted(root, table))


def test_a_folder_of_modules_that_would_not_ship_is_found(checkout: tuple[Path, dict[str, Any]]):
    root, table = checkout
    (root / "repos" / "extra").mkdir()
    (root / "repos" / "extra" / "module.py").touch()
    assert unlisted(root, table) == ["repos/extra: has modules and no __init__.py"]


def test_a_prompt_that_would_not_ship_is_found(checkout: tuple[Path, dict[str, Any]]):
    root, table = checkout
    (root / "repos" / "prompts" / "system.txt").touch()
    assert unlisted(root, table) == ["repos/prompts/system.txt: no package-data ships it"]
    table["package-data"] = {}
    assert len(unlisted(root, table)) == 2


def test_a_pattern_that_ships_nothing_is_found(checkout: tuple[Path, dict[str, Any]]):
    root, table = checkout
    table["package-data"]["perfagent"] = ["py.typed"]
    assert unlisted(root, table) == ["package-data: perfagent: py.typed matches no file"]
