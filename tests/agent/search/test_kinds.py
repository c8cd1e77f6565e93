from __future__ import annotations

import pytest

from perfagent.agent.search.kinds import KINDS, kind_of_change

BEFORE = """
def shared(first, second):
    found = []
    for number in first:
        key = make(second)
        if number in second:
            found.append(key)
    return found
"""
CHANGES = {
    "cache": BEFORE.replace("def shared", "@lru_cache(maxsize=128)\ndef shared"),
    "algorithm": BEFORE.replace("found = []", "found = []\n    second = set(second)"),
    "batch": "def shared(first, second):\n    return list(map(second.find, first))\n",
    "avoid": BEFORE.replace("        key = make(second)\n", "").replace(
        "    for", "    key = make(second)\n    for"
    ),
    "lower": BEFORE.replace("found = []", "found = []\n    append = found.append").replace(
        "found.append(key)", "append(key)"
    ),
}


@pytest.mark.parametrize("kind", sorted(CHANGES))
def test_kinds_of_changes_are_told_apart(kind: str):
    assert kind_of_change({"a.py": BEFORE}, {"a.py": CHANGES[kind]}) == kind


def test_what_is_no_python_is_another_kind():
    assert kind_of_change({"a.pyx": "x"}, {"a.pyx": "y"}) == "other"
    assert kind_of_change({}, {"a.py": "def f(:\n"}) == "other"
    assert set(CHANGES) < set(KINDS)
