"""A patch brings no package that the repository does not need already, unless allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.tools.honesty.dependencies import known_packages, new_dependencies

FILES = {
    "pyproject.toml": '[project]\ndependencies = ["attrs>=23", "ruamel.yaml"]\n'
    "optional-dependencies = {fast = [\"orjson; python_version > '3.8'\"]}\n",
    "setup.py": 'setup(install_requires=["typing-extensions >= 4", "click[colors]"])\n',
    "requirements.txt": "# pinned\ntoolz==0.12\n-r other.txt\n",
    "shapes/core.py": "import os, lazyload as ll\n\ndef draw():\n    from PIL import Image\n",
    "shapes/_fast.pyx": "cimport cython\nimport numpy as np\n",
    "tests/test_core.py": "import pandas\n",
    "docs/conf.py": "import sphinx\n",
}
DECLARED = ["attrs", "ruamel_yaml", "orjson", "typing_extensions", "click", "toolz"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "attrs",
        "ruamel_yaml",
        "orjson",
        "typing_extensions",
        "click",
        "toolz",
        "lazyload",
        "PIL",
        "numpy",
        "itertools",
    ],
)
def test_what_is_declared_may_be_used(tree: Path, name: str) -> None:
    assert name in known_packages(tree)


def test_what_the_code_imports_may_be_used(tree: Path) -> None:
    assert {"lazyload", "PIL", "numpy", "itertools"} <= known_packages(tree)


@pytest.mark.parametrize("name", ["pandas", "sphinx", "other", "numba", "pytest"])
def test_what_only_tests_and_documents_need_is_no_dependency(tree: Path, name: str) -> None:
    assert name not in known_packages(tree)


def test_a_new_package_is_named_with_its_line_and_may_be_allowed(tree: Path) -> None:
    after = {
        "shapes/core.py": "import os\nfrom . import other\nfrom shapes.io import read\n\n\n"
        "def draw():\n    import numpy as np\n    from numba.core import njit\n    import numba\n",
        "shapes/notes.md": "import nothing\n",
    }
    known = known_packages(tree)
    assert new_dependencies(after, known) == [
        "shapes/core.py:8: imports numba, which the repository neither declares nor imports so far"
    ]
    assert new_dependencies(after, known, allow=["numba"]) == []
