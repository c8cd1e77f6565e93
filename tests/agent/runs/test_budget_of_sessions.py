"""Two hundred random conversations with tools: what the provider bills never passes the budget."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from perfagent.agent.chat.journal import CallJournal
from perfagent.agent.chat.messages import Message, ToolCall, prompt_bound
from perfagent.agent.chat.models import ModelRefused, Reply, TransientModelError
from perfagent.agent.chat.prices import Price
from perfagent.agent.proposers.llm import ProposalContext, propose
from perfagent.agent.runs.budget import Budget, Spend
from perfagent.profiles.hotspot import Hotspot
from perfagent.tests.fakes.model_server import ModelServer, Received, Status, Step, Text, Use
from perfagent.tests.fakes.scratch_tools import ScratchTools
from perfagent.tools.investigate.toolbox import ToolSpec

from ..conftest import GOOD_REPLY, SEARCH, HotspotMaker

PRICE = Price(input_usd=3.0, output_usd=15.0, cache_read_usd=0.3, cache_write_usd=3.75)
CALLS = (
    ("read_file", {"path": "shop/orders.py"}),
    ("read_file", {"path": "no/such.py"}),
    ("count", {"size": "40"}),
    ("count", {"size": "900"}),
    ("edit", {"path": "shop/orders.py", "search": SEARCH, "replace": f"# set\n{SEARCH}"}),
    ("rm", {}),
)


@dataclass(kw_only=True)
class RandomModel:
    """Answers anything, and bills up to the most that a call can use."""

    rng: random.Random
    name: str = "openai:random"
    price: Price | None = PRICE
    billed_tokens: int = 0
    billed_usd: float = 0.0
    calls: int = 0

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        max_output_tokens: int,
        timeout_s: float,
    ) -> Reply:
        rng = self.rng
        kind = rng.choices(
            ["calls", "done", "nonsense", "cut", "empty", "busy", "lost", "refused", "refusal"],
            [50, 6, 8, 6, 5, 5, 5, 2, 1],
        )[0]
        if kind == "busy":
            raise TransientModelError("busy")
        if kind == "refused":
            raise ModelRefused("no")
        asked = round(prompt_bound(messages, tools) * rng.choice([0.5, 0.9, 1.0]))
        wrote = max_output_tokens if kind == "cut" else rng.randint(1, max_output_tokens)
        usd = PRICE.cost_usd(
            input_tokens=asked, output_tokens=wrote, cache_write_tokens=rng.choice([0, asked])
        )
        self.calls += 1
        self.billed_tokens += asked + wrote
        self.billed_usd += usd
        if kind == "lost":
            raise TransientModelError("cut off", maybe_billed=True)
        if kind == "empty":
            spend = Spend(tokens=asked + wrote, usd=usd, model_calls=1)
            raise ModelRefused("empty", answered=True, spend=spend)
        return Reply(
            text={"done": GOOD_REPLY, "calls": "", "cut": GOOD_REPLY[:90]}.get(kind, "Well."),
            input_tokens=asked,
            output_tokens=wrote,
            usd=usd,
            stop={"cut": "length", "refusal": "refusal"}.get(kind, "end"),  # pyright: ignore[reportArgumentType]
            model="random",
            tool_calls=tuple(self._use(number) for number in range(rng.randint(1, 4)))
            if kind == "calls"
            else (),
        )

    def _use(self, number: int) -> ToolCall:
        name, arguments = self.rng.choice(CALLS)
        text = self.rng.choice([json.dumps(arguments)] * 9 + ['{"path": '])
        return ToolCall(call_id=f"c{self.calls}-{number}", name=name, arguments_json=text)


@dataclass(kw_only=True)
class Session:
    """A run of several conversations on one budget."""

    seed: int
    folder: Path
    tree: Path
    hotspots: Sequence[Hotspot]
    outcomes: list[str] = field(default_factory=list)

    def hold(self) -> tuple[RandomModel, CallJournal, Budget]:
        rng = random.Random(self.seed)
        model = RandomModel(rng=rng)
        budget = Budget(
            max_usd=rng.choice([None, 0.05, 0.2, 1.0]),
            max_tokens=rng.choice([9_000, 60_000, 250_000]),
            max_wall_s=3600.0,
            max_rounds=1,
        )
        sleepless = CallJournal(self.folder, sleep=lambda seconds: None)
        for attempt in range(rng.randint(1, 4)):
            journal = CallJournal(self.folder) if rng.random() < 0.3 else sleepless
            (proposal,) = propose(
                model=model,
                journal=journal,
                hotspots=self.hotspots,
                context=ProposalContext(
                    workload_text="print(1)",
                    tree=self.tree,
                    tried=[],
                    strategy="algorithm",
                    open_toolbox=lambda: ScratchTools(self.tree),
                    max_turns=rng.choice([1, 3, 12]),
                    max_prompt_tokens=7_000,
                    max_output_tokens=rng.choice([200, 1_500]),
                    max_context_tokens=rng.choice([9_000, 40_000]),
                    max_conversation_tokens=rng.choice([None, 25_000]),
                    budget_check=budget.allows,
                    left=lambda: budget.left(sleepless.spend + sleepless.at_risk),
                    attempt=str(attempt),
                ),
                raise_transient=False,
            )
            self.outcomes.append(proposal.problem or "a change")
        return model, sleepless, budget


def test_two_hundred_sessions_never_bill_one_token_too_many(
    shop: Path, hotspot_in: HotspotMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is on disk is tested elsewhere; syncing it two hundred times over is what takes long.
    monkeypatch.setattr("perfagent.agent.runs.durable.os.fsync", lambda descriptor: None)
    spots = [hotspot_in(shop, "Orders.known")]
    outcomes: list[str] = []
    stopped, calls = 0, 0
    for seed in range(200):
        session = Session(seed=seed, folder=tmp_path / str(seed), tree=shop, hotspots=spots)
        model, journal, budget = session.hold()
        assert budget.max_tokens is not None
        assert model.billed_tokens <= budget.max_tokens, seed
        assert budget.max_usd is None or model.billed_usd <= budget.max_usd + 1e-12, seed
        known = journal.spend + journal.at_risk
        assert known.tokens >= model.billed_tokens, seed
        outcomes += session.outcomes
        stopped += any("was not asked" in outcome for outcome in session.outcomes)
        calls += model.calls
    assert calls > 700
    assert stopped > 20, "the budget has to be what ends many of them"
    assert outcomes.count("a change") > 20


@pytest.mark.parametrize("spec", ["openai:gpt-5", "anthropic:claude-opus-5"])
def test_over_real_http_too_the_last_call_that_fits_is_the_last(
    shop: Path, hotspot_in: HotspotMaker, tmp_path: Path, spec: str
) -> None:
    budget = Budget(max_usd=0.2, max_tokens=40_000, max_wall_s=None, max_rounds=1)
    journal = CallJournal(tmp_path / "calls")
    number = iter(range(1, 1000))

    def script(request: Received) -> Step:
        turn = next(number)
        if turn % 5 == 0:
            return Status(500)
        return Text("", uses=[Use("count", {"size": str(turn)})], output_tokens=900)

    with ModelServer(script) as server:
        for attempt in "abc":
            propose(
                model=server.open(spec),
                journal=journal,
                hotspots=[hotspot_in(shop, "Orders.known")],
                context=ProposalContext(
                    workload_text="print(1)",
                    tree=shop,
                    tried=[],
                    strategy="algorithm",
                    open_toolbox=lambda: ScratchTools(shop),
                    max_prompt_tokens=7_000,
                    max_output_tokens=1_000,
                    budget_check=budget.allows,
                    attempt=attempt,
                ),
                raise_transient=False,
            )
        assert len(server.requests) >= 4
    used = journal.spend + journal.at_risk
    assert used.usd is not None
    assert used.tokens <= 40_000
    assert used.usd <= 0.2
    assert used.tokens > 25_000 or used.usd > 0.12
