"""Settings: a typing mistake or a hostile target must never be taken silently."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from perfagent.api import command_line
from perfagent.cli.said import settings_said
from perfagent.errors import UserError
from perfagent.settings import Settings, load_settings
from perfagent.workloads.metrics import METRICS


def load(tmp_path: Path, flags=None, environ=None, pyproject=None, file=None):
    if file is not None:
        (tmp_path / "perfagent.toml").write_text(file)
    return load_settings(
        flags or {}, working_dir=tmp_path, environ=environ or {}, target_pyproject=pyproject
    )


def test_later_sources_win(tmp_path: Path):
    settings = load(
        tmp_path,
        flags={"tests": "flag"},
        environ={"PERFAGENT_TESTS": "variable", "PERFAGENT_MIN_SHARE": "0.3"},
        file="tests = 'file'\nmin-share = 0.2\nmin_effect = 0.2",
        pyproject="[tool.perfagent]\ntests = 'target'\nmin_effect = 0.1\nworkload_timeout_s = 7",
    )

    assert settings.tests == "flag"
    assert settings.min_share == 0.3
    assert settings.min_effect == 0.2
    assert settings.workload_timeout_s == 7


def test_variables_hold_lists_and_tables(tmp_path: Path):
    settings = load(
        tmp_path,
        environ={
            "PERFAGENT_PROPOSER": "rewrites, llm",
            "PERFAGENT_PRICES": '{ "openai:mine" = [1, 2] }',
            "PERFAGENT_API_KEY": "secret",
        },
    )

    assert settings.proposers() == ("rewrites", "llm")
    assert settings.prices == {"openai:mine": (1.0, 2.0)}


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"file": "max_round = 1"}, ("max_round", "max_rounds", "perfagent.toml")),
        ({"environ": {"PERFAGENT_SEEED": "1"}}, ("PERFAGENT_SEEED", "'seed'")),
        ({"pyproject": "[tool.perfagent]\npyton = '3.9'"}, ("pyton", "'python'")),
        ({"file": "error = 0.9"}, ("error", "perfagent.toml")),
        ({"file": "error = "}, ("not valid TOML",)),
        ({"environ": {"PERFAGENT_JOBS": "two"}}, ("jobs", "environment")),
        ({"flags": {"proposer": ["oracle"]}}, ("oracle", "rewrites, llm, command")),
        ({"pyproject": "[tool]\nperfagent = 3"}, ("table",)),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, given, parts):
    with pytest.raises(UserError) as caught:
        load(tmp_path, **given)

    assert all(part in str(caught.value) for part in parts), str(caught.value)


@pytest.mark.parametrize("key", ["base_url", "command", "pass_env", "cache_dir", "allow", "model"])
def test_target_cannot_choose_where_keys_go_or_what_runs_outside(tmp_path: Path, key: str):
    with pytest.raises(UserError, match=key):
        load(tmp_path, pyproject=f"[tool.perfagent]\n{key} = 'x'")


def test_multiples_may_be_said_with_an_x(tmp_path: Path):
    settings = load(tmp_path, flags={"allow_memory": "4x"}, environ={"PERFAGENT_ALLOW_IMPORT": "3"})

    assert (settings.allow_memory, settings.allow_import) == (4.0, 3.0)
    for wrong in ("0.5", "four", "4y", "nan"):
        with pytest.raises(UserError, match="allow_memory"):
            load(tmp_path, flags={"allow_memory": wrong})


def test_every_metric_can_be_asked_for_and_no_other(tmp_path: Path):
    assert get_args(Settings.model_fields["metric"].annotation) == tuple(METRICS)
    with pytest.raises(UserError, match="'wall', 'cpu'"):
        load(tmp_path, flags={"metric": "speed"})


def test_without_a_model_the_rewrites_run(tmp_path: Path):
    assert load(tmp_path).proposers() == ("rewrites",)
    assert load(tmp_path, flags={"model": "openai:x"}).proposers() == ("rewrites", "llm")


def test_a_zero_is_said_and_what_nobody_said_is_not() -> None:
    said = settings_said(
        {"max_usd": 0.0, "max_rounds": 0, "seed": None, "install": [], "guard": False}
    )
    assert said == {"max_usd": 0.0, "max_rounds": 0}


@pytest.mark.parametrize("switch", ["facts", "learn"])
def test_a_switch_that_is_on_is_put_off_by_name_and_so_repeated(tmp_path: Path, switch: str):
    assert getattr(load(tmp_path), switch)
    said = settings_said({f"no_{switch}": True, "native": False})
    assert not getattr(load(tmp_path, flags=said), switch)
    assert command_line("optimize", ".", "w.py", said) == f"perfagent optimize . w.py --no-{switch}"
    assert command_line("optimize", ".", "w.py", {switch: True}) == "perfagent optimize . w.py"
