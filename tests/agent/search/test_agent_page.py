"""docs/agent.md tells of the graph that runs, and of every strategy and policy there is."""

from __future__ import annotations

import re
from pathlib import Path

from perfagent.agent.chat.prompts import prompt_versions
from perfagent.agent.graph import build_graph
from perfagent.agent.search.policies import POLICIES
from perfagent.agent.search.strategies import MOVES, all_strategies

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "agent.md").read_text(encoding="utf-8")


def lines_of_graph(text: str) -> set[str]:
    """Return a drawing's nodes and edges, without how they look."""
    return {
        line.strip()
        for line in text.splitlines()
        if re.match(r"\s*\w+( -->| -\.->|\(\w+\)$)", line)
    }


def test_the_graph_on_the_page_is_the_one_that_runs() -> None:
    drawn = lines_of_graph(build_graph().compile().get_graph().draw_mermaid())
    assert "profile --> plan;" in drawn
    (shown,) = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
    assert lines_of_graph(shown) == drawn


def test_every_strategy_and_policy_is_described() -> None:
    for name in (*all_strategies(), *POLICIES):
        assert f"`{name}`" in PAGE, name
    assert {f"task-{move}" for move in MOVES} <= set(prompt_versions())
