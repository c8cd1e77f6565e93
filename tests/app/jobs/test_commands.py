"""The grammar of comments and of the repository's configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from jsonschema import Draft202012Validator

from perfagent.app.jobs.commands import Command, parse_command
from perfagent.app.jobs.configuration import read_configuration, schema

SAID = {
    "/perfagent optimize": Command(name="optimize"),
    "/perfagent optimize compare --budget 30m": Command(
        name="optimize", word="compare", budget_s=1800
    ),
    "/perfagent optimize --budget 2h": Command(name="optimize", budget_s=7200),
    "\n\n/perfagent check\n\nthanks": Command(name="check"),
    "@perfagent status": Command(name="status"),
    "@our-perf help": Command(name="help"),
    "/perfagent": Command(name="help"),
    "/perfagent ignore a/b.py:f": Command(name="ignore", word="a/b.py:f"),
    "/perfagent optimize $(reboot)": Command(name="unknown"),
    "/perfagent optimize a b": Command(name="unknown"),
    "/perfagent optimize --sandbox none": Command(name="unknown"),
    "/perfagent optimize --budget": Command(name="unknown"),
    "/perfagent check HEAD": Command(name="unknown"),
    "/perfagent merge": Command(name="unknown"),
}


@pytest.mark.parametrize("text", SAID)
def test_a_command_is_read(text: str):
    assert parse_command(text, "our-perf") == SAID[text]


@given(some.text())
def test_any_text_is_read_without_an_error(text: str):
    parse_command(text, "perfagent")
    parse_command(f"/perfagent {text}", "perfagent")


WRONG = {
    "workloads: [a]": "workloads",
    "workloads: {a: '--help'}": "workload",
    "workloads: {a: ''}": "workload",
    "min_speedup: 0.5": "min_speedup",
    "forks: always": "forks",
    "a: [": "YAML",
    "- a": "table",
    "a: &x 1\nb: *x": "aliases",
    "x: " + "y" * 70_000: "64 KB",
    "[" * 5000: "",
    "!!python/object/apply:os.system ['true']": "YAML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_configuration_asks_for_nothing_and_says_why(text: str):
    read = read_configuration(text)
    assert not read.configuration.enabled
    (problem,) = read.problems
    assert WRONG[text] in problem
    assert "\n" not in problem


def test_an_unknown_key_is_reported_and_the_rest_holds():
    read = read_configuration("workloads: {a: bench.py}\nmax_open_pr: 1\n")
    assert read.configuration.workloads == {"a": "bench.py"}
    assert "did you mean max_open_prs" in read.unknown[0]


def test_the_published_schema_is_the_models():
    file = Path(__file__).resolve().parents[3] / "docs" / "perfagent-yml.schema.json"
    published = json.loads(file.read_text(encoding="utf-8"))
    assert published == schema()
    good = {"workloads": {"a": "a.py"}, "schedule": "weekly", "publish": "suggestion"}
    check = Draft202012Validator(published)
    assert check.is_valid(good)
    assert not check.is_valid({**good, "max_open_pr": 1})
    assert not check.is_valid({**good, "schedule": "hourly"})


def test_without_a_file_nothing_is_asked_for():
    read = read_configuration(None)
    assert not read.is_there
    assert read.configuration.workloads == {}
