"""Conversations in which a model investigates with tools before it proposes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from perfagent.agent.chat.journal import CallJournal
from perfagent.agent.chat.messages import Message
from perfagent.agent.chat.models import ModelRefused
from perfagent.agent.chat.text_tools import ModelWithTools, ToolProtocol
from perfagent.agent.proposers.llm import ProposalContext, propose
from perfagent.agent.proposers.proposal import Proposal
from perfagent.agent.runs.budget import Budget, Left, Spend
from perfagent.profiles.hotspot import Hotspot
from perfagent.tests.fakes.model_server import (
    KEY,
    Hang,
    ModelServer,
    Received,
    Status,
    Step,
    Text,
    Use,
)
from perfagent.tests.fakes.scratch_tools import ScratchTools

from ..conftest import GOOD_REPLY, SEARCH, HotspotMaker

ORDERS = "shop/orders.py"
READ = Use("read_file", {"path": ORDERS})
EDIT = Use(
    "edit",
    {
        "path": ORDERS,
        "search": SEARCH,
        "replace": SEARCH.replace("in [row", "in {row").replace("self.rows]", "self.rows}"),
    },
)
DONE = "HYPOTHESIS: `known` scans a list; a set is searched at once."
over_each_wire = pytest.mark.parametrize("spec", ["openai:gpt-5", "anthropic:claude-opus-5"])


@dataclass
class Talk:
    """Conversations about the shop, with the toolboxes they were given."""

    tree: Path
    hotspots: Sequence[Hotspot]
    folder: Path
    boxes: list[ScratchTools] = field(default_factory=list)

    def open_toolbox(self) -> ScratchTools:
        self.boxes.append(ScratchTools(self.tree))
        return self.boxes[-1]

    def propose(
        self,
        server: ModelServer,
        spec: str = "openai:gpt-5",
        *,
        protocol: ToolProtocol = "native",
        journal: CallJournal | None = None,
        **changed: object,
    ) -> Proposal:
        fields: dict[str, object] = {
            "workload_text": "print('workload')",
            "tree": self.tree,
            "tried": [],
            "strategy": "algorithm",
            "max_output_tokens": 2000,
            "timeout_s": 120.0,
            "open_toolbox": self.open_toolbox,
        }
        (proposal,) = propose(
            model=ModelWithTools(model=server.open(spec), protocol=protocol),
            journal=journal or CallJournal(self.folder),
            hotspots=self.hotspots,
            context=ProposalContext(**{**fields, **changed}),  # pyright: ignore[reportArgumentType]
            raise_transient=False,
        )
        assert self.boxes[-1].closed
        return proposal


@pytest.fixture
def talk(shop: Path, hotspot_in: HotspotMaker, tmp_path: Path) -> Talk:
    return Talk(tree=shop, hotspots=[hotspot_in(shop, "Orders.known")], folder=tmp_path / "calls")


def results(server: ModelServer) -> list[str]:
    return [text for _, text in server.requests[-1].tool_results]


@over_each_wire
def test_a_model_reads_edits_and_proposes_what_its_scratch_tree_holds(
    talk: Talk, spec: str
) -> None:
    steps = [Text("", uses=[READ, Use("count")]), Text("Now the edit.", uses=[EDIT]), DONE]
    with ModelServer(steps) as server:
        proposal = talk.propose(server, spec)
        first, second, third = server.requests
    assert proposal.problem is None
    assert proposal.hypothesis.startswith("`known` scans a list")
    assert "in {row" in proposal.sources[ORDERS]
    assert proposal.hotspot == f"{ORDERS}:Orders.known"
    assert proposal.spend.model_calls == 3
    assert first.tools == second.tools == ["read_file", "edit", "count"]
    assert "You have tools" in first.messages[0][1]
    assert "def known" in second.tool_results[0][1]
    assert "[Left: 23 replies that call tools]" in second.tool_results[1][1]
    assert third.messages[: len(first.messages)] == first.messages, "the prefix stays cacheable"
    assert (talk.tree / ORDERS).read_text().count("in {row") == 0


def test_blocks_are_made_on_top_of_the_scratch_tree(talk: Talk) -> None:
    block = f"{DONE}\n\n{ORDERS}\n<<<<<<< SEARCH\n    fields = (\n=======\n"
    block = block.replace("fields = (\n", 'fields = ("code", "amount")\n')
    block += '    fields = ("amount", "code")\n>>>>>>> REPLACE\n'
    with ModelServer([Text("", uses=[EDIT]), block]) as server:
        proposal = talk.propose(server)
    assert proposal.problem is None
    assert "in {row" in proposal.sources[ORDERS]
    assert 'fields = ("amount", "code")' in proposal.sources[ORDERS]


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (Use("delete_everything", {}), "There is no tool 'delete_everything'. The tools: read_fi"),
        (Use("read_file", '{"path": "shop/or'), "the arguments are no JSON object"),
        (Use("read_file", {"path": "../secret"}), "there is no file '../secret'"),
    ],
    ids=["unknown tool", "malformed arguments", "refused by the tool"],
)
def test_a_call_that_cannot_be_made_is_an_answer_like_any_other(
    talk: Talk, use: Use, said: str
) -> None:
    with ModelServer([Text("", uses=[use]), GOOD_REPLY]) as server:
        assert talk.propose(server).problem is None
        assert said in results(server)[0]


def test_a_call_that_is_repeated_is_answered_from_memory_until_the_tree_changes(
    talk: Talk,
) -> None:
    count = Text("", uses=[Use("count", {"size": "3"})])
    steps = [count, count, Text("", uses=[EDIT]), count, DONE]
    with ModelServer(steps) as server:
        talk.propose(server)
        answers = results(server)
    assert [name for name, _ in talk.boxes[0].made] == ["count", "edit", "count"]
    assert answers[1].startswith("The same call was answered above")
    assert answers[3].startswith("count 3")


def test_old_answers_make_room_and_can_be_had_again_without_running_the_tool(talk: Talk) -> None:
    long = [Text("", uses=[Use("count", {"size": str(2000 + n)})]) for n in range(6)]
    again = Text("", uses=[Use("count", {"size": "2000"})])
    with ModelServer([*long, again, GOOD_REPLY]) as server:
        proposal = talk.propose(server, max_context_tokens=18_000, max_prompt_tokens=6_000)
        answers = results(server)
        sizes = [len(request.text) for request in server.requests]
    assert proposal.problem is None
    assert "characters are left out to save room" in answers[0]
    assert answers[0].startswith("count 1\n")
    assert answers[6].startswith("count 1\n"), "in full again"
    assert len(answers[6]) > 5_000
    assert len(talk.boxes[0].made) == 6
    assert max(sizes) < 18_000 * 4


def test_the_model_is_told_when_no_calls_are_left_and_its_scratch_tree_is_taken(
    talk: Talk,
) -> None:
    script = [Text("", uses=[EDIT]), *[Text("", uses=[READ])] * 10]
    with ModelServer(script) as server:
        proposal = talk.propose(server, max_turns=2)
        answers = results(server)
    assert "[Left: 1 replies" in answers[0] or "1 repl" in answers[0]
    assert answers[1].endswith("[No calls are left. Answer now, without calling a tool.]")
    assert "No calls are left; this one was not made." in answers[2]
    assert proposal.problem is None
    assert "in {row" in proposal.sources[ORDERS]
    assert "went on calling tools" in proposal.notes[0]
    assert proposal.spend.model_calls == 5


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Text("", stop="end"), "the answer is empty"),
        (Text("", uses=[READ], stop="length"), "cut off"),
        (Text("I am delighted to help!"), "no edit found"),
    ],
    ids=["empty", "cut off while calling", "nonsense"],
)
def test_a_reply_of_no_use_is_asked_for_again_with_the_reason(
    talk: Talk, step: Step, said: str
) -> None:
    with ModelServer([step, GOOD_REPLY]) as server:
        proposal = talk.propose(server)
        assert proposal.problem is None
        assert said in server.requests[1].last_user
    assert talk.boxes[0].made == []


def test_a_refusal_ends_the_conversation(talk: Talk) -> None:
    with ModelServer([Text("", uses=[READ]), Text("I will not.", stop="refusal")]) as server:
        proposal = talk.propose(server)
    assert proposal.problem is not None
    assert "declined: I will not." in proposal.problem


def test_more_calls_at_once_than_are_reasonable_are_not_all_made(talk: Talk) -> None:
    uses = [Use("count", {"size": str(n)}) for n in range(12)]
    with ModelServer([Text("", uses=uses), GOOD_REPLY]) as server:
        talk.propose(server)
        answers = results(server)
    assert len(talk.boxes[0].made) == 8
    assert len(answers) == 12
    assert "at most 8 calls a reply" in answers[8]


def test_what_is_left_is_told_and_the_last_call_announced_before_the_budget_ends(
    talk: Talk,
) -> None:
    budget = Budget(max_usd=None, max_tokens=40_000, max_wall_s=3600.0, max_rounds=1)
    journal = CallJournal(talk.folder)
    script = [Text("", uses=[Use("count", {"size": str(n)})]) for n in range(40)]
    with ModelServer(script) as server:
        proposal = talk.propose(
            server,
            journal=journal,
            budget_check=budget.allows,
            left=lambda: budget.left(journal.spend + journal.at_risk),
        )
        answers = results(server)
        wrote = len(server.requests)
    assert "40,000" not in answers[0]
    assert " tokens, 60 minutes of the run]" in answers[0]
    assert any("[No calls are left." in answer for answer in answers)
    assert proposal.problem
    assert journal.spend.tokens <= 40_000
    assert wrote < 40


def test_a_key_in_what_a_tool_says_reaches_no_message_and_no_file(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SERVICE_TOKEN", "tok-planted-123456")
    (talk.tree / "shop" / "settings.py").write_text(f"A = '{KEY}'\nB = 'tok-planted-123456'\n")
    use = Use("read_file", {"path": "shop/settings.py"})
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ModelServer([Text("", uses=[use]), GOOD_REPLY]) as server:
        talk.propose(server)
        sent = json.dumps([request.body for request in server.requests])
    kept = "".join(path.read_text() for path in talk.folder.iterdir())
    for secret in (KEY, "tok-planted-123456"):
        assert secret not in sent
        assert secret not in kept
    assert "B = '[secret]'" in sent


@over_each_wire
def test_a_key_that_gets_into_a_message_all_the_same_is_never_sent(spec: str) -> None:
    with ModelServer(["never"]) as server:
        with pytest.raises(ModelRefused, match="a message holds the key of") as caught:
            server.open(spec).complete(
                [Message(role="user", content=f"KEY = '{KEY}'")],
                max_output_tokens=10,
                timeout_s=120,
            )
        assert server.requests == []
    assert KEY not in str(caught.value)


def test_tools_are_left_out_where_they_leave_no_room_for_the_case(talk: Talk) -> None:
    with ModelServer([GOOD_REPLY]) as server:
        assert talk.propose(server, max_prompt_tokens=2_000).problem is None
        assert server.requests[0].tools == []
        assert "You cannot run anything" in server.requests[0].text


def resumed(talk: Talk, server: ModelServer, dying: str) -> None:
    """Hold the conversation in a process of its own that is killed at the point `dying` names."""
    script = f"""
import os, signal
from pathlib import Path
from perfagent.agent.chat import tool_answers
from perfagent.agent.runs import durable
from perfagent.agent.chat.journal import CallJournal
from perfagent.agent.proposers.llm import ProposalContext, propose
from perfagent.agent.chat.models import open_model
from perfagent.profiles.functions import FunctionMap
from perfagent.tests.agent.conftest import hotspot_of
from perfagent.tests.fakes.scratch_tools import ScratchTools

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

{dying}
tree = Path({str(talk.tree)!r})
propose(
    model=open_model("openai:gpt-5", base_url="{server.base_url("openai:")}",
                     environ={{"OPENAI_API_KEY": "{KEY}"}}),
    journal=CallJournal(Path({str(talk.folder)!r})),
    hotspots=[hotspot_of(tree, "Orders.known")],
    context=ProposalContext(workload_text="print('workload')", tree=tree, tried=[],
        strategy="algorithm", max_output_tokens=2000, timeout_s=120.0,
        open_toolbox=lambda: ScratchTools(tree)),
)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=180)
    assert done.returncode == -9


@pytest.mark.parametrize(
    "dying",
    [
        "call = ScratchTools.call\n"
        "ScratchTools.call = lambda box, name, arguments: "
        "die() if name == 'edit' else call(box, name, arguments)",
        "keep = tool_answers.ToolAnswers.keep\n"
        "def keep_and_die(answers, key, number, call, answer):\n"
        "    keep(answers, key, number, call, answer)\n"
        "    if call.name == 'edit':\n"
        "        die()\n"
        "tool_answers.ToolAnswers.keep = keep_and_die",
        "import perfagent.agent.proposers.llm as llm\nllm.usable_sources = die",
    ],
    ids=["before an edit", "after an edit", "before the change is taken"],
)
def test_a_kill_pays_no_call_twice_and_runs_no_answered_tool_again(talk: Talk, dying: str) -> None:
    def script(request: Received) -> Step:
        asked = len(request.tool_results)
        use = Use("count", {"size": "2"})
        return [Text("", uses=[READ, use]), Text("", uses=[EDIT]), Text(DONE)][(asked + 1) // 2]

    with ModelServer(script) as server:
        resumed(talk, server, dying)
        before = len(server.requests)
        proposal = talk.propose(server)
        assert len(server.requests) == 3
        assert before in (2, 3)
    assert proposal.problem is None
    assert "in {row" in proposal.sources[ORDERS]
    assert [name for name, _ in talk.boxes[0].made] == ["edit"]
    assert CallJournal(talk.folder).at_risk == Spend()


def test_a_stop_leaves_a_model_call_that_is_under_way(talk: Talk) -> None:
    stopping = threading.Event()

    class Stopped(Exception):
        pass

    def check() -> None:
        if stopping.is_set():
            raise Stopped

    def script(request: Received) -> Step:
        stopping.set()
        time.sleep(3)
        return Text(GOOD_REPLY)

    journal = CallJournal(talk.folder, check_stopping=check)
    with ModelServer(script) as server, pytest.raises(Stopped):
        talk.propose(server, journal=journal)
    assert talk.boxes[0].closed
    assert journal.at_risk.model_calls == 1, "it may be charged all the same"


def test_a_call_gets_no_more_time_than_the_run_has_left(talk: Talk) -> None:
    with ModelServer([Hang(60)]) as server:
        proposal = talk.propose(server, left=lambda: Left(wall_s=1.0), timeout_s=600.0)
    assert proposal.problem is not None
    assert "no whole answer within 1 s" in proposal.problem


@pytest.mark.parametrize("protocol", ["auto", "text"])
def test_a_server_without_tools_gets_them_in_plain_text(talk: Talk, protocol: ToolProtocol) -> None:
    call = '<tool_call>\n{"name": "%s", "arguments": %s}\n</tool_call>\nand I guess it says'
    edit = json.dumps(EDIT.arguments).replace("\\n", "\n")

    def script(request: Received) -> Step:
        if request.tools:
            return Status(400, "tools are not supported")
        said = request.last_user
        if "<tool_result name=" not in request.text:
            return Text("Let me look.\n" + call % ("read_file", json.dumps(READ.arguments)))
        if "edited" not in said:
            return Text(call % ("edit", edit), stop="length")
        return Text(DONE)

    with ModelServer(script) as server:
        proposal = talk.propose(server, "openai-compatible:small", protocol=protocol)
        refused = [request for request in server.requests if request.tools]
        last = server.requests[-1]
    assert proposal.problem is None
    assert "in {row" in proposal.sources[ORDERS]
    assert len(refused) == (1 if protocol == "auto" else 0)
    assert "edit: What edit does." in last.messages[0][1]
    assert "and I guess it says" not in last.text
    assert [role for role, _ in last.messages] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
