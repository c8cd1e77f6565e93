"""The loop as a LangGraph graph. The only module that imports langgraph.

    prepare -> profile -> plan -> propose (one task an ask) -> collect
            -> validate (one task a candidate) -> decide -> profile … or -> conclude

The state is plain JSON: ids, counters, lists. Rich objects are files in the run directory, by id,
and every step reads its own file back when an earlier attempt of the run already wrote it, so that
a kill between a file and its checkpoint costs nothing.
"""

from __future__ import annotations

import operator
import sqlite3
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import RetryPolicy, Send

from .chat.models import TransientModelError
from .gate.judge import judge
from .memory.experience import recall
from .runs.plain import to_plain
from .runs.run import Run
from .search.reach import look
from .search.rounds import RoundPlan, plan_round, read_round
from .steps import propose as asking
from .steps.collect import collect
from .steps.conclude import conclude
from .steps.decide import gained_in, patience, stack, stop_reason
from .steps.localize import find_facts, find_hotspots, take_profile
from .steps.prepare import prepare
from .steps.tip import Tip, load_candidate, tip_tree

MODEL_ATTEMPTS = 4
RECURSION_LIMIT = 10_000


class State(TypedDict, total=False):
    """What the steps hand on."""

    round: int
    tip: str | None
    tip_speedup: float
    fruitless: int
    queue: list[str]
    judged: Annotated[list[str], operator.add]
    stopped: str | None


class Question(TypedDict):
    """Which ask of the round's plan is to be answered, by its label."""

    round: int
    tip: str | None
    label: str


class Examination(TypedDict):
    """Which candidate is to be judged."""

    candidate_id: str


def _prepare(state: State, runtime: Runtime[Run]) -> State:
    prepare(runtime.context)
    recall(runtime.context)
    return {"round": 0, "tip": None, "tip_speedup": 1.0, "fruitless": 0, "stopped": None}


def _profile(state: State, runtime: Runtime[Run]) -> State:
    run = runtime.context
    number = _get(state, "round", 0) + 1
    tip = _get(state, "tip", None)
    run.stage("profile", f"round {number}: profiling the workload")
    name = f"round-{number:02d}"
    tree = tip_tree(run, tip)
    hotspots = find_hotspots(run, name, take_profile(run, name, tree), tree)
    worth = sum(1 for hotspot in hotspots if hotspot.worthwhile)
    run.stage("localize", f"round {number}: {worth} hotspot(s) worth a candidate")
    find_facts(run, name, hotspots, tree)
    return {"round": number}


def _plan(state: State, runtime: Runtime[Run]) -> State:
    run = runtime.context
    number = _get(state, "round", 1)
    only_sums = number > 1 and _get(state, "fruitless", 0) >= patience(run)
    plan_round(
        run,
        number,
        _get(state, "tip", None),
        only_sums=only_sums,
        last_attempt=_is_last_attempt(runtime),
    )
    return {}


def _ask_all(state: State, runtime: Runtime[Run]) -> list[Send] | str:
    number, tip = _get(state, "round", 1), _get(state, "tip", None)
    asks = _round(runtime.context, number).asks
    if not asks:
        return "collect"
    return [Send("propose", Question(round=number, tip=tip, label=ask.label)) for ask in asks]


def _propose(state: Question, runtime: Runtime[Run]) -> State:
    run, number = runtime.context, state["round"]
    planned = _round(run, number)
    ask = next(each for each in planned.asks if each.label == state["label"])
    named = " ".join(part for part in (ask.proposer, ask.strategy, *ask.about) if part)
    run.stage("propose", f"round {number}: asking {named}")
    asking.propose(
        run,
        number,
        state["tip"],
        ask,
        budget=planned.budget,
        last_attempt=_is_last_attempt(runtime),
    )
    return {}


def _is_last_attempt(runtime: Runtime[Run]) -> bool:
    at = runtime.execution_info
    return at is None or at.node_attempt >= MODEL_ATTEMPTS


def _round(run: Run, number: int) -> RoundPlan:
    planned = read_round(run, number)
    if planned is None:
        raise RuntimeError(f"round {number} was not planned")
    return planned


def _collect(state: State, runtime: Runtime[Run]) -> State:
    run = runtime.context
    number = _get(state, "round", 1)
    queue = collect(run, number, _round(run, number).asks)
    run.stage("validate", f"round {number}: {len(queue)} candidate(s) to try")
    return {"queue": queue}


def _examine_all(state: State) -> list[Send] | str:
    queue = _get(state, "queue", [])
    if not queue:
        return "decide"
    return [Send("validate", Examination(candidate_id=name)) for name in queue]


def _validate(state: Examination, runtime: Runtime[Run]) -> State:
    run = runtime.context
    candidate = load_candidate(run, state["candidate_id"])
    if run.budget.exhausted(run.spend()):
        return {}
    judge(run, candidate, tip_tree(run, candidate.parent_id))
    return {"judged": [candidate.candidate_id]}


def _decide(state: State, runtime: Runtime[Run]) -> State:
    run = runtime.context
    number = _get(state, "round", 1)
    before = _tip(state)
    run.stage("decide", f"round {number}: stacking what was accepted")
    tip = stack(run, number, before)
    look(run, number)
    advanced = tip.candidate_id != before.candidate_id or gained_in(run, number)
    fruitless = 0 if advanced else _get(state, "fruitless", 0) + 1
    run.emit(
        "spend",
        **{"limits": to_plain(run.budget), **run.spend(number).to_json()},
    )
    return {
        "tip": tip.candidate_id,
        "tip_speedup": tip.speedup,
        "fruitless": fruitless,
        "stopped": stop_reason(run, number, fruitless, tip),
    }


def _go_on(state: State) -> str:
    return "conclude" if _get(state, "stopped", None) else "profile"


def _conclude(state: State, runtime: Runtime[Run]) -> State:
    conclude(runtime.context, _get(state, "tip", None), _get(state, "stopped", None) or "")
    return {}


def _tip(state: State) -> Tip:
    return Tip(candidate_id=_get(state, "tip", None), speedup=_get(state, "tip_speedup", 1.0))


def _get(state: State, key: str, default: Any) -> Any:
    return state.get(key, default)


def build_graph() -> StateGraph[State, Run]:
    """Return the graph, not yet compiled. Only the model's calls are ever retried."""
    graph: StateGraph[State, Run] = StateGraph(State, context_schema=Run)
    graph.add_node("prepare", _prepare)
    graph.add_node("profile", _profile)
    again = RetryPolicy(
        max_attempts=MODEL_ATTEMPTS, initial_interval=1.0, retry_on=TransientModelError
    )
    graph.add_node("plan", _plan, retry_policy=again)
    graph.add_node("propose", _propose, input_schema=Question, retry_policy=again)
    graph.add_node("collect", _collect)
    graph.add_node("validate", _validate, input_schema=Examination)
    graph.add_node("decide", _decide)
    graph.add_node("conclude", _conclude)
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "profile")
    graph.add_edge("profile", "plan")
    graph.add_conditional_edges("plan", _ask_all, ["propose", "collect"])
    graph.add_edge("propose", "collect")
    graph.add_conditional_edges("collect", _examine_all, ["validate", "decide"])
    graph.add_edge("validate", "decide")
    graph.add_conditional_edges("decide", _go_on, ["profile", "conclude"])
    graph.add_edge("conclude", END)
    return graph


def execute(run: Run) -> None:
    """Run the loop to its end, from the last checkpoint when there is one.

    Raises:
        UserError: The target cannot be used as it is.
        InfrastructureError: The machine or a service failed.
        Interrupted: The user stopped the run.
    """
    path = run.directory.path / "checkpoints.sqlite"
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        compiled = build_graph().compile(checkpointer=SqliteSaver(connection))
        config: Any = {
            "configurable": {"thread_id": run.request.run_id},
            "max_concurrency": run.settings.jobs,
            "recursion_limit": RECURSION_LIMIT,
        }
        begun = compiled.get_state(config).next
        compiled.invoke(
            None if begun else {"round": 0},
            config,
            context=run,
            durability="sync",
        )
    finally:
        connection.close()
