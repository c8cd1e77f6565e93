"""Import lines: added once, merged, sorted, and after what must come first."""

from __future__ import annotations

import pytest

from perfagent.tools.rewrites.writing.edit import Import
from perfagent.tools.rewrites.writing.import_lines import with_imports

CASES = {
    "alone": ("x = 1\n", "from re import A\n\n\nx = 1\n"),
    "after a docstring": ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nfrom re import A\nx = 1\n'),
    "after the future": (
        '"""Doc."""\nfrom __future__ import annotations\n\nx = 1\n',
        '"""Doc."""\nfrom __future__ import annotations\n\nfrom re import A\n\nx = 1\n',
    ),
    "after a shebang": (
        "#!/bin/python\n# licence\n\nx = 1\n",
        "#!/bin/python\n# licence\n\nfrom re import A\n\n\nx = 1\n",
    ),
    "above a function's comment": (
        "# licence\n\n# about f\n@d\ndef f(): pass\n",
        "# licence\n\nfrom re import A\n\n\n# about f\n@d\ndef f(): pass\n",
    ),
    "sorted": (
        "import os\nfrom ast import x\nfrom string import y\n",
        "import os\nfrom ast import x\nfrom re import A\nfrom string import y\n",
    ),
    "last of its group": (
        "import os\n\nimport numpy\n",
        "import os\nfrom re import A\n\nimport numpy\n",
    ),
    "before other people's": ("import numpy\n", "from re import A\n\nimport numpy\n"),
    "merged": ("from re import B  # why\n", "from re import A, B  # why\n"),
    "merged in the middle": ("from re import (\n    B,\n    Z,\n)\n", None),
    "merged after": (
        "from re import (\n    A1,\n    A,\n)\n",
        "from re import (\n    A1,\n    A,\n)\n",
    ),
    "there already": ("import x\nfrom re import A\n", "import x\nfrom re import A\n"),
    "under another name": ("from re import A as B\n", None),
    "star": ("from re import *\n", None),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_import_stands_where_a_person_would_put_it(case):
    before, after = case
    found = with_imports(before, [Import("re", "A")], "\n")
    if after is not None:
        assert found == after
    assert with_imports(found, [Import("re", "A")], "\n") == found


def test_a_multi_line_import_keeps_its_layout():
    before = "from re import (\n    B,\n    Z,  # last\n)\n"
    assert with_imports(before, [Import("re", "C")], "\n") == (
        "from re import (\n    B,\n    C,\n    Z,  # last\n)\n"
    )
    assert with_imports("from re import (\n    B,\n    C,\n)\n", [Import("re", "Z")], "\n") == (
        "from re import (\n    B,\n    C,\n    Z,\n)\n"
    )


def test_a_module_is_imported_by_itself():
    found = with_imports("import ast\nimport sys\n", [Import("os", None)], "\n")
    assert found == "import ast\nimport os\nimport sys\n"
