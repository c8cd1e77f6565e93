"""The search in a report: what each round asked, of which version, and what came of it."""

from __future__ import annotations

from typing import Any

from perfagent.reports.markdown import render_markdown

RECORD: dict[str, Any] = {
    "schema_version": 2,
    "candidates": [
        {
            "candidate_id": "aaaaaaaaaa",
            "origin": "llm/m/avoid",
            "hypothesis": "once is enough",
            "outcome": "accepted",
            "stage": "full suite",
            "reason": "1.50x faster",
            "round": 1,
        },
        {
            "candidate_id": "cccccccccc",
            "origin": "stack/llm/m/batch",
            "hypothesis": "in bulk",
            "outcome": "accepted",
            "stage": "perturbed input",
            "reason": "1.20x faster",
            "round": 2,
            "parent_id": "aaaaaaaaaa",
        },
    ],
    "search": {
        "policy": "beam",
        "rounds": [
            {
                "round": 1,
                "problem": "it cost too much",
                "arms": [{"strategy": "avoid", "draw": 0.1}, {"strategy": "batch", "draw": 0.25}],
                "asks": [
                    {
                        "proposer": "llm",
                        "strategy": "avoid",
                        "plan": "do `it` @once",
                        "candidates": ["aaaaaaaaaa"],
                        "repeats": ["the original"],
                    },
                    {"proposer": "rewrites"},
                ],
            },
            {
                "round": 2,
                "asks": [
                    {
                        "proposer": "llm",
                        "strategy": "repair",
                        "parent": "aaaaaaaaaa",
                        "about": ["bbbbbbbbbb"],
                    }
                ],
            },
        ],
    },
}


def test_a_reader_sees_what_was_asked_and_what_came_of_it():
    text = render_markdown(RECORD)
    section = text[text.index("## The search") :]
    for needed in (
        "Policy `beam`.",
        "The bandit drew, as gain for a unit of cost: batch 0.250, avoid 0.100.",
        "No plans in words: it cost too much.",
        "- `avoid` on the original, by the plan: do `it` ",
        "  - the same as the original, not tried again",
        "  - `aaaaaaaaaa` once is enough **accepted at full suite: 1.50x faster**",
        "- `rewrites` on the original",
        "- `repair` `bbbbbbbbbb` on `aaaaaaaaaa`",
        "  - nothing to try",
        "- 1 version of what was accepted, stacked and judged again",
        "  - `cccccccccc` in bulk **accepted at perturbed input: 1.20x faster**, on `aaaaaaaaaa`",
    ):
        assert needed in section, needed
    assert "@once" not in section, "nobody is notified"


def test_a_run_without_a_model_has_no_such_section():
    rounds = [{"round": 1, "asks": [{"proposer": "rewrites"}]}]
    assert "The search" not in render_markdown({"search": {"policy": "beam", "rounds": rounds}})
    assert "The search" not in render_markdown({"search": None})
