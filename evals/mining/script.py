"""The script that times a repository's own tests and benchmarks: it needs nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from .script_parts import BENCHMARKS, END, START, TESTS, TIMING


def workload_text(called: Sequence[str], texts: Mapping[str, str]) -> str:
    """Return a script that calls tests or benchmarks, in the form that SWE-fficiency's have.

    Args:
        called: The node ids of tests, `FILE::NAME` or `FILE::CLASS::NAME` of asv's benchmarks.
        texts: By path, files that differ from the base's: the script brings them along.
    """
    pairs = [(path, name) for path, _, name in (each.partition("::") for each in called)]
    used = {path for path, _ in pairs}
    is_asv = [is_asv_name(each) for each in called]
    parts = [] if all(is_asv) else [TESTS]
    parts += [BENCHMARKS] if any(is_asv) else []
    listed = json.dumps(pairs).replace("], [", "],\n    [").replace("[[", "[\n    [")
    text = START.format(
        what="benchmarks" if all(is_asv) else "tests",
        sources=repr({path: text for path, text in texts.items() if path in used}),
        called=listed.replace("]]", "],\n]"),
    )
    return _without_unused_imports(text + "".join(parts) + END + TIMING)


def is_asv_name(called: str) -> bool:
    """Return whether an id is that of a benchmark that asv would time."""
    return called.rpartition("::")[2].startswith("time_")


def _without_unused_imports(text: str) -> str:
    """Leave out the imports of parts that the script does not have."""
    head, rest = text.split("\n\n", 2)[1], text.partition("SOURCES = ")[2]
    unused = [line for line in head.splitlines() if not re.search(rf"\b{line[7:]}\.", rest)]
    for line in unused:
        text = text.replace(f"{line}\n", "", 1)
    return text
