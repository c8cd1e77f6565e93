from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfagent.agent.chat.journal import CallJournal, call_key
from perfagent.agent.chat.messages import Message, prompt_bound
from perfagent.agent.chat.models import (
    ModelRefused,
    Reply,
    TransientModelError,
)
from perfagent.agent.chat.prices import Price
from perfagent.agent.runs.budget import Budget, OverBudget, Spend
from perfagent.errors import InfrastructureError
from perfagent.tests.fakes.model_server import KEY, Body, Cut, ModelServer, Status, Text
from perfagent.tools.investigate.toolbox import ToolSpec

SPEC = "openai:gpt-5"
QUESTION = [Message(role="user", content="Make it faster.")]


def ask(journal: CallJournal, model: object, *, attempt: str = "", **more: object) -> Reply:
    return journal.complete(
        model,  # pyright: ignore[reportArgumentType]
        QUESTION,
        max_output_tokens=100,
        timeout_s=200,
        attempt=attempt,
        **more,  # pyright: ignore[reportArgumentType]
    )


def run_and_die(folder: Path, url: str, dying: str) -> int:
    """Make the call in a process of its own that is killed at the point `dying` names."""
    script = f"""
        import os, signal
        from pathlib import Path
        from perfagent.agent.chat import journal as module
        from perfagent.agent.runs import durable
        from perfagent.agent.chat.models import Message, open_model

        def die(*_, **__):
            os.kill(os.getpid(), signal.SIGKILL)

        {dying}
        model = open_model("{SPEC}", base_url="{url}", environ={{"OPENAI_API_KEY": "{KEY}"}})
        journal = module.CallJournal(Path({str(folder)!r}))
        question = [Message(role="user", content="Make it faster.")]
        reply = journal.complete(model, question, max_output_tokens=100, timeout_s=20)
        die()
    """
    code = "\n".join(line.removeprefix("        ") for line in script.splitlines())
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    return done.returncode


def test_an_answered_call_is_never_made_again(tmp_path: Path) -> None:
    with ModelServer(["the answer"]) as server:
        model = server.open(SPEC)
        first = ask(CallJournal(tmp_path / "calls"), model)
        again = ask(CallJournal(tmp_path / "calls"), model)
        assert len(server.requests) == 1
    assert first == again


@pytest.mark.parametrize(
    "dying",
    [
        "",
        "module._outcome = die",
        "module.Path.unlink = die",
        "durable._sync_folder = lambda folder: any(folder.glob('?' * 64 + '.json')) and die()",
    ],
    ids=["before use", "before it is returned", "before the intent goes", "before the sync"],
)
def test_a_kill_between_the_answer_and_its_use_costs_nothing(tmp_path: Path, dying: str) -> None:
    with ModelServer(["the answer"]) as server:
        assert run_and_die(tmp_path, server.base_url(SPEC), dying) == -9
        journal = CallJournal(tmp_path)
        assert ask(journal, server.open(SPEC)).text == "the answer"
        assert len(server.requests) == 1
    assert journal.spend.model_calls == 1
    assert journal.at_risk == Spend()


def test_an_answer_that_a_kill_left_half_written_is_not_taken_for_one(tmp_path: Path) -> None:
    dying = """
        import stat
        def cut_off(descriptor):
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                written = Path(f"/proc/self/fd/{descriptor}").resolve()
                if '"reply"' in written.read_text():
                    os.truncate(written, os.fstat(descriptor).st_size // 2)
                    die()
        durable.os.fsync = cut_off
    """
    with ModelServer(["the answer", "the answer again"]) as server:
        assert run_and_die(tmp_path, server.base_url(SPEC), dying) == -9
        journal = CallJournal(tmp_path)
        assert ask(journal, server.open(SPEC)).text == "the answer again"
        assert journal.at_risk.model_calls == 1


def test_a_kill_while_the_model_thinks_leaves_the_call_counted_as_perhaps_paid(
    tmp_path: Path,
) -> None:
    killed_while_waiting = "__import__('openai').OpenAI.post = die"
    with ModelServer(["the answer"]) as server:
        assert run_and_die(tmp_path, server.base_url(SPEC), killed_while_waiting) == -9
        journal = CallJournal(tmp_path)
        most = prompt_bound(QUESTION) + 100
        assert journal.at_risk.tokens == most
        assert ask(journal, server.open(SPEC)).text == "the answer"
        assert journal.spend.model_calls == 1
        assert journal.at_risk.tokens == most, "the lost call stays on the books"


def test_another_attempt_model_or_limit_is_another_call() -> None:
    key = call_key("m", QUESTION, max_output_tokens=9, attempt="")
    assert key == call_key("m", list(QUESTION), max_output_tokens=9, attempt="")
    other = [Message(role="system", content="Make it faster.")]
    assert (
        len(
            {
                key,
                call_key("n", QUESTION, max_output_tokens=9, attempt=""),
                call_key("m", QUESTION, max_output_tokens=8, attempt=""),
                call_key("m", QUESTION, max_output_tokens=9, attempt="2"),
                call_key("m", other, max_output_tokens=9, attempt=""),
            }
        )
        == 5
    )


def test_the_spend_is_what_the_provider_counted(tmp_path: Path) -> None:
    with ModelServer([Text("a", input_tokens=1000, output_tokens=10), Text("b")]) as server:
        journal = CallJournal(tmp_path)
        ask(journal, server.open(SPEC))
        assert journal.spend.tokens == 1010
        assert journal.spend.usd == pytest.approx((1000 * 1.25 + 10 * 10) / 1e6)
        ask(journal, server.open(SPEC), attempt="2")
        assert journal.spend.model_calls == 2
        assert CallJournal(tmp_path).spend == journal.spend


def test_an_unknown_price_is_not_free(tmp_path: Path) -> None:
    with ModelServer(["a"]) as server:
        journal = CallJournal(tmp_path)
        ask(journal, server.open("openai-compatible:local"))
    assert journal.spend.usd is None


def test_a_busy_provider_bills_nothing_and_can_be_asked_again(tmp_path: Path) -> None:
    with ModelServer([Status(429), Status(500), "the answer"]) as server:
        journal = CallJournal(tmp_path)
        for _ in range(2):
            with pytest.raises(TransientModelError):
                ask(journal, server.open(SPEC))
        assert journal.spend == journal.at_risk == Spend()
        assert ask(journal, server.open(SPEC)).text == "the answer"


def test_a_provider_that_asks_for_time_gets_it(tmp_path: Path) -> None:
    waits: list[float] = []
    with ModelServer(
        [Status(429, headers={"retry-after": wait}) for wait in ("20", "900")] + ["the answer"]
    ) as server:
        journal = CallJournal(tmp_path, sleep=waits.append)
        for attempt in "12":
            with pytest.raises(TransientModelError):
                ask(journal, server.open(SPEC), attempt=attempt)
        ask(journal, server.open(SPEC))
    assert [round(wait, -1) for wait in waits] == [20, 60]


def test_each_lost_answer_counts_as_perhaps_paid(tmp_path: Path) -> None:
    with ModelServer([Cut(), Cut(b"{"), "the answer"]) as server:
        journal = CallJournal(tmp_path)
        for _ in range(2):
            with pytest.raises(TransientModelError):
                ask(journal, server.open(SPEC))
        assert journal.at_risk.model_calls == 2
        ask(journal, server.open(SPEC))
        assert journal.at_risk.tokens == 2 * (prompt_bound(QUESTION) + 100)


@pytest.mark.parametrize("step", [Text(""), Body(b"not json")])
def test_a_paid_answer_of_no_use_is_not_paid_for_again(tmp_path: Path, step: Text | Body) -> None:
    with ModelServer([step]) as server:
        for _ in range(2):
            journal = CallJournal(tmp_path)
            with pytest.raises(ModelRefused) as caught:
                ask(journal, server.open(SPEC))
            assert caught.value.spend is not None
            assert caught.value.spend.tokens == journal.spend.tokens > 0
        assert len(server.requests) == 1


def test_a_refused_call_can_be_made_again_once_the_user_has_acted(tmp_path: Path) -> None:
    with ModelServer([Status(401), "the answer"]) as server:
        journal = CallJournal(tmp_path)
        with pytest.raises(ModelRefused):
            ask(journal, server.open(SPEC))
        assert ask(journal, server.open(SPEC)).text == "the answer"


def test_a_call_that_does_not_fit_the_budget_is_not_made(tmp_path: Path) -> None:
    budget = Budget(max_usd=None, max_tokens=100, max_wall_s=None, max_rounds=1)
    with ModelServer() as server:
        with pytest.raises(OverBudget, match="was not asked: it could use"):
            ask(CallJournal(tmp_path), server.open(SPEC), budget_check=budget.allows)
        assert server.requests == []
    assert list(tmp_path.iterdir()) == []


def test_calls_side_by_side_do_not_go_over_the_budget_together(tmp_path: Path) -> None:
    most = prompt_bound(QUESTION) + 100
    budget = Budget(max_usd=None, max_tokens=3 * most, max_wall_s=None, max_rounds=1)
    everyone_asked = threading.Barrier(8)
    journal = CallJournal(tmp_path)
    made: list[str] = []

    class Patient:
        name, price = SPEC, None

        def complete(self, messages: Sequence[Message], **_: object) -> Reply:
            everyone_asked.wait(20)
            return Reply(text="a", input_tokens=1, output_tokens=1, usd=None, stop="end", model="m")

    def one(number: int) -> None:
        try:
            ask(journal, Patient(), attempt=str(number), budget_check=budget.allows)
            made.append("asked")
        except OverBudget:
            made.append("held back")
            everyone_asked.wait(20)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == ["asked"] * 3 + ["held back"] * 5


def test_the_same_call_made_side_by_side_is_made_once(tmp_path: Path) -> None:
    journal = CallJournal(tmp_path)
    with ModelServer(["the answer"]) as server:
        model = server.open(SPEC)
        threads = [threading.Thread(target=ask, args=(journal, model)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.requests) == 1


def test_the_key_is_in_no_file(tmp_path: Path) -> None:
    with ModelServer([f"the key is {KEY}", Status(401, KEY), Body(KEY.encode())]) as server:
        journal = CallJournal(tmp_path)
        ask(journal, server.open(SPEC))
        for attempt in "23":
            with pytest.raises(ModelRefused):
                ask(journal, server.open(SPEC), attempt=attempt)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY in path.read_text()]


def test_a_call_is_recorded_with_what_was_asked(tmp_path: Path) -> None:
    with ModelServer(
        ["\ud83d\ude00 done".encode("utf-16", "surrogatepass").decode("utf-16")]
    ) as server:
        journal = CallJournal(tmp_path)
        ask(journal, server.open(SPEC), attempt="round 1")
    (record,) = journal.calls()
    assert record["messages"] == [{"role": "user", "content": "Make it faster.", "reusable": False}]
    assert record["reply"]["text"] == "\U0001f600 done"
    assert (record["model"], record["attempt"]) == (SPEC, "round 1")


def test_a_damaged_record_is_named_and_never_paid_over(tmp_path: Path) -> None:
    with ModelServer(["the answer"]) as server:
        ask(CallJournal(tmp_path), server.open(SPEC))
        (record,) = tmp_path.iterdir()
        for damaged in (record.read_text()[:-9], json.dumps({"format": 99}), "[]"):
            record.write_text(damaged)
            with pytest.raises(InfrastructureError, match=record.name):
                ask(CallJournal(tmp_path), server.open(SPEC))
        assert len(server.requests) == 1


def test_a_journal_that_cannot_be_written_stops_the_call(tmp_path: Path) -> None:
    (tmp_path / "calls").write_text("a file where the folder should be")
    with ModelServer(["the answer"]) as server:
        with pytest.raises(InfrastructureError, match="cannot record"):
            ask(CallJournal(tmp_path / "calls"), server.open(SPEC))
        assert server.requests == []


PRICE = Price(input_usd=3, output_usd=15, cache_read_usd=0.3, cache_write_usd=3.75)


@dataclass
class Billing:
    """A model whose provider bills at random within what was asked, also for lost answers."""

    name: str = "openai:scripted"
    price: Price | None = PRICE
    steps: list[tuple[str, float, float, float]] = field(default_factory=list)
    tokens: int = 0
    usd: float = 0.0

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        max_output_tokens: int,
        timeout_s: float,
    ) -> Reply:
        kind, part_in, part_out, part_cached = self.steps.pop()
        if kind == "busy":
            raise TransientModelError("busy", maybe_billed=False)
        asked = round(prompt_bound(messages, tools) * part_in)
        wrote = round(max_output_tokens * part_out)
        usd = PRICE.cost_usd(
            input_tokens=asked,
            output_tokens=wrote,
            cache_write_tokens=round(asked * part_cached),
        )
        self.tokens += asked + wrote
        self.usd += usd
        spend = Spend(tokens=asked + wrote, usd=usd, model_calls=1)
        if kind == "lost":
            raise TransientModelError("cut", maybe_billed=True)
        if kind == "malformed":
            raise ModelRefused("malformed", answered=True)
        if kind == "empty":
            raise ModelRefused("empty", answered=True, spend=spend)
        return Reply(
            text="a", input_tokens=asked, output_tokens=wrote, usd=usd, stop="end", model="m"
        )


PARTS = st.floats(0, 1)
STEPS = st.tuples(
    st.sampled_from(["answer", "answer", "lost", "malformed", "empty", "busy"]), PARTS, PARTS, PARTS
)
CALLS = st.tuples(st.integers(0, 400), st.integers(1, 500), st.integers(0, 3))


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(STEPS, min_size=15, max_size=15),
    calls=st.lists(CALLS, max_size=15),
    max_tokens=st.none() | st.integers(0, 4000),
    max_usd=st.none() | st.floats(0, 0.03),
)
def test_no_session_ever_bills_more_than_the_budget(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, float, float, float]],
    calls: list[tuple[int, int, int]],
    max_tokens: int | None,
    max_usd: float | None,
) -> None:
    budget = Budget(max_usd=max_usd, max_tokens=max_tokens, max_wall_s=None, max_rounds=1)
    folder = tmp_path_factory.mktemp("session")
    model = Billing(steps=list(steps))
    for letters, limit, attempt in calls:
        try:
            # A new journal each time, as after a kill.
            CallJournal(folder).complete(
                model,
                [Message(role="user", content="word " * letters)],
                max_output_tokens=limit,
                timeout_s=1,
                budget_check=budget.allows,
                attempt=str(attempt),
            )
        except (OverBudget, TransientModelError, ModelRefused):
            continue
    journal = CallJournal(folder)
    counted = journal.spend + journal.at_risk
    assert model.tokens <= counted.tokens
    assert model.usd <= (counted.usd or 0.0) + 1e-12
    assert max_tokens is None or counted.tokens <= max_tokens
    assert max_usd is None or (counted.usd or 0.0) <= max_usd + 1e-12
