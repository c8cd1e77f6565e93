from __future__ import annotations

from perfagent.agent.search.plans import parsed_plans, task

REPLY = """<think>PLAN cache: not this one</think>
Two things stand out.

**PLAN algorithm:** `shared` in pairs.py
A list is searched for every number.
A set makes it constant; saves up to 90 %.

## Plan batch: `total`
Sum once.

PLAN algorithm: a second one of the kind
PLAN magic: does not exist
PLAN lower:
"""


def test_plans_are_read_by_kind_however_they_are_dressed():
    assert parsed_plans(REPLY) == {
        "algorithm": "`shared` in pairs.py. A list is searched for every number. A set makes it "
        "constant; saves up to 90 %.",
        "batch": "`total`. Sum once.",
    }


def test_a_reply_without_plans_gives_none():
    assert parsed_plans("HYPOTHESIS: a set\n\na.py\n<<<<<<< SEARCH\n") == {}
    assert parsed_plans("") == {}


def test_a_plan_without_end_is_cut():
    (plan,) = parsed_plans("PLAN avoid: x\n" + "word " * 2000).values()
    assert len(plan) <= 1500


def test_it_asks_for_words_alone():
    assert "Do not write edits" in task(5)
