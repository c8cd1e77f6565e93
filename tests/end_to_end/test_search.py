"""One run with a scripted model that shows the search: it does not stop at the first gain."""

from __future__ import annotations

import json
import re
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from perfagent.agent.chat.prices import token_bound
from perfagent.tests.fakes.model_server import KEY, ModelServer, Received, Text
from perfagent.tests.once import once
from perfagent.tests.shop import PYTEST_INI, Answer, Shop, lay_out_shop, write_repo

STOCK = '''"""What a delivery brings."""


def digest(wanted, held):
    """Return the wanted numbers that are held, and those that are held twice."""
    found = [number for number in wanted if number in held]
    twice = [number for number in held if held.count(number) > 1]
    return found, twice


def ranks(numbers):
    """Return each number's place in the sorted order."""
    return [sorted(numbers).index(number) for number in numbers]


def distinct(words):
    """Return the words without repeats, in the order they came."""
    found = []
    for word in words:
        if word not in found:
            found.append(word)
    return found
'''
TESTS = """from deliveries.stock import digest, distinct, ranks


def test_digest():
    assert digest([3, 1, 2], [1, 3, 3]) == ([3, 1], [3, 3])


def test_ranks():
    assert ranks([30, 10, 20]) == [2, 0, 1]


def test_distinct_keeps_the_order():
    assert distinct([9, 3, 8, 1, 3]) == [9, 3, 8, 1]
"""
SAMPLE = """wanted = list(range(0, 5200, 2))
held = list(range(0, 3870, 3))
few = [(7 * n) % 801 for n in range(801)]
words = [(37 * n) % 1601 for n in range(1601)]
"""
# It holds no input that could be changed a little, which spares the timings with other inputs.
WORKLOAD = """from deliveries import sample
from deliveries.stock import digest, distinct, ranks


def workload():
    return digest(sample.wanted, sample.held), ranks(sample.few), distinct(sample.words)
"""


def edit(hypothesis: str, old: str, new: str) -> str:
    return (
        f"HYPOTHESIS: {hypothesis}\n\ndeliveries/stock.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n"
        ">>>>>>> REPLACE\n"
    )


FOUND = "    found = [number for number in wanted if number in held]"
TWICE = "    twice = [number for number in held if held.count(number) > 1]"
FAST_FOUND = "    known = set(held)\n    found = [number for number in wanted if number in known]"
FAST_TWICE = (
    "    times = {}\n    for number in held:\n        times[number] = times.get(number, 0) + 1\n"
    "    twice = [number for number in held if times[number] > 1]"
)
SLOW_RANKS = "    return [sorted(numbers).index(number) for number in numbers]"
FAST_RANKS = (
    "    places = {}\n    for place, number in enumerate(sorted(numbers)):\n"
    "        places.setdefault(number, place)\n    return [places[number] for number in numbers]"
)
SLOW_DISTINCT = (
    "    found = []\n    for word in words:\n        if word not in found:\n"
    "            found.append(word)\n    return found"
)
PLANS = """PLAN algorithm: `digest`
`held` is searched for every number wanted; a set makes each search constant.

PLAN avoid: `digest`
`held.count` walks the whole list for every number; count once.
"""
LATER_PLANS = """PLAN algorithm: `ranks`
The numbers are sorted for every number; sort them once.
"""
SET = edit("`digest` searches a list; a set makes it linear.", FOUND, FAST_FOUND)
SAME_SET = edit(
    "the same in other words.",
    FOUND,
    "    there = set(held)  # a set\n    found = [each for each in wanted if each in there]",
)
COUNT = edit("`digest` counts for every number; counting once is linear.", TWICE, FAST_TWICE)
WRONG = edit(
    "`distinct` searches a list; a set is linear.", SLOW_DISTINCT, "    return list(set(words))"
)
MENDED = edit(
    "`distinct` keeps the order with a dict.",
    SLOW_DISTINCT,
    "    return list(dict.fromkeys(words))",
)
RANKS = edit("`ranks` sorts for every number; once is enough.", SLOW_RANKS, FAST_RANKS)
COMBINED_SET = SET.replace("HYPOTHESIS: ", "HYPOTHESIS: both: ")
COMBINED_COUNT = COUNT.replace("HYPOTHESIS: ", "HYPOTHESIS: both: ")
NONE = "HYPOTHESIS: none\nThe rest is as fast as it gets."
ANSWERS = {
    "`held` is searched for every number wanted": SET,
    "`held.count` walks the whole list": COUNT,
    "The numbers are sorted for every number": RANKS,
    "repair a change that was refused": MENDED,
}


class Script:
    """The model: answers by what it is asked, and says nothing twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: set[str] = set()

    def __call__(self, request: Received) -> Text:
        with self._lock:
            is_first_round = "Nothing has been accepted yet" in request.text
            answer = self._answer(request.last_user, is_first_round)
            if answer in self._said:
                return Text(NONE)
            self._said.add(answer)
            return Text(answer)

    def _answer(self, task: str, is_first_round: bool) -> str:
        if "plans in words, no edits" in task:
            return PLANS if is_first_round else LATER_PLANS
        if "combine two gains" in task:
            return COMBINED_SET if "+    known = set(held)" in task else COMBINED_COUNT
        for asked_for, answer in ANSWERS.items():
            if asked_for in task:
                return answer
        if "Your approach this time" not in task or not is_first_round:
            return NONE
        return SAME_SET if {SET, WRONG} <= self._said else WRONG


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory, shared_cache: Path
) -> tuple[Answer, Path, list[Received]]:
    """The run: its answer, its directory, and what the model was sent."""
    return once(tmp_path_factory, "search", lambda folder: _run(folder, shared_cache))


def _run(folder: Path, cache: Path) -> tuple[Answer, Path, list[Received]]:
    shop = lay_out_shop(folder, cache)
    shutil.rmtree(shop.repo)
    shop.repo.mkdir()
    files = {
        "pytest.ini": PYTEST_INI,
        "deliveries/__init__.py": "",
        "deliveries/stock.py": STOCK,
        "deliveries/sample.py": SAMPLE,
        "tests/test_stock.py": TESTS,
    }
    write_repo(shop.repo, files)
    shop.workload.write_text(WORKLOAD)
    with ModelServer(Script()) as server:
        answer = _optimize(shop, server)
    return answer, shop.folder / "run", server.requests


def _optimize(shop: Shop, server: ModelServer) -> Answer:
    return shop.optimize(
        *("--out", str(shop.folder / "run"), "--proposer", "llm", "--model", "openai:gpt-test"),
        *("--base-url", server.base_url("openai"), "--max-rounds", "2", "--jobs", "1"),
        *("--width", "10", "--max-tokens", "2000000"),
        # What else the machine does matters less to it.
        *("--metric", "cpu"),
        timeout=480,
        OPENAI_API_KEY=KEY,
    )


def asked(requests: list[Received], what: str) -> list[Received]:
    return [request for request in requests if what in request.last_user]


def candidates(answer: Answer, **having: Any) -> list[dict[str, Any]]:
    return [
        each
        for each in answer.record["candidates"]
        if all(each[key] == value for key, value in having.items())
    ]


def test_the_run_goes_on_from_its_first_gain_to_the_end(ran) -> None:
    answer, run, requests = ran
    assert answer.status == 0, answer.err
    patch = (run / "patch.diff").read_text()
    for line in ("known = set(held)", "times = {}", "dict.fromkeys(words)", "places = {}"):
        assert line in patch
    stacked = [each["origin"] for each in answer.record["patch"]["stacked"]]
    assert stacked[0].startswith("llm/")
    assert any(origin.endswith("/repair") for origin in stacked)
    assert any(origin.endswith("/combine") for origin in stacked)
    later = [request for request in requests if "times as fast as the original" in request.text]
    assert later, "the gain and the new profile go back to the model"
    assert "expert commits made such workloads 2.8 times as fast" in later[0].text
    assert "this is round 2 of 2" in later[0].text


def test_a_refused_change_comes_back_with_the_failing_tests_output(ran) -> None:
    answer, _, requests = ran
    (wrong,) = candidates(answer, stage="covering tests")
    repair, *_ = asked(requests, "repair a change that was refused")
    assert "tests/test_stock.py::test_distinct_keeps_the_order" in repair.last_user
    assert "assert [" in repair.last_user, "the output of the failing test"
    assert "+    return list(set(words))" in repair.last_user
    assert wrong["outcome"] == "rejected"


def test_two_gains_that_conflict_are_combined(ran) -> None:
    _, _, requests = ran
    combine, *_ = asked(requests, "combine two gains")
    new, old = "+    times = {}", "known = set(held)"
    if new not in combine.last_user:  # the other one gained more
        new, old = "+    known = set(held)", "times = {}"
    assert new in combine.last_user
    assert old in combine.text


def test_plans_come_first_and_each_is_carried_out_by_itself(ran) -> None:
    _, _, requests = ran
    assert "plans in words, no edits" in requests[0].last_user
    (carried,) = asked(requests[:8], "`held` is searched for every number wanted")
    assert "The plan to carry out" in carried.last_user
    assert "a better algorithm" in carried.last_user


def test_the_same_change_in_other_words_costs_no_trial(ran) -> None:
    answer, run, _ = ran
    collected = json.loads((run / "search" / "01-collected.json").read_text())
    (repeat,) = [each for row in collected.values() for each in row["repeats"]]
    assert candidates(answer, candidate_id=repeat)[0]["outcome"] == "accepted"


def test_every_first_prompt_keeps_to_its_size(ran) -> None:
    _, _, requests = ran
    first = [request for request in requests if len(request.messages) == 2]
    assert first
    assert max(token_bound(request.text) for request in first) <= 12_000


def test_no_prompt_tells_where_on_this_machine_the_run_is(ran) -> None:
    _, run, requests = ran
    assert not [each for each in requests if str(run) in each.text]


def test_the_record_shows_what_was_asked_and_why(ran) -> None:
    answer, _, _ = ran
    search = answer.record["search"]
    assert search["policy"] == "best-of-n"
    assert [each["round"] for each in search["rounds"]] == [1, 2]
    arms = {arm["strategy"]: arm for arm in search["rounds"][1]["arms"]}
    assert sum(arm["gained"] for arm in arms.values()) >= 2
    assert all(arm["draw"] > 0 for arm in arms.values())
    assert len(search["elites"]) >= 2


def walk(report: str) -> str:
    """Return what a report says of the search, without what was measured and what came to nothing.

    The order of a round's later asks hangs on measured gains, so its asks are sorted; likewise in
    which order gains are stacked, and with it the names of the stacked versions.
    """
    (section,) = re.findall(
        r"^## The search\n(.*?)(?=^## |^<details>|\Z)", report, re.DOTALL | re.MULTILINE
    )
    section = re.sub(r"\d+\.\d+x less cpu \([^)]*\)", "less cpu", section)
    heads = re.split(r"^(### .*)\n", section, flags=re.MULTILINE)
    rounds: list[str] = []
    for title, body in zip(heads[1::2], heads[2::2], strict=True):
        asks = re.findall(r"^- .*\n(?:  - .*\n?)*", body, re.MULTILINE)
        told = [in_any_order(ask) for ask in asks if "\n  - " in ask and not is_idle(ask)]
        rounds += [title, "", *sorted(told, key=lambda ask: ("stacked" in ask, ask)), ""]
    return "\n".join(rounds).strip()


def in_any_order(ask: str) -> str:
    head, *answers = ask.rstrip().splitlines()
    if "stacked" in head:
        answers = [re.sub(r"^  - `\w+`|, on `\w+`$", "", each) for each in answers]
        answers = [f"  -{each}" for each in sorted(answers)]
    return "\n".join([head, *answers])


def is_idle(ask: str) -> bool:
    return "nothing to try" in ask or "finds no change worth making" in ask


def test_the_page_about_the_agent_walks_through_this_run(ran) -> None:
    _, run, _ = ran
    page = (Path(__file__).resolve().parents[2] / "docs" / "agent.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<!-- the run -->\n(.*)\n<!-- the run's end -->", page, re.DOTALL)
    report = walk((run / "report.md").read_text(encoding="utf-8"))
    assert whichever_was_stacked(shown.strip()) == whichever_was_stacked(report)


def whichever_was_stacked(walked: str) -> str:
    """Leave out which gains of the last round were stacked on the surest one, which timing decides.

    Each must be one of those that the round had accepted.
    """
    before, head, stacked = walked.partition("- 2 versions of what was accepted, stacked")
    title, *answers = stacked.splitlines()
    gains = [re.sub(r" \*\*.*", "", each).removeprefix("  - ") for each in answers]
    assert all(gain in before for gain in gains)
    verdicts = [
        answer.removeprefix(f"  - {gain}") for gain, answer in zip(gains, answers, strict=True)
    ]
    return "\n".join([before + head + title, *verdicts])
