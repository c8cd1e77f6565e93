"""docs/cli.md is what the program says of itself, and it takes every documented command."""

from __future__ import annotations

import pytest

from perfagent.cli.reference import reference
from perfagent.tests.documented import OURS, ROOT, read_by_the_program


def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == reference(), "run `make docs-cli`"


@pytest.mark.parametrize("command", OURS)
def test_the_program_takes_every_command(command: str) -> None:
    assert read_by_the_program(command) is None


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("perfagent optimise . w.py", "optimise"),
        ("perfagent optimize . w.py --fast", "--fast"),
        ("perfagent optimize .", "parameter: workload"),
        ("perfagent optimize . w.py --max-rounds many", "valid integer"),
        ("perfagent eval report a.json --k", "--k"),
    ],
)
def test_a_command_that_it_would_not_take_is_found(command: str, why: str) -> None:
    assert why in (read_by_the_program(command) or "")
