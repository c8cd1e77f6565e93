"""docs/tools.md is what the tools say of themselves, and they say enough."""

from __future__ import annotations

from pathlib import Path

from perfagent.agent.chat.messages import prompt_bound
from perfagent.settings import Settings
from perfagent.tools.investigate.investigation import TOOLS
from perfagent.tools.investigate.page import page

PAGE = Path(__file__).resolve().parents[3] / "docs" / "tools.md"


def test_the_page_is_made_from_the_tools():
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "make it again: python -m perfagent.tools.investigate.page docs/tools.md"
    )


def test_each_tool_and_argument_is_described_in_a_schema_that_providers_take():
    assert len({tool.name for tool in TOOLS}) == len(TOOLS)
    for tool in TOOLS:
        spec = tool.spec
        assert spec.description.endswith("."), spec.name
        assert spec.parameters["type"] == "object"
        required = spec.parameters.get("required", [])
        assert set(required) <= set(spec.parameters["properties"])
        for name, schema in spec.parameters["properties"].items():
            assert schema["description"].endswith("."), f"{spec.name}.{name}"
            assert "title" not in schema
            assert "$ref" not in str(schema)
    # Where they took more than half of a first prompt, no tools would be offered.
    most = Settings().max_prompt_tokens / 2
    assert prompt_bound([], [tool.spec for tool in TOOLS]) < most
    assert [tool.name for tool in TOOLS if tool.changes_tree] == ["edit", "undo"]
