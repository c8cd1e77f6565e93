from __future__ import annotations

import ast

from perfagent.agent.chat.prices import token_bound
from perfagent.agent.proposers.workload_text import shortened

LONG = "\n".join(f"    x{n} = {n}" for n in range(300))
SCRIPT = f'''"""A script."""

import json

SIZE = 3


def make_input():
{LONG}


def setup():
    global table
    table = [SIZE] * 9


def workload():
    return json.dumps(table)


def small():
    return 1
'''


def test_what_is_timed_is_shown_before_what_makes_its_input():
    text = shortened(SCRIPT, 400)
    for needed in ("import json", "SIZE = 3", "def setup():", "def workload():", "def small():"):
        assert needed in text
    assert "# ... (301 more lines are left out)" in text
    assert "x17" not in text
    assert token_bound(text) <= 400
    ast.parse(text)


def test_a_short_one_is_shown_as_it_is_and_what_is_no_python_by_its_first_lines():
    assert shortened(SCRIPT, 100_000) == SCRIPT
    text = shortened("run the tool \\\n" * 500, 200)
    assert text.startswith("run the tool")
    assert "more lines are left out)" in text
    assert token_bound(text) <= 200
