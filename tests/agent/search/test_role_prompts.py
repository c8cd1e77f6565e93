"""The whole prompt of each role, for one round on a real library, as it was reviewed.

The library is `examples/stocktake`; its profile and call facts were recorded once and lie beside
the prompts. To write the prompts anew: WRITE_SNAPSHOTS=1, and raise the version of each
prompt file that was changed.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.agent.chat.messages import prompt_bound
from perfagent.agent.proposers.llm import opening, tools_share
from perfagent.agent.runs.budget import Budget, Spend
from perfagent.agent.runs.plain import to_plain
from perfagent.agent.search import plans
from perfagent.agent.search.ask import Ask
from perfagent.agent.search.context import View, context_of, view_of
from perfagent.agent.search.standing import told_budget
from perfagent.agent.search.strategies import simplify_text, task_text
from perfagent.agent.steps.collect import write_candidate
from perfagent.agent.verdict import Verdict
from perfagent.profiles.facts.reached import FunctionHits, Reach
from perfagent.tests.court import Court, open_court
from perfagent.tools.investigate.investigation import TOOLS
from perfagent.tools.investigate.toolbox import ToolSpec

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "stocktake"
SNAPSHOTS = Path(__file__).with_name("snapshots")
SOURCE = "src/stocktake/"
SLOW_SPELL = """    for short, full in ABBREVIATIONS.items():
        word = re.compile(rf"\\b{short}\\b", re.IGNORECASE | re.ASCII)
        description = word.sub(full, description)
"""
ONE_PATTERN = """    words = "|".join(ABBREVIATIONS)
    pattern = re.compile(rf"\\b(?:{words})\\b", re.IGNORECASE | re.ASCII)
    description = pattern.sub(lambda found: ABBREVIATIONS[found[0].lower()], description)
"""
LOWERED = """    known = description.lower()
    for short, full in ABBREVIATIONS.items():
        if short in known:
            word = re.compile(rf"\\b{short}\\b", re.IGNORECASE | re.ASCII)
            description = word.sub(full, description)
"""
PLAN = (
    "`fewest_packs`. It is called 245,024 times with 47 distinct arguments: the recursion tries "
    "every order of the same packs. Fill a table of the smallest number for each quantity from 0 "
    "up, once for a call of `pack`, which then reads it. It can save at most 20 % of the time."
)


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    """The library in the second round of a run: one gain, three refused changes."""
    folder = EXAMPLE / "base"
    files = {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".py", ".md", ".toml")
    }
    workload = (EXAMPLE / "workload.py").read_text()
    made = open_court(
        tmp_path_factory.mktemp("court"),
        files,
        workload,
        proposer=["llm"],
        model="openai-compatible:nobody",
        base_url="http://127.0.0.1:9/v1",
    )
    for name in ("", "-hotspots", "-facts"):
        recorded = json.loads((SNAPSHOTS / f"round-02{name}.json").read_text())
        made.run.keep(f"profiles/round-02{name}.json", recorded)
    return made


def judged(court: Court, file: str, old: str, new: str, hypothesis: str, **verdict: object) -> str:
    text = (court.repo / f"{SOURCE}{file}.py").read_text()
    assert old in text
    name = f"{SOURCE}{file}".replace("/", "__")
    made = replace(
        court.candidate(**{name: text.replace(old, new)}),
        origin="llm/openai:scripted/avoid",
        hypothesis=hypothesis,
        fingerprint=new,
        kind="avoid",
    )
    write_candidate(court.run, made)
    told = Verdict(candidate_id=made.candidate_id, **verdict)  # pyright: ignore[reportArgumentType]
    court.run.keep(f"verdicts/{made.candidate_id}.json", to_plain(told))
    return made.candidate_id


@pytest.fixture(scope="module")
def tried(court: Court) -> dict[str, str]:
    """The ids of the first round's candidates, by what became of them."""
    timed = {"stage": "full suite", "outcome": "accepted", "pairs": 9}
    accepted = judged(
        court,
        *("catalog", SLOW_SPELL, ONE_PATTERN),
        "`spell_out` runs a pattern for each abbreviation; one pattern finds them all.",
        **timed,
        reason="1.21x faster (95% CI 1.18-1.24, 9 pairs)",
        speedup=1.21,
        ci_low=1.18,
        ci_high=1.24,
    )
    other = judged(
        court,
        *("catalog", SLOW_SPELL, LOWERED),
        "`spell_out` runs a pattern for abbreviations that a description does not have.",
        **timed,
        reason="1.13x faster (95% CI 1.10-1.16, 9 pairs)",
        speedup=1.13,
        ci_low=1.10,
        ci_high=1.16,
    )
    test = "tests/test_inventory.py::test_oldest_lot_goes_first"
    failed = f"{test}: failed (AssertionError: assert [40, 25] == [25])"
    tree = court.run.repository.trees / "0123456789"
    wrong = judged(
        court,
        *("inventory", "return sorted(found, key=lambda lot: lot.received)", "return found"),
        "`lots` sorts what was appended in order of receipt.",
        outcome="rejected",
        stage="covering tests",
        reason=f"1 test(s) no longer pass: {failed}",
        evidence=(
            failed,
            "AssertionError: assert [40, 25] == [25]",
            "  At index 0 diff: 40 != 25",
            "  Left contains one more item: 25",
            f"{tree}/tests/test_inventory.py:31: AssertionError",
            f"rootdir: {tree}",
        ),
    )
    slow = judged(
        court,
        "inventory",
        "return sorted({lot.bay for lot in self._lots})",
        "return sorted(set(map(attrgetter('bay'), self._lots)))",
        "`bays` builds its set in Python.",
        outcome="rejected",
        stage="quick timing",
        reason="not faster than 1.02x: stopped after 6 pairs",
        speedup=1.001,
        ci_low=0.992,
        ci_high=1.01,
        pairs=6,
    )
    hits = FunctionHits(
        function="Inventory.bays", path=f"{SOURCE}inventory.py", lines=1, ran=0, most=0
    )
    court.run.keep(f"reached/{slow}.json", to_plain(Reach(functions=(hits,))))
    return {"accepted": accepted, "other": other, "wrong": wrong, "slow": slow}


@pytest.fixture(scope="module")
def view(court: Court, tried: dict[str, str]) -> View:
    return view_of(court.run, 2, tried["accepted"], tried["accepted"])


def tasks(court: Court, tried: dict[str, str]) -> dict[str, str]:
    def task(strategy: str, about: str = "", plan: str = "") -> str:
        ids = (tried[about],) if about else ()
        ask = Ask(proposer="llm", label="x", strategy=strategy, about=ids, plan=plan)
        return task_text(court.run, ask)

    return {
        "plan": plans.task(5),
        "code": task("algorithm", plan=PLAN),
        "repair": task("repair", "wrong"),
        "another": task("another", "slow"),
        "refine": task("refine", "accepted"),
        "combine": task("combine", "other"),
        "simplify": simplify_text(court.run, tried["accepted"]),
    }


def prompt(court: Court, view: View, role: str, task: str, tools: Sequence[ToolSpec]) -> list[str]:
    """Return the parts of a role's first prompt: rules, case, task."""
    limits = Budget(max_usd=5.0, max_tokens=2_000_000, max_wall_s=3600, max_rounds=4)
    spend = Spend(rounds=1, usd=0.31, tokens=84_120, wall_s=402.0, model_calls=5)
    budget = told_budget(limits, spend, {"workload": 140.0, "tests": 31.0, "model": 190.0})
    context = context_of(court.run, 2, view, strategy=role, task=task, budget=budget)
    messages = opening(view.hotspots, context, tools)
    assert prompt_bound(messages) + tools_share(tools) <= 12_000, role
    return [f"=== {each.role} ===\n\n{each.content}" for each in messages]


def prompts(court: Court, view: View, tried: dict[str, str]) -> dict[str, list[str]]:
    """Return the parts of each role's first prompt without tools."""
    asked = tasks(court, tried).items()
    return {role: prompt(court, view, role, task, ()) for role, task in asked}


def prompt_with_tools(court: Court, view: View, tried: dict[str, str]) -> list[str]:
    """Return the parts of the prompt of the role that has tools, and what it is told of them."""
    specs = [tool.spec for tool in TOOLS]
    rules, *rest = prompt(court, view, "code", tasks(court, tried)["code"], specs)
    told = [
        f"{each.name}: {each.description}\narguments: {json.dumps(each.parameters)}"
        for each in specs
    ]
    return [rules, "\n\n".join(["=== tools ===", *told]), *rest]


def normal(text: str) -> str:
    """Return the text without what differs between machines."""
    return re.sub(r"runs on Python [\d.]+;", "runs on Python 3.11.0;", text)


def test_each_roles_prompt_is_the_one_that_was_reviewed(
    court: Court, view: View, tried: dict[str, str]
) -> None:
    found = prompts(court, view, tried)
    with_tools = prompt_with_tools(court, view, tried)
    whole = {"code": found["code"], "code-with-tools": with_tools}
    whole = {role: normal("\n\n".join(parts)) + "\n" for role, parts in whole.items()}
    whole |= {role: parts[-1] + "\n" for role, parts in found.items() if role != "code"}
    assert len({normal("".join(parts[:-1])) for parts in found.values()}) == 1, (
        "what comes before the task is the same for all, to be cached"
    )
    for role, text in whole.items():
        file = SNAPSHOTS / f"{role}.md"
        if os.environ.get("WRITE_SNAPSHOTS"):
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8"), f"the prompt of {role} has changed"


def test_no_prompt_tells_where_on_this_machine_a_run_is(
    court: Court, view: View, tried: dict[str, str]
) -> None:
    everything = prompts(court, view, tried)
    for role, parts in everything.items():
        assert str(court.run.directory.path) not in "".join(parts), role
    for part in (everything["code"][1], everything["repair"][2]):
        assert "\ntests/test_inventory.py:31: AssertionError\nrootdir: .\n" in part


def test_no_line_of_the_library_is_shown_twice(
    court: Court, view: View, tried: dict[str, str]
) -> None:
    case = prompts(court, view, tried)["code"][1]
    sections = re.split(r"^### ", case, flags=re.MULTILINE)[1:]
    shown: Counter[tuple[str, str]] = Counter()
    for section in sections:
        (path,) = re.findall(r" in (\S+)$", section.splitlines()[0])
        shown.update((path, line) for line in re.findall(r"^ {0,4}(\d+) .*\|", section, re.M))
    assert shown
    assert max(shown.values()) == 1


def test_what_an_expert_wants_to_know_is_there(
    court: Court, view: View, tried: dict[str, str]
) -> None:
    case = prompts(court, view, tried)["plan"][1]
    for needed in (
        "def workload():",
        "1.21 times as fast as the original",
        "Budget: this is round 2 of 4; 84,120 tokens of 2,000,000 are used; $0.31 of $5.00",
        "called 245,024 times with about 47 distinct arguments",
        "98% workload (workload)",
        "    20% fewest_packs in src/stocktake/packing.py",
        "tests/test_packing.py::test_fewest_packs",
        "Its changed line of code did not run",
        "At index 0 diff: 40 != 25",
        "measured 1.001x (0.992-1.010)",
    ):
        assert needed in case, needed
