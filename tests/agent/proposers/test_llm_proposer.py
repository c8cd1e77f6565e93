from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from perfagent.agent.chat.journal import CallJournal
from perfagent.agent.chat.models import TransientModelError
from perfagent.agent.proposers.llm import ProposalContext, propose
from perfagent.agent.proposers.proposal import Proposal
from perfagent.agent.proposers.reply_change import hypothesis_of
from perfagent.agent.runs.budget import Budget
from perfagent.profiles.hotspot import Hotspot
from perfagent.tests.fakes.model_server import (
    KEY,
    Body,
    Cut,
    Hang,
    ModelServer,
    Received,
    Status,
    Step,
    Text,
)

from ..conftest import GOOD_REPLY, SEARCH, HotspotMaker

SPECS = ("openai:gpt-5", "anthropic:claude-opus-5")


@dataclass
class Session:
    """One conversation with the scripted provider, about the shop."""

    tree: Path
    hotspots: Sequence[Hotspot]
    folder: Path
    spec: str = "openai:gpt-5"

    def propose(
        self, server: ModelServer, *, raise_transient: bool = True, **changed: object
    ) -> Proposal:
        fields: dict[str, object] = {
            "workload_text": "print('workload')",
            "tree": self.tree,
            "tried": [],
            "strategy": "algorithm",
            "max_output_tokens": 2000,
            "timeout_s": 20.0,
        }
        (proposal,) = propose(
            model=server.open(self.spec),
            journal=CallJournal(self.folder),
            hotspots=self.hotspots,
            context=ProposalContext(**{**fields, **changed}),  # pyright: ignore[reportArgumentType]
            raise_transient=raise_transient,
        )
        assert Proposal.from_json(json.loads(json.dumps(proposal.to_json()))) == proposal
        return proposal


@pytest.fixture
def session(shop: Path, hotspot_in: HotspotMaker, tmp_path: Path) -> Session:
    spots = [hotspot_in(shop, "Orders.total", share=0.1), hotspot_in(shop, "Orders.known")]
    return Session(tree=shop, hotspots=spots, folder=tmp_path / "calls")


def block(search: str, replace: str, path: str = "shop/orders.py") -> str:
    return (
        f"HYPOTHESIS: it is slow.\n\n{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}"
        ">>>>>>> REPLACE\n"
    )


@pytest.mark.parametrize("spec", SPECS)
def test_a_good_reply_becomes_a_proposal(session: Session, spec: str) -> None:
    session.spec = spec
    with ModelServer([Text(GOOD_REPLY, input_tokens=900, output_tokens=80)]) as server:
        proposal = session.propose(server)
        (request,) = server.requests
    assert proposal.problem is None
    assert proposal.origin == f"llm/{spec}/algorithm"
    assert proposal.hypothesis.startswith("`known` scans all rows for every code")
    assert proposal.hotspot == "shop/orders.py:Orders.known", "the changed one, not the first"
    assert 'ordered = {row["code"] for row in self.rows}' in proposal.sources["shop/orders.py"]
    ast.parse(proposal.sources["shop/orders.py"])
    assert proposal.spend.tokens == 980
    assert proposal.spend.model_calls == 1
    assert proposal.spend.usd is not None
    assert proposal.spend.usd > 0
    assert "SEARCH" in request.messages[0][1]
    assert "def known(self, codes)" in request.text
    assert "print('workload')" in request.text
    assert "better algorithm" in request.text


def test_the_tree_is_only_read(session: Session) -> None:
    before = (session.tree / "shop" / "orders.py").read_bytes()
    with ModelServer([GOOD_REPLY]) as server:
        session.propose(server)
    assert (session.tree / "shop" / "orders.py").read_bytes() == before


@pytest.mark.parametrize("spec", SPECS)
def test_a_reply_that_does_not_apply_is_repaired_with_the_reason(
    session: Session, spec: str
) -> None:
    session.spec = spec
    wrong = block("    for code in all_codes:\n        break\n", "    pass\n")
    with ModelServer([wrong, GOOD_REPLY]) as server:
        proposal = session.propose(server)
        first, second = server.requests
    assert proposal.problem is None
    assert proposal.spend.model_calls == 2
    assert second.messages[: len(first.messages)] == first.messages, "the prefix stays cacheable"
    assert second.messages[-2] == ("assistant", wrong.strip() if spec == "x" else wrong)
    assert "could not be used" in second.last_user
    assert "shop/orders.py" in second.last_user


def test_a_change_that_breaks_the_syntax_goes_back_to_the_model(session: Session) -> None:
    broken = block("        found = []\n", "        found = [\n")
    with ModelServer([broken, GOOD_REPLY]) as server:
        assert session.propose(server).problem is None
        assert "does not parse" in server.requests[1].last_user


def test_line_numbers_copied_from_the_prompt_do_not_cost_a_call(session: Session) -> None:
    numbered = block(
        '   23  80% |             if code in [row["code"] for row in self.rows]:\n'
        "   24      |                 found.append(code)\n",
        "   23      |             if self.has(code):\n"
        "   24      |                 found.append(code)\n",
    )
    with ModelServer([numbered]) as server:
        proposal = session.propose(server)
    assert proposal.problem is None
    assert "            if self.has(code):\n" in proposal.sources["shop/orders.py"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("I would use a set here. Good luck!", "no edit found"),
        (block("nothing like this\n", "x\n"), "shop/orders.py"),
        (block(SEARCH, SEARCH), "change nothing"),
        (block("found = []\n", "found = set()\n", path="../../etc/cron.py"), "cron.py"),
        (block("found = []\n", "found = set()\n", path="shop/missing.py"), "missing.py"),
        (Text("HYPOTHESIS: a set\n\nshop/orders.py\n<<<<<<< SEARCH\n  ", stop="length"), "cut off"),
        (Text("", stop="length"), "cut off"),
    ],
)
def test_nonsense_ends_in_a_problem_after_the_repairs(
    session: Session, reply: Step, said: str
) -> None:
    with ModelServer([reply] * 3) as server:
        proposal = session.propose(server)
        assert len(server.requests) == 3
        assert said in server.requests[-1].last_user
    assert proposal.sources == {}
    assert proposal.hotspot is None
    assert proposal.problem is not None
    assert said in proposal.problem
    assert proposal.spend.model_calls == 3


def test_a_cut_off_reply_is_not_sent_back(session: Session) -> None:
    with ModelServer([Text("HALF " * 50, stop="length"), GOOD_REPLY]) as server:
        assert session.propose(server).problem is None
        assert "HALF" not in server.requests[1].text


def test_repairs_can_be_switched_off(session: Session) -> None:
    with ModelServer(["nonsense"]) as server:
        assert session.propose(server, max_repairs=0).problem is not None
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("HYPOTHESIS: none\nThe time is spent in the C library.", "in the C library"),
        ("**Hypothesis:** None - all is well.", "no change worth making"),
        (Text("I can't help with that.", stop="refusal"), "declined: I can't help"),
        (Text("", stop="refusal"), "declined"),
    ],
)
def test_a_model_that_declines_is_not_pressed(session: Session, reply: Step, said: str) -> None:
    with ModelServer([reply]) as server:
        proposal = session.propose(server)
    assert proposal.problem is not None
    assert said in proposal.problem
    assert proposal.spend.model_calls == 1


def test_reasoning_in_the_reply_is_not_mistaken_for_the_answer(session: Session) -> None:
    thinking = f"<think>\nHYPOTHESIS: none\n{block('found = []', 'found = 1')}</think>\n\n"
    with ModelServer([thinking + GOOD_REPLY]) as server:
        proposal = session.propose(server)
    assert proposal.problem is None
    assert proposal.hypothesis.startswith("`known` scans")


@pytest.mark.parametrize("step", [Status(429), Status(500), Cut(), Hang()])
def test_a_passing_failure_is_left_to_the_graph_and_then_goes_on(
    session: Session, step: Step
) -> None:
    with ModelServer(["nonsense", step, GOOD_REPLY]) as server:
        with pytest.raises(TransientModelError):
            session.propose(server, timeout_s=2.0 if isinstance(step, Hang) else 20.0)
        proposal = session.propose(server)
        assert len(server.requests) == 3, "the answered call is not made again"
    assert proposal.problem is None
    assert proposal.spend.model_calls == 2


def test_on_the_last_attempt_a_passing_failure_is_a_problem_like_any_other(
    session: Session,
) -> None:
    with ModelServer([Status(503, "overloaded")]) as server:
        proposal = session.propose(server, raise_transient=False)
    assert proposal.problem is not None
    assert "overloaded" in proposal.problem


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Status(401, "bad key"), "check the key in OPENAI_API_KEY"),
        (Status(404, "no such model"), "check the model's name"),
        (Status(400, "too long"), "too long"),
    ],
)
def test_a_refused_call_is_a_problem_that_says_what_to_do(
    session: Session, step: Step, said: str
) -> None:
    with ModelServer([step]) as server:
        proposal = session.propose(server)
        assert len(server.requests) == 1
    assert proposal.problem is not None
    assert said in proposal.problem


def test_answers_that_are_none_are_a_problem_after_all_repairs(session: Session) -> None:
    with ModelServer([Body(b"<html>")] * 4) as server:
        proposal = session.propose(server)
        assert len(server.requests) == 3
    assert proposal.problem is not None
    assert "no chat completion" in proposal.problem


def test_a_conversation_stops_where_the_budget_ends(session: Session) -> None:
    budget = Budget(max_usd=None, max_tokens=10_500, max_wall_s=None, max_rounds=1)
    with ModelServer([Text("nonsense", input_tokens=3500, output_tokens=1000)] * 3) as server:
        proposal = session.propose(server, budget_check=budget.allows)
        assert len(server.requests) == 2
    assert proposal.problem is not None
    assert "no edit found" in proposal.problem
    assert "was not asked: it could use" in proposal.problem
    assert proposal.spend.tokens <= 10_500


def test_attempts_differ_and_strategies_share_the_beginning(session: Session) -> None:
    with ModelServer([GOOD_REPLY] * 3) as server:
        session.propose(server)
        session.propose(server, attempt="second sample")
        session.propose(server, strategy="batch")
        first, _, third = server.requests
    case, _, task = first.messages[1][1].partition("## Your approach")
    assert third.messages[1][1].startswith(case)
    assert task not in third.text


def test_the_key_and_the_prompt_stay_apart(session: Session) -> None:
    def answer(request: Received) -> Step:
        assert KEY not in request.text
        return f"HYPOTHESIS: your key {request.headers['authorization']}\n{GOOD_REPLY}"

    with ModelServer(answer) as server:
        proposal = session.propose(server)
    assert KEY not in json.dumps(proposal.to_json())


def test_a_kill_in_the_middle_of_a_conversation_pays_nothing_twice(
    session: Session, tmp_path: Path
) -> None:
    script = f"""
import os, signal, pickle
from pathlib import Path
from perfagent.agent.chat.journal import CallJournal
from perfagent.agent.chat.models import open_model
from perfagent.agent.proposers import llm
hotspots, context = pickle.loads(Path({str(tmp_path / "case")!r}).read_bytes())
llm._repair = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
model = open_model("openai:gpt-5", base_url=URL, environ={{"OPENAI_API_KEY": "{KEY}"}})
llm.propose(model=model, journal=CallJournal(Path({str(session.folder)!r})), hotspots=hotspots,
            context=context)
"""
    import pickle

    context = ProposalContext(
        workload_text="print('workload')",
        tree=session.tree,
        tried=[],
        strategy="algorithm",
        max_output_tokens=2000,
        timeout_s=20.0,
    )
    (tmp_path / "case").write_bytes(pickle.dumps((session.hotspots, context)))
    with ModelServer(["nonsense", GOOD_REPLY]) as server:
        code = script.replace("URL", repr(server.base_url("openai:gpt-5")))
        done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
        assert done.returncode == -9
        assert len(server.requests) == 1
        assert session.propose(server).problem is None
        assert len(server.requests) == 2
        assert server.unscripted == 0


@pytest.mark.parametrize(
    ("text", "hypothesis"),
    [
        ("HYPOTHESIS: x is slow", "x is slow"),
        ("Sure!\n\n**Hypothesis:** x is slow\n", "x is slow"),
        ("## HYPOTHESIS: **x** is `slow`", "**x** is `slow`"),
        ("> Hypothesis : x\x1b[2J is slow", "x[2J is slow"),
        ("The hypothesis: is not at the start of a line", ""),
        ("", ""),
    ],
)
def test_the_hypothesis_is_found_however_it_is_dressed(text: str, hypothesis: str) -> None:
    assert hypothesis_of(text) == hypothesis


def test_a_novel_is_no_hypothesis() -> None:
    assert len(hypothesis_of("HYPOTHESIS: " + "word " * 500)) == 400


def test_a_file_written_for_a_newer_python_may_be_changed(
    session: Session, hotspot_in: HotspotMaker
) -> None:
    path = session.tree / "shop" / "orders.py"
    path.write_text(path.read_text() + "\n\nclass Box[T]:\n    pass\n")
    with ModelServer([GOOD_REPLY]) as server:
        proposal = session.propose(server)
    assert proposal.problem is None
    assert re.search(r"class Box\[T\]", proposal.sources["shop/orders.py"])
