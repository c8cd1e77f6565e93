"""Bad input gets one clear line, the right status, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from perfagent.tests.shop import PAIRS, QUICK, TESTS, WORKLOAD, Answer, Shop, git, write_repo


def said(answer: Answer) -> str:
    """Return the one line of an error, checking that it is one."""
    lines = [line for line in answer.err.splitlines() if line.startswith("perfagent: ")]
    assert len(lines) == 1, answer.err
    assert "Traceback" not in answer.err
    return lines[0]


def nothing_left(shop: Shop) -> bool:
    runs = shop.folder / "state" / "runs"
    return not runs.exists() or not any(runs.iterdir())


def commit(shop: Shop, name: str, text: str) -> None:
    path = shop.repo / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(shop.repo, "add", "--all")
    git(shop.repo, "commit", "--quiet", "--message", "change")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("/no/such/folder", "w.py"), "/no/such/folder"),
        (("{repo}@no-such-branch", "{workload}"), "no-such-branch"),
        (("{repo}", "{workload}", "--expert", "no-such-tag"), "no-such-tag"),
        (("{repo}", "no_such_workload.py"), "no_such_workload.py"),
        (("{repo}", "pytest:"), "pytest:"),
        (("{repo}", "{workload}", "--python", "3.99"), "3.99"),
        (("{repo}", "{workload}", "--proposer", "magic"), "magic"),
        (("{repo}", "{workload}", "--model", "oracle:delphi"), "oracle"),
        (
            ("{repo}", "{workload}", "--proposer", "llm", "--model", "openai:gpt-test"),
            "OPENAI_API_KEY",
        ),
        (("{repo}", "{workload}", "--proposer", "command"), "--command"),
        (("{repo}", "{workload}", "--max-pairs", "2"), "max_pairs"),
        (("{repo}", "{workload}", "--metric", "speed"), "'instructions'"),
        (("{repo}", "{workload}", "--allow-memory", "half"), "allow_memory"),
        (("{repo}", "{workload}", "--allow-import", "0.5x"), "allow_import"),
        (("/no/such/folder", "cmd:true", "--metric", "energy"), "cannot measure energy here"),
        (("{repo}", "{workload}", "--sweep"), "declares no sizes"),
        (("{repo}", "cmd:true", "--guard"), "--guard counts work in Python"),
        (("--upload-pack=touch x", "{workload}"), "upload-pack"),
        (("ext::sh -c touch% x", "{workload}"), "ext::"),
    ],
)
def test_wrong_words_are_named(shop: Shop, words: tuple[str, ...], part: str):
    filled = [word.format(repo=shop.repo, workload=shop.workload) for word in words]

    answer = shop.perfagent("optimize", *filled)

    assert answer.status == 2
    assert part in answer.err
    assert "Traceback" not in answer.err
    assert nothing_left(shop)


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("tests/test_pairs.py", "", "no tests"),
        ("tests/test_pairs.py", "def test_no():\n    assert False\n", "suite fails"),
        ("tests/test_pairs.py", "import nothing_of_that_name\n", "suite"),
    ],
    ids=["none", "failing", "uncollectable"],
)
def test_suite_that_guards_nothing_stops_the_run(shop: Shop, name: str, text: str, part: str):
    commit(shop, name, text)

    answer = shop.optimize()

    assert answer.status == 2
    assert part in said(answer)
    assert nothing_left(shop)


@pytest.mark.long
def test_repository_without_tests_is_optimized_when_asked(shop: Shop):
    git(shop.repo, "rm", "-r", "--quiet", "tests")
    git(shop.repo, "commit", "--quiet", "--message", "no tests")

    answer = shop.optimize("--no-tests", "--max-rounds", "1")

    assert answer.status == 0, answer.err
    assert answer.record["suite"] is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("def workload():\n    raise KeyError('shelf')\n", "KeyError"),
        ("def workload():\n    while True: pass\n", "still running after 3 s"),
        ("def workload(:\n", "line 1"),
        ("import os\ndef workload():\n    os._exit(3)\n", "3"),
        ("def setup():\n    pass\n", "workload()"),
        ("", "empty"),
    ],
    ids=["fails", "hangs", "unparsable", "exits", "no workload", "empty"],
)
def test_workload_that_cannot_be_timed_is_said_so(shop: Shop, text: str, part: str):
    shop.workload.write_text(text)

    answer = shop.optimize("--workload-timeout", "3")

    assert answer.status == 2
    assert part in said(answer)
    assert nothing_left(shop)


def test_no_git_is_a_missing_prerequisite(shop: Shop):
    answer = shop.optimize(PATH=str(shop.folder))

    assert answer.status == 2
    assert "git" in said(answer)


def test_no_network_is_infrastructure(shop: Shop):
    answer = shop.perfagent("optimize", "https://127.0.0.1:9/no/where.git", str(shop.workload))

    assert answer.status == 3
    assert "127.0.0.1:9" in said(answer)
    assert nothing_left(shop)


def test_output_folder_must_be_new_and_writable(shop: Shop):
    (shop.folder / "full").mkdir()
    (shop.folder / "full" / "mine.txt").write_text("keep")
    assert "not empty" in said(shop.optimize("--out", str(shop.folder / "full")))
    assert (shop.folder / "full" / "mine.txt").read_text() == "keep"

    answer = shop.optimize("--out", "/proc/perfagent")
    assert answer.status == 2
    assert "/proc/perfagent" in said(answer)


def test_full_disk_is_infrastructure_and_says_where(shop: Shop):
    """A file size limit stands in for a full disk: writes fail with an OSError all the same."""
    limited = (
        f"import resource, runpy, sys; sys.argv = {['perfagent', 'optimize']!r} + sys.argv[1:]; "
    )
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); import signal; "
    limited += "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limited += "runpy.run_module('perfagent', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", limited, str(shop.repo), str(shop.workload), *QUICK],
        cwd=shop.folder,
        env=shop.environ,
        capture_output=True,
        text=True,
    )

    answer = Answer(done.returncode, done.stdout, done.stderr)
    assert answer.status == 3, answer.err
    assert str(shop.folder) in said(answer)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("max_round = 3\n", "max_rounds"),
        ("max_candidates = 'many'\n", "max_candidates"),
        ("max_rounds = [\n", "perfagent.toml"),
    ],
    ids=["unknown key", "wrong type", "not toml"],
)
def test_malformed_setting_names_the_key_and_the_nearest_known_one(
    shop: Shop, text: str, part: str
):
    (shop.folder / "perfagent.toml").write_text(text)

    answer = shop.optimize()

    assert answer.status == 2
    assert part in said(answer)


def test_target_may_describe_itself_but_not_redirect_the_users_keys(shop: Shop):
    commit(shop, "pyproject.toml", "[tool.perfagent]\nbase_url = 'http://127.0.0.1:9'\n")

    answer = shop.optimize()

    assert answer.status == 2
    assert "base_url" in said(answer)


@pytest.mark.long
def test_workload_that_prints_nothing_and_takes_a_microsecond_is_fine(shop: Shop):
    shop.workload.write_text(
        "from deliveries.pairs import shared\n\ndef workload():\n    shared((1, 2, 3), (3, 4))\n"
    )

    answer = shop.optimize("--max-rounds", "1", "--max-candidates", "1", "--max-pairs", "5")

    assert answer.status in (0, 1), answer.err
    assert answer.record["workload"]["baseline_s"] < 0.001


@pytest.mark.long
def test_package_in_a_subfolder_is_found(shop: Shop):
    repo = shop.folder / "monorepo"
    repo.mkdir()
    write_repo(
        repo,
        {
            "README.md": "two things",
            "backend/pyproject.toml": "[project]\nname='deliveries'\nversion='1'\n",
            "backend/deliveries/__init__.py": "",
            "backend/deliveries/pairs.py": PAIRS,
            "backend/tests/test_pairs.py": TESTS,
        },
    )
    moved = Shop(shop.folder, repo, shop.workload, shop.environ)

    answer = moved.optimize("--max-rounds", "1")

    assert answer.status == 0, answer.err
    assert answer.record["patch"]["files"] == ["backend/deliveries/pairs.py"]


@pytest.mark.long
def test_workload_inside_the_repository_is_used_and_out_of_bounds(shop: Shop):
    commit(shop, "benchmarks/compare.py", WORKLOAD)
    inside = Shop(shop.folder, shop.repo, shop.repo / "benchmarks" / "compare.py", shop.environ)

    answer = inside.optimize("--max-rounds", "1")

    assert answer.status == 0, answer.err
    assert Path(answer.record["workload"]["origin"]).name == "compare.py"
