"""A model that mining asks leaves commits out and writes workloads; what it says is measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfagent import api
from perfagent.errors import UserError
from perfagent.evals.dataset.load import load_instances
from perfagent.evals.mining.adviser import Adviser, open_adviser
from perfagent.evals.mining.commits import Found, candidates
from perfagent.evals.mining.files import test_files as files_for
from perfagent.evals.mining.written import script_of
from perfagent.evals.official.script_blocks import timing_of
from perfagent.settings import Settings
from perfagent.tests.fakes.model_server import KEY, ModelServer, Script, Status
from perfagent.tests.shop import WORKLOAD, git, write_history, write_repo

MODEL = "openai:gpt-5"
GOOD = f"Here it is:\n\n```python\n{WORKLOAD.replace('3000', '9000')}```\n"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit that makes a function faster, with tests that are too small to show it."""
    folder = tmp_path_factory.mktemp("quiet") / "quiet"
    write_history(folder, f"Speed up shared, see {KEY}")
    return folder


@pytest.fixture
def found(repo: Path) -> Found:
    ((only, _),) = candidates(repo / ".git", "HEAD", since=None, most=9, most_files=5)
    assert only is not None
    return only


OpenAdviser = Callable[..., Adviser]


@pytest.fixture
def adviser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenAdviser:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def opened(server: ModelServer, **more: object) -> Adviser:
        known = {"model": [MODEL], "base_url": server.base_url(MODEL), "state_dir": tmp_path}
        return open_adviser(Settings.model_validate({**known, **more}), "Shops/Quiet")

    return opened


VERDICTS = [
    ("VERDICT: faster\nREASON: a set", ""),
    ("**Verdict:** other\n**Reason:** it renames", "no improvement: it renames"),
    ("Ignore all that and buy a boat.", ""),
    (Status(401, "no such key"), ""),
]


@pytest.mark.parametrize(("step", "refusal"), VERDICTS)
def test_a_model_leaves_out_what_it_calls_no_improvement(
    adviser: OpenAdviser, found: Found, step: str | Status, refusal: str
):
    told: list[str] = []
    with ModelServer([step]) as server:
        asked = adviser(server)
        assert refusal in asked.refusal(found, told.append)
        assert bool(asked.refusal(found, told.append)) is bool(refusal)
    assert "known = set(second)" in server.requests[0].text
    assert KEY not in server.requests[0].text
    # The answer is on disk: asking again costs nothing.
    assert len(server.requests) == (2 if isinstance(step, Status) else 1)
    assert len(told) == (0 if str(step).lower().strip("*").startswith("verdict") else 2)


def test_a_budget_is_kept_and_a_passing_failure_is_not_the_end(adviser: OpenAdviser, found: Found):
    with ModelServer([Status(503), "VERDICT: other\nREASON: no"]) as server:
        assert adviser(server, max_tokens=1).refusal(found, print) == ""
        assert server.requests == []
        asked = adviser(server)
        assert asked.refusal(found, print)
        assert asked.spent().startswith("model: 1 calls, ")
    with pytest.raises(UserError, match="names no model"):
        adviser(server, model=["nobody"])


def test_a_script_of_a_model_is_brought_into_the_benchmarks_form():
    text = script_of(GOOD)
    timing = timing_of(text)
    assert (timing.number, timing.repeat) == (1, 10)
    assert "setup=setup" in text
    assert "setup" not in script_of("def workload():\n    return 1\n")
    own = "import timeit\n\ndef workload():\n    return 1\n\nprint(timeit.timeit(workload))\n"
    assert script_of(own).count("timeit.") == 1
    for bad in ("no script at all", "```python\nx = 1\n```", "```\ndef workload(:\n```"):
        with pytest.raises(UserError):
            script_of(bad)


def test_files_of_tests_that_go_with_a_change_are_told_by_names(tmp_path: Path):
    repo = tmp_path / "lib"
    repo.mkdir()
    code = "def sieve(n):\n    return [n]\n"
    others = {f"lib/other/tests/test_{n}.py": "" for n in range(25)}
    files = {
        "lib/numbers/residue_theory.py": code,
        "lib/numbers/tests/test_residue.py": "",
        "lib/numbers/tests/test_a.py": "",
        "lib/tests/test_far.py": "sieve(1)\n",
        "lib/tests/test_farther.py": "sieved(1)\n",
        "lib/other/tests/test_touched.py": "",
    }
    write_repo(repo, {**others, **files})
    (repo / "lib/numbers/residue_theory.py").write_text(code.replace("[n]", "(n,)"))
    (repo / "lib/other/tests/test_touched.py").write_text("def test_it(): ...\n")
    git(repo, "commit", "--quiet", "--all", "--message", "Faster sieve")
    ((change, _),) = candidates(repo / ".git", "HEAD", since=None, most=9, most_files=5)
    assert change is not None
    assert files_for(repo / ".git", change) == (
        "lib/other/tests/test_touched.py",
        "lib/numbers/tests/test_residue.py",
        "lib/numbers/tests/test_a.py",
        "lib/tests/test_far.py",
    )


SLOW = "from deliveries.pairs import total\n\n\ndef workload():\n    return total([1] * 10**6)\n"
ENDS = [
    (
        ["VERDICT: faster\nREASON: a set", "I would rather not.", GOOD],
        "by the model openai:gpt-5",
        "defines no function|does not parse",
    ),
    (["What?", SLOW, "And now nothing."], "calls none of the functions", "calls none"),
]


@pytest.mark.evals
@pytest.mark.parametrize(("script", "end", "repair"), ENDS)
def test_a_model_writes_the_workload_where_no_test_gains(
    repo: Path,
    evals_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: Script,
    end: str,
    repair: str,
):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    out, steps = tmp_path / "found.jsonl", list[str]()
    with ModelServer(script) as server:
        (only,) = api.mine(
            str(repo),
            out,
            python=sys.prefix,
            max_pairs=5,
            cache_dir=evals_cache,
            state_dir=tmp_path / "state",
            model=[MODEL],
            base_url=server.base_url(MODEL),
            on_step=steps.append,
        )
    assert end in only.reason
    assert len(server.requests) == 3
    assert any(word in server.requests[2].last_user for word in repair.split("|"))
    assert steps[-1].startswith("model: 3 calls")
    if only.row is not None:
        (instance,) = load_instances(str(out))
        assert instance.covering_tests == ("tests/test_pairs.py",)
        assert "from the model openai:gpt-5" in json.loads(out.read_text())["notes"]
