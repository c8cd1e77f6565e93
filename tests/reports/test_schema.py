"""The published schema of a record: what runs write fits it, and what does not is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from perfagent.agent.runs.record import SCHEMA_VERSION
from perfagent.tests.reports.records import make_record

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())


def check(record: dict[str, Any]) -> None:
    Draft202012Validator(SCHEMA).validate(record)


def test_the_schema_is_one_and_of_this_version() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"] == {"const": SCHEMA_VERSION}


@pytest.mark.parametrize("outcome", ["accepted", "no_improvement"])
def test_a_record_fits(outcome: str) -> None:
    check(make_record(5, outcome=outcome))


@pytest.mark.parametrize(
    ("key", "value"),
    [("outcome", "great"), ("speedup", {"speedup": 1.2}), ("hotspots", [{}]), ("doubts", None)],
)
def test_what_is_no_record_is_found(key: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        check(make_record(2) | {key: value})
