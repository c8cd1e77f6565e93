"""A whole run in which a scripted model investigates with the real tools, and the same replayed."""

from __future__ import annotations

import json
from pathlib import Path

from perfagent.tests.fakes.model_server import KEY, ModelServer, Received, Step, Text, Use
from perfagent.tests.shop import Shop, snapshot

PATH = "deliveries/pairs.py"
SHARED = f"{PATH}:shared"
PLAN = "PLAN algorithm: shared\nA list is searched for every number; a set answers at once."
TURNS = (
    [Use("list_hotspots"), Use("read_symbol", {"symbol": SHARED})],
    [Use("callers", {"symbol": SHARED}), Use("search_text", {"pattern": "known"})],
    [
        Use(
            "edit",
            {
                "path": PATH,
                "search": "    known = list(second)\n",
                "replace": "    known = set(second)\n",
            },
        )
    ],
    [Use("show_diff"), Use("run_tests"), Use("no_such_tool")],
)
DONE = "HYPOTHESIS: `shared` searches a list for every number; a set makes each search constant."


def investigate(request: Received) -> Step:
    """Plan, look, edit, test, and propose what the scratch tree holds."""
    if not request.tools:
        return Text(PLAN)
    turn = sum(message["role"] == "assistant" for message in request.body["messages"])
    if turn < len(TURNS):
        return Text("", uses=TURNS[turn])
    changed = any("+    known = set(second)" in text for _, text in request.tool_results)
    return Text(DONE if changed else "HYPOTHESIS: none\nIt is a set already.")


def said(run: Path) -> list[str]:
    """Return what the model said in a run, whole replies, sorted."""
    calls = [json.loads(path.read_text()) for path in (run / "calls").glob("?" * 64 + ".json")]
    return sorted(json.dumps(call["reply"], sort_keys=True) for call in calls)


def test_a_model_that_investigates_gets_its_fix_accepted_and_a_replay_gives_the_same_run(
    shop: Shop,
):
    before = snapshot(shop.repo)
    first, second = shop.folder / "run", shop.folder / "replayed"
    words = ("--proposer", "llm", "--width", "1", "--max-rounds", "1", "--metric", "cpu")

    with ModelServer(investigate) as server:
        model = ("--model", "openai:gpt-test=2", "--base-url", server.base_url("openai"))
        answer = shop.optimize(*words, *model, "--out", str(first), OPENAI_API_KEY=KEY)
    assert answer.status == 0, answer.err
    assert answer.record["speedup"]["ci_low"] > 1.5
    assert "+    known = set(second)" in (first / "patch.diff").read_text()
    results = [json.loads(path.read_text()) for path in (first / "calls").glob("*.tool-*.json")]
    texts = {each["call"]["name"]: each["answer"]["text"] for each in results}
    assert set(texts) == {use.name for turn in TURNS for use in turn}
    assert "shared" in texts["list_hotspots"]
    assert "known = list(second)" in texts["read_symbol"]
    assert "There is no tool 'no_such_tool'" in texts["no_such_tool"]
    assert "minutes of the run]" in texts["no_such_tool"]

    again = shop.optimize(*words, "--replay", str(first), "--out", str(second))
    assert again.status == 0, again.err
    assert (second / "patch.diff").read_text() == (first / "patch.diff").read_text()
    assert said(second) == said(first)
    assert snapshot(shop.repo) == before
